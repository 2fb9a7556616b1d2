// Whole POST /v1/enrol bodies. The first byte: 0 sends the rest as it is; else a known key signs it, with bit
// 2 the code is one that the office has issued, and its uses are one.
#include "core/journal/certificate.hpp"
#include "core/journal/receipt.hpp"
#include "core/wire/codec.hpp"
#include "tests/fuzz/office.hpp"
#include "tests/fuzz/target.hpp"

using namespace phusa;

namespace {

Bytes healed(wire::EnrolRequest request, const access::Ticket& ticket, bool with_code, bool vouched) {
  const journal::KeyPair* known = fuzz::people().find(request.device_key);
  test::SeededRandom random(8);
  const journal::KeyPair key = known != nullptr ? *known : journal::key_pair_from(random.fixed<KeySeed>());
  request.device_key = key.public_key;
  if (with_code) request.code = Bytes(ticket.code.secret.view());
  if (vouched) {
    request.code.clear();
    request.certificates = fuzz::vouched_chain(key.public_key);
  }
  request.signature =
      journal::sign(key, journal::enrolment_message({request.code, request.device_key, request.token_hash,
                                                     request.name, request.phone, request.predecessor}));
  return wire::encode_enrol_request(request);
}

void expect_good(const Bytes& body, wire::Frame frame) {
  const auto reply = wire::decode_enrol_reply(body, frame);
  fuzz::expect(reply.has_value(), "a phone can read the welcome");
  std::vector<Certificate> chain;
  for (const Bytes& encoded : reply->certificates) {
    const auto certificate = journal::decode_certificate(encoded);
    fuzz::expect(certificate.has_value(), "and its certificates");
    chain.push_back(*certificate);
  }
  fuzz::expect(journal::verify_chain(fuzz::people().organisation, reply->root_key, chain).has_value(),
               "which lead to the root");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes body(fuzz::view_of(data + 1, size - 1));
  const auto request = wire::decode_enrol_request(body);
  if (!request) return 0;
  fuzz::Office office;
  const auto ticket = office.enrolment().issue({"a", Rank::kVolunteer, 1, std::chrono::hours(1)});
  fuzz::expect(ticket.has_value(), "a code can be had");
  if (data[0] != 0) body = healed(*request, *ticket, (data[0] & 2) != 0, (data[0] & 4) != 0);
  std::uint32_t wait_s = 0;
  const auto first = office.enrolment().redeem(body, "10.0.0.1", wait_s);
  if (!first) return 0;
  expect_good(*first, request->frame);
  const auto second = office.enrolment().redeem(body, "10.0.0.1", wait_s);
  fuzz::expect(second.has_value() && *second == *first, "the same phone gets the same answer again");
  fuzz::expect(office.server().verify().differences.empty(), "law 6: verify is clean");
  return 0;
}
