#include "tests/e2e/whole/real_phone.hpp"

#include "core/client/conversation.hpp"
#include "core/client/hand_over.hpp"
#include "core/client/receipts.hpp"
#include "core/client/totals.hpp"
#include "core/client/vouching.hpp"
#include "core/journal/certificate.hpp"
#include "core/journal/receipt.hpp"
#include "core/merge/merge.hpp"
#include "core/model/figure.hpp"
#include "sync-server/access/enrolment.hpp"
#include "sync-server/totals/query.hpp"

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
void must(const Result<void>& result, const char* what) {
  if (result) return;
  std::fprintf(stderr, "%s: %s\n", what, result.error().context.c_str());
  std::abort();
}

/// What the server is certified with, by the root.
Certificate server_certificate() {
  const ingest::EngineOptions keys = test_keys();
  Certificate certificate;
  certificate.serial = 1;
  certificate.subject = keys.server_key.public_key;
  certificate.is_server = true;
  certificate.rank = Rank::kOffice;
  journal::sign_certificate(organisation_id_of(keys.root_key), test_root(), certificate);
  return certificate;
}

access::Identity identity() {
  return {test_keys().root_key, server_certificate(), "Đoàn Khối"};
}

/// POST /v1/enrol.
Result<Bytes> redeem(TestServer& server, BytesView body) {
  SeededRandom random(5);
  const access::ServerKeys keys{test_keys().server_key, test_box()};
  access::Enrolment enrolment({server.engine(), server.clock(), random}, keys, identity());
  std::uint32_t wait_s = 0;
  return enrolment.redeem(body, "here", wait_s);
}

wire::EnrolReply enrol(TestServer& server, const wire::EnrolRequest& request, Rank rank,
                       const std::string& unit, const PersonId& person) {
  const ingest::EngineOptions keys = test_keys();
  const OrganisationId organisation = organisation_id_of(keys.root_key);
  Certificate certificate;
  certificate.serial = 1;
  certificate.subject = request.device_key;
  certificate.rank = rank;
  certificate.unit = unit;
  certificate.person = person;
  certificate.uses = rank == Rank::kVolunteer ? 0 : 5;
  journal::sign_certificate(organisation, keys.server_key, certificate);
  must(server.engine().write([&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_TRY(access::keep_identity(transaction, identity()));
    PHUSA_TRY(
        server.engine().append_office(transaction, OfficeAct::kGrant, ingest::grant_payload(certificate)));
    return transaction.set_device_token(device_id_of(request.device_key), request.token_hash);
  }),
       "grant");
  wire::EnrolReply reply;
  reply.certificates = {journal::encode_certificate(certificate),
                        journal::encode_certificate(server_certificate())};
  reply.root_key = keys.root_key;
  reply.box_key = Bytes(test_box().public_key.view());
  reply.organisation_name = "Đoàn Khối";
  const auto snapshot = must(server.ledger().begin_read(), "read");
  const auto newest = must(snapshot->newest_catalogue(), "catalogue");
  reply.catalogue = {newest->revision, newest->encoded, newest->signature};
  return reply;
}

std::uint64_t next_seed() {
  static std::uint64_t seed = 100;
  return ++seed;
}

constexpr const char* kUrl = "http://127.0.0.1:1";

}  // namespace

FieldValue trees_field(std::int64_t trees) {
  return {FieldKey::value_of(IndicatorNo{0}), value::of_amount({trees, Qualifier::kExact})};
}

RealPhone::RealPhone(TestServer& server, const FolderInMemory& folder, const std::string& name, Rank rank,
                     const std::string& unit)
    : server_(&server), folder_(folder), path_(folder.file(name)) {
  open();
  const journal::EnrolmentCode code{{}, journal::fingerprint_of(organisation_id_of(test_keys().root_key))};
  const auto request = must(phone_->prepare_enrolment(code, kUrl), "prepare");
  must(phone_->accept_enrolment(code, kUrl, enrol(server, request, rank, unit, random_->fixed<PersonId>())),
       "join");
}

RealPhone::RealPhone(RealPhone& of, const std::string& name)
    : server_(of.server_), folder_(of.folder_), path_(of.folder_.file(name)) {
  of.phone_.reset();  // so that the file is whole
  std::filesystem::copy_file(of.path_, path_, std::filesystem::copy_options::overwrite_existing);
  of.open();
  open();
}

RealPhone::RealPhone(TestServer& server, const FolderInMemory& folder, const std::string& name)
    : server_(&server), folder_(folder), path_(folder.file(name)) {
  open();
}

void RealPhone::open() {
  random_ = std::make_unique<SeededRandom>(next_seed());
  PhoneOptions options;
  options.path = path_;
  options.wait = [](std::chrono::milliseconds) { return false; };
  phone_ = must(Phone::open(std::move(options), server_->clock(), *random_), "open");
}

void RealPhone::reopen() {
  phone_.reset();
  open();
}

RecordId RealPhone::log(std::int64_t trees, std::uint32_t unit, const Draft& more) {
  Draft draft{{FieldKind::kUnit, value::of_number(unit)},
              {FieldKind::kKind, value::of_number(0)},
              {FieldKind::kDay, value::of_day(Day(std::chrono::year(2026) / 3 / 10))},
              trees_field(trees)};
  for (const FieldValue& field : more) {
    std::erase_if(draft, [&](const FieldValue& given) { return given.field == field.field; });
    draft.push_back(field);
  }
  return must(phone_->log({&draft, 1}), "log").front();
}

bool RealPhone::edit_trees(const RecordId& id, std::int64_t trees) {
  return edit(id, trees_field(trees));
}

std::int64_t RealPhone::trees_of(const RecordId& id) {
  const auto layers = phone_->layers(id);
  if (!layers) return -1;
  const auto amount =
      value::amount(merge::winning_value(displayed(*layers), FieldKey::value_of(IndicatorNo{0})));
  return amount ? amount->value : -2;
}

std::size_t RealPhone::conflicts_of(const RecordId& id) {
  const auto layers = phone_->layers(id);
  if (!layers) return 0;
  const RecordState shown = displayed(*layers);
  const Register* reg = shown.find(FieldKey::value_of(IndicatorNo{0}));
  return reg == nullptr ? 0 : merge::conflicts(*reg).size();
}

Result<void> RealPhone::sync(bool reply_is_lost, const std::function<void()>& meanwhile) {
  requests = 0;
  const auto talk = make_sync(*phone_, {kUrl, false, false});
  Result<void> outcome = fail(ErrorCode::kInternal, "the sync did not end");
  while (auto event = talk->next_event()) {
    if (event->has_finished()) {
      const v1::Finished& end = event->finished();
      outcome =
          end.ok() ? Result<void>() : fail(static_cast<ErrorCode>(end.error().code()), end.error().message());
    }
    if (!event->has_http()) continue;
    if (meanwhile) meanwhile();
    v1::TransportEvent answer;
    answer.set_id(event->http().id());
    ++requests;
    const bool enrols = event->http().url().ends_with("/v1/enrol");
    const auto body =
        enrols ? redeem(*server_, event->http().body()) : server_->engine().sync(event->http().body());
    if (reply_is_lost) {
      answer.set_failed("the connection broke");
    } else {
      v1::HttpReply& reply = *answer.mutable_reply();
      reply.set_status(body ? 200 : is_retryable(body.error().code) ? 503 : 403);
      reply.set_content_type(std::string(wire::kContentType));
      reply.set_body(body ? *body : wire::encode_refusal({body.error(), 0}));
    }
    talk->take(answer);
  }
  return outcome;
}

Bytes RealPhone::hand_over(bool carried_only) {
  HandOver::Given given = must(HandOver(*phone_).give(carried_only), "hand over");
  must(HandOver(*phone_).note_given(given.contents), "note what was handed over");
  return std::move(given.file);
}

std::uint64_t RealPhone::carry(const Bytes& file) {
  return must(HandOver(*phone_).carry(file), "carry").bundles;
}

Bytes RealPhone::receipts() {
  auto given = must(Receipts(*phone_).give(), "receipts");
  must(Receipts(*phone_).note_given(given.contents), "note receipts");
  return std::move(given.file);
}

std::uint64_t RealPhone::take_receipts(const Bytes& file) {
  return must(Receipts(*phone_).take(file), "take receipts").received;
}

void RealPhone::join_through(RealPhone& officer, const std::string& unit, const std::string& replaces) {
  const Bytes request = must(Vouching(*phone_).request({"Lan", "", std::nullopt}), "request");
  const auto vouched = must(Vouching(officer.phone()).vouch(request, {unit, replaces, false}), "vouch");
  must(Vouching(*phone_).join(vouched.welcome), "join");
}

std::vector<std::string> RealPhone::totals(const std::string& by, const std::string& unit) {
  v1::TotalsRequest request;
  for (std::size_t at = 0; at < by.size();) {
    const std::size_t end = std::min(by.find(',', at), by.size());
    request.add_by(by.substr(at, end - at));
    at = end + 1;
  }
  request.set_unit(unit);
  v1::ClientTotalsReply reply;
  if (!compute_totals(*phone_, request, reply)) std::abort();
  std::vector<std::string> out;
  for (const auto& row : reply.rows()) {
    out.push_back(row.indicator() + "|" + row.unit() + "|" + row.campaign() + "|" + row.kind() + "|" +
                  row.label() + "|" + row.month() + "|" + row.review() + "|" + row.total() + "|" +
                  std::to_string(row.records()) + "|" + std::to_string(row.more()) + "|" +
                  std::to_string(row.nearly()));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> totals_of(TestServer& server, const std::string& by, const std::string& unit) {
  const auto catalogue = server.engine().catalogue();
  totals::Query query;
  must(totals::parse_by(by, query), "by");
  if (!unit.empty()) query.unit = catalogue->unit(unit);
  const auto snapshot = must(server.ledger().begin_read(), "read");
  const auto table = must(totals::query(*snapshot, *catalogue, query), "totals");
  std::vector<std::string> out;
  for (const totals::Row& row : table.rows) {
    const ledger::Figures& figures = row.figures;
    out.push_back(row.indicator + "|" + row.unit + "|" + row.campaign + "|" + row.kind + "|" + row.label +
                  "|" + row.month + "|" + row.review + "|" + format_decimal(figures.sum, 0) + "|" +
                  std::to_string(figures.records) + "|" + std::to_string(figures.more) + "|" +
                  std::to_string(figures.nearly));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> wrongs_of(TestServer& server) {
  return server.verify().differences;
}

}  // namespace phusa::test
