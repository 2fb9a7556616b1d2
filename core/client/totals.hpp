#pragma once

#include "core/client/fault.hpp"
#include "core/client/phone.hpp"

#include <tl/expected.hpp>

namespace phusa::v1 {
class TotalsRequest;
class ClientTotalsReply;
}  // namespace phusa::v1

namespace phusa {

/// Totals over what this device knows: the displayed records, without retracted, held and returned ones
/// (`review` chooses otherwise). Own records not counted yet are in them, and said. Sums are exact; a record
/// shows under each of its campaigns and their ancestors when asked by campaign, so those rows need not add
/// up.
tl::expected<void, Fault> compute_totals(Phone& phone, const v1::TotalsRequest& request,
                                         v1::ClientTotalsReply& reply);

/// What a list or a total is narrowed to; all that are set must hold.
struct RecordFilter {
  std::optional<UnitNo> unit;  ///< with all that rolls up into it
  std::optional<IndicatorNo> indicator;
  std::optional<CampaignNo> campaign;  ///< with those below it
  std::optional<std::uint32_t> kind;
  std::optional<Day> from;
  std::optional<Day> to;

  bool admits(const RecordState& state, const Catalogue& catalogue) const;
};

/// Reads the six filter fields that ListRequest and TotalsRequest share.
template <class Request>
tl::expected<RecordFilter, Fault> read_filter(const Request& request, const Catalogue& catalogue);

}  // namespace phusa
