#include "tests/sim/shrink.hpp"

#include "core/model/hold.hpp"
#include "core/wire/codec.hpp"

namespace phusa::sim {
namespace {

bool breaks(const Plan& plan, int law, const std::string& folder) {
  const Verdict verdict = run_plan(plan, folder, false);
  return !verdict.ok && verdict.law == law;
}

}  // namespace

Plan shrink(Plan plan, int law, const std::string& folder) {
  for (std::uint32_t Climate::*rate :
       {&Climate::request_lost, &Climate::reply_lost, &Climate::reply_cut, &Climate::request_cut,
        &Climate::doubled, &Climate::delayed, &Climate::portal}) {
    Plan calmer = plan;
    calmer.climate.*rate = 0;
    if (breaks(calmer, law, folder)) plan = calmer;
  }
  for (std::size_t size = plan.events.size() / 2; size > 0;) {
    bool removed = false;
    for (std::size_t at = 0; at < plan.events.size();) {
      Plan shorter = plan;
      const auto from = shorter.events.begin() + static_cast<std::ptrdiff_t>(at);
      const auto until =
          shorter.events.begin() + static_cast<std::ptrdiff_t>(std::min(at + size, plan.events.size()));
      shorter.events.erase(from, until);
      if (breaks(shorter, law, folder)) {
        plan = std::move(shorter);
        removed = true;
      } else {
        at += size;
      }
    }
    if (!removed || size > 1) size = removed && size == 1 ? 1 : size / 2;
  }
  while (plan.climate.phones > 1) {
    Plan fewer = plan;
    --fewer.climate.phones;
    if (!breaks(fewer, law, folder)) break;
    plan = fewer;
  }
  return plan;
}

std::vector<std::string> missing_marks(const Tally& reached) {
  static constexpr const char* kExpected[] = {"a batch is settled",
                                              "a bundle brings a vouched phone's chain",
                                              "a bundle is taken",
                                              "a bundle is useless",
                                              "a bundle sealed to an older key is taken",
                                              "a carrier passes bundles on",
                                              "a conflict is shown",
                                              "a device in doubt is accepted",
                                              "a field with rivals",
                                              "a fork is told",
                                              "a gap is told",
                                              "a journal forked",
                                              "a ledger is replayed",
                                              "a page brings records",
                                              "a page is not the last",
                                              "a phone could not join",
                                              "a phone may not leave yet",
                                              "a phone takes another's place by code",
                                              "a phone takes another's place by voucher",
                                              "a receipt came back by hand",
                                              "a receipt is passed on",
                                              "a reset is sent",
                                              "a revision's number is used twice",
                                              "a season passes before a vouched phone is used",
                                              "a successor reads its predecessor's records",
                                              "a vouched phone is let in",
                                              "an act that failed was kept",
                                              "an officer is demoted",
                                              "an officer's phone has no voucher left",
                                              "in doubt: vouch_late",
                                              "in doubt: vouch_quota",
                                              "in doubt: vouch_revoked",
                                              "three conflicts of one field"};
  std::vector<std::string> out;
  const auto expect = [&](const std::string& mark) {
    if (!reached.contains(mark)) out.push_back(mark);
  };
  for (const char* mark : kExpected) expect(mark);
  for (int status = 0; status <= static_cast<int>(wire::VerdictStatus::kFull); ++status)
    expect("verdict " + std::to_string(status));
  for (std::uint32_t number = 1; number < 256; ++number) {
    if (!is_hold_reason(number)) continue;
    const std::string reason(hold_name(static_cast<HoldReason>(number)));
    if (!reached.contains("held on arrival: " + reason)) expect("held: " + reason);
  }
  return out;
}

}  // namespace phusa::sim
