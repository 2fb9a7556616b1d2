#pragma once

#include "core/base/limits.hpp"
#include "core/model/record.hpp"
#include "core/wire/number_model.hpp"

#include <memory>
#include <unordered_map>

namespace phusa::wire {

/// Devices that a batch or page speaks of, each written whole the first time.
struct DeviceColumn {
  NumberModel index;
  std::vector<DeviceId> devices;
  std::unordered_map<DeviceId, std::uint32_t> numbers;

  void add(const DeviceId& device) {
    numbers.try_emplace(device, static_cast<std::uint32_t>(devices.size()));
    devices.push_back(device);
  }
};

template <class Coder>
DeviceId code_device(Coder& coder, DeviceColumn& column, const DeviceId& device) {
  std::uint64_t index = column.devices.size();
  if constexpr (!Coder::kDecodes) {
    if (const auto at = column.numbers.find(device); at != column.numbers.end()) index = at->second;
  }
  index = code_number(coder, column.index, index);
  if (index < column.devices.size()) return column.devices[index];
  if (index > column.devices.size()) coder.spoil();
  const DeviceId out = code_fixed(coder, device);
  column.add(out);
  return out;
}

/// Record ids: blocks written once, then numbers that mostly follow one another.
struct RecordIdColumn {
  struct Block {
    DeviceId device;
    std::uint64_t block = 0;
    std::uint32_t last_n = 0;
  };

  std::array<Bit, 2> is_next;
  bool was_next = true;
  NumberModel block_index;  ///< counted from the newest, 0: a new one
  NumberModel first_n;
  SignedModel step;
  std::vector<Block> blocks;
  std::unordered_map<std::uint64_t, std::uint32_t>
      numbers;  ///< by block: random, so rarely shared by two devices
  std::size_t current = 0;
};

template <class Coder>
RecordId code_record_id(Coder& coder, RecordIdColumn& column, DeviceColumn& devices, const RecordId& id) {
  auto& blocks = column.blocks;
  if (!blocks.empty()) {
    RecordIdColumn::Block& block = blocks[column.current];
    const bool follows = id.block == block.block && id.device == block.device && block.last_n != UINT32_MAX &&
                         id.n == block.last_n + 1;
    column.was_next = coder.bit(column.is_next[column.was_next ? 1 : 0], follows);
    if (column.was_next) return RecordId{block.device, block.block, ++block.last_n};
  }
  std::uint64_t back = 0;
  if constexpr (!Coder::kDecodes) {
    const auto at = column.numbers.find(id.block);
    if (at != column.numbers.end() && blocks[at->second].device == id.device)
      back = blocks.size() - at->second;
  }
  back = code_number(coder, column.block_index, back);
  if (back > blocks.size()) {
    coder.spoil();
    return {};
  }
  if (back == 0) {
    RecordIdColumn::Block block;
    block.device = code_device(coder, devices, id.device);
    block.block = code_raw(coder, id.block, 64);
    const std::uint64_t n = code_number(coder, column.first_n, id.n);
    if (n > UINT32_MAX) coder.spoil();
    block.last_n = static_cast<std::uint32_t>(n);
    column.numbers.insert_or_assign(block.block, static_cast<std::uint32_t>(blocks.size()));
    column.current = blocks.size();
    blocks.push_back(block);
  } else {
    column.current = blocks.size() - static_cast<std::size_t>(back);
    RecordIdColumn::Block& block = blocks[column.current];
    const std::int64_t step = code_signed(
        coder, column.step, static_cast<std::int64_t>(id.n) - static_cast<std::int64_t>(block.last_n));
    if (step > INT64_C(0xffffffff) || step < -INT64_C(0xffffffff)) coder.spoil();
    const std::int64_t n = static_cast<std::int64_t>(block.last_n) + (coder.ok() ? step : 0);
    if (n < 0 || n > INT64_C(0xffffffff)) coder.spoil();
    block.last_n = static_cast<std::uint32_t>(n);
  }
  const RecordIdColumn::Block& block = blocks[column.current];
  return RecordId{block.device, block.block, block.last_n};
}

/// The figures of one indicator: round ones are common, so zeros at the end are counted, not written.
struct AmountColumn {
  std::array<Bit, 16> zeros;
  Bit is_exact{0xf000, 4};
  Bit is_more;
  SignedModel digits;
};

/// Everything learnt of the values of every field.
struct ValueColumns {
  static constexpr std::size_t kAmountColumns = 64;  ///< indicators share one when there are more

  CategoryModel unit;
  CategoryModel kind;
  Bit day_is_as_before;  ///< as many days before or after the logging as the last one
  SignedModel day;
  std::int64_t day_offset = 0;
  SignedModel last_day;
  NumberModel campaign_count;
  CategoryModel campaign;
  NumberModel label_count;
  CategoryModel label;
  NumberModel step;  ///< from one item of a set to the next
  BytesModel partners;
  BytesModel members;
  RecordIdColumn event;
  NumberModel photo_count;
  std::array<Bit, 4> review_state;
  BytesModel reason;
  std::array<std::unique_ptr<AmountColumn>, kAmountColumns> amounts;
};

/// Codes a value that is not blank. `day` is the one its record speaks of relative to: of its logging; then
/// the record's own day, for the last day. Bytes that are not canonical turn an encoder bad; a decoder makes
/// no others.
template <class Coder>
class ValueCoder {
 public:
  ValueCoder(Coder& coder, DeviceColumn& devices)
      : coder_(coder), devices_(devices), columns_(new ValueColumns) {}

  void start_row(std::int64_t logged_day) {
    logged_day_ = logged_day;
    row_day_ = logged_day;
  }
  Bytes code(FieldKey field, BytesView value);

 private:
  Bytes code_one_number(CategoryModel& model, BytesView value);
  Bytes code_day(BytesView value);
  Bytes code_last_day(BytesView value);
  Bytes code_set(NumberModel& count, CategoryModel& first, BytesView value);
  Bytes code_checked(FieldKey field, BytesModel& model, BytesView value, std::size_t size_max);
  Bytes code_event(BytesView value);
  Bytes code_photos(BytesView value);
  Bytes code_review(BytesView value);
  Bytes code_amount(IndicatorNo indicator, BytesView value);
  Bytes canonical(FieldKey field, Bytes value);
  template <class T>
  T known(std::optional<T> parsed);

  Coder& coder_;
  DeviceColumn& devices_;
  std::unique_ptr<ValueColumns> columns_;
  std::int64_t logged_day_ = 0;
  std::int64_t row_day_ = 0;
};

extern template class ValueCoder<RangeEncoder>;
extern template class ValueCoder<RangeDecoder>;

}  // namespace phusa::wire
