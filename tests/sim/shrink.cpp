#include "tests/sim/shrink.hpp"

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
                                              "a conflict is shown",
                                              "a field with rivals",
                                              "a fork is told",
                                              "a gap is told",
                                              "a journal forked",
                                              "a ledger is replayed",
                                              "a page brings records",
                                              "a reset is sent",
                                              "an act that failed was kept",
                                              "held: code_not_valid",
                                              "held: day_in_future",
                                              "held: day_implausible",
                                              "held: foreign_unit",
                                              "held: label_clash",
                                              "held on arrival: missing_version",
                                              "held: outside_scope",
                                              "held: refused_by_office",
                                              "held: revoked",
                                              "held: unknown_code",
                                              "held: value_out_of_range",
                                              "held: vouch_late",
                                              "held: vouch_quota",
                                              "held: vouch_revoked",
                                              "a device in doubt is accepted",
                                              "a bundle sealed to an older key is taken",
                                              "a revision's number is used twice",
                                              "a phone may not leave yet",
                                              "a phone takes another's place by code",
                                              "a phone takes another's place by voucher",
                                              "a successor reads its predecessor's records",
                                              "a vouched phone is let in",
                                              "an officer is demoted",
                                              "an officer's phone has no voucher left",
                                              "three conflicts of one field",
                                              "verdict 0",
                                              "verdict 1",
                                              "verdict 2",
                                              "verdict 3"};
  std::vector<std::string> out;
  for (const char* mark : kExpected) {
    if (!reached.contains(mark)) out.emplace_back(mark);
  }
  return out;
}

}  // namespace phusa::sim
