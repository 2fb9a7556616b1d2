#include "tests/sim/verdict.hpp"

namespace phusa::sim {
namespace {

Plan scripted(std::vector<std::string> people, const std::vector<std::pair<Kind, std::uint32_t>>& script) {
  Plan plan;
  plan.seed = 2026;
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
  return out;
}

}  // namespace phusa::sim
