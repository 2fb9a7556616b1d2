#include "core/merge/merge.hpp"
#include "tests/server/security/installation.hpp"

/// A person's right to be forgotten, beside everybody's right to figures that can be proven.
namespace phusa::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kName = "Nguyen-Van-Quen-Toi-Di";
constexpr const char* kNumber = "0987-654-321";
constexpr const char* kWords[] = {"loi-thu-nhat-cua-toi", "loi-thu-hai-cua-toi", "loi-thu-ba-cua-toi"};
constexpr const char* kTheirs = "loi-cua-nguoi-khac";

std::vector<std::string> notes_of(RemotePhone& phone) {
  std::vector<std::string> out;
  EXPECT_TRUE(phone.phone().for_each([&](const Phone::Shown& shown) -> Result<void> {
    const Register* reg = shown.state.find(FieldKind::kNote);
    if (reg != nullptr) out.push_back(reg->nodes.front().text);
    return {};
  }));
  std::sort(out.begin(), out.end());
  return out;
}

class ErasureOfWords : public testing::Test {
 protected:
  void SetUp() override {
    office_.start();
    token_ = office_.token();
    person_.join(office_.address(), office_.code("so_y_te"), {kName, kNumber, {}});
    other_.join(office_.address(), office_.code("so_y_te"), {"Somebody-Else", "", {}});
    officer_.join(office_.address(), office_.code("so_y_te", "officer"));
    for (const char* words : kWords) person_.log(10, words);
    other_.log(5, kTheirs);
    for (RemotePhone* phone : {&person_, &other_, &officer_}) ASSERT_EQ(phone->sync(office_.address()), "");
  }
  Outcome erase(const std::vector<std::string>& more) {
    std::vector<std::string> args{PHUSA_SERVER, "persons",
                                  "erase",      person_.phone().identity().device.hex(),
                                  "--data",     office_.data().string()};
    args.insert(args.end(), more.begin(), more.end());
    return run(args, {{"LC_ALL", "C.UTF-8"}});
  }
  void expect_gone_from_files() const {
    std::size_t theirs = 0;
    for (const auto& [name, bytes] : files_of(office_)) {
      for (const char* gone : {kName, kNumber, kWords[0], kWords[1], kWords[2]}) {
        EXPECT_EQ(bytes.find(gone), std::string::npos) << gone << " is still in " << name;
      }
      theirs += bytes.find(kTheirs) != std::string::npos;
    }
    EXPECT_GT(theirs, 0u) << "words are not looked for where they are";
  }
  std::string totals() { return ask(office_, "/v1/totals?by=unit,indicator", token_).body; }

  Office office_;
  std::string token_;
  RemotePhone person_, other_, officer_;
};

TEST_F(ErasureOfWords, TakesThemOutOfEveryFileAndLeavesEveryFigureProven) {
  const std::string before = totals();
  EXPECT_EQ(notes_of(officer_), (std::vector<std::string>{kTheirs, kWords[2], kWords[1], kWords[0]}));
  EXPECT_EQ(erase({}).status, 2);
  const Outcome erased = erase({"--yes"});
  ASSERT_EQ(erased.status, 0) << erased.err;
  EXPECT_THAT(erased.out, HasSubstr("3 record"));
  EXPECT_EQ(totals(), before);
  office_.command({"verify"});
  EXPECT_THAT(office_.command({"devices", "list", "--format", "csv"}), Not(HasSubstr(kName)));
  expect_gone_from_files();  // while it serves: the write-ahead log is a file too
  office_.stop();
  expect_gone_from_files();
  office_.start();
  office_.command({"verify"});
  EXPECT_EQ(totals(), before);
}

TEST_F(ErasureOfWords, PhonesSeeThemNoLongerAfterTheirNextSync) {
  ASSERT_EQ(erase({"--yes"}).status, 0);
  ASSERT_EQ(officer_.sync(office_.address()), "");
  EXPECT_EQ(notes_of(officer_), (std::vector<std::string>{"", "", "", kTheirs}));
  ASSERT_EQ(person_.sync(office_.address()), "");
  EXPECT_EQ(notes_of(person_), (std::vector<std::string>{"", "", ""}));
  // One reset, not one at every sync from now on.
  ASSERT_EQ(officer_.sync(office_.address()), "");
  const auto reply =
      *wire::decode_sync_reply(post_exchange(office_.address(), "/v1/sync", officer_.body()).body);
  EXPECT_FALSE(reply.reset);
  EXPECT_TRUE(reply.page.empty());
}

TEST_F(ErasureOfWords, WhatComesLaterIsErasedWhenAskedAgainAndWorkGoesOn) {
  ASSERT_EQ(erase({"--yes"}).status, 0);
  person_.log(1, "loi-den-sau");
  ASSERT_EQ(person_.sync(office_.address()), "");
  ASSERT_EQ(erase({"--yes"}).status, 0);
  ASSERT_EQ(officer_.sync(office_.address()), "");
  EXPECT_EQ(notes_of(officer_), (std::vector<std::string>{"", "", "", "", kTheirs}));
  const auto rows = nlohmann::json::parse(totals())["rows"];
  EXPECT_EQ(rows[0]["total"], "36");
  office_.command({"verify"});
}

}  // namespace
}  // namespace phusa::test
