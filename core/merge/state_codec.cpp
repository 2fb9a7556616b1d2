#include "core/merge/state_codec.hpp"

#include "core/base/day.hpp"
#include "core/base/limits.hpp"

#include <algorithm>

namespace phusa::merge {
namespace {

// Each node starts with a byte of flags.
constexpr std::uint8_t kForeignDevice = 1;  // 16 bytes of device follow; else the record's own
constexpr std::uint8_t kCounts = 2;         // three varints follow; else (0, 0, 1)
constexpr std::uint8_t kNames = 4;          // names follow
constexpr std::uint8_t kText = 8;           // a personal field's text follows
constexpr std::uint8_t kMoreNodes = 16;     // another, lesser version of the same field follows this one
constexpr std::uint8_t kAllFlags = 31;

constexpr Counts kFirstEdit{0, 0, 1};
// The longest value there is: members, each a code behind its length.
constexpr std::size_t kValueBytesMax = limits::kMembersMax * (1 + limits::kCodeBytesMax);

void put_counts(Bytes& out, const Counts& counts) {
  put_varint(out, counts.office);
  put_varint(out, counts.officer);
  put_varint(out, counts.volunteer);
}

Counts read_counts(ByteReader& in) {
  Counts counts;
  counts.office = static_cast<std::uint32_t>(in.varint_up_to(UINT32_MAX));
  counts.officer = static_cast<std::uint32_t>(in.varint_up_to(UINT32_MAX));
  counts.volunteer = static_cast<std::uint32_t>(in.varint_up_to(UINT32_MAX));
  return counts;
}

DeviceId read_device(ByteReader& in) {
  const auto device = DeviceId::from(in.take(DeviceId::kSize));
  return device ? *device : DeviceId{};
}

void put_node(Bytes& out, const Node& node, const DeviceId& owner, bool more) {
  std::uint8_t flags = 0;
  if (node.version.device != owner) flags |= kForeignDevice;
  if (node.version.counts != kFirstEdit) flags |= kCounts;
  if (!node.names.empty()) flags |= kNames;
  if (!node.text.empty()) flags |= kText;
  if (more) flags |= kMoreNodes;
  put_u8(out, flags);
  if (flags & kForeignDevice) out.append(node.version.device.view());
  if (flags & kCounts) put_counts(out, node.version.counts);
  if (flags & kNames) {
    put_varint(out, node.names.size());
    for (const VersionName& name : node.names) {
      out.append(name.device.view());
      put_counts(out, name.counts);
      put_u32(out, name.value_hash);
    }
  }
  put_bytes(out, node.version.value);
  if (flags & kText) put_bytes(out, node.text);
}

void read_names(ByteReader& in, std::vector<VersionName>& names) {
  const std::uint64_t count = in.varint_up_to(in.remaining());
  if (count == 0) in.spoil();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    VersionName name;
    name.device = read_device(in);
    name.counts = read_counts(in);
    name.value_hash = in.u32();
    if (!names.empty() && !(names.back() < name)) in.spoil();
    names.push_back(name);
  }
}

// What a flag says is there must not be what its absence says: a state has one encoding.
bool read_node(ByteReader& in, Node& node, FieldKey field, const DeviceId& owner) {
  const std::uint8_t flags = in.u8();
  if (flags > kAllFlags) in.spoil();
  node.version.device = flags & kForeignDevice ? read_device(in) : owner;
  if ((flags & kForeignDevice) && node.version.device == owner) in.spoil();
  node.version.counts = flags & kCounts ? read_counts(in) : kFirstEdit;
  if ((flags & kCounts) && node.version.counts == kFirstEdit) in.spoil();
  if (flags & kNames) read_names(in, node.names);
  node.version.value = Bytes(in.bytes(kValueBytesMax));
  if (flags & kText) {
    node.text = std::string(in.bytes(limits::kTextBytesMax));
    if (node.text.empty() || !field.is_personal()) in.spoil();
  }
  return (flags & kMoreNodes) != 0;
}

}  // namespace

Bytes encode_state(const RecordState& state) {
  Bytes out;
  out.reserve(64);
  put_varint(out, state.logged_at ? zigzag(state.logged_at->time_since_epoch().count()) + 1 : 0);
  for (const Register& reg : state.registers) {
    if (reg.nodes.empty()) continue;
    put_varint(out, reg.field.code);
    for (std::size_t i = 0; i < reg.nodes.size(); ++i) {
      put_node(out, reg.nodes[i], state.id.device, i + 1 < reg.nodes.size());
    }
  }
  return out;
}

Result<RecordState> decode_state(const RecordId& id, BytesView bytes) {
  ByteReader in(bytes);
  RecordState state;
  state.id = id;
  if (const std::uint64_t logged = in.varint(); logged != 0) {
    state.logged_at = WallTime(std::chrono::seconds(unzigzag(logged - 1)));
    if (within_calendar(*state.logged_at) != *state.logged_at) in.spoil();
  }
  state.registers.reserve(12);
  while (in.ok() && !in.at_end()) {
    Register reg;
    reg.field = FieldKey::from_code(static_cast<std::uint32_t>(in.varint_up_to(UINT32_MAX)));
    if (!reg.field.is_known()) in.spoil();
    if (!state.registers.empty() && !(state.registers.back().field < reg.field)) in.spoil();
    for (bool more = true; more && in.ok();) {
      Node node;
      more = read_node(in, node, reg.field, id.device);
      if (!reg.nodes.empty() && !(node.version < reg.nodes.back().version)) in.spoil();
      reg.nodes.push_back(std::move(node));
    }
    state.registers.push_back(std::move(reg));
  }
  if (!in.ok()) return fail(ErrorCode::kCorrupt, "a stored record cannot be read");
  return state;
}

}  // namespace phusa::merge
