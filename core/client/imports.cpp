#include "core/client/phone.hpp"

#include <map>

/// By what a line of an imported file is known again, so that it counts once however often it is imported.
namespace phusa {

/// Of equal rows of one file the n-th, from 1.
RecordId Phone::id_of_row(BytesView row, std::uint32_t n) const {
  Bytes message("phusa/import/2\0", 15);
  message.append(identity_.device.view());
  message.append(row);
  return {identity_.device, ByteReader(hash_of(message).view()).u64(), n};
}

Result<std::vector<RecordId>> Phone::ids_of_lines(BytesView import_key, std::span<const std::uint32_t> lines,
                                                  std::span<const Bytes> rows) {
  std::vector<RecordId> out;
  std::map<BytesView, std::uint32_t> met;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const RecordId of_file = id_of_line(import_key, lines[i]);
    if (rows.empty()) {
      out.push_back(of_file);
      continue;
    }
    const std::uint32_t n = ++met[rows[i]];
    PHUSA_ASSIGN(const bool is_known, has(of_file));
    out.push_back(is_known ? of_file : id_of_row(rows[i], n));
  }
  return out;
}

Result<bool> Phone::has(const RecordId& id) {
  const auto found = layers(id);
  if (!found && found.error().code != ErrorCode::kNotFound) return fail(found.error());
  return found.has_value();
}

}  // namespace phusa
