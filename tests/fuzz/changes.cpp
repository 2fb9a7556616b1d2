// Batches as no honest program makes them, yet well signed: any counts, names, values, journals and numbers.
// Two servers get them in opposite orders and must conclude the same.
#include "core/journal/personal.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/facts.hpp"
#include "tests/fuzz/people.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <array>

using namespace phusa;

namespace {

constexpr std::size_t kBatchesMax = 12;

struct Sealed {
  std::size_t phone = 0;
  Hash hash;
  Bytes encoded;
};

/// What the input has made so far, for later choices to refer to.
struct Story {
  std::vector<Sealed> batches;
  std::vector<RecordId> records;
  std::vector<VersionName> versions;
};

FieldKey field_of(fuzz::Choices& choices) {
  const std::size_t kind = choices.below(20);
  if (kind >= 16) return FieldKey::value_of(IndicatorNo{static_cast<std::uint32_t>(kind - 16)});
  return FieldKey::from_code(static_cast<std::uint32_t>(kind + 1));
}

/// Mostly a value of the field as people give it; now and then any bytes.
Bytes value_of(FieldKey field, fuzz::Choices& choices, const Story& story) {
  if (choices.once_in(16)) return choices.bytes();
  switch (field.kind()) {
    case FieldKind::kUnit:
    case FieldKind::kKind:
      return value::of_number(static_cast<std::uint32_t>(choices.below(5)));
    case FieldKind::kDay:
    case FieldKind::kLastDay:
      return value::of_day(day_from_number(20'510 + static_cast<int>(choices.below(40))));
    case FieldKind::kCampaigns:
    case FieldKind::kLabels:
      return value::of_numbers(
          {static_cast<std::uint32_t>(choices.below(4)), static_cast<std::uint32_t>(choices.below(4))});
    case FieldKind::kPartners:
      return value::of_partners({UnitNo{static_cast<std::uint32_t>(choices.below(4))}, std::string("xóm")});
    case FieldKind::kMembers:
      return value::of_strings({"m1", "m2"});
    case FieldKind::kEvent:
      return story.records.empty() ? Bytes()
                                   : value::of_record(story.records[choices.below(story.records.size())]);
    case FieldKind::kEventHeader:
    case FieldKind::kHighlight:
      return value::of_flag(choices.once_in(2));
    case FieldKind::kPhotos:
      return {};
    case FieldKind::kPlace:
    case FieldKind::kNote:
      return {};
    case FieldKind::kRetracted:
      return choices.once_in(2) ? value::of_retraction({}) : Bytes();
    case FieldKind::kReview:
      return value::of_review({static_cast<ReviewState>(choices.below(3)), {}, {}});
    case FieldKind::kValue:
      return value::of_amount(
          {static_cast<std::int64_t>(choices.number()) - 5, static_cast<Qualifier>(choices.below(3))});
  }
  return {};
}

std::uint32_t count_of(fuzz::Choices& choices) {
  return choices.once_in(32) ? choices.number() : static_cast<std::uint32_t>(choices.below(4));
}

FieldEdit edit_of(fuzz::Choices& choices, const Story& story, const DeviceId& author) {
  FieldEdit out{field_of(choices), {}};
  Node& node = out.node;
  node.version = {
      {count_of(choices), count_of(choices), count_of(choices)}, author, value_of(out.field, choices, story)};
  if (out.field.is_personal() && choices.once_in(2)) node.text = "ghi chú " + std::to_string(choices.byte());
  for (std::size_t n = choices.below(4); n > 0 && !story.versions.empty(); --n)
    node.names.push_back(story.versions[choices.below(story.versions.size())]);
  std::sort(node.names.begin(), node.names.end());
  node.names.erase(std::unique(node.names.begin(), node.names.end()), node.names.end());
  return out;
}

RecordId record_of(fuzz::Choices& choices, Story& story) {
  const std::size_t pick = choices.below(6);
  if (pick < story.records.size()) return story.records[pick];
  const RecordId id{fuzz::phone(choices.below(fuzz::kPhones)).id(), 77 + choices.below(2),
                    1 + static_cast<std::uint32_t>(choices.below(4))};
  story.records.push_back(id);
  return id;
}

Change change_of(fuzz::Choices& choices, Story& story, const DeviceId& author) {
  Change change{record_of(choices, story), WallTime(std::chrono::seconds(1'770'000'000)), {}};
  if (choices.once_in(2)) {  // a whole record, so that figures count
    for (const auto& [field, value] : std::initializer_list<std::pair<FieldKey, Bytes>>{
             {FieldKind::kUnit, value::of_number(1)},
             {FieldKind::kKind, value::of_number(0)},
             {FieldKind::kDay, value::of_day(day_from_number(20'520))},
             {FieldKey::value_of(IndicatorNo{0}), value::of_amount({5})}})
      change.edits.push_back({field, {{{0, 0, 1}, author, value}, {}, {}}});
  }
  for (std::size_t n = choices.below(5); n > 0; --n) change.edits.push_back(edit_of(choices, story, author));
  std::stable_sort(change.edits.begin(), change.edits.end(),
                   [](const FieldEdit& a, const FieldEdit& b) { return a.field < b.field; });
  const auto same = [](const FieldEdit& a, const FieldEdit& b) { return a.field == b.field; };
  change.edits.erase(std::unique(change.edits.begin(), change.edits.end(), same), change.edits.end());
  return change;
}

void seal(fuzz::Choices& choices, Story& story) {
  const std::size_t who = choices.below(fuzz::kPhones);
  const journal::KeyPair& key = fuzz::people().phones[who];
  std::vector<Change> changes;
  for (std::size_t n = 1 + choices.below(3); n > 0; --n)
    changes.push_back(change_of(choices, story, device_id_of(key.public_key)));
  auto packed = wire::pack_facts(changes, device_id_of(key.public_key));
  if (!packed) return;
  for (const Change& change : changes) {
    for (const FieldEdit& edit : change.edits)
      if (!edit.field.is_personal()) story.versions.push_back(name_of(edit.field, edit.node.version));
  }
  PersonalPart personal;
  if (!packed->texts.empty()) personal = {{}, packed->texts, {}};
  SealedBatch batch;
  BatchHeader& header = batch.header;
  header.journal.bytes[0] = static_cast<std::uint8_t>(choices.below(3));
  header.number = 1 + static_cast<std::uint32_t>(choices.below(5));
  if (!story.batches.empty() && choices.once_in(2))
    header.previous = story.batches[choices.below(story.batches.size())].hash;
  header.certificate = static_cast<std::uint32_t>(choices.once_in(8) ? choices.below(3) : 1);
  header.catalogue_revision = choices.once_in(16) ? choices.number() : 1;
  header.catalogue_hash = hash_of(wire::encode_catalogue(test::test_catalogue()));
  header.changes = static_cast<std::uint32_t>(choices.once_in(16) ? choices.number() : changes.size());
  header.facts_plain_bytes = packed->plain_bytes;
  header.personal_plain_bytes = wire::personal_plain_bytes(personal);
  if (choices.once_in(32)) batch.sections.push_back({choices.number(), choices.bytes()});
  batch.facts = std::move(packed->facts);
  batch.personal = wire::pack_personal(personal);
  const Hash hash = fuzz::seal_again(key, batch);
  Bytes encoded = wire::encode_batch(batch, wire::HashForm::kWhole);
  if (wire::decode_batch(encoded)) story.batches.push_back({who, hash, std::move(encoded)});
}

void deliver(test::TestServer& server, const Sealed& batch) {
  server.deliver(fuzz::people().phones[batch.phone].public_key, {batch.encoded});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices(fuzz::view_of(data, size));
  Story story;
  for (std::size_t tries = 0; tries < kBatchesMax && !choices.at_end(); ++tries) seal(choices, story);
  if (story.batches.empty()) return 0;
  fuzz::FreshServer there;
  fuzz::FreshServer back;
  for (const Sealed& batch : story.batches) deliver(*there, batch);
  for (auto batch = story.batches.rbegin(); batch != story.batches.rend(); ++batch) deliver(*back, *batch);
  fuzz::expect(there->conclusions() == back->conclusions(), "law 4: any order gives the same");
  fuzz::expect(there->verify().differences.empty(), "law 6: verify is clean");
  return 0;
}
