#include "core/merge/merge.hpp"
#include "sync-server/ingest/verify.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

namespace phusa::test {
namespace {

constexpr std::uint32_t kDecember = 12;
const FieldKey kTrees = FieldKey::value_of(IndicatorNo{0});
const FieldKey kGuests = FieldKey::value_of(IndicatorNo{2});

/// One thing that somebody does; the numbers choose who, to which record and what.
struct Act {
  int what = 0;
  int who = 0;
  int which = 0;
  int value = 0;
};

std::ostream& operator<<(std::ostream& out, const Act& act) {
  return out << "{" << act.what << ", " << act.who << ", " << act.which << ", " << act.value << "}";
}

rc::Gen<Act> any_act() {
  return rc::gen::build<Act>(
      rc::gen::set(&Act::what, rc::gen::inRange(0, 20)), rc::gen::set(&Act::who, rc::gen::inRange(0, 6)),
      rc::gen::set(&Act::which, rc::gen::inRange(0, 8)), rc::gen::set(&Act::value, rc::gen::inRange(0, 40)));
}

/// Volunteers of two units, an officer, the office, and a copy of the first phone; a server that they talk to
/// now and then. All that they seal is kept.
class Story {
 public:
  explicit Story(TestServer& server) : server_(server) {
    phones_.emplace_back(1, Rank::kVolunteer, "a1");
    phones_.emplace_back(2, Rank::kVolunteer, "b");
    phones_.emplace_back(3, Rank::kOfficer, "a");
    phones_.emplace_back(4, Rank::kOffice, "root");
    phones_.emplace_back(5, Rank::kVolunteer, "a");
    enrol_all(server);
    for (FakePhone& phone : phones_) RC_ASSERT(phone.sync(server.engine()).has_value());
    phones_.push_back(phones_[0]);  // copied, key and all
    phones_.back().reopen();
  }

  void enrol_all(TestServer& server) {
    for (int i = 0; i < 5; ++i) server.enrol(phones_[static_cast<std::size_t>(i)]);
  }

  void act(const Act& act) {
    FakePhone& phone = phones_[static_cast<std::size_t>(act.who)];
    if (act.what <= 3 || records_.empty()) return log(phone, act);
    const RecordId record = records_[static_cast<std::size_t>(act.which) % records_.size()];
    switch (act.what) {
      case 4:
      case 5:
        return phone.edit(
            record, kTrees,
            act.value % 7 == 0 ? Bytes() : value::of_amount({act.value * 200, Qualifier::kExact}));
      case 6:
        return phone.edit(record, FieldKind::kUnit,
                          value::of_number(static_cast<std::uint32_t>(act.value) % 5));
      case 7:
        return phone.retract(record);
      case 8:
        return phone.restore(record);
      case 9:
        return phone.edit(record, FieldKind::kDay, value::of_day(day(act.value)));
      case 10:
        return phone.review(record, static_cast<ReviewState>(act.value % 3));
      case 11:
        return phone.edit(record, FieldKind::kNote, {}, "word " + std::to_string(act.value));
      case 12:
        return phone.edit(record, FieldKind::kCampaigns,
                          value::of_numbers({static_cast<std::uint32_t>(act.value) % 3}));
      case 13:
        return phone.seal();
      case 14:
        return phone.edit(record, kGuests, value::of_amount({act.value, Qualifier::kMore}));
      default:
        RC_ASSERT(phone.sync(server_.engine()).has_value());
    }
  }

  void end() {
    for (FakePhone& phone : phones_) phone.seal();
    for (int round = 0; round < 2; ++round) {
      for (FakePhone& phone : phones_) RC_ASSERT(phone.sync(server_.engine()).has_value());
    }
  }

  struct Sent {
    PublicKey device;
    Bytes batch;
  };
  std::vector<Sent> everything() const {
    std::vector<Sent> out;
    for (const FakePhone& phone : phones_) {
      for (const SealedByPhone& batch : phone.sealed) out.push_back({phone.key(), batch.whole});
    }
    return out;
  }
  const std::vector<FakePhone>& phones() const { return phones_; }
  const std::vector<RecordId>& records() const { return records_; }

 private:
  static Day day(int value) {
    // Some in the closed part of a campaign, some far ahead, some before there was anything to count.
    if (value % 10 == 9) return Day(std::chrono::year(2030) / kDecember / 1);
    if (value % 10 == 8) return Day(std::chrono::year(1990) / 1 / 1);
    return Day(std::chrono::year(2026) / (value % 2 == 0 ? 3 : 2) / 10) + std::chrono::days(value % 4);
  }

  void log(FakePhone& phone, const Act& act) {
    LogContent content;
    content.unit = static_cast<std::uint32_t>(act.which) % 4;
    content.day = day(act.value);
    if (act.value % 3 == 0) content.campaigns = {2};
    if (act.value % 4 == 0) content.labels = {static_cast<std::uint32_t>(act.value % 8 == 0)};
    content.values[0] = {act.value * 150, Qualifier::kExact};
    if (act.value % 5 == 0 && !records_.empty()) {
      content.event = records_.front();
      content.values[2] = {act.value, Qualifier::kExact};
    }
    records_.push_back(phone.log(content));
  }

  TestServer& server_;
  std::vector<FakePhone> phones_;
  std::vector<RecordId> records_;
};

std::vector<std::string> difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> out;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

// Laws 3 and 4.
RC_GTEST_PROP(Convergence, AnyOrderGroupingAndRepetitionGivesTheSameLedger, ()) {
  const auto count = *rc::gen::resize(100, rc::gen::inRange<std::size_t>(0, 160));
  const auto acts = *rc::gen::container<std::vector<Act>>(count, any_act());
  TestServer lived;
  Story story(lived);
  for (const Act& act : acts) story.act(act);
  story.end();
  auto sent = story.everything();

  TestServer other;
  story.enrol_all(other);
  const auto repeats = *rc::gen::inRange<std::size_t>(0, 4);
  for (std::size_t i = 0; i < repeats && i < sent.size(); ++i) sent.push_back(sent[i]);
  std::vector<std::size_t> order(sent.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.u64() % i]);
  for (const std::size_t i : order) other.deliver(sent[i].device, {sent[i].batch});

  const auto concluded = lived.conclusions();
  const auto starts = [&](const char* with) {
    return std::any_of(concluded.begin(), concluded.end(),
                       [&](const std::string& line) { return line.starts_with(with); });
  };
  RC_CLASSIFY(starts("held "), "something is held");
  RC_CLASSIFY(sent.size() > 12, "more than 12 batches");
  const auto left = difference(concluded, other.conclusions());
  for (const std::string& line : left) RC_LOG() << line << "\n";
  RC_ASSERT(left.empty());

  // Law 6: what was kept up to date step by step is what a replay and a recount give.
  for (TestServer* server : {&lived, &other}) {
    const ingest::VerifyReport report = server->verify();
    for (const std::string& line : report.differences) RC_LOG() << line << "\n";
    RC_ASSERT(report.differences_found == 0u);
  }

  // What a phone shows after all is said is what the server says.
  for (const FakePhone& phone : story.phones()) {
    for (const auto& [record, base] : phone.base) {
      // Its own held edits a phone goes on showing.
      const std::string ref = format_ref(ref_of(record));
      if (std::any_of(concluded.begin(), concluded.end(), [&](const std::string& line) {
            return line.starts_with("held ") && line.find(ref) != std::string::npos;
          })) {
        continue;
      }
      const RecordState shown = phone.displayed(record);
      for (const Register& reg : shown.registers) {
        RC_ASSERT(reg.nodes.front().version.counts == merge::winner(base, reg.field)->version.counts);
      }
    }
  }
}

}  // namespace
}  // namespace phusa::test
