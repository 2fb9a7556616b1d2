#pragma once

#include "core/base/bytes.hpp"

#include <string_view>
#include <vector>

/// Files that people carry from phone to phone: bundles one way, receipts the other. Pure functions over
/// bytes.
///
///   magic 4 ‖ version u8 ‖ per part: length as varint, not 0 ‖ part ‖ ... ‖ 0 ‖ number of parts as varint
///
/// The end is marked, so a file cut short by a bad copy is told; more after the end is refused too.
namespace phusa {

inline constexpr std::string_view kHandOverMagic = "PHHO";
inline constexpr std::string_view kReceiptsMagic = "PHRC";

/// Sealed bundles, as journal::seal_bundle made them.
Bytes write_hand_over_file(const std::vector<Bytes>& bundles);
/// kCorrupt: another kind of file, or cut short; kUnsupportedVersion: of a later program; kLimitExceeded:
/// larger than limits::kHandOverFileBytesMax, or a bundle than limits::kBundleBytesMax. Bundles are not
/// looked into.
Result<std::vector<Bytes>> read_hand_over_file(BytesView file);

/// Sealed receipts, and which bundle they answer.
struct ReceiptPart {
  Bytes bundle_id;  ///< journal::BundleId, 16 bytes
  Bytes parcel;     ///< as journal::seal_parcel made it
};
Bytes write_receipts_file(const std::vector<ReceiptPart>& parts);
/// Errors as above; a parcel has at most limits::kParcelBytesMax.
Result<std::vector<ReceiptPart>> read_receipts_file(BytesView file);

/// What the first bytes of a file say that it is: its magic, or nothing.
std::string_view kind_of_file(BytesView file);

/// Bytes that a part of this size takes in a file.
std::size_t hand_over_part_bytes(std::size_t part);

}  // namespace phusa
