#include "core/base/limits.hpp"
#include "core/wire/batch_message.hpp"
#include "core/wire/message.hpp"

namespace phusa::wire {
namespace {

constexpr std::uint32_t kSectionsField = 15;
constexpr std::size_t kBatchFieldsMax = 64;

std::uint32_t start_of(const Hash& hash) {
  return ByteReader(hash.view()).u32();
}

Hash hash_starting(std::uint32_t start) {
  Bytes raw;
  put_u32(raw, start);
  raw.resize(Hash::kSize, '\0');
  return *Hash::from(raw);
}

// A hash comes whole, or cut to its first bytes; one that starts with zeros is cut to nothing at all.
Result<Hash> read_hash(BytesView whole, std::uint32_t start, bool& is_short) {
  is_short = whole.empty();
  if (is_short) return hash_starting(start);
  if (start != 0) return fail(ErrorCode::kCorrupt, "a batch states a hash twice");
  return Hash::from(whole);
}

Result<void> read_previous(const v1::Batch& in, BatchOnWire& out) {
  if (out.batch.header.number > 1) {
    PHUSA_ASSIGN(out.batch.header.previous,
                 read_hash(in.previous(), in.previous_start(), out.previous_is_short));
    return {};
  }
  if (in.previous_start() != 0 || !in.previous().empty()) {
    return fail(ErrorCode::kCorrupt, "a journal's first batch names a previous one");
  }
  return {};
}

Result<void> read_catalogue(const v1::Batch& in, BatchOnWire& out) {
  out.batch.header.catalogue_revision = in.catalogue_revision();
  if (in.catalogue_revision() == 0 && in.catalogue_start() == 0 && in.catalogue_hash().empty()) return {};
  PHUSA_ASSIGN(out.batch.header.catalogue_hash,
               read_hash(in.catalogue_hash(), in.catalogue_start(), out.catalogue_is_short));
  return {};
}

Result<void> check_sizes(const v1::Batch& in) {
  if (in.changes() > limits::kChangesPerBatchMax || in.facts_plain_bytes() > limits::kBatchPlainBytesMax ||
      in.personal_plain_bytes() > limits::kBatchPlainBytesMax ||
      static_cast<std::size_t>(in.sections_size()) > limits::kSectionsPerBatchMax) {
    return fail(ErrorCode::kLimitExceeded, "a batch is larger than batches may be");
  }
  return {};
}

}  // namespace

void fill_batch(const SealedBatch& batch, HashForm form, v1::Batch& out) {
  const BatchHeader& header = batch.header;
  out.set_format(header.format);
  if (!header.journal.is_zero()) out.set_journal(text_of(header.journal));
  out.set_number(header.number);
  if (form == HashForm::kShort) {
    out.set_previous_start(start_of(header.previous));
    out.set_catalogue_start(start_of(header.catalogue_hash));
  } else {
    if (header.number > 1) out.set_previous(text_of(header.previous));
    if (header.catalogue_revision != 0 || !header.catalogue_hash.is_zero()) {
      out.set_catalogue_hash(text_of(header.catalogue_hash));
    }
  }
  out.set_certificate(header.certificate);
  out.set_catalogue_revision(header.catalogue_revision);
  out.set_changes(header.changes);
  out.set_facts_plain_bytes(header.facts_plain_bytes);
  out.set_personal_plain_bytes(header.personal_plain_bytes);
  out.set_facts(batch.facts);
  out.set_personal(batch.personal);
  for (const BatchSection& section : batch.sections) {
    v1::Section& to = *out.add_sections();
    to.set_type(section.type);
    to.set_data(section.data);
  }
  out.set_signature(text_of(batch.signature));
}

Result<BatchOnWire> take_batch(v1::Batch& in) {
  if (in.format() != kBatchFormat) {
    return fail(ErrorCode::kUnsupportedVersion, "a batch of format " + std::to_string(in.format()) +
                                                    "; this program reads " + std::to_string(kBatchFormat));
  }
  if (in.number() == 0) return fail(ErrorCode::kCorrupt, "a batch without a number");
  PHUSA_TRY(check_sizes(in));

  BatchOnWire out;
  BatchHeader& header = out.batch.header;
  PHUSA_ASSIGN(const auto journal, optional_fixed<JournalId>(in.journal()));
  header.journal = journal.value_or(JournalId{});
  header.number = in.number();
  PHUSA_TRY(read_previous(in, out));
  PHUSA_TRY(read_catalogue(in, out));
  header.certificate = in.certificate();
  header.changes = in.changes();
  header.facts_plain_bytes = in.facts_plain_bytes();
  header.personal_plain_bytes = in.personal_plain_bytes();
  out.batch.facts = std::move(*in.mutable_facts());
  out.batch.personal = std::move(*in.mutable_personal());
  for (v1::Section& section : *in.mutable_sections()) {
    out.batch.sections.push_back(BatchSection{section.type(), std::move(*section.mutable_data())});
  }
  PHUSA_ASSIGN(out.batch.signature, Signature::from(in.signature()));
  return out;
}

bool has_batch_shape(BytesView bytes) {
  std::size_t fields = 0;
  std::size_t sections = 0;
  return visit_fields(bytes, [&](std::uint32_t number, BytesView) {
    if (number == kSectionsField) ++sections;
    return ++fields <= kBatchFieldsMax && sections <= limits::kSectionsPerBatchMax;
  });
}

Bytes encode_batch(const SealedBatch& batch, HashForm form) {
  v1::Batch message;
  fill_batch(batch, form, message);
  return serialize(message);
}

Result<BatchOnWire> decode_batch(BytesView bytes) {
  if (bytes.size() > limits::kBatchKeptBytesMax) {
    return fail(ErrorCode::kLimitExceeded, "a batch is larger than batches may be");
  }
  v1::Batch message;
  if (!has_batch_shape(bytes) || !parse(message, bytes)) return fail(ErrorCode::kCorrupt, "not a batch");
  return take_batch(message);
}

}  // namespace phusa::wire
