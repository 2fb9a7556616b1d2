#include "core/model/value.hpp"

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace phusa::value {
namespace {

// The years that within_calendar keeps to.
constexpr std::int64_t kDayMin = day_number(Day{std::chrono::year{1900} / 1 / 1});
constexpr std::int64_t kDayMax = day_number(Day{std::chrono::year{9999} / 12 / 31});
// Of any table, so that an indicator's field code, 32 and more, stays below 2^24.
constexpr std::uint32_t kNumberMax = (1u << 24) - 33;

template <class T>
void sort_unique(std::vector<T>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

template <class T>
bool strictly_ascending(const std::vector<T>& items) {
  return std::adjacent_find(items.begin(), items.end(), [](const T& a, const T& b) { return !(a < b); }) == items.end();
}

enum class PartnerKind : std::uint8_t { kUnit = 0, kCluster = 1, kOutsider = 2 };

bool is_text(BytesView bytes, std::size_t size_max) { return bytes.size() <= size_max && is_nfc(bytes); }

}  // namespace

Bytes of_number(std::uint32_t number) {
  Bytes out;
  put_varint(out, number);
  return out;
}

Bytes of_day(Day day) {
  Bytes out;
  put_signed_varint(out, day_number(day));
  return out;
}

Bytes of_numbers(std::vector<std::uint32_t> numbers) {
  sort_unique(numbers);
  Bytes out;
  std::uint32_t previous = 0;
  for (const std::uint32_t number : numbers) {
    put_varint(out, number - previous);
    previous = number;
  }
  return out;
}

Bytes of_strings(std::vector<std::string> strings) {
  sort_unique(strings);
  Bytes out;
  for (const std::string& text : strings) put_bytes(out, text);
  return out;
}

Bytes of_partners(std::vector<Partner> partners) {
  sort_unique(partners);
  Bytes out;
  for (const Partner& partner : partners) {
    put_u8(out, static_cast<std::uint8_t>(partner.index()));
    if (const auto* unit = std::get_if<UnitNo>(&partner)) put_varint(out, unit->value);
    if (const auto* cluster = std::get_if<ClusterNo>(&partner)) put_varint(out, cluster->value);
    if (const auto* outsider = std::get_if<std::string>(&partner)) put_bytes(out, *outsider);
  }
  return out;
}

Bytes of_record(const RecordId& id) {
  Bytes out(id.device.view());
  put_u64(out, id.block);
  put_varint(out, id.n);
  return out;
}

Bytes of_flag(bool set) { return set ? Bytes(1, '\1') : Bytes(); }

Bytes of_hashes(std::vector<Hash> hashes) {
  sort_unique(hashes);
  Bytes out;
  for (const Hash& hash : hashes) out.append(hash.view());
  return out;
}

Bytes of_amount(const Amount& amount) {
  Bytes out;
  put_signed_varint(out, amount.value);
  put_u8(out, static_cast<std::uint8_t>(amount.qualifier));
  return out;
}

Bytes of_review(const Review& review) {
  Bytes out;
  put_u8(out, static_cast<std::uint8_t>(review.state));
  out.append(review.saw.view());
  out.append(review.reason);
  return out;
}

Bytes of_retraction(const Retraction& retraction) { return Bytes(retraction.saw.view()); }

std::optional<std::uint32_t> number(BytesView bytes) {
  ByteReader in(bytes);
  const std::uint64_t number = in.varint_up_to(kNumberMax);
  if (!in.done()) return std::nullopt;
  return static_cast<std::uint32_t>(number);
}

std::optional<Day> day(BytesView bytes) {
  ByteReader in(bytes);
  const std::int64_t days = in.signed_varint();
  if (!in.done() || days < kDayMin || days > kDayMax) return std::nullopt;
  return day_from_number(days);
}

std::optional<std::vector<std::uint32_t>> numbers(BytesView bytes) {
  if (bytes.empty()) return std::nullopt;
  ByteReader in(bytes);
  std::vector<std::uint32_t> out;
  while (in.ok() && !in.at_end()) {
    const std::uint64_t step = in.varint_up_to(kNumberMax);
    const std::uint64_t next = out.empty() ? step : out.back() + step;
    if ((!out.empty() && step == 0) || next > kNumberMax || out.size() == limits::kSetItemsMax) return std::nullopt;
    out.push_back(static_cast<std::uint32_t>(next));
  }
  if (!in.ok()) return std::nullopt;
  return out;
}

std::optional<std::vector<std::string>> strings(BytesView bytes) {
  if (bytes.empty()) return std::nullopt;
  ByteReader in(bytes);
  std::vector<std::string> out;
  while (in.ok() && !in.at_end()) {
    const BytesView text = in.bytes(limits::kCodeBytesMax);
    if (text.empty() || !is_nfc(text) || out.size() == limits::kMembersMax) return std::nullopt;
    out.emplace_back(text);
  }
  if (!in.ok() || !strictly_ascending(out)) return std::nullopt;
  return out;
}

std::optional<std::vector<Partner>> partners(BytesView bytes) {
  if (bytes.empty()) return std::nullopt;
  ByteReader in(bytes);
  std::vector<Partner> out;
  while (in.ok() && !in.at_end()) {
    if (out.size() == limits::kSetItemsMax) return std::nullopt;
    switch (static_cast<PartnerKind>(in.u8())) {
      case PartnerKind::kUnit:
        out.emplace_back(UnitNo{static_cast<std::uint32_t>(in.varint_up_to(kNumberMax))});
        continue;
      case PartnerKind::kCluster:
        out.emplace_back(ClusterNo{static_cast<std::uint32_t>(in.varint_up_to(kNumberMax))});
        continue;
      case PartnerKind::kOutsider: {
        const BytesView name = in.bytes(limits::kCodeBytesMax);
        if (name.empty() || !is_nfc(name)) return std::nullopt;
        out.emplace_back(std::string(name));
        continue;
      }
    }
    return std::nullopt;
  }
  if (!in.ok() || !strictly_ascending(out)) return std::nullopt;
  return out;
}

std::optional<RecordId> record(BytesView bytes) {
  ByteReader in(bytes);
  RecordId id;
  if (const auto device = DeviceId::from(in.take(DeviceId::kSize))) id.device = *device;
  id.block = in.u64();
  id.n = static_cast<std::uint32_t>(in.varint_up_to(UINT32_MAX));
  if (!in.done()) return std::nullopt;
  return id;
}

bool flag(BytesView bytes) { return bytes == BytesView("\1", 1); }

std::optional<std::vector<Hash>> hashes(BytesView bytes) {
  if (bytes.empty() || bytes.size() % Hash::kSize != 0 || bytes.size() / Hash::kSize > limits::kSetItemsMax) {
    return std::nullopt;
  }
  std::vector<Hash> out;
  for (; !bytes.empty(); bytes.remove_prefix(Hash::kSize)) out.push_back(*Hash::from(bytes.substr(0, Hash::kSize)));
  if (!strictly_ascending(out)) return std::nullopt;
  return out;
}

std::optional<Amount> amount(BytesView bytes) {
  ByteReader in(bytes);
  Amount out;
  out.value = in.signed_varint();
  const std::uint8_t qualifier = in.u8();
  if (!in.done() || qualifier > 2 || out.value > limits::kAmountMax || out.value < -limits::kAmountMax) {
    return std::nullopt;
  }
  out.qualifier = static_cast<Qualifier>(qualifier);
  return out;
}

std::optional<Review> review(BytesView bytes) {
  ByteReader in(bytes);
  Review out;
  const std::uint8_t state = in.u8();
  const BytesView saw = in.take(ContentDigest::kSize);
  if (!in.ok() || state > 2) return std::nullopt;
  out.state = static_cast<ReviewState>(state);
  out.saw = *ContentDigest::from(saw);
  out.reason = std::string(in.take(in.remaining()));
  if (!is_text(out.reason, limits::kTextBytesMax)) return std::nullopt;
  return out;
}

std::optional<Retraction> retraction(BytesView bytes) {
  const auto saw = ContentDigest::from(bytes);
  if (!saw) return std::nullopt;
  return Retraction{*saw};
}

bool is_canonical(FieldKey field, BytesView bytes) {
  if (!field.is_known()) return false;
  if (bytes.empty()) return true;
  switch (field.kind()) {
    case FieldKind::kUnit:
    case FieldKind::kKind:
      return number(bytes).has_value();
    case FieldKind::kDay:
    case FieldKind::kLastDay:
      return day(bytes).has_value();
    case FieldKind::kCampaigns:
    case FieldKind::kLabels:
      return numbers(bytes).has_value();
    case FieldKind::kPartners:
      return partners(bytes).has_value();
    case FieldKind::kMembers:
      return strings(bytes).has_value();
    case FieldKind::kEvent:
      return record(bytes).has_value();
    case FieldKind::kEventHeader:
    case FieldKind::kHighlight:
      return flag(bytes);
    case FieldKind::kPhotos:
      return hashes(bytes).has_value();
    case FieldKind::kPlace:
    case FieldKind::kNote:
      return is_text(bytes, limits::kTextBytesMax);
    case FieldKind::kRetracted:
      return retraction(bytes).has_value();
    case FieldKind::kReview:
      return review(bytes).has_value();
    case FieldKind::kValue:
      return amount(bytes).has_value();
  }
  return false;
}

}  // namespace phusa::value
