#include "tests/support/phone_fixture.hpp"

#include "core/base/limits.hpp"
#include "core/journal/certificate.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/receipt.hpp"
#include "core/journal/sealing.hpp"
#include "core/merge/edit.hpp"
#include "core/merge/merge.hpp"
#include "core/wire/facts.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace phusa::test {
namespace {

template <class T>
T must(Result<T> result, const char* what) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s: %s\n", what, result.error().context.c_str());
  std::abort();
}

std::uint32_t start_of(const Hash& hash) {
  return ByteReader(hash.view()).u32();
}

bool is_same_version(FieldKey field, const Version& a, const Version& b) {
  return a.counts == b.counts && a.device == b.device && name_of(field, a) == name_of(field, b);
}

}  // namespace

Bytes without_words(const Bytes& encoded) {
  SealedBatch batch = must(wire::decode_batch(encoded), "decode").batch;
  PersonalPart words = must(wire::unpack_personal(batch.personal), "unpack");
  words.leaves = journal::leaves_of(words.salt, words.texts);
  words.texts.clear();
  batch.personal = wire::pack_personal(words);
  return wire::encode_batch(batch, wire::HashForm::kWhole);
}

FakePhone::FakePhone(std::uint64_t seed, Rank rank, std::string unit, std::optional<std::uint64_t> person)
    : random_(seed * 1000 + 17), rank_(rank), unit_(std::move(unit)) {
  keys_ = journal::key_pair_from(random_.fixed<KeySeed>());
  token_ = Bytes(random_.fixed<Hash>().view());
  SeededRandom people(person.value_or(seed) + 5000);
  person_ = people.fixed<PersonId>();
  catalogue_hash_ = hash_of(wire::encode_catalogue(test_catalogue()));
  reopen();
}

void FakePhone::reopen() {
  block_ = random_.u64();
  n_ = 0;
}

void FakePhone::use_catalogue(std::uint32_t revision, const Hash& hash) {
  catalogue_revision_ = revision;
  catalogue_hash_ = hash;
}

Certificate FakePhone::certificate(std::uint32_t serial) const {
  Certificate certificate;
  certificate.serial = serial;
  certificate.subject = keys_.public_key;
  certificate.rank = rank_;
  certificate.unit = unit_;
  certificate.person = person_;
  const ingest::EngineOptions options = test_keys();
  journal::sign_certificate(organisation_id_of(options.root_key), options.server_key, certificate);
  return certificate;
}

RecordId FakePhone::log(const LogContent& content) {
  const RecordId record{id(), block_, ++n_};
  edit(record, FieldKind::kUnit, value::of_number(content.unit));
  edit(record, FieldKind::kKind, value::of_number(content.kind));
  edit(record, FieldKind::kDay, value::of_day(content.day));
  if (!content.campaigns.empty()) edit(record, FieldKind::kCampaigns, value::of_numbers(content.campaigns));
  if (!content.labels.empty()) edit(record, FieldKind::kLabels, value::of_numbers(content.labels));
  if (content.event) edit(record, FieldKind::kEvent, value::of_record(*content.event));
  if (content.event_header) edit(record, FieldKind::kEventHeader, value::of_flag(true));
  if (!content.note.empty()) edit(record, FieldKind::kNote, {}, content.note);
  for (const auto& [indicator, amount] : content.values) {
    edit(record, FieldKey::value_of(IndicatorNo{indicator}), value::of_amount(amount));
  }
  return record;
}

const Node* FakePhone::greatest(const RecordId& record, FieldKey field, bool with_pending) const {
  const Node* best = nullptr;
  if (const auto at = base.find(record); at != base.end()) best = merge::winner(at->second, field);
  for (const auto* fields : {&own_, &pending_}) {
    if (fields == &pending_ && !with_pending) continue;
    const auto at = fields->find(record);
    if (at == fields->end()) continue;
    const auto node = at->second.find(field);
    if (node != at->second.end() && (best == nullptr || best->version < node->second.version))
      best = &node->second;
  }
  return best;
}

void FakePhone::edit(const RecordId& record, FieldKey field, Bytes value, std::string text) {
  Fields& pending = pending_[record];
  merge::EditBase from;
  from.displayed = greatest(record, field, true);
  const auto waiting = pending.find(field);
  if (waiting != pending.end()) {
    from.pending = &waiting->second;
    from.displayed_is_known = from.displayed != &waiting->second;
  }
  if (const auto names = last_sealed_.find(record); names != last_sealed_.end()) {
    if (const auto name = names->second.find(field); name != names->second.end())
      from.last_sealed = name->second;
  }
  Node node = must(merge::make_edit(field, rank_, id(), from, std::move(value), std::move(text)), "edit");
  pending[field] = std::move(node);
}

RecordState FakePhone::displayed(const RecordId& record) const {
  RecordState state;
  state.id = record;
  std::map<FieldKey, bool> fields;
  if (const auto at = base.find(record); at != base.end()) {
    for (const Register& reg : at->second.registers) fields[reg.field] = true;
  }
  for (const auto* part : {&own_, &pending_}) {
    if (const auto at = part->find(record); at != part->end()) {
      for (const auto& [field, node] : at->second) fields[field] = true;
    }
  }
  for (const auto& [field, yes] : fields) {
    if (const Node* node = greatest(record, field, true)) state.at(field).nodes.push_back(*node);
  }
  return state;
}

void FakePhone::retract(const RecordId& record) {
  edit(record, FieldKind::kRetracted, value::of_retraction({merge::content_digest(displayed(record))}));
}

void FakePhone::review(const RecordId& record, ReviewState state) {
  edit(record, FieldKind::kReview, value::of_review({state, merge::content_digest(displayed(record)), ""}));
}

void FakePhone::seal(std::size_t changes_per_batch) {
  std::vector<Change> changes;
  for (auto& [record, fields] : pending_) {
    Change change{record, WallTime(std::chrono::seconds(1'770'000'000)), {}};
    for (auto& [field, node] : fields) change.edits.push_back({field, node});
    if (change.edits.empty()) continue;
    changes.push_back(std::move(change));
    if (changes.size() == changes_per_batch) seal_some(std::exchange(changes, {}));
  }
  if (!changes.empty()) seal_some(std::move(changes));
  pending_.clear();
}

void FakePhone::seal_some(std::vector<Change> changes) {
  wire::PackedFacts packed = must(wire::pack_facts(changes, id()), "pack");
  PersonalPart personal;
  if (!packed.texts.empty()) personal = {random_.fixed<BatchSalt>(), packed.texts, {}};
  const std::vector<Leaf> leaves = journal::leaves_of(personal.salt, personal.texts);
  std::size_t next_leaf = 0;
  for (Change& change : changes) {
    for (FieldEdit& edit : change.edits) {
      if (edit.field.is_personal() && !edit.node.text.empty())
        edit.node.version.value = Bytes(leaves[next_leaf++].view());
      own_[change.record][edit.field] = edit.node;
      last_sealed_[change.record][edit.field] = name_of(edit.field, edit.node.version);
    }
  }
  SealedBatch batch;
  batch.header.number = static_cast<std::uint32_t>(sealed.size() + 1);
  if (!sealed.empty()) batch.header.previous = sealed.back().hash;
  batch.header.certificate = serial_;
  batch.header.catalogue_revision = catalogue_revision_;
  batch.header.catalogue_hash = catalogue_hash_;
  batch.header.changes = static_cast<std::uint32_t>(changes.size());
  batch.header.facts_plain_bytes = packed.plain_bytes;
  batch.header.personal_plain_bytes = wire::personal_plain_bytes(personal);
  batch.facts = std::move(packed.facts);
  batch.personal = wire::pack_personal(personal);
  const OrganisationId organisation = organisation_id_of(test_keys().root_key);
  const Hash hash = journal::seal(organisation, keys_, batch, leaves);
  sealed.push_back({hash,
                    wire::encode_batch(batch),
                    wire::encode_batch(batch, wire::HashForm::kWhole),
                    std::move(changes),
                    {}});
}

wire::SyncRequest FakePhone::request(std::size_t batches_max) const {
  wire::SyncRequest request;
  request.device_key = keys_.public_key;
  request.token = token_;
  wire::JournalUp journal;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < sealed.size() && journal.encoded_batches.size() < batches_max; ++i) {
    if (sealed[i].received || bytes > limits::kRequestTargetBytes) continue;
    const bool whole = std::find(need_full_.begin(), need_full_.end(), i) != need_full_.end();
    journal.encoded_batches.push_back(whole ? sealed[i].whole : sealed[i].encoded);
    bytes += journal.encoded_batches.back().size();
  }
  if (!journal.encoded_batches.empty()) request.own.push_back(std::move(journal));
  request.cursor = cursor;
  request.furthest = furthest;
  request.catalogue_revision = catalogue_revision_;
  request.catalogue_start = start_of(catalogue_hash_);
  request.page_bytes_max = page_bytes_max;
  return request;
}

Result<bool> FakePhone::exchange(ingest::Engine& engine, std::size_t batches_max) {
  seal();
  const wire::SyncRequest up = request(batches_max);
  PHUSA_ASSIGN(const Bytes body, engine.sync(wire::encode_sync_request(up)));
  PHUSA_ASSIGN(const wire::SyncReply reply, wire::decode_sync_reply(body));
  take(up, reply);
  if (reply.revoked_at && up.own.empty()) return fail(ErrorCode::kRevoked, "this phone was revoked");
  const bool unsent =
      std::any_of(sealed.begin(), sealed.end(), [](const SealedByPhone& batch) { return !batch.received; });
  return reply.more || unsent;
}

Result<void> FakePhone::sync(ingest::Engine& engine) {
  for (;;) {
    PHUSA_ASSIGN(const bool more, exchange(engine));
    if (!more) return {};
  }
}

void FakePhone::take(const wire::SyncRequest& up, const wire::SyncReply& reply) {
  take_verdicts(up, reply);
  take_page(reply);
  if (reply.catalogue) use_catalogue(reply.catalogue->revision, hash_of(reply.catalogue->encoded));
}

void FakePhone::take_verdicts(const wire::SyncRequest& up, const wire::SyncReply& reply) {
  if (up.own.empty()) return;
  Receipt receipt;
  receipt.device_key = keys_.public_key;
  for (std::size_t i = 0; i < reply.verdicts.size() && i < up.own.front().encoded_batches.size(); ++i) {
    const Bytes& sent = up.own.front().encoded_batches[i];
    const auto at = std::find_if(sealed.begin(), sealed.end(),
                                 [&](const auto& b) { return b.encoded == sent || b.whole == sent; });
    const wire::Verdict& verdict = reply.verdicts[i];
    if (verdict.status == wire::VerdictStatus::kNeedFull)
      need_full_.push_back(static_cast<std::size_t>(at - sealed.begin()));
    if (!verdict.is_durable()) continue;
    at->received = verdict.point;
    receipt.items.push_back({at->hash, verdict.point});
    if (!furthest || furthest->position < verdict.point.position) furthest = verdict.point;
    if (!verdict.settled) continue;
    for (const Change& change : at->changes) {
      RecordState& state = base[change.record];
      state.id = change.record;
      merge::join(state, change);
      delivered_[change.record] = true;
      drop_own_known(change.record);
    }
  }
  if (receipt.items.empty()) return;
  receipt.signature = reply.receipts.at(0).signature;
  const ingest::EngineOptions options = test_keys();
  if (!journal::verify_receipt(organisation_id_of(options.root_key), options.server_key.public_key,
                               receipt)) {
    std::fprintf(stderr, "a receipt is not the server's\n");
    std::abort();
  }
}

void FakePhone::take_page(const wire::SyncReply& reply) {
  if (reply.reset) {
    delivered_.clear();
    ++resets;
  }
  if (!reply.page.empty()) {
    for (const wire::RecordDelta& delta : must(wire::unpack_page(reply.page), "page")) {
      ++pulled;
      delivered_[delta.id] = true;
      holds[delta.id] = delta.hold;
      if (delta.gone) {
        base.erase(delta.id);
      } else {
        base[delta.id] = wire::state_of(delta);
      }
      drop_own_known(delta.id);
    }
  }
  if (!reply.cursor.empty()) cursor = reply.cursor;
}

void FakePhone::drop_own_known(const RecordId& record) {
  const auto own = own_.find(record);
  const auto known = base.find(record);
  if (own == own_.end() || known == base.end()) return;
  std::erase_if(own->second, [&](const auto& item) {
    const Node* winner = merge::winner(known->second, item.first);
    return winner != nullptr && is_same_version(item.first, winner->version, item.second.version);
  });
}

}  // namespace phusa::test
