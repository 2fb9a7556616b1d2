#pragma once

#include "core/base/bytes.hpp"

#include <string_view>

/// Names of the small values in a phone's store.
namespace phusa::meta {

inline constexpr std::string_view kSeed = "seed";    ///< 32 bytes, only where no key store hands one in
inline constexpr std::string_view kToken = "token";  ///< bearer token, minted here
inline constexpr std::string_view kUrl = "url";
inline constexpr std::string_view kInsecureUrl =
    "insecure_url";                                  ///< plain http, yet somebody said that it may be
inline constexpr std::string_view kRoot = "root";    ///< the organisation's root key
inline constexpr std::string_view kChain = "chain";  ///< certificates, each with its length, own first
inline constexpr std::string_view kBoxKey = "box_key";
inline constexpr std::string_view kPersonName =
    "person_name";  ///< as given when joining, for an introduction
inline constexpr std::string_view kPersonPhone = "person_phone";  ///< likewise
inline constexpr std::string_view kIntroduce = "introduce";  ///< the server must be told of this device first
inline constexpr std::string_view kOrganisationName = "organisation_name";
inline constexpr std::string_view kJournal = "journal";  ///< absent: the first
inline constexpr std::string_view kForked = "forked";
inline constexpr std::string_view kCursor = "cursor";
inline constexpr std::string_view kFurthest = "furthest";  ///< the furthest ledger point seen
/// Points of receipts that others brought, until the server has been asked whether it holds them too.
inline constexpr std::string_view kPointsByHand = "furthest_by_hand";
inline constexpr std::string_view kSweeping = "sweeping";   ///< a reset's pages are coming down
inline constexpr std::string_view kLastSync = "last_sync";  ///< seconds u64
inline constexpr std::string_view kLastError = "last_error";
inline constexpr std::string_view kRevokedAt = "revoked_at";  ///< as the server last said; seconds u64
/// Receipts that others bring count for batches after this seq only: earlier ones may be of a server that was
/// restored since. seq u64.
inline constexpr std::string_view kReceiptsFrom = "receipts_from";
/// A restored server is offered office entries after this one. seq u64; absent: none.
inline constexpr std::string_view kOfferEntries = "offer_entries";
/// The server's catalogue is older than ours: it is offered revisions after this one. varint; absent: it is
/// not.
inline constexpr std::string_view kOfferCatalogues = "offer_catalogues";

/// The names, 8 bytes each, of imported files; and by that name in hexadecimal digits what each said.
inline constexpr std::string_view kImports = "imports";
inline constexpr std::string_view kImportedPrefix = "imported/";

/// A seq or a revision as it is kept.
inline Bytes number_of(std::int64_t value) {
  Bytes out;
  put_u64(out, static_cast<std::uint64_t>(value));
  return out;
}

inline std::int64_t number_in(BytesView bytes) {
  return static_cast<std::int64_t>(ByteReader(bytes).u64());
}

}  // namespace phusa::meta
