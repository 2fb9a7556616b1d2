#pragma once

#include "core/base/hash.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace phusa {

/// Ed25519 public key of a device, a server or a root.
using PublicKey = FixedBytes<32, struct PublicKeyTag>;
/// The first 16 bytes of BLAKE2b-256(public key): how a device is named everywhere but in signed messages.
using DeviceId = FixedBytes<16, struct DeviceIdTag>;
/// A volunteer's pseudonym: random, minted by the server at enrolment. Several devices over time.
using PersonId = FixedBytes<16, struct PersonIdTag>;
/// BLAKE2b-256(root public key).
using OrganisationId = FixedBytes<32, struct OrganisationIdTag>;
/// One chain of batches of a device. Zero is the device's first; a forked device goes on in a random one.
using JournalId = FixedBytes<8, struct JournalIdTag>;
/// Random, one per ledger transaction: tells a restored server's position from the one that was lost.
using TransactionTag = FixedBytes<8, struct TransactionTagTag>;

DeviceId device_id_of(const PublicKey& key);
OrganisationId organisation_id_of(const PublicKey& root);

/// (device, block, n): a block is 8 random bytes minted each time a store is opened for writing, n counts within it.
/// An imported file's block is the hash of device and file, n its line.
struct RecordId {
  DeviceId device;
  std::uint64_t block = 0;
  std::uint32_t n = 0;

  friend auto operator<=>(const RecordId&, const RecordId&) = default;
};

/// What a person types to name a record: 8 bytes of BLAKE2b(device, block) in Crockford's base 32, a dash, n.
/// Stores look the block up by its hash; two blocks of one hash are told apart by no one, and refused.
struct RecordRef {
  std::uint64_t block_hash = 0;
  std::uint32_t n = 0;

  friend auto operator<=>(const RecordRef&, const RecordRef&) = default;
};

RecordRef ref_of(const RecordId& id);
std::uint64_t block_hash_of(const DeviceId& device, std::uint64_t block);
/// `7KQ3M9TA2B4C5-12`
std::string format_ref(const RecordRef& ref);
Result<RecordRef> parse_ref(std::string_view text);

/// A row of the catalogue: dense, given by the office in order of adding, never changed, never used again.
template <class Tag>
struct Number {
  std::uint32_t value = 0;
  friend auto operator<=>(const Number&, const Number&) = default;
};

using UnitNo = Number<struct UnitTag>;
using ClusterNo = Number<struct ClusterTag>;
using CampaignNo = Number<struct CampaignTag>;
using KindNo = Number<struct KindTag>;
using IndicatorNo = Number<struct IndicatorTag>;
using LabelNo = Number<struct LabelTag>;

/// Who a certificate says its holder is. A higher rank's edit of the same base stands.
enum class Rank : std::uint8_t { kVolunteer = 0, kOfficer = 1, kOffice = 2 };

std::string_view rank_name(Rank rank);
Result<Rank> parse_rank(std::string_view name);

}  // namespace phusa
