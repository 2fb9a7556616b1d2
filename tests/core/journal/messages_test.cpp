#include "core/journal/certificate.hpp"
#include "core/journal/office_journal.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/receipt.hpp"
#include "core/journal/sealing.hpp"
#include "tests/core/journal/batches.hpp"

#include <gtest/gtest.h>

#include <map>

namespace phusa::journal {
namespace {

using namespace test;

/// One key signs one message of each kind; the signatures by kind.
std::map<std::string, Signature> one_of_each(const KeyPair& pair) {
  std::map<std::string, Signature> out;
  SealedBatch sealed = batch();
  seal(organisation(), pair, sealed, {});
  out["batch"] = sealed.signature;
  Certificate certificate;
  certificate.subject = pair.public_key;
  sign_certificate(organisation(), pair, certificate);
  out["certificate"] = certificate.signature;
  Receipt receipt;
  receipt.device_key = pair.public_key;
  sign_receipt(organisation(), pair, receipt);
  out["receipt"] = receipt.signature;
  OfficeEntry entry;
  sign_office_entry(organisation(), pair, entry);
  out["office"] = entry.signature;
  out["enrolment"] = sign(pair, enrolment_message({{}, pair.public_key, {}, {}, {}, {}}));
  out["catalogue"] = sign(pair, catalogue_message(organisation(), 0, {}));
  return out;
}

bool verifies_as(const std::string& kind, const KeyPair& pair, const Signature& signature) {
  if (kind == "batch") {
    SealedBatch sealed = batch();
    sealed.signature = signature;
    return verify_batch(organisation(), pair.public_key, sealed, {}).has_value();
  }
  if (kind == "certificate") {
    Certificate certificate;
    certificate.subject = certificate.issuer = pair.public_key;
    certificate.signature = signature;
    certificate.is_server = false;
    const Bytes fields = encode_certificate(certificate);
    const Bytes message = Bytes("phusa/certificate/1\0", 20) + Bytes(organisation().view()) +
                          fields.substr(0, fields.size() - Signature::kSize);
    return is_signed_by(pair.public_key, message, signature);
  }
  if (kind == "receipt") {
    Receipt receipt;
    receipt.device_key = pair.public_key;
    receipt.signature = signature;
    return verify_receipt(organisation(), pair.public_key, receipt).has_value();
  }
  if (kind == "office") {
    OfficeEntry entry;
    entry.signature = signature;
    return verify_office_entry(organisation(), pair.public_key, entry).has_value();
  }
  if (kind == "enrolment")
    return is_signed_by(pair.public_key, enrolment_message({{}, pair.public_key, {}, {}, {}, {}}), signature);
  return is_signed_by(pair.public_key, catalogue_message(organisation(), 0, {}), signature);
}

TEST(Messages, ASignatureOfOneKindVerifiesAsNoOther) {
  const KeyPair pair = key(2);
  const auto signatures = one_of_each(pair);
  for (const auto& [signed_as, signature] : signatures) {
    for (const auto& [read_as, unused] : signatures) {
      EXPECT_EQ(verifies_as(read_as, pair, signature), signed_as == read_as)
          << signed_as << " read as " << read_as;
    }
  }
}

TEST(Messages, NoPrefixIsTheStartOfAnother) {
  const std::vector<Bytes> prefixes{batch_message({}, {}, {}, {}, {}).substr(0, 14),
                                    Bytes("phusa/certificate/1\0", 20),
                                    Bytes("phusa/receipt/1\0", 16),
                                    Bytes("phusa/office/1\0", 15),
                                    enrolment_message({}).substr(0, 14),
                                    catalogue_message({}, 0, {}).substr(0, 18)};
  for (const Bytes& prefix : prefixes) {
    EXPECT_EQ(prefix.find('\0'), prefix.size() - 1) << "ends with its only NUL";
    for (const Bytes& other : prefixes) {
      EXPECT_EQ(other.starts_with(prefix), &other == &prefix);
    }
  }
}

TEST(Messages, TheBatchMessageHasTheDocumentedLayout) {
  const BatchHeader header = batch().header;
  const Bytes message = batch_message(organisation(), key(2).public_key, header, hash_of("f"), hash_of("p"));
  EXPECT_EQ(message.size(), 14u + 32 + 32 + 1 + 8 + 4 + 32 + 4 + 4 + 32 + 4 + 4 + 4 + 32 + 32);
  ByteReader in(message);
  EXPECT_EQ(in.take(14), BytesView("phusa/batch/1\0", 14));
  EXPECT_EQ(in.take(32), organisation().view());
  EXPECT_EQ(in.take(32), key(2).public_key.view());
  EXPECT_EQ(in.u8(), header.format);
  EXPECT_EQ(in.take(8), header.journal.view());
  EXPECT_EQ(in.u32(), header.number);
  EXPECT_EQ(in.take(32), header.previous.view());
  EXPECT_EQ(in.u32(), header.certificate);
  EXPECT_EQ(in.u32(), header.catalogue_revision);
  EXPECT_EQ(in.take(32), header.catalogue_hash.view());
  EXPECT_EQ(in.u32(), header.changes);
  EXPECT_EQ(in.u32(), header.facts_plain_bytes);
  EXPECT_EQ(in.u32(), header.personal_plain_bytes);
  EXPECT_EQ(in.take(32), hash_of("f").view());
  EXPECT_EQ(in.take(32), hash_of("p").view());
  EXPECT_TRUE(in.done());
}

}  // namespace
}  // namespace phusa::journal
