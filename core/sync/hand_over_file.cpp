#include "core/sync/hand_over_file.hpp"

#include "core/base/limits.hpp"
#include "core/journal/bundle.hpp"

namespace phusa {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kLengthBytesMax = 10;

Bytes start_file(std::string_view magic) {
  Bytes out(magic);
  put_u8(out, kVersion);
  return out;
}

void end_file(Bytes& out, std::size_t parts) {
  put_varint(out, 0);
  put_varint(out, parts);
}

Result<std::vector<BytesView>> parts_of(BytesView file, std::string_view magic, std::string_view what,
                                        std::size_t part_bytes_max) {
  if (file.size() > limits::kHandOverFileBytesMax)
    return fail(ErrorCode::kLimitExceeded, "the file is larger than such files may be");
  ByteReader in(file);
  if (in.take(magic.size()) != magic)
    return fail(ErrorCode::kCorrupt, "this is not a file of " + std::string(what));
  if (in.u8() != kVersion) {
    if (!in.ok()) return fail(ErrorCode::kCorrupt, "the file is cut short: copy it again");
    return fail(ErrorCode::kUnsupportedVersion, "the file is of a later version: update the program");
  }
  std::vector<BytesView> out;
  for (;;) {
    const std::uint64_t size = in.varint();
    if (in.ok() && size > part_bytes_max)
      return fail(ErrorCode::kLimitExceeded, "a part of the file is larger than it may be");
    if (!in.ok() || size == 0) break;
    out.push_back(in.take(size));
  }
  const std::uint64_t count = in.varint();
  if (!in.ok()) return fail(ErrorCode::kCorrupt, "the file is cut short: copy it again");
  if (count != out.size() || !in.at_end())
    return fail(ErrorCode::kCorrupt, "the file is damaged: copy it again");
  return out;
}

}  // namespace

std::size_t hand_over_part_bytes(std::size_t part) {
  return part + kLengthBytesMax;
}

std::string_view kind_of_file(BytesView file) {
  for (const std::string_view magic : {kHandOverMagic, kReceiptsMagic}) {
    if (file.starts_with(magic)) return magic;
  }
  return {};
}

Bytes write_hand_over_file(const std::vector<Bytes>& bundles) {
  Bytes out = start_file(kHandOverMagic);
  for (const Bytes& bundle : bundles) put_bytes(out, bundle);
  end_file(out, bundles.size());
  return out;
}

Result<std::vector<Bytes>> read_hand_over_file(BytesView file) {
  PHUSA_ASSIGN(const auto parts,
               parts_of(file, kHandOverMagic, "handed-over records", limits::kBundleBytesMax));
  return std::vector<Bytes>(parts.begin(), parts.end());
}

Bytes write_receipts_file(const std::vector<ReceiptPart>& parts) {
  Bytes out = start_file(kReceiptsMagic);
  for (const ReceiptPart& part : parts) put_bytes(out, part.bundle_id + part.parcel);
  end_file(out, parts.size());
  return out;
}

Result<std::vector<ReceiptPart>> read_receipts_file(BytesView file) {
  constexpr std::size_t kIdBytes = journal::BundleId::kSize;
  PHUSA_ASSIGN(const auto parts,
               parts_of(file, kReceiptsMagic, "receipts", limits::kParcelBytesMax + kIdBytes));
  std::vector<ReceiptPart> out;
  for (const BytesView part : parts) {
    if (part.size() <= kIdBytes) return fail(ErrorCode::kCorrupt, "the file is damaged: copy it again");
    out.push_back({Bytes(part.substr(0, kIdBytes)), Bytes(part.substr(kIdBytes))});
  }
  return out;
}

}  // namespace phusa
