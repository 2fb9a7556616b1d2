#include "core/model/ids.hpp"

#include "core/base/base32.hpp"

#include <algorithm>
#include <charconv>

namespace phusa {
namespace {

constexpr std::size_t kBlockHashDigits = 13;  // 65 bits hold 64

}  // namespace

DeviceId device_id_of(const PublicKey& key) {
  const Hash hash = hash_of(key.view());
  DeviceId id;
  std::copy_n(hash.bytes.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

OrganisationId organisation_id_of(const PublicKey& root) {
  OrganisationId id;
  id.bytes = hash_of(root.view()).bytes;
  return id;
}

std::uint64_t block_hash_of(const DeviceId& device, std::uint64_t block) {
  Bytes message(device.view());
  put_u64(message, block);
  const Hash hash = hash_of(message);
  return ByteReader(hash.view()).u64();
}

RecordRef ref_of(const RecordId& id) { return {block_hash_of(id.device, id.block), id.n}; }

std::string format_ref(const RecordRef& ref) {
  std::string out(kBlockHashDigits, '0');
  std::uint64_t rest = ref.block_hash;
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit, rest >>= 5) *digit = kBase32Digits[rest & 31];
  return out + "-" + std::to_string(ref.n);
}

Result<RecordRef> parse_ref(std::string_view text) {
  const auto wrong = [&] {
    return fail(ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is not a record id, such as 07KQ3M9TA2B4C-12");
  };
  if (text.size() < kBlockHashDigits + 2 || text[kBlockHashDigits] != '-') return wrong();
  RecordRef ref;
  for (const char c : text.substr(0, kBlockHashDigits)) {
    const auto digit = base32_value(c);
    if (!digit || (ref.block_hash >> 59) != 0) return wrong();
    ref.block_hash = (ref.block_hash << 5) | *digit;
  }
  const std::string_view n = text.substr(kBlockHashDigits + 1);
  const auto [end, error] = std::from_chars(n.data(), n.data() + n.size(), ref.n);
  if (error != std::errc() || end != n.data() + n.size()) return wrong();
  return ref;
}

std::string_view rank_name(Rank rank) {
  switch (rank) {
    case Rank::kVolunteer: return "volunteer";
    case Rank::kOfficer: return "officer";
    case Rank::kOffice: return "office";
  }
  return "unknown";
}

Result<Rank> parse_rank(std::string_view name) {
  for (const Rank rank : {Rank::kVolunteer, Rank::kOfficer, Rank::kOffice}) {
    if (name == rank_name(rank)) return rank;
  }
  return fail(ErrorCode::kInvalidArgument, "'" + std::string(name) + "' is not a role: volunteer, officer or office");
}

}  // namespace phusa
