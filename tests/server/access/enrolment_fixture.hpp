#pragma once

#include "core/journal/certificate.hpp"
#include "core/journal/receipt.hpp"
#include "core/wire/codec.hpp"
#include "sync-server/access/enrolment.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"
#include "tests/server/access/manual_clock.hpp"
#include "tests/server/access/organisation.hpp"

#include <gtest/gtest.h>

namespace phusa::access {

struct Phone {
  journal::KeyPair key;
  Hash token_hash;
};

/// A server's access room over a real ledger.
class EnrolmentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = make_server_keys(folder_.path(), random_);
    ASSERT_TRUE(made) << made.error().context;
    root_ = made->root;
    keys_ = made->keys;
    auto opened = ledger::open_sqlite_ledger({(folder_.path() / "ledger.sqlite").string(), false}, random_);
    ASSERT_TRUE(opened) << opened.error().context;
    ledger_ = *std::move(opened);
    const ingest::EngineOptions options{root_.public_key, keys_.server};
    auto engine = ingest::Engine::start(options, *ledger_, clock_);
    ASSERT_TRUE(engine) << engine.error().context;
    engine_ = *std::move(engine);
    identity_.root_key = root_.public_key;
    identity_.organisation_name = "Đoàn Khối";
    identity_.server_certificate.subject = keys_.server.public_key;
    identity_.server_certificate.is_server = true;
    identity_.server_certificate.rank = Rank::kOffice;
    journal::sign_certificate(engine_->organisation(), root_, identity_.server_certificate);
    ASSERT_TRUE(engine_->append_office(
        OfficeAct::kCatalogue,
        *ingest::catalogue_payload(options, phusa::test::Organisation().draft().catalogue)));
    enrolment_ = std::make_unique<Enrolment>(Enrolment::Parts{*engine_, clock_, random_}, keys_, identity_);
  }

  Phone new_phone() { return {journal::key_pair_from(random_.fixed<KeySeed>()), random_.fixed<Hash>()}; }

  static Bytes request(const Phone& phone, const Ticket& ticket) {
    wire::EnrolRequest request;
    request.code = Bytes(ticket.code.secret.view());
    request.device_key = phone.key.public_key;
    request.token_hash = phone.token_hash;
    request.name = "Nguyễn Văn A";
    return signed_request(phone, request);
  }

  static Bytes signed_request(const Phone& phone, wire::EnrolRequest& request) {
    request.signature = journal::sign(
        phone.key, journal::enrolment_message({request.code, request.device_key, request.token_hash,
                                               request.name, request.phone, request.predecessor}));
    return wire::encode_enrol_request(request);
  }

  Result<wire::EnrolReply> redeem(const Bytes& body, const std::string& address = "10.0.0.1") {
    std::uint32_t wait_s = 0;
    PHUSA_ASSIGN(const Bytes reply, enrolment_->redeem(body, address, wait_s));
    return wire::decode_enrol_reply(reply);
  }

  Ticket ticket(std::uint32_t uses = 1, Rank rank = Rank::kVolunteer, const std::string& unit = "so_y_te") {
    const auto issued = enrolment_->issue({unit, rank, uses, std::chrono::hours(24)});
    EXPECT_TRUE(issued) << issued.error().context;
    return *issued;
  }

  phusa::test::TemporaryFolder folder_;
  phusa::test::ManualClock clock_;
  SystemRandom random_;
  journal::KeyPair root_;
  ServerKeys keys_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ingest::Engine> engine_;
  Identity identity_;
  std::unique_ptr<Enrolment> enrolment_;
};

}  // namespace phusa::access
