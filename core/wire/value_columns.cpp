#include "core/wire/value_columns.hpp"

namespace phusa::wire {
namespace {

constexpr std::size_t kPartnersBytesMax = limits::kSetItemsMax * (limits::kCodeBytesMax + 4);
constexpr std::size_t kMembersBytesMax = limits::kMembersMax * (limits::kCodeBytesMax + 2);
constexpr unsigned kZerosMax = 15;

unsigned zeros_at_end(std::int64_t value) {
  unsigned zeros = 0;
  if (value == 0) return 0;
  for (; zeros < kZerosMax && value % 10 == 0; ++zeros) value /= 10;
  return zeros;
}

std::int64_t ten_to(unsigned exponent) {
  std::int64_t out = 1;
  for (; exponent > 0; --exponent) out *= 10;
  return out;
}

}  // namespace

template <class Coder>
template <class T>
T ValueCoder<Coder>::known(std::optional<T> parsed) {
  if (parsed) return std::move(*parsed);
  coder_.spoil();
  return T{};
}

// For values a decoder could make wrong: their bytes come from the stream as they are.
template <class Coder>
Bytes ValueCoder<Coder>::canonical(FieldKey field, Bytes value) {
  if (!coder_.ok() || value.empty() || !value::is_canonical(field, value)) coder_.spoil();
  return value;
}

template <class Coder>
Bytes ValueCoder<Coder>::code_one_number(CategoryModel& model, BytesView value) {
  std::uint32_t number = 0;
  if constexpr (!Coder::kDecodes) number = known(value::number(value));
  const std::uint64_t coded = code_category(coder_, model, number);
  if (coded >= (1u << 24)) coder_.spoil();
  return canonical(FieldKind::kUnit, value::of_number(static_cast<std::uint32_t>(coded)));
}

template <class Coder>
Bytes ValueCoder<Coder>::code_day(BytesView value) {
  std::int64_t offset = 0;
  if constexpr (!Coder::kDecodes) offset = day_number(known(value::day(value))) - logged_day_;
  ValueColumns& c = *columns_;
  const bool as_before = coder_.bit(c.day_is_as_before, offset == c.day_offset);
  if (!as_before) c.day_offset = code_signed(coder_, c.day, offset);
  row_day_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(logged_day_) +
                                       static_cast<std::uint64_t>(c.day_offset));
  return canonical(FieldKind::kDay, value::of_day(day_from_number(row_day_)));
}

template <class Coder>
Bytes ValueCoder<Coder>::code_last_day(BytesView value) {
  std::int64_t offset = 0;
  if constexpr (!Coder::kDecodes) offset = day_number(known(value::day(value))) - row_day_;
  offset = code_signed(coder_, columns_->last_day, offset);
  const auto day =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(row_day_) + static_cast<std::uint64_t>(offset));
  return canonical(FieldKind::kLastDay, value::of_day(day_from_number(day)));
}

template <class Coder>
Bytes ValueCoder<Coder>::code_set(NumberModel& count, CategoryModel& first, BytesView value) {
  std::vector<std::uint32_t> numbers;
  if constexpr (!Coder::kDecodes) numbers = known(value::numbers(value));
  const std::uint64_t size = code_number(coder_, count, numbers.size());
  if (size == 0 || size > limits::kSetItemsMax) coder_.spoil();
  Bytes out;
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < size && coder_.ok(); ++i) {
    const std::uint64_t number = i < numbers.size() ? numbers[i] : 0;
    const std::uint64_t step = i == 0 ? code_category(coder_, first, number)
                                      : code_number(coder_, columns_->step, number - last - 1) + 1;
    if (step > (1u << 24) || last + step >= (1u << 24)) coder_.spoil();
    put_varint(out, step);
    last += step;
  }
  return canonical(FieldKind::kCampaigns, std::move(out));
}

template <class Coder>
Bytes ValueCoder<Coder>::code_checked(FieldKey field, BytesModel& model, BytesView value,
                                      std::size_t size_max) {
  return canonical(field, code_bytes(coder_, model, value, size_max));
}

template <class Coder>
Bytes ValueCoder<Coder>::code_event(BytesView value) {
  RecordId id;
  if constexpr (!Coder::kDecodes) id = known(value::record(value));
  return value::of_record(code_record_id(coder_, columns_->event, devices_, id));
}

template <class Coder>
Bytes ValueCoder<Coder>::code_photos(BytesView value) {
  const std::uint64_t count = code_number(coder_, columns_->photo_count, value.size() / Hash::kSize);
  if (count > limits::kSetItemsMax) coder_.spoil();
  Bytes out;
  for (std::uint64_t i = 0; i < count * Hash::kSize && coder_.ok(); ++i) {
    out.push_back(
        static_cast<char>(coder_.raw(i < value.size() ? static_cast<unsigned char>(value[i]) : 0, 8)));
  }
  return canonical(FieldKind::kPhotos, std::move(out));
}

template <class Coder>
Bytes ValueCoder<Coder>::code_review(BytesView value) {
  Review review;
  if constexpr (!Coder::kDecodes) review = known(value::review(value));
  const unsigned state = code_choice<2>(coder_, columns_->review_state, static_cast<unsigned>(review.state));
  if (state > static_cast<unsigned>(ReviewState::kReturned)) coder_.spoil();
  review.state = static_cast<ReviewState>(state);
  review.saw = code_fixed(coder_, review.saw);
  review.reason = code_bytes(coder_, columns_->reason, review.reason, limits::kTextBytesMax);
  return canonical(FieldKind::kReview, value::of_review(review));
}

template <class Coder>
Bytes ValueCoder<Coder>::code_amount(IndicatorNo indicator, BytesView value) {
  auto& column = columns_->amounts[indicator.value % ValueColumns::kAmountColumns];
  if (!column) column = std::make_unique<AmountColumn>();
  Amount amount;
  if constexpr (!Coder::kDecodes) amount = known(value::amount(value));
  const unsigned zeros = code_choice<4>(coder_, column->zeros, zeros_at_end(amount.value));
  const std::int64_t scale = ten_to(zeros);
  const std::int64_t digits = code_signed(coder_, column->digits, amount.value / scale);
  // A figure has one form: no more zeros could have been counted.
  if (digits > limits::kAmountMax / scale || digits < -limits::kAmountMax / scale ||
      (zeros > 0 && digits == 0)) {
    coder_.spoil();
    return {};
  }
  amount.value = digits * scale;
  const bool exact = coder_.bit(column->is_exact, amount.qualifier == Qualifier::kExact);
  const bool more = !exact && coder_.bit(column->is_more, amount.qualifier == Qualifier::kMore);
  amount.qualifier = exact ? Qualifier::kExact : more ? Qualifier::kMore : Qualifier::kNearly;
  return value::of_amount(amount);
}

template <class Coder>
Bytes ValueCoder<Coder>::code(FieldKey field, BytesView value) {
  ValueColumns& c = *columns_;
  switch (field.kind()) {
    case FieldKind::kUnit:
      return code_one_number(c.unit, value);
    case FieldKind::kKind:
      return code_one_number(c.kind, value);
    case FieldKind::kDay:
      return code_day(value);
    case FieldKind::kLastDay:
      return code_last_day(value);
    case FieldKind::kCampaigns:
      return code_set(c.campaign_count, c.campaign, value);
    case FieldKind::kLabels:
      return code_set(c.label_count, c.label, value);
    case FieldKind::kPartners:
      return code_checked(field, c.partners, value, kPartnersBytesMax);
    case FieldKind::kMembers:
      return code_checked(field, c.members, value, kMembersBytesMax);
    case FieldKind::kEvent:
      return code_event(value);
    case FieldKind::kEventHeader:
    case FieldKind::kHighlight:
      if (!Coder::kDecodes && !value::flag(value)) coder_.spoil();
      return value::of_flag(true);
    case FieldKind::kPhotos:
      return code_photos(value);
    case FieldKind::kRetracted: {
      Retraction retraction;
      if constexpr (!Coder::kDecodes) retraction = known(value::retraction(value));
      retraction.saw = code_fixed(coder_, retraction.saw);
      return value::of_retraction(retraction);
    }
    case FieldKind::kReview:
      return code_review(value);
    case FieldKind::kValue:
      return code_amount(field.indicator(), value);
    case FieldKind::kPlace:
    case FieldKind::kNote:
      break;  // texts and leaves lie apart
  }
  coder_.spoil();
  return {};
}

template class ValueCoder<RangeEncoder>;
template class ValueCoder<RangeDecoder>;

}  // namespace phusa::wire
