// One batch from the wire to its changes: decode, unpack the words, prove, unpack the facts.
#include "core/base/limits.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/sealing.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/facts.hpp"
#include "tests/fuzz/target.hpp"

using namespace phusa;

namespace {

/// What was unpacked packs again, and unpacks to the same.
void expect_same_again(const std::vector<Change>& changes, const DeviceId& author,
                       const std::vector<Leaf>& leaves) {
  const auto packed = wire::pack_facts(changes, author);
  if (!packed) return;  // an erased text has no words to pack
  fuzz::expect(packed->texts.size() == leaves.size(), "as many texts as leaves");
  const auto again = wire::unpack_facts(packed->facts, author, leaves, packed->texts);
  fuzz::expect(again.has_value() && *again == changes, "facts that were unpacked survive packing");
}

void open_facts(BytesView facts, const PersonalPart& personal) {
  const DeviceId author = device_id_of(PublicKey{});
  const std::vector<Leaf> leaves =
      personal.leaves.empty() ? journal::leaves_of(personal.salt, personal.texts) : personal.leaves;
  std::vector<std::string> texts = personal.texts;
  texts.resize(leaves.size());
  const auto changes = wire::unpack_facts(facts, author, leaves, texts);
  if (!changes) return;
  fuzz::expect(changes->size() <= limits::kChangesPerBatchMax, "no more changes than a batch holds");
  for (const Change& change : *changes) {
    for (std::size_t i = 0; i < change.edits.size(); ++i) {
      const FieldEdit& edit = change.edits[i];
      fuzz::expect(i == 0 || change.edits[i - 1].field < edit.field, "edits are sorted, one per field");
      fuzz::expect(edit.node.version.device == author, "versions are their author's");
      if (!edit.field.is_personal())
        fuzz::expect(value::is_canonical(edit.field, edit.node.version.value), "values are canonical");
    }
  }
  expect_same_again(*changes, author, leaves);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes = fuzz::view_of(data, size);
  if (size != 0 && data[0] == 0) {  // the facts alone, so that a search reaches them without an envelope
    open_facts(bytes.substr(1), {});
    return 0;
  }
  const auto on_wire = wire::decode_batch(bytes);
  if (!on_wire) return 0;
  const SealedBatch& batch = on_wire->batch;
  const auto again = wire::decode_batch(wire::encode_batch(batch, wire::HashForm::kWhole));
  fuzz::expect(again.has_value() && again->batch == batch, "a decoded batch survives encoding");
  const auto personal = wire::unpack_personal(batch.personal);
  if (!personal) return 0;
  fuzz::expect(wire::personal_plain_bytes(*personal) <= limits::kBatchPlainBytesMax,
               "words stay in their limit");
  const std::vector<Leaf> leaves = journal::leaves_of(personal->salt, personal->texts);
  (void)journal::verify_batch(OrganisationId{}, PublicKey{}, batch, leaves);
  open_facts(batch.facts, *personal);
  return 0;
}
