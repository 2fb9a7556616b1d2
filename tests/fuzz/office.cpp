#include "tests/fuzz/office.hpp"

#include "core/journal/certificate.hpp"

namespace phusa::fuzz {

Office::Office() {
  test::SeededRandom random(6);
  access::ServerKeys keys;
  keys.server = people().server;
  keys.box = journal::box_key_pair_from(random.fixed<KeySeed>());
  access::Identity identity;
  identity.root_key = people().root.public_key;
  identity.organisation_name = "Đoàn Khối";
  identity.server_certificate.serial = 1;
  identity.server_certificate.subject = people().server.public_key;
  identity.server_certificate.is_server = true;
  identity.server_certificate.rank = Rank::kOffice;
  journal::sign_certificate(people().organisation, people().root, identity.server_certificate);
  enrolment_ = std::make_unique<access::Enrolment>(
      access::Enrolment::Parts{server_->engine(), server_->clock(), random_}, keys, identity);
}

}  // namespace phusa::fuzz
