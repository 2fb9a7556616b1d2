#include "tests/fuzz/office.hpp"

namespace phusa::fuzz {

Office::Office() {
  test::SeededRandom random(6);
  access::ServerKeys keys;
  keys.server = people().server;
  keys.box = journal::box_key_pair_from(random.fixed<KeySeed>());
  access::Identity identity;
  identity.root_key = people().root.public_key;
  identity.organisation_name = "Đoàn Khối";
  identity.server_certificate = server_certificate();
  enrolment_ = std::make_unique<access::Enrolment>(
      access::Enrolment::Parts{server_->engine(), server_->clock(), random_}, keys, identity);
}

}  // namespace phusa::fuzz
