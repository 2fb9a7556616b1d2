#include "core/base/limits.hpp"
#include "tests/server/security/installation.hpp"

#include <cstdlib>

/// What people write is data: to the database, to a spreadsheet, to a page, to a parser.
namespace phusa::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kNames[] = {"Robert'); DROP TABLE persons;--", "a\" OR \"1\"=\"1",
                                  "%' UNION SELECT key FROM meta --", "Nguyễn \"Tí\" O'Hara; SELECT 1"};

class Injection : public testing::Test {
 protected:
  void SetUp() override { office_.start(); }
  Office office_;
};

TEST_F(Injection, QuotesInNamesAndNotesAreLetters) {
  std::int64_t logged = 0;
  for (const char* name : kNames) {
    RemotePhone phone;
    phone.join(office_.address(), office_.code("so_y_te"), {name, name, {}});
    phone.log(1, name);
    ++logged;
    ASSERT_EQ(phone.sync(office_.address()), "");
    EXPECT_THAT(office_.command({"devices", "list", "--format", "json"}),
                HasSubstr(nlohmann::json(name).dump()));
  }
  const auto totals = nlohmann::json::parse(ask(office_, "/v1/totals", office_.token()).body);
  EXPECT_EQ(totals["rows"][0]["total"], std::to_string(logged));
  office_.command({"verify"});
}

TEST_F(Injection, QuotesInParametersNameNothing) {
  const std::string token = office_.token();
  const std::string nasty = "%27%20OR%201=1;%20DROP%20TABLE%20records;--";
  for (const char* parameter :
       {"by", "unit", "indicator", "campaign", "kind", "from", "to", "review", "as_of", "after", "limit"}) {
    for (const char* path : {"/v1/totals", "/v1/lines", "/v1/held", "/v1/status"}) {
      const RawReply reply = ask(office_, std::string(path) + "?" + parameter + "=" + nasty, token);
      EXPECT_TRUE(reply.status == 400 || reply.status == 404) << path << " " << parameter << reply.status;
    }
  }
  for (const std::string& wrong : {std::string("' OR '1'='1"), std::string("\" OR 1=1 --"), token + "' --"}) {
    EXPECT_EQ(ask(office_, "/v1/totals", wrong).status, 401);
  }
  office_.command({"verify"});
}

/// A spreadsheet obeys a cell that starts so, also inside quotes.
TEST_F(Injection, NoExportedCellIsAFormula) {
  const std::string formulas[] = {"=HYPERLINK(\"http://evil\",\"x\")",
                                  "+cmd|' /C calc'!A0",
                                  "-2+3+cmd|' /C calc'!A0",
                                  "@SUM(1+1)*cmd|' /C calc'!A0",
                                  "\t=1+1",
                                  "=1+1"};
  for (const std::string& formula : formulas) {
    RemotePhone phone;
    phone.join(office_.address(), office_.code("so_y_te"), {formula, "+84 912 345 678", {}});
  }
  const std::string csv = office_.command({"devices", "list", "--format", "csv"});
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) {
      if (cell.starts_with('"')) cell.erase(0, 1);
      const bool is_phone = cell == "+84 912 345 678";
      EXPECT_TRUE(is_phone || cell.find_first_of("=+-@\t") != 0) << line;
    }
  }
  EXPECT_THAT(csv, HasSubstr("'=HYPERLINK"));
  EXPECT_THAT(csv, HasSubstr(",+84 912 345 678,"));  // digits compute nothing
}

/// A phone may name what no catalogue has: held, it is listed all the same, by its number.
TEST_F(Injection, NumbersBeyondTheCatalogueAreHeldAndListed) {
  constexpr std::uint32_t kBeyond = 1'000'000;
  RemotePhone phone;
  phone.join(office_.address(), office_.code("so_y_te"));
  for (const std::uint32_t known : {0u, 1u, 2u}) {
    const auto number = [&](std::uint32_t which) { return which == known ? 0 : kBeyond; };
    const Draft draft{{FieldKind::kUnit, value::of_number(number(0))},
                      {FieldKind::kKind, value::of_number(number(1))},
                      {FieldKind::kDay, value::of_day(Day(std::chrono::year(2023) / 6 / 10))},
                      {FieldKey::value_of(IndicatorNo{number(2)}), value::of_amount({7, Qualifier::kExact})}};
    ASSERT_TRUE(phone.phone().log({&draft, 1}).has_value());
  }
  ASSERT_EQ(phone.sync(office_.address()), "");
  const RawReply reply = ask(office_, "/v1/lines", office_.token());
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto lines = nlohmann::json::parse(reply.body)["lines"];
  ASSERT_EQ(lines.size(), 3u);
  for (const auto& line : lines) EXPECT_EQ(line["held"], "unknown_code");
  EXPECT_EQ(lines[0]["indicator"], "#1000000");
  EXPECT_EQ(lines[1]["unit"], "#1000000");
  EXPECT_EQ(lines[2]["kind"], "#1000000");
  for (const char* format : {"table", "csv", "json"})
    EXPECT_THAT(office_.command({"totals", "--lines", "--format", format}), HasSubstr("#1000000"));
  office_.command({"held"});
  office_.command({"verify"});
}

/// Groups and messages inside one another, to unwind a parser's stack; unknown fields are passed over, not
/// climbed into.
TEST_F(Injection, NestingWithoutEndIsRefused) {
  const std::size_t deep = 200'000;
  Bytes groups(wire::kBodyMagic);
  groups.append(deep, '\x7b');  // field 15 begins a group
  Bytes messages;
  for (std::size_t i = 0; messages.size() < limits::kRequestBytesMax - 64 && i < deep; ++i) {
    Bytes outer(1, '\x1a');  // field 3, a message
    put_varint(outer, messages.size());
    messages = outer + messages;
    if (i > 2'000) break;
  }
  for (const char* path : {"/v1/sync", "/v1/enrol"}) {
    for (const Bytes& body : {groups, Bytes(wire::kBodyMagic) + messages}) {
      const RawReply reply = post_exchange(office_.address(), path, body);
      EXPECT_GE(reply.status, 400) << path;
      EXPECT_LT(reply.status, 500) << path;
    }
  }
  EXPECT_EQ(talk(office_.address(), get("/healthz")).status, 200);
}

/// A body of the greatest size, all of it the smallest parts: what it unpacks to stays in bounds.
// What HTTP alone takes for a body is some 8 times its size; half a million messages of a few dozen bytes
// would be far more.
TEST_F(Injection, MillionsOfEmptyPartsCostNoMemory) {
#ifdef __SANITIZE_THREAD__
  constexpr double kBodiesMax = 16 * 5;  // beside each byte it keeps four, of who touched it last
#else
  constexpr double kBodiesMax = 16;
#endif
  constexpr double kBodyMib = static_cast<double>(limits::kRequestBytesMax) / (1024 * 1024);
  office_.stop();
  // A sanitizer keeps what was given back, and its peak would be the sum of all bodies.
  ::setenv("ASAN_OPTIONS", "quarantine_size_mb=0:thread_local_quarantine_size_kb=0", 1);
  office_.start();
  ::unsetenv("ASAN_OPTIONS");
  const double before = office_.process().resident_peak_mib();
  for (const char field : {'\x1a', '\x22', '\x2a', '\x32', '\x3a', '\x42', '\x4a', '\x52', '\x5a'}) {
    Bytes body(wire::kBodyMagic);
    while (body.size() + 2 <= limits::kRequestBytesMax) body += {field, '\0'};
    for (const char* path : {"/v1/sync", "/v1/enrol"}) {
      EXPECT_LT(post_exchange(office_.address(), path, body).status, 500);
    }
  }
  EXPECT_LT(office_.process().resident_peak_mib() - before, kBodiesMax * kBodyMib);
}

}  // namespace
}  // namespace phusa::test
