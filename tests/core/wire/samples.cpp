#include "tests/core/wire/samples.hpp"

#include "core/base/limits.hpp"
#include "core/journal/personal.hpp"

#include <algorithm>
#include <array>

namespace phusa::wire::test {
namespace {

constexpr std::array kWords = {"trồng", "cây",  "hiến", "máu",  "đường", "làng",
                               "quà",   "tặng", "học",  "sinh", "x",     "2025"};

}  // namespace

DeviceId Samples::device() {
  DeviceId out;
  out.bytes.fill(static_cast<std::uint8_t>(below(4)));
  return out;
}

RecordId Samples::record() {
  RecordId out{device(), below(3), static_cast<std::uint32_t>(below(50))};
  if (once_in(20)) out = RecordId{fixed<DeviceId>(), engine_(), static_cast<std::uint32_t>(engine_())};
  if (once_in(30)) out.n = once_in(2) ? 0 : UINT32_MAX;
  return out;
}

std::string Samples::text(std::size_t words_max) {
  std::string out;
  for (std::size_t left = 1 + below(words_max); left > 0; --left) {
    if (!out.empty()) out += ' ';
    out += kWords[below(kWords.size())];
  }
  return out;
}

Amount Samples::amount() {
  Amount out;
  out.value = static_cast<std::int64_t>(below(2'000)) - 200;
  if (once_in(4)) out.value *= 1'000;
  if (once_in(8))
    out.value = static_cast<std::int64_t>(below(2 * limits::kAmountMax + 1)) - limits::kAmountMax;
  if (once_in(20)) out.value = once_in(2) ? limits::kAmountMax : -limits::kAmountMax;
  if (once_in(5)) out.qualifier = once_in(2) ? Qualifier::kMore : Qualifier::kNearly;
  return out;
}

WallTime Samples::time() {
  std::int64_t seconds = 1'750'000'000 + static_cast<std::int64_t>(below(100'000));
  if (once_in(20)) seconds = static_cast<std::int64_t>(below(4'000'000'000)) - 2'000'000'000;
  return WallTime(std::chrono::seconds(seconds));
}

Bytes Samples::value(FieldKey field) {
  switch (field.kind()) {
    case FieldKind::kUnit:
    case FieldKind::kKind:
      return value::of_number(number());
    case FieldKind::kDay:
    case FieldKind::kLastDay:
      if (once_in(20)) return value::of_day(day_from_number(once_in(2) ? -25'567 : 2'932'896));
      return value::of_day(day_from_number(20'250 + static_cast<std::int64_t>(below(30))));
    case FieldKind::kCampaigns:
    case FieldKind::kLabels: {
      std::vector<std::uint32_t> numbers(once_in(10) ? limits::kSetItemsMax : 1 + below(3));
      for (auto& item : numbers) item = number();
      return value::of_numbers(numbers);
    }
    case FieldKind::kPartners: {
      std::vector<Partner> partners{UnitNo{number()}, ClusterNo{number()}, text(3)};
      partners.resize(1 + below(3));
      return value::of_partners(partners);
    }
    case FieldKind::kMembers: {
      std::vector<std::string> members(1 + below(30));
      for (auto& member : members) member = "M" + std::to_string(below(100'000));
      return value::of_strings(members);
    }
    case FieldKind::kEvent:
      return value::of_record(record());
    case FieldKind::kEventHeader:
    case FieldKind::kHighlight:
      return value::of_flag(true);
    case FieldKind::kPhotos: {
      std::vector<Hash> photos(1 + below(3));
      for (auto& photo : photos) photo = fixed<Hash>();
      return value::of_hashes(photos);
    }
    case FieldKind::kPlace:
    case FieldKind::kNote:
      return text(once_in(10) ? 200 : 8);
    case FieldKind::kRetracted:
      return value::of_retraction({fixed<ContentDigest>()});
    case FieldKind::kReview:
      return value::of_review(
          {static_cast<ReviewState>(below(3)), fixed<ContentDigest>(), once_in(2) ? "" : text(5)});
    case FieldKind::kValue:
      return value::of_amount(amount());
  }
  return {};
}

std::vector<FieldKey> Samples::fields(std::size_t values_max) {
  std::vector<FieldKey> out;
  for (std::uint32_t code = 1; code <= 16; ++code) {
    if (once_in(code <= 3 ? 2 : 6)) out.push_back(FieldKey::from_code(code));
  }
  for (std::size_t left = below(values_max + 1); left > 0; --left) {
    out.push_back(FieldKey::value_of(IndicatorNo{once_in(20) ? (1u << 24) - 33 : number()}));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Counts Samples::counts() {
  if (!once_in(4)) return Counts{0, 0, 1};
  const auto any = [this] { return static_cast<std::uint32_t>(once_in(6) ? engine_() : below(5)); };
  return Counts{any(), any(), any()};
}

Change Samples::change(const DeviceId& author) {
  Change out;
  out.record = record();
  out.logged_at = time();
  for (const FieldKey field : fields(once_in(30) ? 200 : 4)) {
    FieldEdit& edit = out.edits.emplace_back();
    edit.field = field;
    edit.node.version.device = author;
    edit.node.version.counts = counts();
    for (std::size_t left = once_in(3) ? below(4) : 0; left > 0; --left) {
      edit.node.names.push_back({counts(), device(), once_in(4) ? 0 : static_cast<std::uint32_t>(engine_())});
    }
    std::sort(edit.node.names.begin(), edit.node.names.end());
    edit.node.names.erase(std::unique(edit.node.names.begin(), edit.node.names.end()), edit.node.names.end());
    if (once_in(6)) continue;  // blank
    (field.is_personal() ? edit.node.text : edit.node.version.value) = value(field);
  }
  return out;
}

RecordDelta Samples::delta() {
  RecordDelta out;
  out.id = record();
  out.gone = once_in(10);
  if (out.gone) return out;
  if (once_in(8)) out.hold = static_cast<HoldReason>(20 + below(8));
  if (once_in(8)) out.held_change = static_cast<HoldReason>(1 + below(12));
  if (!once_in(8)) out.logged_at = time();
  for (const FieldKey field : fields(4)) {
    std::vector<FieldEdit> versions(once_in(6) ? 1 + below(limits::kConflictsSentMax + 1) : 1);
    for (FieldEdit& version : versions) {
      version.field = field;
      version.node.version.counts = counts();
      version.node.version.device = once_in(4) ? device() : out.id.device;
      if (once_in(6)) continue;
      version.node.version.value = value(field);
      if (!field.is_personal()) continue;
      if (!once_in(5)) version.node.text = version.node.version.value;  // else its words are erased
      version.node.version.value = Bytes(fixed<Leaf>().view().substr(0, 4)) + Bytes(12, '\0');
    }
    std::sort(versions.begin(), versions.end(),
              [](const FieldEdit& a, const FieldEdit& b) { return a.node.version > b.node.version; });
    out.versions.insert(out.versions.end(), versions.begin(), versions.end());
  }
  return out;
}

std::vector<Leaf> leaves_of(std::span<const std::string> texts) {
  return journal::leaves_of(BatchSalt{}, texts);
}

void fill_leaves(std::vector<Change>& changes) {
  std::uint32_t index = 0;
  for (Change& change : changes) {
    for (FieldEdit& edit : change.edits) {
      if (edit.field.is_personal() && !edit.node.text.empty()) {
        edit.node.version.value = Bytes(journal::leaf_of(BatchSalt{}, index++, edit.node.text).view());
      }
    }
  }
}

std::vector<Change> field_work(std::size_t count, bool notes) {
  Samples samples(7);
  const DeviceId author = samples.fixed<DeviceId>();
  const std::uint64_t block = samples.below(UINT64_MAX);
  std::int64_t seconds = 1'750'000'000;
  std::vector<Change> out;
  for (std::uint32_t n = 1; n <= count; ++n) {
    Change change{{author, block, n}, {}, {}};
    seconds += 20 + static_cast<std::int64_t>(samples.below(600));
    change.logged_at = WallTime(std::chrono::seconds(seconds));
    const auto set = [&](FieldKey field, Bytes value, std::string text = {}) {
      change.edits.push_back(
          {field, Node{Version{{0, 0, 1}, author, std::move(value)}, std::move(text), {}}});
    };
    set(FieldKind::kUnit,
        value::of_number(static_cast<std::uint32_t>(samples.once_in(3) ? samples.below(66) : 12)));
    set(FieldKind::kKind, value::of_number(static_cast<std::uint32_t>(samples.below(30))));
    set(FieldKind::kDay, value::of_day(local_day(change.logged_at)));
    if (!samples.once_in(5)) {
      set(FieldKind::kCampaigns, value::of_numbers({static_cast<std::uint32_t>(samples.below(8))}));
    }
    if (notes && samples.once_in(2)) set(FieldKind::kNote, {}, samples.text(8));
    for (std::uint32_t no = static_cast<std::uint32_t>(samples.below(4)); no < 8; no += 4) {
      set(FieldKey::value_of(IndicatorNo{no}),
          value::of_amount({1 + static_cast<std::int64_t>(samples.below(500)), Qualifier::kExact}));
    }
    out.push_back(std::move(change));
  }
  return out;
}

}  // namespace phusa::wire::test
