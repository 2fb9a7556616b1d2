#include "tests/e2e/cli/stage.hpp"

#include <sys/stat.h>

namespace phusa::test {
namespace {

using testing::HasSubstr;

class PhusaProcess : public Stage {};

std::vector<std::string> log_trees(const std::string& amount) {
  return {"log",      "--kind",     "tree_planting", "--date",
          "5/2/2023", "--campaign", "chu_nhat_xanh", "trees=" + amount};
}

TEST_F(PhusaProcess, WhatAVolunteerLogsBecomesATotalAtTheOffice) {
  const auto volunteer = joined("volunteer", unit());
  const auto id = volunteer.ok(log_trees("1000"));
  EXPECT_EQ(id.find_first_of(" \n"), std::string::npos) << "the id stands alone: " << id;
  EXPECT_EQ(volunteer.count("saved"), 1u);
  EXPECT_EQ(volunteer.total("trees"), "1000");
  const auto synced = volunteer.json({"sync"});
  EXPECT_TRUE(synced["ok"].get<bool>());
  EXPECT_GT(synced["bytes_up"].get<int>(), 0);
  EXPECT_EQ(volunteer.count("saved"), 0u);
  EXPECT_EQ(volunteer.count("counted"), 1u);

  const auto office = joined("office", root_unit(), "office");
  office.ok({"sync"});
  EXPECT_EQ(office.total("trees"), "1000");

  volunteer.ok({"edit", id, "trees=1050"});
  volunteer.ok({"sync"});
  office.ok({"sync"});
  EXPECT_EQ(office.total("trees"), "1050");

  volunteer.ok({"retract", id});
  EXPECT_THAT(volunteer.ok({"list", "--retracted"}), testing::HasSubstr("retracted (saved on this phone)"));
  volunteer.ok({"sync"});
  EXPECT_THAT(volunteer.ok({"list", "--retracted"}), testing::HasSubstr("retracted (not counted any more)"));
  office.ok({"sync"});
  EXPECT_EQ(office.total("trees"), "");
  volunteer.ok({"restore", id});
  volunteer.ok({"sync"});
  office.ok({"sync"});
  EXPECT_EQ(office.total("trees"), "1050");
}

TEST_F(PhusaProcess, TheOfficeConfirmsAndReturns) {
  const auto volunteer = joined("volunteer", unit());
  const auto first = volunteer.ok(log_trees("10"));
  const auto second = volunteer.ok(log_trees("20"));
  volunteer.ok({"sync"});
  const auto officer = joined("officer", unit(), "officer");
  officer.ok({"sync"});
  officer.ok({"confirm", first});
  officer.ok({"return", second, "--reason", "thiếu địa điểm"});
  officer.ok({"sync"});
  volunteer.ok({"sync"});
  EXPECT_EQ(volunteer.count("confirmed"), 1u);
  EXPECT_EQ(volunteer.count("returned"), 1u);
  EXPECT_EQ(volunteer.json({"show", second})["reason"], "thiếu địa điểm");
  EXPECT_EQ(volunteer.total("trees"), "10");
}

TEST_F(PhusaProcess, AnEmptyValueBlanksAndTheRestStays) {
  const auto device = joined("volunteer", unit());
  const auto id = device.ok({"log", "--kind", "tree_planting", "--note", "ghi chú", "--place", "Cái Khế",
                             "trees=5", "participations=30"});
  device.ok({"edit", id, "--note=", "participations="});
  const auto record = device.json({"show", id});
  EXPECT_EQ(record["note"], "");
  EXPECT_EQ(record["place"], "Cái Khế");
  EXPECT_EQ(record["values"], (Json{{"trees", "5"}}));
}

TEST_F(PhusaProcess, AnImportIsWholeOrNothingAndNeverTwice) {
  const auto device = joined("volunteer", unit());
  const auto wrong = write_file(
      "wrong.csv", "kind;Ngày;trees\ntree_planting;5/2/2023;10\ntree_planting;31/2/2023;1.234\nnope;;5\n");
  const auto refused = device({"import", wrong.string()});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("wrong.csv:3: column Ngày:"));
  EXPECT_THAT(refused.err, HasSubstr("wrong.csv:3: column trees:"));
  EXPECT_EQ(device.count("saved"), 0u);

  const auto unknown =
      write_file("unknown.csv", "kind;Ngày;trees\ntree_planting;5/2/2023;10\nnope;5/2/2023;5\n");
  const auto refused_code = device({"import", unknown.string()});
  EXPECT_EQ(refused_code.status, 1);
  EXPECT_THAT(refused_code.err, HasSubstr("unknown.csv:3: column kind:"));
  EXPECT_EQ(device.count("saved"), 0u);

  const auto right = write_file("right.csv",
                                "ref;event;kind;Ngày;Cây xanh trồng mới\nhead;;tree_planting;5/2/2023;\n"
                                "a;head;tree_planting;5/2/2023;10\nb;head;tree_planting;6/2/2023;hơn 20\n");
  EXPECT_EQ(device.json({"import", right.string(), "--check"})["logged"], 0);
  EXPECT_EQ(device.count("saved"), 0u);
  const auto imported = device.json({"import", right.string()});
  EXPECT_EQ(imported["logged"], 3);
  EXPECT_EQ(device.json({"show", imported["ids"][1].get<std::string>()})["event"], imported["ids"][0]);
  const auto again = device.json({"import", right.string()});
  EXPECT_EQ(again["logged"], 0);
  EXPECT_EQ(again["already"], 3);
  EXPECT_EQ(again["ids"], imported["ids"]);
  EXPECT_EQ(device.json({"list"}).size(), 3u);
  device.ok({"sync"});
  EXPECT_EQ(device.json({"import", right.string()})["logged"], 0);
  EXPECT_EQ(device.total("trees"), "30");
}

TEST_F(PhusaProcess, AListThatSaysWhatRecordsHereSayIsAskedAbout) {
  const auto device = joined("volunteer", unit());
  const std::string header = "kind,date,trees\n";
  const std::string line = "tree_planting,2023-02-05,1\n";
  const auto morning = write_file("morning.csv", header + line + line);
  const auto grown = write_file("grown.csv", header + line + line + "tree_planting,2023-02-05,2\n");
  const auto other_site = write_file("other-site.csv", header + "tree_planting,2023-02-05,4\n" + line);
  device.ok({"import", morning.string()});
  for (const char* check : {"--check", ""}) {
    std::vector<std::string> arguments{"import", grown.string(), "--lang", "en"};
    if (*check != '\0') arguments.push_back(check);
    const auto asked = device(arguments);
    EXPECT_EQ(asked.status, 1);
    EXPECT_THAT(asked.err, HasSubstr("2 of 3 lines say what records here say (line 2 = "));
  }
  EXPECT_EQ(device.count("saved"), 2u);
  const auto elsewhere =
      write_file("excel.csv",
                 "stt;Cây xanh trồng mới;Ngày;loại\r\n7;1;5/2/2023;Trồng cây\r\n8;1;5/2/2023;Trồng cây\r\n");
  EXPECT_EQ(device.json({"import", elsewhere.string(), "--alike", "same"})["logged"], 0)
      << "written otherwise";
  EXPECT_EQ(device.json({"import", grown.string(), "--alike", "same"})["logged"], 1);
  EXPECT_EQ(device({"import", other_site.string()}).status, 1);
  EXPECT_EQ(device.json({"import", other_site.string(), "--alike", "others"})["logged"], 2);
  const auto again = device({"import", other_site.string(), "--alike", "others", "--lang", "en"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.err, HasSubstr("this very file was imported before"));
  EXPECT_EQ(device.total("trees"), "9");
  EXPECT_EQ(device({"import", grown.string(), "--alike", "all"}).status, 2);
}

TEST_F(PhusaProcess, WhatAReplacedPhoneImportedIsNotImportedAgainByTheNext) {
  const auto list = write_file("list.csv", "kind,date,trees\ntree_planting,2023-02-05,1\n");
  const auto first = joined("first", unit());
  first.ok({"import", list.string(), "--alike", "others"});
  first.ok({"sync"});
  const auto replaced = [this](const PhoneProcess& lost, const std::string& name) {
    const std::string id = lost.json({"status"})["device"];
    const auto next = phone(name);
    next.ok({"join", url(), code_for(unit(), "volunteer", {"--replaces", id}), "--replaces", id});
    return next;
  };
  const auto second = replaced(first, "second");
  const auto too_early = second({"import", list.string(), "--lang", "en"});
  EXPECT_EQ(too_early.status, 1);
  EXPECT_THAT(too_early.err, HasSubstr("sync first"));
  second.ok({"sync"});
  EXPECT_EQ(second.json({"import", list.string(), "--alike", "others"})["logged"], 0) << "the very same file";
  const auto third = replaced(second, "third");
  third.ok({"sync"});
  const auto checked = third({"import", list.string(), "--check", "--lang", "en"});
  EXPECT_EQ(checked.status, 0);
  EXPECT_THAT(checked.err, HasSubstr("nothing new"));
  EXPECT_EQ(third.json({"import", list.string(), "--alike", "others"})["logged"], 0) << "of the same person";
  EXPECT_EQ(third.total("trees"), "1");
}

// Half a file looks like a whole one. The memory of a process opens, and its first page cannot be read.
TEST_F(PhusaProcess, AFileThatCannotBeReadToItsEndIsNotImported) {
  const auto device = joined("volunteer", unit());
  const auto refused = device({"import", "/proc/self/mem", "--lang", "en"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("cannot be read"));
}

TEST_F(PhusaProcess, ASyncThatFailsSaysSoAndKeepsEverything) {
  const auto device = joined("volunteer", unit());
  device.ok(log_trees("7"));
  server_->signal(SIGTERM);
  server_->wait();
  server_.reset();
  const auto failed = device({"sync"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, HasSubstr("the server does not answer"));
  EXPECT_THAT(failed.err, HasSubstr("1 records are saved on this phone"));
  EXPECT_TRUE(failed.out.empty());
  EXPECT_EQ(device.total("trees"), "7");
  const auto vietnamese = device({"sync", "--lang", "vi"});
  EXPECT_THAT(vietnamese.err, HasSubstr("đã lưu trên máy"));
}

// 0.0.0.0 leads to this machine too, and is not what people mean by it.
TEST_F(PhusaProcess, PlainHttpToAnythingButThisMachineTakesAWordThatIsKept) {
  const std::string elsewhere = "http://0.0.0.0:" + std::to_string(port_);
  const auto device = phone("volunteer");
  const std::string code = code_for(unit(), "volunteer");
  for (const auto& [lang, words] : {std::pair("en", "is plain http"), std::pair("vi", "không mã hóa")}) {
    const auto refused = device({"join", elsewhere, code, "--lang", lang});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr(words));
    EXPECT_THAT(refused.err, HasSubstr("--insecure"));
  }
  device.ok({"join", elsewhere, code, "--insecure"});
  const auto synced = device({"sync"});
  EXPECT_EQ(synced.status, 0) << synced.err;
  EXPECT_THAT(synced.err, HasSubstr("Use https")) << "reminded each time";
}

TEST_F(PhusaProcess, AWaitingSyncLeavesTheStoreToOthersAndStopsOnInterrupt) {
  const auto device = joined("volunteer", unit());
  device.ok(log_trees("7"));
  server_->signal(SIGTERM);
  server_->wait();
  server_.reset();
  auto waiting = Process::start({PHUSA_BIN, "--store", device.store().string(), "sync", "--retry"},
                                folder_.path() / "sync.log", plain_environment());
  ASSERT_TRUE(waiting.has_value());
  ASSERT_TRUE(waiting->wait_for_output("Trying again in")) << waiting->output();
  device.ok(log_trees("8"));
  EXPECT_EQ(device.json({"list"}).size(), 2u);
  waiting->signal(SIGINT);
  EXPECT_EQ(waiting->wait(), 1);
  EXPECT_THAT(waiting->output(), HasSubstr("stopped before it was done"));
}

TEST_F(PhusaProcess, BrokenStoresAreNamedAndLeftAlone) {
  const std::string text = "this is no database, but somebody's letter\n";
  const auto letter = write_file("letter.txt", text);
  const auto outcome = PhoneProcess(letter)({"list"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("letter.txt"));
  std::ifstream file(letter);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

TEST_F(PhusaProcess, AStoreIsForItsOwnerAlone) {
  const auto device = joined("volunteer", unit());
  struct stat status {};
  ASSERT_EQ(::stat(device.store().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 077, 0u) << "the phone's key lies inside";
}

TEST_F(PhusaProcess, WhatFindsNoRoomBehindStandardOutputIsAFailure) {
  const auto device = joined("volunteer", unit());
  const auto with_output = [&](const std::string& elsewhere, const std::string& arguments) {
    return run({"bash", "-c", "set -o pipefail; \"$0\" --store \"$1\" " + arguments + " " + elsewhere,
                PHUSA_BIN, device.store().string()},
               plain_environment());
  };
  for (const char* arguments : {"catalogue", "status --format json", "--help"}) {
    const auto failed = with_output("> /dev/full", arguments);
    EXPECT_EQ(failed.status, 1) << arguments;
    EXPECT_EQ(failed.err,
              "phusa: not all of the output could be written where it was to go; is the disk full?\n");
  }
  EXPECT_THAT(with_output("> /dev/full", "catalogue --lang vi").err, HasSubstr("không ghi được hết kết quả"));
  EXPECT_EQ(with_output("> /dev/full", "show ABC-1").status, 2) << "and nothing to be written";
  EXPECT_EQ(with_output("| true", "catalogue").status, 0) << "who has read enough";
}

TEST_F(PhusaProcess, EveryFormatOfStatusAndTotalsIsThere) {
  const auto device = joined("volunteer", unit());
  device.ok(log_trees("1930"));
  const auto status = device.json({"status"});
  for (const char* key : {"saved", "handed_over", "received", "counted", "held", "returned", "confirmed"}) {
    EXPECT_TRUE(status[key].is_number_unsigned()) << key;
  }
  const auto totals = device.json({"totals", "--by", "unit,month"});
  ASSERT_EQ(totals["rows"].size(), 1u);
  const auto& row = totals["rows"][0];
  EXPECT_EQ(row["indicator"], "trees");
  EXPECT_EQ(row["unit"], unit());
  EXPECT_EQ(row["month"], "2023-02");
  EXPECT_EQ(row["total"], "1930");
  EXPECT_EQ(row["records"], "1");
  EXPECT_THAT(device.ok({"totals", "--format", "csv"}), HasSubstr("trees,1930,"));
  EXPECT_THAT(device.ok({"totals", "--lang", "vi"}), HasSubstr("1.930"));
  EXPECT_THAT(device.ok({"status"}), HasSubstr("saved on this phone"));
}

}  // namespace
}  // namespace phusa::test
