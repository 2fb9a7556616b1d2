#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every limit of the system, in one place (law 12). proto/README.md quotes this table; a test compares them.
namespace phusa::limits {

// Records and changes
inline constexpr std::int64_t kAmountMax = 1'000'000'000'000'000;  ///< |value| in the indicator's smallest unit
inline constexpr std::size_t kTextBytesMax = 2'000;                ///< place or note, UTF-8
inline constexpr std::size_t kSetItemsMax = 64;                    ///< campaigns, labels, partners or photos of a record
inline constexpr std::size_t kMembersMax = 1'000;                  ///< member codes of a record
inline constexpr std::size_t kCodeBytesMax = 64;                   ///< any code, member code or outside partner's name
inline constexpr std::size_t kFieldsPerChangeMax = 256;
inline constexpr std::size_t kNamesPerEditMax = 64;                ///< versions one edit may name
inline constexpr std::size_t kNodesPerFieldMax = 4'096;            ///< versions kept of one field of one record, by one device
inline constexpr std::size_t kVersionBytesMax = 2 * 1024 * 1024;   ///< of all versions of one record, by one device
inline constexpr std::uint32_t kOwnCountStepMax = 10'000;          ///< how far one edit may raise its author's count
inline constexpr std::uint32_t kCountMax = 1'000'000'000;          ///< any edit count

// Batches
inline constexpr std::size_t kChangesPerBatchMax = 2'000;
inline constexpr std::size_t kBatchPlainBytesMax = 256 * 1024;     ///< facts unpacked estimate and personal part, each
inline constexpr std::size_t kBatchWireBytesMax = 300 * 1024;      ///< one encoded batch, as it is sent
inline constexpr std::size_t kBatchKeptBytesMax = 307'268;         ///< as it is kept: both hashes whole, 34 bytes each
inline constexpr std::size_t kSectionsPerBatchMax = 8;

// Exchange
inline constexpr std::size_t kBatchesPerRequestMax = 64;
inline constexpr std::size_t kRequestBytesMax = 1024 * 1024;
inline constexpr std::size_t kRequestTargetBytes = 256 * 1024;     ///< a phone stops adding batches here
inline constexpr std::size_t kReplyBytesMax = 2 * 1024 * 1024;
inline constexpr std::size_t kPageRecordsMax = 4'000;              ///< records in one page down
inline constexpr std::size_t kPagePlainBytesMax = 256 * 1024;       ///< a page closes before this; a record is cut to it
inline constexpr std::size_t kConflictsSentMax = 16;               ///< per field, the greatest; the rest follow once
                                                                   ///< these are resolved
inline constexpr std::size_t kCatalogueBytesMax = 1024 * 1024;
inline constexpr std::size_t kCatalogueRowsMax = 100'000;
inline constexpr std::chrono::milliseconds kBackOffFirst{1'000};
inline constexpr std::chrono::milliseconds kBackOffLast{300'000};
inline constexpr std::chrono::milliseconds kConnectTimeout{15'000};
inline constexpr std::chrono::milliseconds kStallTimeout{60'000};  ///< no byte for so long: give up
inline constexpr std::chrono::milliseconds kStoreBusyTimeout{5'000};
inline constexpr int kExchangesPerSyncMax = 100'000;
inline constexpr std::size_t kOfficeEntriesMax = 64;               ///< office entries in one request or reply
inline constexpr std::size_t kCataloguesPerRequestMax = 4;         ///< kept revisions offered to a restored server
inline constexpr std::size_t kSeenPointsMax = 256;                 ///< points of receipts brought by others, asked about in one request
inline constexpr std::size_t kChainMax = 8;                        ///< certificates from a device up to the server

// Hand-over
inline constexpr std::size_t kBundleBytesMax = 512 * 1024;         ///< one sealed bundle
inline constexpr std::size_t kBundlesPerRequestMax = 8;
inline constexpr std::size_t kBundleRecipientsMax = 4;
inline constexpr std::size_t kCarriedBundlesMax = 256;             ///< bundles of others that one phone keeps
inline constexpr std::size_t kTakenBundlesBytesMax = 32 * 1024 * 1024;  ///< kept of those the server took, newest first
inline constexpr std::size_t kParcelBytesMax = 256 * 1024;         ///< sealed receipts of one bundle
inline constexpr std::size_t kHandOverFileBytesMax = 64 * 1024 * 1024;
inline constexpr std::uint32_t kVouchUsesDefault = 50;             ///< devices an officer may vouch for
inline constexpr std::int64_t kVouchDaysMax = 90;                  ///< from vouching to the first contact, server's clock

// Server
inline constexpr std::size_t kQueuedRequestsMax = 256;
inline constexpr std::int64_t kEarliestDay = 10'957;               ///< 2000-01-01; an earlier day is implausible
inline constexpr std::int64_t kFutureDaysMax = 1;                  ///< a day further ahead waits until it comes
inline constexpr std::uint32_t kEnrolUsesMax = 10'000;
inline constexpr std::size_t kTotalsRowsMax = 100'000;
inline constexpr std::size_t kHeldBytesPerDeviceMax = 16 * 1024 * 1024;   ///< batches held whole, of one device
inline constexpr std::size_t kHeldBytesPerOfficerMax = 64 * 1024 * 1024;  ///< those of all phones in doubt by one officer
inline constexpr std::size_t kHeldBatchBytes = 512;                ///< what such a batch takes beside its own bytes
inline constexpr std::size_t kHeldChangesPerDeviceMax = 65'536;    ///< in batches that are not held whole
inline constexpr std::size_t kDoubtsPerOfficerMax = 256;           ///< vouchers of one officer that are in doubt

// A phone's store
inline constexpr std::size_t kCataloguesKeptMax = 16;              ///< newest revisions kept whole, for a restored server
inline constexpr std::size_t kOfficeEntriesKeptMax = 1'024;        ///< newest entries of the office's journal, likewise
inline constexpr std::size_t kHandedOverKeptMax = 4'096;           ///< ids of own bundles, to know them when they come back

// Import
inline constexpr std::size_t kImportBytesMax = 16 * 1024 * 1024;
inline constexpr std::size_t kImportLinesMax = 100'000;
inline constexpr std::size_t kImportErrorsShownMax = 50;

}  // namespace phusa::limits
