#include "tests/e2e/cli/stage.hpp"

#include <sys/stat.h>

namespace phusa::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Files from hand to hand. What they are good for in the end is told by the stories; here, what goes wrong.
class Carrying : public Stage {
 protected:
  std::string at(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string bytes(const std::string& name) const {
    std::ifstream in(at(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  bool is_there(const std::string& name) const { return std::filesystem::exists(at(name)); }
  static std::vector<std::string> log_trees() { return {"log", "--kind", "tree_planting", "trees=10"}; }
};

TEST_F(Carrying, AHandOverFileIsWholeItsOwnersAndNeverWrittenOver) {
  const auto device = joined("volunteer", unit());
  const auto nothing = device({"handover", at("out")});
  EXPECT_EQ(nothing.status, 0) << nothing.err;
  EXPECT_FALSE(is_there("out")) << "no file for nothing";
  device.ok(log_trees());
  const auto carried = device({"handover", at("out"), "--carried-only"});
  EXPECT_EQ(carried.status, 0) << carried.err;
  EXPECT_THAT(carried.err, Not(HasSubstr("the centre has everything")));
  EXPECT_THAT(carried.err, HasSubstr("1 own records are here"));
  const auto given = device.json({"handover", at("out")});
  EXPECT_EQ(given["changes"], 1);
  EXPECT_EQ(given["file"], at("out"));
  struct stat status {};
  ASSERT_EQ(::stat(at("out").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const auto before = bytes("out");
  const auto refused = device({"handover", at("out")});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("--force"));
  EXPECT_EQ(bytes("out"), before);
  device.ok({"handover", at("out"), "--force"});
  EXPECT_NE(bytes("out"), before);
  const auto piped = device({"handover", "-"});
  EXPECT_EQ(piped.status, 0);
  EXPECT_EQ(piped.out.substr(0, 4), "PHHO");
  EXPECT_EQ(device.count("handed_over"), 1U);
}

TEST_F(Carrying, WhatGoesIntoAPipeIsHandedToNobody) {
  const auto device = joined("volunteer", unit());
  const auto carrier = joined("carrier", unit());
  const auto by_shell = [](const PhoneProcess& who, const std::string& command) {
    return run({"bash", "-c",
                "phusa() { " PHUSA_BIN " --store '" + who.store().string() + "' \"$@\"; }; " + command},
               plain_environment());
  };
  device.ok(log_trees());
  const auto piped = by_shell(device, "phusa handover - | cat > /dev/full");
  EXPECT_THAT(piped.err, HasSubstr("nothing counts as handed over"));
  EXPECT_THAT(piped.err, HasSubstr("phusa handover FILE"));
  EXPECT_EQ(device.count("saved"), 1U);
  EXPECT_EQ(device({"leave"}).status, 1) << "nobody may have it";
  const auto redirected = by_shell(device, "phusa handover - > '" + at("out") + "'");
  EXPECT_EQ(redirected.status, 0);
  EXPECT_THAT(redirected.err, Not(HasSubstr("nothing counts")));
  EXPECT_EQ(device.count("handed_over"), 1U);

  carrier.ok({"carry", at("out")});
  carrier.ok({"sync"});
  const auto receipts = by_shell(carrier, "phusa receipts export - | cat > /dev/full");
  EXPECT_THAT(receipts.err, HasSubstr("they go on waiting"));
  EXPECT_EQ(carrier.json({"receipts"})["receipts_to_return"], 1);
  by_shell(carrier, "phusa receipts export - > '" + at("receipts") + "'");
  EXPECT_EQ(carrier.json({"receipts"})["receipts_to_return"], 0);
}

TEST_F(Carrying, AFileOfReceiptsSaysWhatItIsToThisPhoneAndNoMore) {
  const auto device = joined("volunteer", unit());
  const auto carrier = joined("carrier", unit());
  device.ok(log_trees());
  device.ok({"handover", at("out")});
  carrier.ok({"carry", at("out")});
  carrier.ok({"sync"});
  carrier.ok({"receipts", "export", at("receipts")});
  auto damaged = bytes("receipts");
  damaged[damaged.size() - 10] ^= 1;
  write_file("damaged", damaged);
  const auto altered = device({"receipts", "import", at("damaged")});
  EXPECT_EQ(altered.status, 1);
  EXPECT_THAT(altered.err, HasSubstr("altered on its way; copy a file of receipts once more"));
  EXPECT_EQ(device.json({"receipts"})["receipts_to_return"], 0);
  EXPECT_THAT(device({"receipts", "import", at("receipts")}).err,
              HasSubstr("the centre has received 1 changes of this phone"));
  const auto again = device({"receipts", "import", at("receipts")});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.err, HasSubstr("nothing new for this phone"));
  const auto of_others = carrier({"receipts", "import", at("receipts")});
  EXPECT_EQ(of_others.status, 0);
  EXPECT_THAT(of_others.err, HasSubstr("nothing new for this phone; 1 receipts for others, kept for them"));
}

TEST_F(Carrying, NoCommandPutsAFileInThePlaceOfAPhonesData) {
  const auto device = joined("officer", unit(), "officer");
  const auto store = device.store().string();
  phone("newcomer").ok({"enrol-request", at("request"), "--name", "Nguyễn Văn An"});
  device.ok(log_trees());
  const std::vector<std::vector<std::string>> commands = {
      {"handover", store, "--force"},
      {"handover", store + "-lock", "--force"},
      {"receipts", "export", store, "--force"},
      {"enrol-request", store, "--name", "An", "--force"},
      {"vouch", at("request"), "--out", store, "--yes", "--force"}};
  for (const auto& command : commands) {
    const auto refused = device(command);
    EXPECT_EQ(refused.status, 1) << command.front();
    EXPECT_THAT(refused.err, HasSubstr("is a phone's data")) << command.front();
    EXPECT_THAT(refused.err, Not(HasSubstr("--force")));
  }
  EXPECT_EQ(device.count("saved"), 1U);
  const auto fresh = phone("fresh");
  EXPECT_EQ(fresh({"enrol-request", fresh.store().string(), "--name", "An", "--force"}).status, 1)
      << "the command makes the store itself";
  fresh.ok({"status"});
}

TEST_F(Carrying, OtherFilesAreToldByTheirKindAndKeepNoneFromTheRest) {
  const auto device = joined("volunteer", unit());
  const auto carrier = joined("carrier", unit());
  device.ok(log_trees());
  device.ok({"handover", at("good")});
  write_file("paper.pdf", "%PDF-1.7 ...");
  write_file("cut", bytes("good").substr(0, bytes("good").size() - 1));
  phone("newcomer").ok({"enrol-request", at("request"), "--name", "Nguyễn Văn An"});
  const auto outcome = carrier(
      {"carry", at("paper.pdf"), at("cut"), at("request"), at("none"), at("good"), "--format", "json"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("is a PDF, not a hand-over file"));
  EXPECT_THAT(outcome.err, HasSubstr("cut' was cut short"));
  EXPECT_THAT(outcome.err, HasSubstr("is an enrolment request or a welcome"));
  EXPECT_THAT(outcome.err, HasSubstr("there is no file '" + at("none") + "'"));
  const auto taken = Json::parse(outcome.out);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0]["bundles"], 1);
  EXPECT_EQ(carrier.json({"carry", at("good")})[0]["known"], 1);
  EXPECT_EQ(carrier.json({"receipts"})["carried_bundles"], 1);
  const auto receipts = carrier({"receipts", "import", at("good")});
  EXPECT_EQ(receipts.status, 1);
  EXPECT_THAT(receipts.err, HasSubstr("is a hand-over file (phusa carry FILE), not a file of receipts"));
}

TEST_F(Carrying, ABundleThatWasDamagedOnItsWayIsNeverCalledDelivered) {
  const auto device = joined("volunteer", unit());
  const auto carrier = joined("carrier", unit());
  device.ok(log_trees());
  device.ok({"handover", at("good")});
  auto damaged = bytes("good");
  damaged[damaged.size() - 100] ^= 1;
  write_file("damaged", damaged);
  for (const char* format : {"json", "csv", "table"}) {
    EXPECT_EQ(carrier.json({"carry", at("damaged")})[0]["bundles"], 1) << "a carrier cannot look inside";
    const auto sync = carrier({"sync", "--format", format});
    EXPECT_EQ(sync.status, 1);
    EXPECT_THAT(sync.err, HasSubstr("1 bundles of others were damaged"));
    EXPECT_THAT(sync.err, Not(HasSubstr("delivered")));
    if (std::string_view(format) != "json") continue;
    const auto said = Json::parse(sync.out);
    EXPECT_EQ(said["delivered_bundles"], 0);
    EXPECT_EQ(said["unreadable_bundles"], 1);
  }
  carrier.ok({"carry", at("good")});
  const auto sync = carrier.json({"sync"});
  EXPECT_EQ(sync["delivered_bundles"], 1);
  EXPECT_EQ(sync["unreadable_bundles"], 0);
  EXPECT_EQ(sync["waiting_bundles"], 0);
}

TEST_F(Carrying, ADashIsNamedByWhatItStandsFor) {
  const auto officer = joined("officer", unit(), "officer");
  const auto newcomer = phone("newcomer");
  newcomer.ok({"enrol-request", at("request"), "--name", "An"});
  const auto request = newcomer({"enrol-request", "-", "--name", "An", "--lang", "vi"});
  EXPECT_EQ(request.err.find("đầu ra chuẩn: hãy đưa tệp này"), 0U) << request.err;
  EXPECT_THAT(request.err, HasSubstr("mã nhận dạng của máy: "));
  const auto vouched = officer({"vouch", at("request"), "--out", "-", "--yes"});
  EXPECT_EQ(vouched.err.find("standard output: welcome"), 0U) << vouched.err;
  EXPECT_THAT(officer({"carry", "-"}).err, HasSubstr("standard input is empty"));
  const auto with_shell = [&](const std::string& command) {
    return run({"bash", "-c", "\"$0\" --store \"$1\" " + command, PHUSA_BIN, officer.store().string()},
               plain_environment());
  };
  EXPECT_THAT(with_shell("carry - < '" + at("request") + "'").err,
              HasSubstr("'standard input' is an enrolment request"));
  officer.ok(log_trees());
  const auto full = with_shell("handover - > /dev/full");
  EXPECT_EQ(full.status, 1);
  EXPECT_THAT(full.err, HasSubstr("standard output cannot be written: no room is left there"));
  officer.ok({"handover", at("out")});
  EXPECT_THAT(with_shell("carry - < '" + at("out") + "'").err, HasSubstr("standard input: nothing new"));
}

TEST_F(Carrying, AVoucherIsSignedOnlyWhenSomebodySaysYes) {
  const auto officer = joined("officer", unit(), "officer");
  const auto newcomer = phone("newcomer");
  newcomer.ok({"enrol-request", at("request"), "--name", "Nguyễn Văn An"});
  const auto unasked = officer({"vouch", at("request"), "--out", at("welcome")});
  EXPECT_EQ(unasked.status, 2);
  EXPECT_THAT(unasked.err, HasSubstr("--yes"));
  EXPECT_FALSE(is_there("welcome"));
  const auto left = officer.json({"status"})["vouches_left"].get<int>();
  const auto given = officer.json({"vouch", at("request"), "--out", at("welcome"), "--yes"});
  EXPECT_EQ(given["name"], "Nguyễn Văn An");
  EXPECT_EQ(given["unit"], unit());
  EXPECT_EQ(given["left"], left - 1);
  EXPECT_EQ(given["device"], newcomer.json({"status"})["device"]);
  const auto other = phone("other");
  other.ok({"enrol-request", at("other"), "--name", "Khác"});
  const auto refused = other({"join", at("welcome")});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("for another phone"));
  const auto wrong = newcomer({"join", at("request")});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("is not a welcome"));
  EXPECT_EQ(newcomer.json({"join", at("welcome")})["unit"], unit());
  const auto itself = officer({"vouch", at("welcome"), "--out", at("again"), "--yes"});
  EXPECT_EQ(itself.status, 1);
  EXPECT_THAT(itself.err, HasSubstr("is not an enrolment request"));
  EXPECT_EQ(officer({"vouch", at("request"), "--out", at("again"), "--yes", "--replaces", "0123"}).status, 2);
  const auto volunteer = newcomer({"vouch", at("other"), "--out", at("nope"), "--yes"});
  EXPECT_EQ(volunteer.status, 1);
  EXPECT_THAT(volunteer.err, HasSubstr("for unit officers"));
  EXPECT_FALSE(is_there("nope"));
}

TEST_F(Carrying, LeavingIsRefusedWhileSomethingIsHereAloneAndThenTakesEverything) {
  const auto device = joined("volunteer", unit());
  device.ok({"log", "--kind", "tree_planting", "--note", "lời của người trước", "trees=10"});
  const auto refused = device({"leave"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("1 changes are on this phone only"));
  EXPECT_EQ(device.count("saved"), 1U);
  const auto left = device.json({"leave", "--even-if-unsent"});
  EXPECT_EQ(left["given_up"], 1);
  EXPECT_FALSE(device.json({"status"})["joined"].get<bool>());
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    if (entry.path().filename().string().find("volunteer") == std::string::npos) continue;
    EXPECT_THAT(bytes(entry.path().filename().string()), Not(HasSubstr("lời của người trước")))
        << entry.path();
  }
  EXPECT_EQ(device({"join", url(), code_for(unit(), "volunteer")}).status, 0);
}

TEST_F(Carrying, WhoLeavesGivesWhatIsOfOthersToSomebodyElseFirst) {
  const auto device = joined("volunteer", unit());
  const auto carrier = joined("carrier", unit());
  device.ok(log_trees());
  device.ok({"handover", at("out")});
  carrier.ok({"carry", at("out")});
  const auto carrying = carrier({"leave"});
  EXPECT_EQ(carrying.status, 1);
  EXPECT_THAT(carrying.err, HasSubstr("carries 1 bundles of others"));
  EXPECT_THAT(carrying.err, HasSubstr("phusa handover --carried-only"));
  carrier.ok({"sync"});
  const auto waiting = carrier({"leave"});
  EXPECT_EQ(waiting.status, 1);
  EXPECT_THAT(waiting.err, HasSubstr("1 receipts of others wait here"));
  EXPECT_THAT(waiting.err, HasSubstr("phusa receipts export FILE"));
  device.ok(log_trees());
  device.ok({"handover", at("out"), "--force"});
  carrier.ok({"carry", at("out")});
  const auto forced = carrier({"leave", "--even-if-unsent", "--format", "json"});
  EXPECT_EQ(forced.status, 0);
  EXPECT_THAT(forced.err, HasSubstr("1 bundles of others went with it"));
  EXPECT_THAT(forced.err, HasSubstr("1 receipts of others went with it"));
  EXPECT_EQ(Json::parse(forced.out)["carried_bundles"], 1);
  EXPECT_EQ(Json::parse(forced.out)["receipts"], 1);
}

TEST_F(Carrying, ARecordThatWillBeHeldIsLoggedAndThePersonIsTold) {
  const auto device = joined("volunteer", unit());
  const auto future =
      device({"log", "--kind", "tree_planting", "--date", "2999-01-01", "trees=1", "--lang", "vi"});
  EXPECT_EQ(future.status, 0);
  EXPECT_THAT(future.err, HasSubstr("chưa đến ngày 1/1/2999"));
  const auto foreign = device({"log", "--kind", "tree_planting", "--unit", root_unit(), "trees=1"});
  EXPECT_EQ(foreign.status, 0);
  EXPECT_THAT(foreign.err, HasSubstr("not one of your units"));
  EXPECT_EQ(device.count("saved"), 2U);
  const auto file =
      write_file("days.csv", "kind;date;trees\ntree_planting;5/2/2023;1\ntree_planting;1/1/2999;2\n");
  const auto imported = device({"import", file.string(), "--check"});
  EXPECT_EQ(imported.status, 0);
  EXPECT_THAT(imported.err, HasSubstr("1 lines will be held at first; line 3: "));
}

}  // namespace
}  // namespace phusa::test
