#pragma once

#include "core/base/random.hpp"
#include "core/journal/bundle.hpp"
#include "core/wire/codec.hpp"
#include "sync-server/ingest/organisation.hpp"

#include <span>
#include <vector>

namespace phusa::ingest {

/// A bundle with its seal taken off: nothing in it is believed yet.
struct OpenedBundle {
  wire::BundleStatus status = wire::BundleStatus::kInvalid;
  wire::BundleContent content;  ///< of a taken one; every journal names its device
};

/// Opens each with whichever key fits: no two differ in how they fail. Needs no ledger, so that a request
/// with bundles holds up nobody while they are opened.
std::vector<OpenedBundle> open_bundles(std::span<const Bytes> bundles,
                                       std::span<const journal::OpeningKey> keys);

/// The answers, one for each of `bundles`. A parcel is sealed to its bundle's return key and empty where that
/// is no key; the lists of held changes are left out of one that would be large. `random` may be missing
/// where no key opens anything. What a parcel says is signed with the organisation's server key.
std::vector<wire::BundleReply> reply_to_bundles(const Organisation& organisation,
                                                std::span<const OpenedBundle> bundles,
                                                std::span<const wire::ReceiptParcel> parcels, Random* random);

}  // namespace phusa::ingest
