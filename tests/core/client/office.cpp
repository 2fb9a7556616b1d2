#include "tests/core/client/office.hpp"

#include "core/base/limits.hpp"
#include "core/journal/bundle.hpp"
#include "core/journal/certificate.hpp"
#include "core/journal/office_journal.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/receipt.hpp"
#include "core/journal/sealing.hpp"
#include "core/merge/merge.hpp"
#include "core/wire/facts.hpp"
#include "core/wire/fates.hpp"
#include "core/wire/page.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
namespace {

template <class Row>
Row entry(const std::string& code) {
  Row row;
  row.code = code;
  row.name = code;
  return row;
}

Catalogue make_catalogue() {
  Catalogue out;
  out.revision = 1;
  out.units = {entry<Unit>("DK"), entry<Unit>("NA"), entry<Unit>("CK")};
  out.units[1].parent = UnitNo{0};
  out.units[2].parent = UnitNo{0};
  out.campaigns = {entry<Campaign>("YOUTH"), entry<Campaign>("SUNDAY1"), entry<Campaign>("SUNDAYS")};
  out.campaigns[1].parents = {CampaignNo{0}, CampaignNo{2}};
  out.indicators = {entry<Indicator>("trees"), entry<Indicator>("worth"), entry<Indicator>("road")};
  out.indicators[0].maximum = 100'000;
  out.indicators[2].decimals = 1;
  out.labels = {entry<Label>("city"), entry<Label>("block"), entry<Label>("children")};
  out.labels[0].group = "level";
  out.labels[1].group = "level";
  out.labels[2].group = "served";
  out.kinds = {entry<Kind>("TREES"), entry<Kind>("OTHER")};
  out.kinds[0].indicators = {{IndicatorNo{0}, true}};
  return out;
}

}  // namespace

void SeededRandom::fill(std::span<std::uint8_t> out) {
  for (std::uint8_t& byte : out) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    byte = static_cast<std::uint8_t>(state_ >> 24);
  }
}

Office::Office() : catalogue_(make_catalogue()) {
  root_ = journal::key_pair_from(random_.fixed<KeySeed>());
  server_ = journal::key_pair_from(random_.fixed<KeySeed>());
  organisation = organisation_id_of(root_.public_key);
  server_certificate_.serial = 1;
  server_certificate_.subject = server_.public_key;
  server_certificate_.is_server = true;
  server_certificate_.rank = Rank::kOffice;
  journal::sign_certificate(organisation, root_, server_certificate_);
  box_ = journal::box_key_pair_from(random_.fixed<KeySeed>());
  catalogue_.box_key = Bytes(box_.public_key.view());
  catalogue_bytes_ = wire::encode_catalogue(catalogue_);
}

void Office::publish(const std::function<void(Catalogue&)>& change) {
  ++catalogue_.revision;
  if (change) change(catalogue_);
  catalogue_bytes_ = wire::encode_catalogue(catalogue_);
}

wire::CatalogueSnapshot Office::snapshot() const {
  return {catalogue_.revision, catalogue_bytes_,
          journal::sign(server_, journal::catalogue_message(organisation, catalogue_.revision,
                                                            phusa::hash_of(catalogue_bytes_)))};
}

journal::EnrolmentCode Office::code() const {
  return {{}, journal::fingerprint_of(organisation)};
}

Certificate Office::certify(const PublicKey& device, Rank rank, const std::string& unit,
                            std::uint32_t vouches) {
  Certificate certificate;
  certificate.serial = ++serial_;
  certificate.subject = device;
  certificate.rank = rank;
  certificate.unit = unit;
  certificate.uses = vouches;
  certificate.person = random_.fixed<PersonId>();
  journal::sign_certificate(organisation, server_, certificate);
  return certificate;
}

std::vector<Bytes> Office::chain_of(const Certificate& certificate) const {
  return {journal::encode_certificate(certificate), journal::encode_certificate(server_certificate_)};
}

wire::EnrolReply Office::enrol(const PublicKey& device, Rank rank, const std::string& unit) {
  wire::EnrolReply reply;
  reply.certificates = chain_of(certify(device, rank, unit, uses));
  reply.root_key = root_.public_key;
  reply.box_key = Bytes(box_.public_key.view());
  reply.organisation_name = "Đoàn Khối";
  reply.catalogue = snapshot();
  return reply;
}

Result<wire::EnrolReply> Office::introduce(const wire::EnrolRequest& request) const {
  const Bytes message = journal::enrolment_message({request.code, request.device_key, request.token_hash,
                                                    request.name, request.phone, request.predecessor});
  if (!journal::is_signed_by(request.device_key, message, request.signature) || !request.code.empty())
    return fail(ErrorCode::kUnauthorized, "not signed by the device");
  std::vector<Certificate> chain;
  for (const Bytes& link : request.certificates) {
    PHUSA_ASSIGN(Certificate certificate, journal::decode_certificate(link));
    chain.push_back(std::move(certificate));
  }
  PHUSA_TRY(journal::verify_chain(organisation, root_.public_key, chain));
  wire::EnrolReply reply;
  reply.certificates = request.certificates;
  reply.root_key = root_.public_key;
  reply.box_key = Bytes(box_.public_key.view());
  reply.organisation_name = "Đoàn Khối";
  reply.catalogue = snapshot();
  return reply;
}

Signature Office::sign_fates(const wire::ReceiptParcel::Journal& journal) const {
  return journal::sign(server_,
                       journal::fates_message(organisation, journal.device_key, wire::encode_fates(journal)));
}

wire::BundleReply Office::open(const Bytes& bundle) {
  journal::OpeningKey key = journal::opening_key_of(box_);
  if (!knows_box_key) key.public_key.bytes[0] ^= 1;
  const auto opened = journal::open_bundle(bundle, {&key, 1});
  if (!opened) {
    const bool foreign = opened.error().code == ErrorCode::kNotFound;
    return {foreign ? wire::BundleStatus::kUnknownKey : wire::BundleStatus::kInvalid, {}};
  }
  const auto content = wire::decode_bundle_content(*opened);
  EXPECT_TRUE(content) << (content ? "" : content.error().context);
  const TransactionTag tag{{9, 9, static_cast<std::uint8_t>(position_)}};
  wire::ReceiptParcel parcel;
  std::vector<RecordId> touched;
  for (const wire::JournalUp& journal : content->journals) {
    wire::ReceiptParcel::Journal out;
    out.device_key = *journal.device_key;
    Receipt receipt;
    receipt.device_key = out.device_key;
    for (const wire::BatchOnWire& batch : journal.batches) {
      EXPECT_FALSE(batch.previous_is_short || batch.catalogue_is_short);
      Hash hash;
      out.verdicts.push_back(take_batch(batch, out.device_key, tag, hash, touched));
      out.batches.push_back(hash);
      receipt.items.push_back({hash, out.verdicts.back().point});
    }
    journal::sign_receipt(organisation, server_, receipt);
    out.signature = receipt.signature;
    if (alter_fates) alter_fates(out);
    out.fates_signature = sign_fates(out);
    parcel.journals.push_back(std::move(out));
  }
  const auto return_key = journal::BoxKey::from(content->return_key);
  EXPECT_TRUE(return_key);
  const auto sealed = journal::seal_parcel(wire::encode_receipt_parcel(parcel), *return_key, random_);
  EXPECT_TRUE(sealed);
  return {wire::BundleStatus::kTaken, *sealed, {position_, tag}};
}

Bytes Office::signed_entry(OfficeAct act, std::uint64_t number) const {
  OfficeEntry entry;
  entry.act = act;
  entry.number = number;
  journal::sign_office_entry(organisation, server_, entry);
  return journal::encode_office_entry(entry);
}

void Office::join(Phone& phone, Rank rank, const std::string& unit) {
  const auto request = phone.prepare_enrolment(code(), "http://127.0.0.1:1");
  ASSERT_TRUE(request) << request.error().context;
  const auto joined =
      phone.accept_enrolment(code(), "http://127.0.0.1:1", enrol(request->device_key, rank, unit));
  ASSERT_TRUE(joined) << joined.error().context;
}

Hash Office::hash_of_batch(const wire::BatchOnWire& on_wire, const PublicKey& device,
                           std::vector<Change>& changes) {
  SealedBatch batch = on_wire.batch;
  const Bytes journal = Bytes(device.view()) + Bytes(batch.header.journal.view());
  if (on_wire.previous_is_short && batch.header.number > 1) {
    const auto previous = chain_.find({journal, batch.header.number - 1});
    if (previous == chain_.end()) return {};
    batch.header.previous = previous->second;
  }
  if (on_wire.catalogue_is_short) batch.header.catalogue_hash = phusa::hash_of(catalogue_bytes_);
  const auto personal = wire::unpack_personal(batch.personal);
  EXPECT_TRUE(personal);
  const auto leaves = journal::leaves_of(personal->salt, personal->texts);
  const auto hash = journal::verify_batch(organisation, device, batch, leaves);
  EXPECT_TRUE(hash) << (hash ? "" : hash.error().context);
  auto unpacked = wire::unpack_facts(batch.facts, device_id_of(device), leaves, personal->texts);
  EXPECT_TRUE(unpacked);
  changes = std::move(*unpacked);
  chain_[{journal, batch.header.number}] = *hash;
  return *hash;
}

wire::Verdict Office::take_batch(const wire::BatchOnWire& on_wire, const PublicKey& device,
                                 const TransactionTag& tag, Hash& hash, std::vector<RecordId>& touched) {
  std::vector<Change> changes;
  hash = hash_of_batch(on_wire, device, changes);
  wire::Verdict verdict;
  if (hash.is_zero()) {
    verdict.status = wire::VerdictStatus::kNeedFull;
    return verdict;
  }
  if (const auto known = batches.find(hash); known != batches.end()) {
    verdict.status = wire::VerdictStatus::kDuplicate;
    verdict.point = known->second;
    return verdict;
  }
  verdict.point = {++position_, tag};
  batches[hash] = verdict.point;
  ++taken_anew;
  for (const Change& change : changes) {
    records[change.record].id = change.record;
    merge::join(records[change.record], change);
    touched.push_back(change.record);
  }
  return verdict;
}

wire::SyncReply Office::take(const Phone::Loaded& loaded, const PublicKey& device, Echo echo) {
  wire::SyncReply reply;
  reply.tag = TransactionTag{{1, 2, 3, 4, 5, 6, 7, 8}};
  last_hashes.clear();
  std::vector<RecordId> touched;
  for (const Outbox::Item& item : loaded.outbox.batches) {
    const auto on_wire = wire::decode_batch(item.encoded);
    EXPECT_TRUE(on_wire);
    Hash hash;
    reply.verdicts.push_back(take_batch(*on_wire, device, reply.tag, hash, touched));
    reply.verdicts.back().settled = reply.verdicts.back().is_durable() && echo == Echo::kSettled;
    last_hashes.push_back(hash);
  }
  for (const Bytes& bundle : loaded.outbox.bundles) reply.bundles.push_back(open(bundle));
  sign(reply, device, last_hashes);
  if (echo == Echo::kPage && !touched.empty()) reply.page = page_of(touched);
  return reply;
}

Bytes Office::page_of(const std::vector<RecordId>& ids, HoldReason hold) {
  std::vector<wire::RecordDelta> deltas;
  std::map<RecordId, bool> seen;
  for (const RecordId& id : ids) {
    if (!seen.emplace(id, true).second) continue;
    deltas.push_back(wire::delta_of(records.at(id)));
    deltas.back().hold = hold;
  }
  const auto page = wire::pack_page(deltas);
  EXPECT_TRUE(page);
  return *page;
}

void Office::sign(wire::SyncReply& reply, const PublicKey& device, const std::vector<Hash>& hashes) const {
  Receipt receipt;
  receipt.device_key = device;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (reply.verdicts[i].is_durable()) receipt.items.push_back({hashes[i], reply.verdicts[i].point});
  }
  reply.receipts.clear();
  if (receipt.items.empty()) return;
  journal::sign_receipt(organisation, server_, receipt);
  reply.receipts.push_back({std::nullopt, receipt.signature});
}

Phone::Applied Office::sync(Phone& phone, Echo echo) {
  const auto loaded = phone.load_outbox(limits::kRequestTargetBytes, limits::kBatchesPerRequestMax);
  EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().context);
  const auto reply = take(*loaded, phone.identity().key.public_key, echo);
  const auto applied = phone.apply_reply(reply, *loaded);
  EXPECT_TRUE(applied) << (applied ? "" : applied.error().context);
  return applied.value_or(Phone::Applied{});
}

Phone::Applied Office::pull(Phone& phone) {
  wire::SyncReply reply;
  std::vector<RecordId> ids;
  for (const auto& [id, state] : records) ids.push_back(id);
  if (!ids.empty()) reply.page = page_of(ids);
  const auto applied = phone.apply_reply(reply, {});
  EXPECT_TRUE(applied) << (applied ? "" : applied.error().context);
  return applied.value_or(Phone::Applied{});
}

FieldValue trees_value(std::int64_t count) {
  return {FieldKey::value_of(IndicatorNo{0}), value::of_amount({count, Qualifier::kExact})};
}

Draft trees(std::int64_t count, const std::string& note) {
  Draft out{{FieldKind::kUnit, value::of_number(1)},
            {FieldKind::kKind, value::of_number(0)},
            {FieldKind::kDay, value::of_day(day_from_number(19'442))},
            trees_value(count)};
  if (!note.empty()) out.push_back({FieldKind::kNote, note});
  return out;
}

std::int64_t shown_trees(Phone& phone, const RecordId& id) {
  const auto layers = phone.layers(id);
  EXPECT_TRUE(layers) << (layers ? "" : layers.error().context);
  if (!layers) return -1;
  const auto amount =
      value::amount(merge::winning_value(displayed(*layers), FieldKey::value_of(IndicatorNo{0})));
  return amount ? amount->value : -2;
}

Stage stage(Phone& phone, const RecordId& id) {
  const auto layers = phone.layers(id);
  EXPECT_TRUE(layers);
  const auto acknowledged = phone.delivery_of(layers->own_batch);
  EXPECT_TRUE(acknowledged);
  return stage_of(*layers, displayed(*layers), *acknowledged);
}

std::unique_ptr<Phone> open_phone(const std::string& path, Clock& clock, Random& random) {
  PhoneOptions options;
  options.path = path;
  options.wait = [](std::chrono::milliseconds) { return false; };
  auto phone = Phone::open(std::move(options), clock, random);
  EXPECT_TRUE(phone) << (phone ? "" : phone.error().context);
  return phone ? std::move(*phone) : nullptr;
}

}  // namespace phusa::test
