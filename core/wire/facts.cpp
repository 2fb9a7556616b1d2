#include "core/wire/facts.hpp"

#include "core/base/limits.hpp"
#include "core/wire/row_coder.hpp"

#include <algorithm>
#include <bit>

namespace phusa::wire {
namespace {

// Facts: the number of changes, then each change's record id, logging time, fields, and per field its version
// and value, all through one range coder. A personal field has only whether it is blank: its text lies apart.
constexpr unsigned kChangeCountBits = std::bit_width(limits::kChangesPerBatchMax);

tl::unexpected<Error> unreadable() {
  return fail(ErrorCode::kCorrupt, "a batch's facts cannot be read");
}

bool are_sorted(std::span<const FieldEdit> edits) {
  for (std::size_t i = 1; i < edits.size(); ++i) {
    if (!(edits[i - 1].field < edits[i].field)) return false;
  }
  return true;
}

Result<void> check_packable(const Change& change, const DeviceId& author) {
  if (change.edits.size() > limits::kFieldsPerChangeMax) {
    return fail(ErrorCode::kLimitExceeded, "a change has too many fields");
  }
  if (!are_sorted(change.edits))
    return fail(ErrorCode::kInvalidArgument, "a change's edits are out of order");
  for (const FieldEdit& edit : change.edits) {
    if (edit.node.version.device != author) {
      return fail(ErrorCode::kInvalidArgument, "an edit is not of the batch's author");
    }
    const bool is_erased =
        edit.field.is_personal() && edit.node.text.empty() && !edit.node.version.value.empty();
    if (is_erased || (!edit.field.is_personal() && !edit.node.text.empty())) {
      return fail(ErrorCode::kInvalidArgument, "only a personal field has a text, and no leaf without one");
    }
    if (!value::is_canonical(edit.field, edit.node.text)) {
      return fail(ErrorCode::kInvalidArgument, "a text is too long, or not in normal form");
    }
  }
  return {};
}

void pack_change(RowCoder<RangeEncoder>& rows, const Change& change, std::vector<std::string>& texts) {
  rows.id(change.record);
  rows.logged_at(change.logged_at);
  rows.fields(change.edits);
  for (const FieldEdit& edit : change.edits) {
    rows.version(edit.node);
    const std::string& value = edit.field.is_personal() ? edit.node.text : edit.node.version.value;
    if (!rows.has_value(edit.field, !value.empty())) continue;
    if (edit.field.is_personal()) {
      texts.push_back(value);
    } else {
      rows.value(edit.field, value);
    }
  }
}

/// The personal part, handed out in order.
class TextSource {
 public:
  TextSource(std::span<const Leaf> leaves, std::span<const std::string> texts)
      : leaves_(leaves), texts_(texts) {}

  bool next(Node& node, FieldKey field) {
    if (at_ >= leaves_.size()) return false;
    node.version.value = Bytes(leaves_[at_].view());
    if (!texts_.empty()) {
      node.text = texts_[at_];
      if (node.text.empty() || !value::is_canonical(field, node.text)) return false;
    }
    ++at_;
    return true;
  }
  bool at_end() const { return at_ == leaves_.size(); }

 private:
  std::span<const Leaf> leaves_;
  std::span<const std::string> texts_;
  std::size_t at_ = 0;
};

bool unpack_change(RangeDecoder& coder, RowCoder<RangeDecoder>& rows, const DeviceId& author,
                   TextSource& texts, std::size_t& plain, Change& change) {
  rows.id(change.record);
  rows.logged_at(change.logged_at);
  rows.fields(change.edits);
  plain += kRowPlainBytes;
  for (FieldEdit& edit : change.edits) {
    if (!coder.ok() || plain > limits::kBatchPlainBytesMax) return false;
    rows.version(edit.node);
    edit.node.version.device = author;
    if (rows.has_value(edit.field, false)) {
      if (!edit.field.is_personal()) {
        edit.node.version.value = rows.value(edit.field, {});
      } else if (!texts.next(edit.node, edit.field)) {
        return false;
      }
    }
    plain += plain_bytes_of(edit);
  }
  return coder.ok() && plain <= limits::kBatchPlainBytesMax;
}

}  // namespace

std::size_t plain_bytes_of(const Change& change) {
  std::size_t bytes = kRowPlainBytes;
  for (const FieldEdit& edit : change.edits) bytes += plain_bytes_of(edit);
  return bytes;
}

Result<PackedFacts> pack_facts(std::span<const Change> changes, const DeviceId& author) {
  if (changes.size() > limits::kChangesPerBatchMax) {
    return fail(ErrorCode::kLimitExceeded, "too many changes for one batch");
  }
  PackedFacts out;
  RangeEncoder coder;
  coder.raw(static_cast<std::uint32_t>(changes.size()), kChangeCountBits);
  RowCoder<RangeEncoder> rows(coder);
  rows.know_device(author);
  std::size_t plain = 0;
  for (const Change& change : changes) {
    PHUSA_TRY(check_packable(change, author));
    plain += plain_bytes_of(change);
    pack_change(rows, change, out.texts);
    if (!coder.ok()) return fail(ErrorCode::kInvalidArgument, "a change holds what no record may hold");
  }
  out.plain_bytes = static_cast<std::uint32_t>(std::min<std::size_t>(plain, UINT32_MAX));
  out.facts = coder.finish();
  return out;
}

Result<std::vector<Change>> unpack_facts(BytesView facts, const DeviceId& author,
                                         std::span<const Leaf> leaves, std::span<const std::string> texts) {
  if (!texts.empty() && texts.size() != leaves.size()) {
    return fail(ErrorCode::kCorrupt, "a batch has not as many texts as leaves");
  }
  RangeDecoder coder(facts);
  const std::uint32_t count = coder.raw(0, kChangeCountBits);
  if (!coder.ok() || count > limits::kChangesPerBatchMax) return unreadable();
  RowCoder<RangeDecoder> rows(coder);
  rows.know_device(author);
  TextSource source(leaves, texts);
  std::vector<Change> out;
  out.reserve(count);
  std::size_t plain = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!unpack_change(coder, rows, author, source, plain, out.emplace_back())) return unreadable();
  }
  if (!coder.done() || !source.at_end()) return unreadable();
  return out;
}

}  // namespace phusa::wire
