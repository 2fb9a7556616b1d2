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
    const auto seen = std::count_if(std::begin(kTree), std::end(kTree),
                                    [&](const TreeUnit& unit) { return is_within(unit.code, holder.code); });
    EXPECT_EQ(status.value("units", ""), std::to_string(seen));
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
    const auto held = nlohmann::json::parse(ask(office_, "/v1/held", token_of(holder.code)).body)["items"];
    std::size_t expected = 0;
    for (std::size_t i = 0; i < kUnits; ++i) {
      const std::string other = kTree[(i + 1) % kUnits].code;
      const bool foreign = !is_within(other, kTree[i].code);
      expected += foreign && (is_within(other, holder.code) || is_within(kTree[i].code, holder.code));
    }
    EXPECT_EQ(held.size(), expected) << holder.code << held.dump();
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
  auto request = *wire::decode_sync_request(office_phone.body());
  const auto first =
      *wire::decode_sync_reply(post_exchange(office_.address(), "/v1/sync", office_phone.body()).body);
  EXPECT_FALSE(first.page.empty());
  auto stolen = *wire::decode_sync_request(volunteer.body());
  for (const Bytes& cursor : {first.cursor, Bytes(), Bytes("x"), Bytes(40, '\xff')}) {
    stolen.cursor = cursor;
    const auto reply = wire::decode_sync_reply(
        post_exchange(office_.address(), "/v1/sync", wire::encode_sync_request(stolen)).body);
    if (reply) {
      EXPECT_TRUE(reply->page.empty());
    }
  }
}

}  // namespace
}  // namespace phusa::test
