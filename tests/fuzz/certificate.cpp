// Certificates and chains of them. The first byte says whether every link that a known key issued is signed
// anew, so that a search gets past the signatures.
#include "core/journal/certificate.hpp"

#include "tests/fuzz/people.hpp"
#include "tests/fuzz/target.hpp"

using namespace phusa;

namespace {

void expect_ranks_fall(std::span<const Certificate> chain) {
  const Certificate& last = chain.back();
  fuzz::expect(last.is_server && last.issuer == fuzz::people().root.public_key,
               "a good chain ends at the root");
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    fuzz::expect(!chain[i].is_server, "none but the root certifies a server");
    fuzz::expect(chain[i].issuer == chain[i + 1].subject, "each link is issued by the next one's subject");
    if (!chain[i + 1].is_server)
      fuzz::expect(chain[i].rank < chain[i + 1].rank, "ranks fall along a good chain");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices(fuzz::view_of(data, size));
  const bool sign = choices.byte() % 2 == 1;
  std::vector<Certificate> chain;
  while (!choices.at_end() && chain.size() < 6) {
    const Bytes encoded = choices.bytes();
    auto certificate = journal::decode_certificate(encoded);
    if (!certificate) continue;
    fuzz::expect(journal::encode_certificate(*certificate) == encoded, "a certificate has one encoding");
    if (const journal::KeyPair* issuer = fuzz::people().find(certificate->issuer); sign && issuer != nullptr)
      journal::sign_certificate(fuzz::people().organisation, *issuer, *certificate);
    chain.push_back(*std::move(certificate));
  }
  if (journal::verify_chain(fuzz::people().organisation, fuzz::people().root.public_key, chain))
    expect_ranks_fall(chain);
  return 0;
}
