#include "tests/e2e/http/remote_phone.hpp"

#include "core/wire/codec.hpp"
#include "tests/server/http/raw_client.hpp"

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

std::string url_of(const std::string& address) {
  return "http://" + address;
}

}  // namespace

RemotePhone::RemotePhone() {
  PhoneOptions options;
  options.path = folder_.file("phone");
  phone_ = must(Phone::open(std::move(options), clock_, random_), "open");
}

void RemotePhone::join(const std::string& address, const std::string& code, const Applicant& applicant) {
  const auto parsed = must(journal::parse_enrolment_code(code), "code");
  const auto request = must(phone_->prepare_enrolment(parsed, url_of(address), applicant), "prepare");
  const RawReply reply =
      talk(address, post("/v1/enrol", wire::encode_enrol_request(request), std::string(wire::kContentType)));
  const auto accepted = phone_->accept_enrolment(parsed, url_of(address),
                                                 must(wire::decode_enrol_reply(reply.body), "enrol reply"));
  if (!accepted) std::abort();
}

RecordId RemotePhone::log(std::int64_t trees, const std::string& note, std::uint32_t unit) {
  Draft draft{{FieldKind::kUnit, value::of_number(unit)},
              {FieldKind::kKind, value::of_number(0)},
              {FieldKind::kDay, value::of_day(Day(std::chrono::year(2023) / 6 / 10))}};
  if (!note.empty()) draft.push_back({FieldKind::kNote, note});
  draft.push_back({FieldKey::value_of(IndicatorNo{0}), value::of_amount({trees, Qualifier::kExact})});
  return must(phone_->log({&draft, 1}), "log").front();
}

Bytes RemotePhone::body() {
  if (!talk_) talk_ = make_sync(*phone_, {phone_->identity().url, false, false});
  while (!asked_) {
    const auto event = talk_->next_event();
    if (!event) return {};
    if (event->has_http()) asked_ = event->http();
  }
  return asked_->body();
}

std::string RemotePhone::take(int status, const Bytes& reply, const std::string& address) {
  v1::TransportEvent answer;
  answer.set_id(asked_->id());
  answer.mutable_reply()->set_status(static_cast<std::uint32_t>(status));
  answer.mutable_reply()->set_content_type(std::string(wire::kContentType));
  answer.mutable_reply()->set_body(reply);
  asked_.reset();
  talk_->take(answer);
  while (auto event = talk_->next_event()) {
    if (event->has_http()) {
      asked_ = event->http();
      const RawReply next = talk(address, post("/v1/sync", asked_->body(), std::string(wire::kContentType)));
      return take(next.status, next.body, address);
    }
    if (event->has_finished()) {
      talk_.reset();
      return event->finished().ok() ? "" : event->finished().error().message();
    }
    if (event->has_wait()) {
      talk_.reset();
      return "the server asked it to wait";
    }
  }
  return "the sync did not end";
}

std::string RemotePhone::sync(const std::string& address) {
  const RawReply reply = talk(address, post("/v1/sync", body(), std::string(wire::kContentType)));
  return take(reply.status, reply.body, address);
}

}  // namespace phusa::test
