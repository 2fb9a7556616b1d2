#include "tests/fuzz/people.hpp"

#include "core/journal/certificate.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/sealing.hpp"
#include "core/wire/facts.hpp"
#include "tests/fuzz/target.hpp"

#include <array>
#include <fstream>
#include <sstream>

namespace phusa::fuzz {
namespace {

struct Post {
  Rank rank;
  const char* unit;
  std::uint64_t person;
};

constexpr std::array<Post, kPhones> kPosts = {{{Rank::kVolunteer, "a", 1},
                                               {Rank::kVolunteer, "a", 1},
                                               {Rank::kOfficer, "a", 2},
                                               {Rank::kOffice, "root", 3}}};

constexpr std::uint64_t kFirstSeed = 1;

People make_people() {
  People out;
  const ingest::EngineOptions keys = test::test_keys();
  test::SeededRandom random(99);  // as test_keys has it
  out.root = journal::key_pair_from(random.fixed<KeySeed>());
  out.server = keys.server_key;
  out.organisation = organisation_id_of(out.root.public_key);
  for (std::size_t i = 0; i < kPhones; ++i) {
    test::SeededRandom own((kFirstSeed + i) * 1000 + 17);  // as FakePhone has it
    out.phones.push_back(journal::key_pair_from(own.fixed<KeySeed>()));
    expect(out.phones[i].public_key == phone(i).key(), "a phone's key is known");
  }
  expect(out.root.public_key == keys.root_key, "the root key is known");
  return out;
}

Bytes read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

Template make_template() {
  Template out;
  const test::FolderInMemory folder;
  const std::string path = folder.file("ledger.sqlite");
  {
    test::TestServer server(path);
    for (std::size_t i = 0; i < kPhones; ++i) out.phones.push_back(phone(i));
    for (test::FakePhone& each : out.phones) server.enrol(each);
    const auto granted =
        server.engine().append_office(OfficeAct::kGrant, ingest::grant_payload(officer_certificate()));
    expect(granted.has_value(), "the officer gets vouchers");
    RecordId first;
    for (test::FakePhone& each : out.phones) {
      test::LogContent content;
      content.campaigns = {1};
      content.labels = {0};
      content.values = {{0, {7}}, {1, {2}}};
      content.note = "chữ";
      const RecordId id = each.log(content);
      if (first == RecordId{}) first = id;
      if (each.base.contains(first))
        each.edit(first, FieldKey::value_of(IndicatorNo{0}), value::of_amount({9}));
      expect(each.sync(server.engine()).has_value(), "the template's phones sync");
    }
  }
  out.ledger = read_file(path);
  return out;
}

}  // namespace

const journal::KeyPair* People::find(const PublicKey& key) const {
  if (key == root.public_key) return &root;
  if (key == server.public_key) return &server;
  for (const journal::KeyPair& pair : phones) {
    if (key == pair.public_key) return &pair;
  }
  return nullptr;
}

const People& people() {
  static const People everybody = make_people();
  return everybody;
}

test::FakePhone phone(std::size_t number) {
  const Post& post = kPosts[number];
  return {kFirstSeed + number, post.rank, post.unit, post.person};
}

const Certificate& officer_certificate() {
  static const Certificate once = [] {
    Certificate out = phone(2).certificate(2);
    out.uses = 3;
    journal::sign_certificate(people().organisation, people().server, out);
    return out;
  }();
  return once;
}

const Certificate& server_certificate() {
  static const Certificate once = [] {
    Certificate out;
    out.serial = 1;
    out.subject = people().server.public_key;
    out.is_server = true;
    out.rank = Rank::kOffice;
    journal::sign_certificate(people().organisation, people().root, out);
    return out;
  }();
  return once;
}

std::vector<Bytes> vouched_chain(const PublicKey& subject) {
  Certificate leaf;
  leaf.serial = 1;
  leaf.subject = subject;
  leaf.unit = "a";
  leaf.issued_at = test::HandClock().wall();
  journal::sign_certificate(people().organisation, people().phones[2], leaf);
  return {journal::encode_certificate(leaf), journal::encode_certificate(officer_certificate()),
          journal::encode_certificate(server_certificate())};
}

Hash seal_again(const journal::KeyPair& key, SealedBatch& batch) {
  const auto personal = wire::unpack_personal(batch.personal);
  std::vector<Leaf> leaves;
  if (personal)
    leaves =
        personal->leaves.empty() ? journal::leaves_of(personal->salt, personal->texts) : personal->leaves;
  return journal::seal(people().organisation, key, batch, leaves);
}

const Template& prepared() {
  static const Template once = make_template();
  return once;
}

FreshServer::FreshServer() {
  const std::string path = folder_.file("ledger.sqlite");
  std::ofstream(path, std::ios::binary) << prepared().ledger;
  server_ = std::make_unique<test::TestServer>(path);
}

}  // namespace phusa::fuzz
