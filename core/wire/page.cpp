#include "core/wire/page.hpp"

#include "core/base/limits.hpp"
#include "core/wire/row_coder.hpp"
#include "core/wire/text_column.hpp"

#include <bit>
#include <memory>

namespace phusa::wire {
namespace {

// A page: format u8, size of the packed texts as a varint, the texts, then the rows through one range coder.
// A row is its record id, whether it is gone; if not: hold reasons, logging time, fields, and per field its
// versions.
constexpr std::uint8_t kPageFormat = 1;
constexpr unsigned kRecordCountBits = std::bit_width(limits::kPageRecordsMax);
constexpr std::size_t kLeafStartBytes = 4;
constexpr std::size_t kVersionsOfFieldMax = 1 + limits::kConflictsSentMax;
constexpr std::size_t kPlainBytesMax = limits::kReplyBytesMax;

tl::unexpected<Error> unreadable() {
  return fail(ErrorCode::kCorrupt, "a page cannot be read");
}

struct PageColumns {
  Bit is_gone{0x1000, 2};
  NumberModel hold;
  NumberModel held_change;
  Bit has_logged{0xf000, 4};
  Bit is_owner{0xf000, 4};
  Bit has_text{0xf000, 4};
  Bit has_more{0x1000, 4};
  TextColumn texts;
};

std::size_t plain_bytes_of_version(const FieldEdit& version) {
  return plain_bytes_of(version) +
         (version.field.is_personal() ? kLeafStartBytes + version.node.text.size() : 0);
}

const Node* winner_of(const Register& reg) {
  return reg.nodes.empty() ? nullptr : &reg.nodes.front();
}

/// What a version costs on a page, where its names stay behind and its leaf is cut.
std::size_t bytes_sent_of(FieldKey field, const Node* node) {
  if (node == nullptr) return 0;
  return kVersionPlainBytes +
         (field.is_personal() ? kLeafStartBytes + node->text.size() : node->version.value.size());
}

/// How many of a state's fields a page can hold. All of them, unless somebody made a record to break readers:
/// the fields of people's records stay far below it.
std::size_t fields_sent(const RecordState& state) {
  std::size_t room = limits::kPagePlainBytesMax - kRowPlainBytes;
  const std::size_t fields = std::min(state.registers.size(), limits::kFieldsPerChangeMax);
  for (std::size_t i = 0; i < fields; ++i) {
    const std::size_t bytes = bytes_sent_of(state.registers[i].field, winner_of(state.registers[i]));
    if (bytes > room) return i;
    room -= bytes;
  }
  return fields;
}

Bytes leaf_from_start(std::uint32_t start) {
  Bytes leaf;
  put_u32(leaf, start);
  leaf.resize(Leaf::kSize, '\0');
  return leaf;
}

/// One page's rows, either way.
template <class Coder>
class PageCoder {
 public:
  template <class T>
  using Ref = typename RowCoder<Coder>::template Ref<T>;

  explicit PageCoder(Coder& coder) : coder_(coder), rows_(coder), columns_(new PageColumns) {}

  /// Everything of a row up to its versions.
  void head(Ref<RecordDelta> delta) {
    rows_.id(delta.id);
    const bool gone = coder_.bit(columns_->is_gone, delta.gone);
    if constexpr (Coder::kDecodes) delta.gone = gone;
    if (gone) return;
    const HoldReason hold_reason = hold(columns_->hold, delta.hold);
    const HoldReason held_change = hold(columns_->held_change, delta.held_change);
    if constexpr (Coder::kDecodes) {
      delta.hold = hold_reason;
      delta.held_change = held_change;
    }
    const bool logged = coder_.bit(columns_->has_logged, delta.logged_at.has_value());
    if constexpr (Coder::kDecodes) {
      if (logged) delta.logged_at.emplace();
    }
    if (logged) {
      rows_.logged_at(*delta.logged_at);
    } else {
      rows_.not_logged();
    }
    rows_.fields(delta.versions);
  }

  void version(const DeviceId& owner, Ref<FieldEdit> version) {
    Ref<Node> node = version.node;
    rows_.version(node);
    if (!node.names.empty()) coder_.spoil();
    const bool is_owner = coder_.bit(columns_->is_owner, node.version.device == owner);
    const DeviceId device = is_owner ? owner : rows_.device(node.version.device);
    Bytes value;
    if (rows_.has_value(version.field, !node.version.value.empty())) {
      if (version.field.is_personal()) {
        value = leaf_from_start(
            static_cast<std::uint32_t>(code_raw(coder_, ByteReader(node.version.value).u32(), 32)));
        if (coder_.bit(columns_->has_text, !node.text.empty())) {
          const std::string text = code_text(coder_, columns_->texts, node.text, limits::kTextBytesMax);
          if constexpr (Coder::kDecodes) {
            node.text = text;
            if (text.empty() || !value::is_canonical(version.field, text)) coder_.spoil();
          }
        }
      } else {
        value = rows_.value(version.field, node.version.value);
      }
    }
    if constexpr (Coder::kDecodes) {
      node.version.device = device;
      node.version.value = std::move(value);
    }
  }

  bool more(bool more) { return coder_.bit(columns_->has_more, more); }

 private:
  HoldReason hold(NumberModel& column, HoldReason reason) {
    const std::uint64_t number = code_number(coder_, column, static_cast<std::uint64_t>(reason));
    if (number != 0 && (number > UINT32_MAX || !is_hold_reason(static_cast<std::uint32_t>(number))))
      coder_.spoil();
    return coder_.ok() ? static_cast<HoldReason>(number) : HoldReason::kNone;
  }

  Coder& coder_;
  RowCoder<Coder> rows_;
  std::unique_ptr<PageColumns> columns_;
};

/// Sorted by field, versions of one field greatest first (two may share their cut leaf), texts only where
/// they belong.
bool are_in_order(const std::vector<FieldEdit>& versions) {
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const Node& node = versions[i].node;
    if (!node.text.empty() && (!versions[i].field.is_personal() || node.version.value.empty())) return false;
    if (i == 0) continue;
    const FieldEdit& before = versions[i - 1];
    if (versions[i].field < before.field) return false;
    if (versions[i].field == before.field && before.node.version < node.version) return false;
  }
  return true;
}

bool pack_row(RangeEncoder& coder, PageCoder<RangeEncoder>& page, const RecordDelta& delta) {
  page.head(delta);
  if (delta.gone) return coder.ok();
  if (!are_in_order(delta.versions)) return false;
  std::size_t of_field = 1;
  for (std::size_t i = 0; i < delta.versions.size() && coder.ok(); ++i) {
    const FieldEdit& version = delta.versions[i];
    const bool is_leaf = !version.field.is_personal() || version.node.version.value.empty() ||
                         version.node.version.value.size() == Leaf::kSize;
    if (!is_leaf || !value::is_canonical(version.field, version.node.text)) return false;
    page.version(delta.id.device, version);
    const bool more = i + 1 < delta.versions.size() && delta.versions[i + 1].field == version.field;
    of_field = page.more(more) ? of_field + 1 : 1;
    if (of_field > kVersionsOfFieldMax) return false;
  }
  return coder.ok();
}

class PageReader {
 public:
  explicit PageReader(RangeDecoder& coder) : coder_(coder), page_(coder) {}

  bool read(RecordDelta& delta) {
    page_.head(delta);
    plain_ += kRowPlainBytes;
    for (std::size_t i = 0; i < delta.versions.size(); ++i) {
      if (!coder_.ok() || plain_ > kPlainBytesMax) return false;
      if (!read_version(delta, i)) return false;
    }
    return coder_.ok() && plain_ <= kPlainBytesMax;
  }

 private:
  // A further version of the same field is put in behind this one, and read in its turn.
  bool read_version(RecordDelta& delta, std::size_t i) {
    FieldEdit& version = delta.versions[i];
    page_.version(delta.id.device, version);
    if (!coder_.ok()) return false;
    plain_ += plain_bytes_of_version(version);
    if (i > 0 && delta.versions[i - 1].field == version.field &&
        delta.versions[i - 1].node.version < version.node.version) {
      return false;
    }
    of_field_ = i > 0 && delta.versions[i - 1].field == version.field ? of_field_ + 1 : 1;
    if (page_.more(false)) {
      if (of_field_ == kVersionsOfFieldMax) return false;
      FieldEdit further;
      further.field = version.field;
      delta.versions.insert(delta.versions.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::move(further));
    }
    return true;
  }

  RangeDecoder& coder_;
  PageCoder<RangeDecoder> page_;
  std::size_t of_field_ = 0;  // versions read of the current field
  std::size_t plain_ = 0;
};

}  // namespace

std::size_t plain_bytes_of(const RecordDelta& delta) {
  std::size_t bytes = kRowPlainBytes;
  for (const FieldEdit& version : delta.versions) bytes += plain_bytes_of_version(version);
  return bytes;
}

RecordDelta delta_of(const RecordState& state) {
  RecordDelta out;
  out.id = state.id;
  out.logged_at = state.logged_at;
  const std::size_t fields = fields_sent(state);
  out.versions.reserve(fields);
  std::size_t room = limits::kPagePlainBytesMax - kRowPlainBytes;
  for (std::size_t i = 0; i < fields; ++i)
    room -= bytes_sent_of(state.registers[i].field, winner_of(state.registers[i]));
  const auto add = [&out](FieldKey field, const Node& node) {
    FieldEdit& version = out.versions.emplace_back();
    version.field = field;
    version.node.version = node.version;
    version.node.text = node.text;
    if (field.is_personal() && !node.version.value.empty()) {
      version.node.version.value = leaf_from_start(ByteReader(node.version.value).u32());
    }
  };
  for (std::size_t at = 0; at < fields; ++at) {
    const Register& reg = state.registers[at];
    if (reg.nodes.empty()) continue;
    add(reg.field, reg.nodes.front());
    if (reg.nodes.size() == 1) continue;
    const std::vector<const Node*> lost = conflicts(reg);
    for (std::size_t i = 0; i < lost.size() && i < limits::kConflictsSentMax; ++i) {
      const std::size_t bytes = bytes_sent_of(reg.field, lost[i]);
      if (bytes > room) break;
      room -= bytes;
      add(reg.field, *lost[i]);
    }
  }
  return out;
}

RecordState state_of(const RecordDelta& delta) {
  RecordState out;
  out.id = delta.id;
  out.logged_at = delta.logged_at;
  out.registers.reserve(delta.versions.size());
  for (const FieldEdit& version : delta.versions) {
    if (out.registers.empty() || out.registers.back().field != version.field) {
      out.registers.push_back(Register{version.field, {}});
    }
    std::vector<Node>& nodes = out.registers.back().nodes;
    if (nodes.empty() || nodes.back().version != version.node.version) nodes.push_back(version.node);
  }
  return out;
}

Result<Bytes> pack_page(std::span<const RecordDelta> deltas) {
  if (deltas.size() > limits::kPageRecordsMax)
    return fail(ErrorCode::kLimitExceeded, "too many records for one page");
  RangeEncoder coder;
  coder.raw(static_cast<std::uint32_t>(deltas.size()), kRecordCountBits);
  PageCoder<RangeEncoder> page(coder);
  std::size_t plain = 0;
  for (const RecordDelta& delta : deltas) {
    plain += plain_bytes_of(delta);
    if (plain > kPlainBytesMax)
      return fail(ErrorCode::kLimitExceeded, "the records are too large for one page");
    if (!pack_row(coder, page, delta)) {
      return fail(ErrorCode::kInvalidArgument, "a record holds what no record may hold");
    }
  }
  Bytes out(1, static_cast<char>(kPageFormat));
  out.append(coder.finish());
  return out;
}

Result<std::vector<RecordDelta>> unpack_page(BytesView bytes) {
  ByteReader in(bytes);
  const std::uint8_t format = in.u8();
  if (!in.ok()) return unreadable();
  if (format != kPageFormat)
    return fail(ErrorCode::kUnsupportedVersion, "a page of a later program: update this one");
  RangeDecoder coder(in.take(in.remaining()));
  const std::uint32_t count = coder.raw(0, kRecordCountBits);
  if (!coder.ok() || count > limits::kPageRecordsMax) return unreadable();
  PageReader reader(coder);
  std::vector<RecordDelta> out;
  out.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!reader.read(out.emplace_back())) return unreadable();
  }
  if (!coder.done()) return unreadable();
  return out;
}

}  // namespace phusa::wire
