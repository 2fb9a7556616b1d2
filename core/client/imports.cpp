#include "core/base/hash.hpp"
#include "core/client/meta_keys.hpp"
#include "core/client/phone.hpp"

#include <map>
#include <string_view>

/// By what a line of an imported file is known again, so that it counts once however often it is imported.
namespace phusa {
namespace {

std::uint64_t block_of(std::string_view purpose, const DeviceId& device, BytesView what) {
  Bytes message(purpose);
  message.push_back('\0');
  message.append(device.view());
  message.append(what);
  return ByteReader(hash_of(message).view()).u64();
}

RecordId id_of_line(const DeviceId& device, BytesView import_key, std::uint32_t line) {
  return {device, block_of("phusa/import/1", device, import_key), line};
}

/// Of equal rows of one file the n-th, from 1.
RecordId id_of_row(const DeviceId& device, BytesView row, std::uint32_t n) {
  return {device, block_of("phusa/import/2", device, row), n};
}

}  // namespace

Result<std::vector<Phone::ImportedLine>> Phone::lines_of_import(BytesView import_key,
                                                                std::span<const std::uint32_t> lines,
                                                                std::span<const Bytes> rows,
                                                                SaidBefore said_before) {
  PHUSA_ASSIGN(const auto imported, store_->get(meta::imported(import_key)));
  // What the one that it replaces imported has come down to this device.
  std::vector<DeviceId> devices{identity_.device};
  if (identity_.predecessor) devices.push_back(*identity_.predecessor);
  std::vector<ImportedLine> out;
  std::map<BytesView, std::uint32_t> met;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::uint32_t n = rows.empty() ? 0 : ++met[rows[i]];
    const RecordId fresh_of_line = id_of_line(identity_.device, import_key, lines[i]);
    const RecordId fresh = rows.empty() ? fresh_of_line : id_of_row(identity_.device, rows[i], n);
    ImportedLine line{fresh};
    for (const DeviceId& device : devices) {
      const RecordId of_line = id_of_line(device, import_key, lines[i]);
      PHUSA_ASSIGN(const bool is_of_line, has(of_line));
      if (is_of_line && !line.is_here) line = {of_line, true, false};
    }
    for (const DeviceId& device : devices) {
      if (line.is_here || rows.empty()) break;
      const RecordId of_row = id_of_row(device, rows[i], n);
      PHUSA_ASSIGN(const bool is_of_row, has(of_row));
      if (is_of_row) line = {of_row, true, !imported};
    }
    if (line.is_said_again && said_before == SaidBefore::kOthers) line = {fresh_of_line};
    out.push_back(line);
  }
  return out;
}

Result<Phone::Imported> Phone::import(BytesView import_key, std::span<const ImportedLine> lines,
                                      std::span<const Draft> drafts) {
  PHUSA_ASSIGN(auto transaction, begin_write());
  PHUSA_TRY(require_joined());
  if (drafts.size() != lines.size())
    return fail(ErrorCode::kInvalidArgument, "an import needs the line of each record");
  const WallTime at = clock_.wall();
  Imported out;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const RecordId& id = lines[i].id;
    out.ids.push_back(id);
    PHUSA_ASSIGN(const store::RowId row, store_->row_of(id));
    PHUSA_ASSIGN(const auto base, store_->base(row));
    PHUSA_ASSIGN(const auto own, store_->own(row));
    bool is_new = false;
    if (!base && !own) {
      PHUSA_TRY(log_one(id, drafts[i], at, is_new));
    }
    out.logged += is_new ? 1 : 0;
  }
  PHUSA_TRY(store_->put(meta::imported(import_key), "1"));
  PHUSA_TRY(transaction.commit());
  return out;
}

Result<bool> Phone::has(const RecordId& id) {
  const auto found = layers(id);
  if (!found && found.error().code != ErrorCode::kNotFound) return fail(found.error());
  return found.has_value();
}

}  // namespace phusa
