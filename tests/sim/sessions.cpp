#include "tests/sim/verdict.hpp"

namespace phusa::sim {
namespace {

Plan scripted(std::vector<std::string> people, const std::vector<std::pair<Kind, std::uint32_t>>& script,
              std::uint64_t seed = 2026) {
  Plan plan;
  plan.seed = seed;
  plan.climate.verify = true;
  plan.people = std::move(people);
  Dice dice(plan.seed, "script");
  for (const auto& [kind, who] : script) plan.events.push_back({kind, who, dice.u64()});
  return plan;
}

}  // namespace

std::vector<Session> scripted_sessions() {
  std::vector<Session> out;
  out.push_back(
      {"first join and push",
       scripted({"volunteer a1"},
                {{Kind::kLog, 0}, {Kind::kLog, 0}, {Kind::kSync, 0}, {Kind::kLog, 0}, {Kind::kSync, 0}})});
  out.push_back({"edits of three ranks and their conflict",
                 scripted({"volunteer a1", "officer a", "office root"}, {{Kind::kLog, 0},
                                                                         {Kind::kSync, 0},
                                                                         {Kind::kSync, 1},
                                                                         {Kind::kSync, 2},
                                                                         {Kind::kEdit, 0},
                                                                         {Kind::kEdit, 1},
                                                                         {Kind::kEdit, 2},
                                                                         {Kind::kSync, 1},
                                                                         {Kind::kSync, 0},
                                                                         {Kind::kReview, 2},
                                                                         {Kind::kSync, 2},
                                                                         {Kind::kSync, 0}})});
  Plan pages = scripted({"volunteer a1", "officer a"}, {{Kind::kLog, 0},
                                                        {Kind::kLog, 0},
                                                        {Kind::kLog, 0},
                                                        {Kind::kSync, 0},
                                                        {Kind::kServerBackup, 0},
                                                        {Kind::kSync, 1},
                                                        {Kind::kLog, 1},
                                                        {Kind::kSync, 1},
                                                        {Kind::kServerRestored, 0},
                                                        {Kind::kLog, 0},
                                                        {Kind::kSync, 0},
                                                        {Kind::kSync, 1}});
  pages.climate.page_bytes = 80;
  out.push_back({"pages, and a reset between them", std::move(pages)});
  out.push_back({"many at once, and the office among them",
                 scripted({"volunteer a1", "volunteer a2", "officer a"}, {{Kind::kLog, 0},
                                                                          {Kind::kLog, 1},
                                                                          {Kind::kLog, 2},
                                                                          {Kind::kTogether, 0},
                                                                          {Kind::kOpenCode, 0},
                                                                          {Kind::kMoveUnit, 0},
                                                                          {Kind::kEdit, 1},
                                                                          {Kind::kEdit, 2},
                                                                          {Kind::kTogether, 0},
                                                                          {Kind::kSync, 2},
                                                                          {Kind::kSync, 0}})});
  out.push_back(
      {"a restored phone offers again", scripted({"volunteer a1", "officer a"}, {{Kind::kLog, 0},
                                                                                 {Kind::kPhoneBackup, 0},
                                                                                 {Kind::kServerBackup, 0},
                                                                                 {Kind::kLog, 0},
                                                                                 {Kind::kSync, 0},
                                                                                 {Kind::kSync, 1},
                                                                                 {Kind::kPhoneRestored, 0},
                                                                                 {Kind::kLog, 0},
                                                                                 {Kind::kSync, 0},
                                                                                 {Kind::kServerRestored, 0},
                                                                                 {Kind::kSync, 0},
                                                                                 {Kind::kSync, 1}})});
  out.push_back({"a bundle goes by hand, its receipt comes back",
                 scripted({"volunteer a1", "volunteer a2"},
                          {{Kind::kSync, 1},
                           {Kind::kErrand, 0},
                           {Kind::kEdit, 0},
                           {Kind::kHandOver, 0},
                           {Kind::kCarry, 1},
                           {Kind::kSync, 1},
                           {Kind::kSync, 0}},
                          11),
                 {"a bundle is taken", "a receipt came back by hand"}});
  out.push_back({"vouched for, brought to town, and a phone left",
                 scripted({"officer a", "volunteer a1"},
                          {{Kind::kSync, 0},
                           {Kind::kVouch, 0},
                           {Kind::kLog, 2},
                           {Kind::kSync, 2},
                           {Kind::kSync, 0},
                           {Kind::kLog, 1},
                           {Kind::kSync, 1},
                           {Kind::kLeave, 1},
                           {Kind::kSync, 0}},
                          12),
                 {"a vouched phone is let in", "a bundle brings a vouched phone's chain", "phone left"}});
  return out;
}

}  // namespace phusa::sim
