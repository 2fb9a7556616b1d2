#pragma once

#include "core/wire/value_columns.hpp"

#include <type_traits>

/// What facts and pages have in common: rows of fields, each field a column with a memory of its own.
namespace phusa::wire {

/// What one change costs in plain rows: 24 bytes, and per version of a field 8, its value's bytes, and 28 per
/// name. Texts and leaves lie apart and count there. It bounds what a decoder may build, whatever the packed
/// bytes claim.
inline constexpr std::size_t kRowPlainBytes = 24;
inline constexpr std::size_t kVersionPlainBytes = 8;
inline constexpr std::size_t kNamePlainBytes = 28;

std::size_t plain_bytes_of(const FieldEdit& edit);

/// A logging time further than this from 1970 is no clock's, and days could not be counted from it.
inline constexpr std::int64_t kLoggedSecondsMax = std::int64_t{1} << 40;

struct VersionColumns {
  std::array<Bit, 2> is_first;  ///< names nothing, and its counts are those of the last such version
  bool was_first = true;
  Counts first_counts{0, 0, 1};
  NumberModel name_count;
  std::array<Bit, 2> is_blank_name;
  NumberModel counts[2][3];  ///< of versions and of names
};

struct RowColumns {
  std::array<std::array<Bit, 17>, 2> has_field;  ///< by whether the record follows the one before
  CategoryModel value_count[2];
  NumberModel first_indicator;
  NumberModel next_indicator;
  std::array<Bit, 17> is_blank;
  SignedModel logged;
  std::int64_t last_logged = 0;
  DeviceColumn devices;
  RecordIdColumn ids;
  VersionColumns versions;

  RowColumns();
};

/// Codes rows. The encoder is handed the row; the decoder is handed an empty one and fills it.
template <class Coder>
class RowCoder {
 public:
  template <class T>
  using Ref = std::conditional_t<Coder::kDecodes, T&, const T&>;

  explicit RowCoder(Coder& coder)
      : coder_(coder), columns_(new RowColumns), values_(coder, columns_->devices) {}

  void know_device(const DeviceId& device) { columns_->devices.add(device); }
  void id(Ref<RecordId> id);
  void logged_at(Ref<WallTime> at);
  /// Of a record whose own device has not been heard yet.
  void not_logged() { values_.start_row(0); }
  /// Which fields the row has. The encoder's edits may have several of one field, one after another; the
  /// decoder's come back as one each, values blank.
  void fields(Ref<std::vector<FieldEdit>> edits);
  /// Counts and names. The device is left to the caller.
  void version(Ref<Node> node);
  DeviceId device(const DeviceId& device) { return code_device(coder_, columns_->devices, device); }
  /// Whether there is a value at all.
  bool has_value(FieldKey field, bool has);
  Bytes value(FieldKey field, BytesView value) { return values_.code(field, value); }

 private:
  Counts counts(unsigned column, const Counts& counts);
  void names(Ref<std::vector<VersionName>> names);

  Coder& coder_;
  std::unique_ptr<RowColumns> columns_;
  ValueCoder<Coder> values_;
};

extern template class RowCoder<RangeEncoder>;
extern template class RowCoder<RangeDecoder>;

}  // namespace phusa::wire
