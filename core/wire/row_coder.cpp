#include "core/wire/row_coder.hpp"

#include "core/base/day.hpp"

namespace phusa::wire {
namespace {

constexpr std::uint32_t kPlainFields = 16;
constexpr std::uint32_t kFirstIndicatorCode = 32;
constexpr std::uint64_t kIndicatorsEnd = (1u << 24) - kFirstIndicatorCode;

constexpr Bit kLikely{0xe000, 2};
constexpr Bit kUnlikely{0x1000, 2};

}  // namespace

std::size_t plain_bytes_of(const FieldEdit& edit) {
  const std::size_t value = edit.field.is_personal() ? 0 : edit.node.version.value.size();
  return kVersionPlainBytes + value + kNamePlainBytes * edit.node.names.size();
}

RowColumns::RowColumns() {
  is_blank.fill(kUnlikely);
  for (auto& fields : has_field) fields.fill(kUnlikely);
  for (const FieldKind kind : {FieldKind::kUnit, FieldKind::kKind, FieldKind::kDay}) {
    has_field[1][static_cast<std::size_t>(kind)] = kLikely;
  }
  for (const FieldKind kind : {FieldKind::kCampaigns, FieldKind::kNote}) {
    has_field[1][static_cast<std::size_t>(kind)] = Bit();
  }
}

template <class Coder>
void RowCoder<Coder>::id(Ref<RecordId> id) {
  const RecordId coded = code_record_id(coder_, columns_->ids, columns_->devices, id);
  if constexpr (Coder::kDecodes) id = coded;
}

template <class Coder>
void RowCoder<Coder>::logged_at(Ref<WallTime> at) {
  RowColumns& c = *columns_;
  const std::int64_t seconds = at.time_since_epoch().count();
  if (!Coder::kDecodes && (seconds > kLoggedSecondsMax || seconds < -kLoggedSecondsMax)) {
    coder_.spoil();
    return;
  }
  const std::int64_t step = code_signed(coder_, c.logged, seconds - c.last_logged);
  if (step > 2 * kLoggedSecondsMax || step < -2 * kLoggedSecondsMax) {
    coder_.spoil();
    return;
  }
  c.last_logged += step;
  if (c.last_logged > kLoggedSecondsMax || c.last_logged < -kLoggedSecondsMax) {
    c.last_logged = 0;
    coder_.spoil();
  }
  const WallTime logged{std::chrono::seconds(c.last_logged)};
  if constexpr (Coder::kDecodes) at = logged;
  values_.start_row(day_number(local_day(logged)));
}

template <class Coder>
void RowCoder<Coder>::fields(Ref<std::vector<FieldEdit>> edits) {
  RowColumns& c = *columns_;
  const std::size_t follows = c.ids.was_next ? 1 : 0;
  std::array<bool, kPlainFields + 1> has{};
  std::vector<std::uint32_t> indicators;
  std::size_t plain = 0;
  if constexpr (!Coder::kDecodes) {
    for (const FieldEdit& edit : edits) {
      if (!edit.field.is_known()) coder_.spoil();
      if (!coder_.ok()) return;
      const std::uint32_t code = edit.field.code;
      if (!edit.field.is_value()) has[code] = true;
      const bool again = !indicators.empty() && indicators.back() == code - kFirstIndicatorCode;
      if (edit.field.is_value() && !again) indicators.push_back(code - kFirstIndicatorCode);
    }
  }
  for (std::uint32_t code = 1; code <= kPlainFields; ++code) {
    has[code] = coder_.bit(c.has_field[follows][code], has[code]);
    plain += has[code] ? 1 : 0;
  }
  const std::uint64_t count = code_category(coder_, c.value_count[follows], indicators.size());
  if (count > limits::kFieldsPerChangeMax || plain + count > limits::kFieldsPerChangeMax) {
    coder_.spoil();
    return;
  }
  if constexpr (Coder::kDecodes) {
    edits.reserve(plain + count);
    for (std::uint32_t code = 1; code <= kPlainFields; ++code) {
      if (has[code]) edits.emplace_back().field = FieldKey::from_code(code);
    }
  }
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t indicator = i < indicators.size() ? indicators[i] : 0;
    const std::uint64_t step = i == 0 ? code_number(coder_, c.first_indicator, indicator)
                                      : code_number(coder_, c.next_indicator, indicator - last - 1);
    last = std::min<std::uint64_t>(step, kIndicatorsEnd) + (i == 0 ? 0 : last + 1);
    if (last >= kIndicatorsEnd) {
      coder_.spoil();
      return;
    }
    const FieldKey field = FieldKey::from_code(static_cast<std::uint32_t>(last) + kFirstIndicatorCode);
    if constexpr (Coder::kDecodes) edits.emplace_back().field = field;
  }
}

template <class Coder>
Counts RowCoder<Coder>::counts(unsigned column, const Counts& counts) {
  NumberModel* const models = columns_->versions.counts[column];
  const std::uint64_t office = code_number(coder_, models[0], counts.office);
  const std::uint64_t officer = code_number(coder_, models[1], counts.officer);
  const std::uint64_t volunteer = code_number(coder_, models[2], counts.volunteer);
  if (std::max({office, officer, volunteer}) > UINT32_MAX) coder_.spoil();
  return Counts{static_cast<std::uint32_t>(office), static_cast<std::uint32_t>(officer),
                static_cast<std::uint32_t>(volunteer)};
}

template <class Coder>
void RowCoder<Coder>::names(Ref<std::vector<VersionName>> names) {
  VersionColumns& c = columns_->versions;
  const std::uint64_t count = code_number(coder_, c.name_count, names.size());
  if (count > limits::kNamesPerEditMax) {
    coder_.spoil();
    return;
  }
  if constexpr (Coder::kDecodes) names.reserve(count);
  VersionName last;
  for (std::uint64_t i = 0; i < count && coder_.ok(); ++i) {
    VersionName name;
    if constexpr (!Coder::kDecodes) name = names[i];
    name.device = code_device(coder_, columns_->devices, name.device);
    name.counts = counts(1, name.counts);
    const bool blank = coder_.bit(c.is_blank_name[0], name.value_hash == 0);
    name.value_hash = blank ? 0 : static_cast<std::uint32_t>(code_raw(coder_, name.value_hash, 32));
    if (i > 0 && !(last < name)) coder_.spoil();
    last = name;
    if constexpr (Coder::kDecodes) names.push_back(name);
  }
}

template <class Coder>
void RowCoder<Coder>::version(Ref<Node> node) {
  VersionColumns& c = columns_->versions;
  const bool is_first = coder_.bit(c.is_first[c.was_first ? 1 : 0],
                                   node.names.empty() && node.version.counts == c.first_counts);
  c.was_first = is_first;
  Counts coded = c.first_counts;
  if (!is_first) {
    names(node.names);
    coded = counts(0, node.version.counts);
    if (node.names.empty()) c.first_counts = coded;
  }
  if constexpr (Coder::kDecodes) node.version.counts = coded;
}

template <class Coder>
bool RowCoder<Coder>::has_value(FieldKey field, bool has) {
  return !coder_.bit(columns_->is_blank[field.is_value() ? 0 : field.code], !has);
}

template class RowCoder<RangeEncoder>;
template class RowCoder<RangeDecoder>;

}  // namespace phusa::wire
