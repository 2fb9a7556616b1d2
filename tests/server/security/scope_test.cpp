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

/// A record of its own in each unit, its figure a power of two: any sum says which units are in it.
std::int64_t figure_of(std::size_t unit) {
  return std::int64_t{1} << unit;
}

std::int64_t visible_sum(const std::string& above) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kUnits; ++i) sum += is_within(kTree[i].code, above) ? figure_of(i) : 0;
  return sum;
}

class ScopeEscape : public testing::Test {
 protected:
  void SetUp() override {
    office_.start();
    for (std::size_t i = 0; i < kUnits; ++i) {
      RemotePhone volunteer;
      volunteer.join(office_.address(), office_.code(kTree[i].code));
      volunteer.log(figure_of(i), "", static_cast<std::uint32_t>(i));
      ASSERT_EQ(volunteer.sync(office_.address()), "");
    }
  }
  std::string token_of(const std::string& unit) const {
    return nlohmann::json::parse(office_.command({"token", "--unit", unit, "--format", "json"}))
        .value("token", "");
  }

  Office office_{units_csv()};
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
    for (const char* query : {"", "?by=unit", "?by=unit,indicator,kind,month,review", "?by=campaign",
                              "?review=all", "?from=2000-01-01", "?kind=planting", "?indicator=trees"}) {
      const RawReply reply = ask(office_, std::string("/v1/totals") + query, token);
      ASSERT_EQ(reply.status, 200) << query;
      EXPECT_EQ(sum_of(nlohmann::json::parse(reply.body)["rows"], "total"), visible_sum(holder.code))
          << query;
    }
    const auto status = nlohmann::json::parse(ask(office_, "/v1/status", token).body);
    expect_status(status, holder.code, 1);
    for (const char* none : {"held_records", "held_changes", "held_batches"})
      EXPECT_EQ(status.value(none, ""), "0") << none;
    EXPECT_EQ(ask(office_, "/v1/held?unit=root", token).status, 400);
    EXPECT_EQ(ask(office_, "/v1/status?unit=root", token).status, 400);
  }
}

TEST_F(ScopeEscape, HeldListsShowWhatIsBelowTheHolderOnly) {
  // Each volunteer logs into the unit beside its own: held, and shown to those above either of the two.
  for (std::size_t i = 0; i < kUnits; ++i) {
    const std::size_t other = (i + 1) % kUnits;
    RemotePhone volunteer;
    volunteer.join(office_.address(), office_.code(kTree[i].code));
    volunteer.log(5, "", static_cast<std::uint32_t>(other));
    ASSERT_EQ(volunteer.sync(office_.address()), "");
  }
  for (const TreeUnit& holder : kTree) {
    const std::string token = token_of(holder.code);
    const auto held = nlohmann::json::parse(ask(office_, "/v1/held", token).body)["items"];
    std::size_t expected = 0;
    for (std::size_t i = 0; i < kUnits; ++i) {
      const std::string other = kTree[(i + 1) % kUnits].code;
      const bool foreign = !is_within(other, kTree[i].code);
      expected += foreign && (is_within(other, holder.code) || is_within(kTree[i].code, holder.code));
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
