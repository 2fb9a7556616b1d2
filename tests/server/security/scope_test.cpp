#include "core/merge/merge.hpp"
#include "tests/server/security/installation.hpp"

/// No door shows a unit's records to anybody but those above it.
namespace phusa::test {
namespace {

struct TreeUnit {
  const char* code;
  const char* parent;
};
constexpr TreeUnit kTree[] = {{"root", ""},      {"north", "root"}, {"east", "north"},
                              {"west", "north"}, {"south", "root"}, {"delta", "south"}};
constexpr std::size_t kUnits = std::size(kTree);

std::string units_csv() {
  std::string out;
  for (const TreeUnit& unit : kTree)
    out += std::string(unit.code) + ",Unit " + unit.code + ",u," + unit.parent + ",,,,\n";
  return out;
}

bool is_within(std::string unit, const std::string& above) {
  for (;;) {
    if (unit == above) return true;
    const auto* at =
        std::find_if(std::begin(kTree), std::end(kTree), [&](const TreeUnit& u) { return unit == u.code; });
    if (at->parent[0] == '\0') return false;
    unit = at->parent;
  }
}

/// A record of its own in each unit, of a campaign, its figure a power of two: any sum says which units are
/// in it.
std::int64_t figure_of(std::size_t unit) {
  return std::int64_t{1} << unit;
}

/// Of the first units, in the order in which they synced.
std::int64_t visible_sum(const std::string& above, std::size_t units = kUnits) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < units; ++i) sum += is_within(kTree[i].code, above) ? figure_of(i) : 0;
  return sum;
}

class ScopeEscape : public testing::Test {
 protected:
  void SetUp() override {
    office_.start();
    const std::string token = office_.token();
    for (std::size_t i = 0; i < kUnits; ++i) {
      RemotePhone volunteer;
      volunteer.join(office_.address(), office_.code(kTree[i].code));
      const Draft draft{
          {FieldKind::kUnit, value::of_number(static_cast<std::uint32_t>(i))},
          {FieldKind::kKind, value::of_number(0)},
          {FieldKind::kDay, value::of_day(Day(std::chrono::year(2023) / 6 / 10))},
          {FieldKind::kCampaigns, value::of_numbers({0})},
          {FieldKey::value_of(IndicatorNo{0}), value::of_amount({figure_of(i), Qualifier::kExact})}};
      ASSERT_TRUE(volunteer.phone().log({&draft, 1}));
      ASSERT_EQ(volunteer.sync(office_.address()), "");
      points_.push_back(nlohmann::json::parse(ask(office_, "/v1/totals", token).body).value("as_of", ""));
    }
  }
  std::string token_of(const std::string& unit) const {
    return nlohmann::json::parse(office_.command({"token", "--unit", unit, "--format", "json"}))
        .value("token", "");
  }

  void expect_pages(const std::string& holder, const std::string& token) const;

  Office office_{units_csv()};
  std::vector<std::string> points_;  ///< where the ledger stood after each unit's record
};

std::size_t units_within(const std::string& above) {
  return static_cast<std::size_t>(std::count_if(
      std::begin(kTree), std::end(kTree), [&](const TreeUnit& unit) { return is_within(unit.code, above); }));
}

/// What /v1/status says of a holder's units, where each unit has so many devices.
void expect_status(const nlohmann::json& status, const std::string& holder, std::size_t devices_each) {
  EXPECT_EQ(status.value("units", ""), std::to_string(units_within(holder)));
  EXPECT_EQ(status.value("devices", ""), std::to_string(units_within(holder) * devices_each)) << holder;
  EXPECT_EQ(status["syncs"].size(), units_within(holder)) << holder;
  for (const auto& sync : status["syncs"]) {
    EXPECT_TRUE(is_within(sync.value("unit", ""), holder)) << holder << sync.dump();
    EXPECT_EQ(sync.value("devices", ""), std::to_string(devices_each)) << holder << sync.dump();
  }
}

std::int64_t sum_of(const nlohmann::json& rows, const char* key) {
  std::int64_t sum = 0;
  for (const auto& row : rows) sum += std::stoll(row.value(key, "0"));
  return sum;
}

/// Page by page, and from any place on that its reader makes up.
void ScopeEscape::expect_pages(const std::string& holder, const std::string& token) const {
  std::int64_t sum = 0;
  for (std::string after = "0"; !after.empty();) {
    const RawReply reply = ask(office_, "/v1/lines?campaign=xanh&limit=2&after=" + after, token);
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto json = nlohmann::json::parse(reply.body);
    sum += sum_of(json["lines"], "amount");
    after = json.value("next", "");
  }
  EXPECT_EQ(sum, visible_sum(holder));
  for (const char* after : {"1", "2", "3", "4294967295", "4294967296", "18446744073709551615"}) {
    const RawReply reply = ask(office_, std::string("/v1/lines?after=") + after, token);
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto json = nlohmann::json::parse(reply.body);
    for (const auto& line : json["lines"])
      EXPECT_TRUE(is_within(line.value("unit", ""), holder)) << line.dump();
  }
}

TEST_F(ScopeEscape, EveryEndpointForEveryPairOfUnits) {
  for (const TreeUnit& holder : kTree) {
    const std::string token = token_of(holder.code);
    for (const TreeUnit& asked : kTree) {
      const bool may = is_within(asked.code, holder.code);
      for (const std::string path : {"/v1/totals?unit=", "/v1/lines?unit="}) {
        const RawReply reply = ask(office_, path + asked.code, token);
        EXPECT_EQ(reply.status, may ? 200 : 403) << path << asked.code << " by " << holder.code;
        if (!may) continue;
        const auto json = nlohmann::json::parse(reply.body);
        const bool totals = path.starts_with("/v1/totals");
        EXPECT_EQ(sum_of(json[totals ? "rows" : "lines"], totals ? "total" : "amount"),
                  visible_sum(asked.code))
            << reply.body;
      }
    }
    // What asks for no unit shows the holder's own, under every grouping and filter.
    for (const char* query :
         {"", "?by=unit", "?by=unit,indicator,kind,month,review", "?by=campaign", "?review=all",
          "?from=2000-01-01", "?kind=planting", "?indicator=trees", "?campaign=xanh"}) {
      const RawReply reply = ask(office_, std::string("/v1/totals") + query, token);
      ASSERT_EQ(reply.status, 200) << query;
      EXPECT_EQ(sum_of(nlohmann::json::parse(reply.body)["rows"], "total"), visible_sum(holder.code))
          << query;
    }
    for (std::size_t i = 0; i < kUnits; ++i) {
      const RawReply reply = ask(office_, "/v1/totals?as_of=" + points_[i], token);
      ASSERT_EQ(reply.status, 200) << reply.body;
      EXPECT_EQ(sum_of(nlohmann::json::parse(reply.body)["rows"], "total"), visible_sum(holder.code, i + 1))
          << reply.body;
    }
    expect_pages(holder.code, token);
    const auto status = nlohmann::json::parse(ask(office_, "/v1/status", token).body);
    expect_status(status, holder.code, 1);
    for (const char* none : {"held_records", "held_changes", "held_batches"})
      EXPECT_EQ(status.value(none, ""), "0") << none;
    EXPECT_EQ(ask(office_, "/v1/held?unit=root", token).status, 400);
    EXPECT_EQ(ask(office_, "/v1/status?unit=root", token).status, 400);
  }
}

TEST_F(ScopeEscape, HeldListsShowWhatIsBelowTheHolderOnly) {
  // Each volunteer logs into every other unit: held, and shown to those above either of the two.
  for (std::size_t i = 0; i < kUnits; ++i) {
    RemotePhone volunteer;
    volunteer.join(office_.address(), office_.code(kTree[i].code));
    for (std::size_t other = 0; other < kUnits; ++other)
      if (other != i) volunteer.log(5, "", static_cast<std::uint32_t>(other));
    ASSERT_EQ(volunteer.sync(office_.address()), "");
  }
  for (const TreeUnit& holder : kTree) {
    const std::string token = token_of(holder.code);
    const auto held = nlohmann::json::parse(ask(office_, "/v1/held", token).body)["items"];
    std::size_t expected = 0;
    for (const TreeUnit& own : kTree) {
      for (const TreeUnit& other : kTree) {
        const bool foreign = !is_within(other.code, own.code);
        expected += foreign && (is_within(other.code, holder.code) || is_within(own.code, holder.code));
      }
    }
    EXPECT_EQ(held.size(), expected) << holder.code << held.dump();
    const auto status = nlohmann::json::parse(ask(office_, "/v1/status", token).body);
    expect_status(status, holder.code, 2);
    std::map<std::string, std::size_t> kinds{{"record", 0}, {"change", 0}, {"batch", 0}};
    for (const auto& item : held) ++kinds[item.value("what", "")];
    EXPECT_EQ(status.value("held_records", ""), std::to_string(kinds["record"])) << holder.code;
    EXPECT_EQ(status.value("held_changes", ""), std::to_string(kinds["change"])) << holder.code;
    EXPECT_EQ(status.value("held_batches", ""), std::to_string(kinds["batch"])) << holder.code;
  }
}

TEST_F(ScopeEscape, TheFeedForEveryPairOfUnits) {
  for (const TreeUnit& holder : kTree) {
    RemotePhone officer;
    officer.join(office_.address(), office_.code(holder.code, "officer"));
    ASSERT_EQ(officer.sync(office_.address()), "");
    std::int64_t sum = 0;
    ASSERT_TRUE(officer.phone().for_each([&](const Phone::Shown& shown) -> Result<void> {
      const auto figure =
          value::amount(merge::winning_value(shown.state, FieldKey::value_of(IndicatorNo{0})));
      sum += figure ? figure->value : 0;
      return {};
    }));
    EXPECT_EQ(sum, visible_sum(holder.code)) << holder.code;
  }
  RemotePhone volunteer;
  volunteer.join(office_.address(), office_.code("root"));
  ASSERT_EQ(volunteer.sync(office_.address()), "");
  std::size_t records = 0;
  ASSERT_TRUE(volunteer.phone().for_each([&](const Phone::Shown&) -> Result<void> {
    ++records;
    return {};
  }));
  EXPECT_EQ(records, 0u);
}

/// A cursor is the server's own bytes, but whoever holds it can say anything.
TEST_F(ScopeEscape, ACursorOfSomebodyWhoSeesMoreShowsNoMore) {
  RemotePhone office_phone;
  office_phone.join(office_.address(), office_.code("root", "office"));
  RemotePhone volunteer;
  volunteer.join(office_.address(), office_.code("east"));
  const auto sent = [&](const wire::SyncRequest& request) {
    const RawReply reply = post_exchange(office_.address(), "/v1/sync", wire::encode_sync_request(request));
    EXPECT_EQ(reply.status, 200) << reply.body;
    const auto decoded = wire::decode_sync_reply(reply.body);
    EXPECT_TRUE(decoded);
    return decoded ? *decoded : wire::SyncReply();
  };
  auto request = *wire::decode_sync_request(office_phone.body());
  const wire::SyncReply first = sent(request);
  EXPECT_FALSE(first.page.empty());
  EXPECT_FALSE(first.more) << "the cursor is not at the head";
  // After it, something that the office sees and the volunteer does not.
  RemotePhone elsewhere;
  elsewhere.join(office_.address(), office_.code("south"));
  elsewhere.log(1000, "", 4);
  ASSERT_EQ(elsewhere.sync(office_.address()), "");
  request.cursor = first.cursor;
  EXPECT_FALSE(sent(request).page.empty()) << "nothing lies behind the cursor, and this tests nothing";
  auto stolen = *wire::decode_sync_request(volunteer.body());
  for (const Bytes& cursor : {first.cursor, Bytes(), Bytes("x"), Bytes(40, '\xff')}) {
    stolen.cursor = cursor;
    EXPECT_TRUE(sent(stolen).page.empty()) << to_hex(cursor);
  }
}

}  // namespace
}  // namespace phusa::test
