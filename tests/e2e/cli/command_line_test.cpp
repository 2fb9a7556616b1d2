#include "bindings/cli/commands.hpp"
#include "bindings/cli/content_options.hpp"
#include "tests/support/temporary_folder.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace phusa::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

Ran run(std::vector<std::string> arguments, const char* lang = "en_US.UTF-8", const Ask& ask = {}) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  ran.status = run_command_line(std::move(arguments),
                                [lang](const char* name) -> const char* {
                                  if (std::string_view(name) == "LANG") return lang;
                                  return std::string_view(name) == "HOME" ? "/nonexistent" : nullptr;
                                },
                                {false, ask});
  std::fflush(stdout);
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

constexpr const char* kCommands[] = {
    "join",      "log",      "edit",    "retract",  "restore",       "confirm", "return",
    "list",      "show",     "history", "status",   "sync",          "totals",  "import",
    "catalogue", "handover", "carry",   "receipts", "enrol-request", "vouch",   "leave"};

TEST(CommandLine, EveryCommandHasHelpWithExamplesInBothLanguages) {
  const auto help = run({"--help"});
  EXPECT_EQ(help.status, kExitDone);
  for (const char* command : kCommands) {
    EXPECT_THAT(help.out, HasSubstr(std::string("\n  ") + command)) << command;
    const auto english = run({command, "--help"});
    EXPECT_EQ(english.status, kExitDone) << command;
    EXPECT_THAT(english.out, HasSubstr("Examples:\n  phusa " + std::string(command)));
    const auto vietnamese = run({command, "--help"}, "vi_VN.UTF-8");
    EXPECT_THAT(vietnamese.out, HasSubstr("Ví dụ:\n  phusa " + std::string(command)));
    EXPECT_THAT(vietnamese.out, Not(HasSubstr("Examples")));
  }
}

TEST(CommandLine, BadUseIsStatusTwoWithOneLineThatPointsToHelp) {
  const std::vector<std::vector<std::string>> uses = {{},
                                                      {"nope"},
                                                      {"log"},
                                                      {"log", "--kind"},
                                                      {"list", "--nope"},
                                                      {"totals", "--review", "maybe"},
                                                      {"--format", "xml", "list"},
                                                      {"show"},
                                                      {"return", "ABC-1"},
                                                      {"--lang", "fr", "list"},
                                                      {"catalogue", "people"},
                                                      {"log", "--kind", "k", "--numbers", "us"}};
  for (const auto& arguments : uses) {
    for (const char* lang : {"en_US.UTF-8", "vi_VN.UTF-8"}) {
      const auto ran = run(arguments, lang);
      EXPECT_EQ(ran.status, kExitBadUse) << testing::PrintToString(arguments);
      EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
      EXPECT_THAT(ran.err, HasSubstr("--help"));
      EXPECT_TRUE(ran.out.empty());
    }
  }
}

TEST(CommandLine, AnUnknownCommandIsNamed) {
  EXPECT_EQ(run({"frob"}).err, "phusa: there is no command 'frob'. See: phusa --help\n");
  EXPECT_EQ(run({"frob", "--lang", "vi"}).err, "phusa: không có lệnh 'frob'. Xem: phusa --help\n");
  EXPECT_THAT(run({"receipts", "frob"}).err, HasSubstr("frob"));
  EXPECT_THAT(run({}).err, HasSubstr("A subcommand is required"));
}

TEST(CommandLine, TotalsEndNoEarlierThanTheyBegin) {
  const auto failed = run({"totals", "--from", "2/3/2023", "--to", "2023-03-01"});
  EXPECT_EQ(failed.status, kExitBadUse);
  EXPECT_EQ(failed.err, "phusa: the first day, 2/3/2023, is later than the last, 2023-03-01\n");
  EXPECT_EQ(run({"totals", "--from", "2023-03-01", "--to", "1/3/2023"}).status, kExitFailed)
      << "there is no store, but the days are in order";
}

TEST(CommandLine, FiguresAreJudgedBeforeTheStoreIsOpened) {
  const auto ran = run({"log", "--kind", "k", "trees=1.234"});
  EXPECT_EQ(ran.status, kExitBadUse);
  EXPECT_THAT(ran.err, HasSubstr("'1.234' can be read as 1234 or as 1.234"));
  EXPECT_EQ(run({"log", "--kind", "k", "trees"}).status, kExitBadUse);
  EXPECT_EQ(run({"log", "--kind", "k", "trees="}).status, kExitBadUse);
  EXPECT_EQ(run({"log", "--kind", "k", "trees=1", "trees=2"}).status, kExitBadUse);
  EXPECT_EQ(run({"log", "--kind", "k", "--note", "\xff"}).status, kExitBadUse);
}

TEST(CommandLine, AMistypedStoreIsAnErrorAndNotANewPhone) {
  for (const char* command : {"list", "status", "sync", "totals"}) {
    const auto ran = run({"--store", "/nonexistent/phone.db", command});
    EXPECT_EQ(ran.status, kExitFailed) << command;
    EXPECT_THAT(ran.err, HasSubstr("/nonexistent/phone.db"));
  }
}

TEST(CommandLine, WhatIsMissingIsNamedAsItsReaderKnowsIt) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> uses = {
      {{"join"}, "còn thiếu địa chỉ máy chủ hoặc tệp giấy ghi danh"},
      {{"handover"}, "còn thiếu tên tệp cần ghi"},
      {{"carry"}, "còn thiếu tên các tệp"},
      {{"retract"}, "còn thiếu mã các bản ghi"},
      {{"edit"}, "còn thiếu mã bản ghi"},
      {{"import"}, "còn thiếu tên tệp"},
      {{"log"}, "còn thiếu --kind"},
      {{"return", "ABC-1"}, "còn thiếu --reason"}};
  for (const auto& [arguments, words] : uses)
    EXPECT_THAT(run(arguments, "vi_VN.UTF-8").err, HasSubstr(words)) << arguments.front();
  v1::ErrorReply error;
  error.set_key("missing");
  error.add_args("reason");
  Shell shell;
  shell.tongue = Tongue(Language::kVietnamese);
  EXPECT_EQ(shell.sentence(error), "bản ghi còn thiếu lý do");
}

TEST(CommandLine, TheOfficesLinkIsAnAddressAndACode) {
  test::TemporaryFolder folder;
  const auto join = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--store", folder.file("phone"), "join"});
    return run(arguments);
  };
  const std::string code = "K7QP";  // not whole: nobody is asked
  EXPECT_THAT(join({"http://127.0.0.1:9/#" + code}).err, HasSubstr("not a whole code"));
  EXPECT_THAT(join({"http://127.0.0.1:9/#", code}).err, HasSubstr("not a whole code"));
  EXPECT_THAT(join({"http://127.0.0.1:9/#" + code, code}).err, HasSubstr("not a whole code"));
  EXPECT_THAT(join({"http://127.0.0.1:9/#"}).err, HasSubstr("a code is missing behind http://127.0.0.1:9/;"));
}

TEST(CommandLine, WhoJoinsByAFileThatIsNoWelcomeHearsWhatItIsAndWhatToDo) {
  test::TemporaryFolder folder;
  const auto join = [&](const std::string& content) {
    std::ofstream(folder.file("file"), std::ios::binary) << content;
    return run({"--store", folder.file("phone"), "join", folder.file("file")});
  };
  for (const auto& [content, words] :
       {std::pair("PHHO...", "is a hand-over file"),
        {"%PDF-1.7", "is a PDF"},
        {"PHS1....", "is an enrolment request, or a welcome for another phone"}}) {
    const auto ran = join(content);
    EXPECT_EQ(ran.status, kExitFailed);
    EXPECT_THAT(ran.err, HasSubstr(words));
    EXPECT_THAT(ran.err, HasSubstr("phusa enrol-request FILE"));
    EXPECT_THAT(ran.err, Not(HasSubstr("join first")));
  }
}

TEST(CommandLine, ImportReadsStandardInputToo) {
  test::TemporaryFolder folder;
  std::ofstream(folder.file("list.csv")) << "kind,trees\ntree_planting,\"5\n";
  const int before = ::dup(STDIN_FILENO);
  const int list = ::open(folder.file("list.csv").c_str(), O_RDONLY);
  ::dup2(list, STDIN_FILENO);
  const auto ran = run({"import", "-"});
  ::dup2(before, STDIN_FILENO);
  ::close(before);
  ::close(list);
  EXPECT_THAT(ran.err, HasSubstr("standard input:2: column trees: the quotation mark opened"));
}

TEST(CommandLine, SharedOptionsMayStandBehindTheCommand) {
  const auto ran = run({"list", "--store", "/nonexistent/x.db", "--lang", "vi", "--format", "json"});
  EXPECT_THAT(ran.err, HasSubstr("không có dữ liệu ở '/nonexistent/x.db'"));
}

TEST(Shell, AQuestionShowsSomebodysNameOnOneLineAndNothingThatATerminalObeys) {
  Shell shell;
  std::string asked;
  std::optional<std::string> answer = "y";
  shell.ask = [&](const std::string& question) {
    asked = question;
    return answer;
  };
  EXPECT_TRUE(shell.is_agreed("vouch.ask", {"An' at b? [y/N] y\n\x1b[2JVouch for 'Bình", "unit", "mark"}));
  EXPECT_EQ(asked.find_first_of("\n\x1b"), std::string::npos) << asked;
  // Nor does a name of its own say before the program what the mark is, or turn what the program says around.
  const std::string name = "An'? The new phone's mark must be 1111-2222.\u202e";
  EXPECT_TRUE(shell.is_agreed("vouch.ask", {name, "unit", "3fa9-0c12"}));
  EXPECT_LT(asked.find("3fa9-0c12"), asked.find("1111-2222")) << asked;
  EXPECT_EQ(asked.find("\u202e"), std::string::npos) << asked;
  for (const char* no : {"", "n", "k", "yes!", "không"}) {
    answer = no;
    EXPECT_FALSE(shell.is_agreed("leave.ask", {})) << no;
  }
  answer = "có";
  EXPECT_TRUE(shell.is_agreed("leave.ask", {}));
  answer.reset();
  EXPECT_FALSE(shell.is_agreed("leave.ask", {}));
  shell.ask = nullptr;
  EXPECT_FALSE(shell.is_agreed("leave.ask", {}));
}

TEST(Shell, APhoneThatTheOfficeMustAcceptIsReassuredInBothLanguages) {
  v1::ErrorReply refused;
  refused.set_code(static_cast<std::uint32_t>(ErrorCode::kForbidden));
  refused.set_message(
      "the office must accept this phone first: its officer has vouched for as many phones as allowed; what you "
      "send is kept safe, and counted once it has");
  Shell shell;
  EXPECT_EQ(shell.sentence(refused), refused.message());
  shell.tongue = Tongue(Language::kVietnamese);
  EXPECT_THAT(shell.sentence(refused), HasSubstr("những gì máy gửi vẫn được giữ an toàn"));
  EXPECT_THAT(shell.sentence(refused), Not(HasSubstr("office")));
  refused.set_message("this code has expired; ask for another");
  EXPECT_THAT(shell.sentence(refused), HasSubstr("máy này không được phép làm việc đó"));
}

TEST(CommandLine, TheVersionIsPrinted) {
  EXPECT_THAT(run({"--version"}).out, HasSubstr("phusa 0."));
}

v1::Content parsed_edit(const std::vector<std::string>& arguments) {
  CLI::App app;
  ContentOptions options;
  add_content_options(app, Tongue(Language::kEnglish), options);
  app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  auto content = make_content(options, true);
  EXPECT_TRUE(content.has_value());
  return content.value_or(v1::Content{});
}

TEST(ContentOptions, WhatIsNotGivenIsNotTouched) {
  const auto content = parsed_edit({"trees=5"});
  EXPECT_FALSE(content.has_note());
  EXPECT_FALSE(content.has_campaigns());
  EXPECT_FALSE(content.has_highlight());
  EXPECT_EQ(content.values(0).amount(), "5");
}

TEST(ContentOptions, AnEmptyValueIsGivenAndBlank) {
  const auto content = parsed_edit({"--note", "", "--campaign", "", "--until", "", "trees="});
  EXPECT_TRUE(content.has_note());
  EXPECT_EQ(content.note(), "");
  EXPECT_TRUE(content.has_campaigns());
  EXPECT_EQ(content.campaigns().items_size(), 0);
  EXPECT_TRUE(content.has_last_day());
  EXPECT_EQ(content.values(0).amount(), "");
}

TEST(ContentOptions, ListsRepeatOrTakeSemicolons) {
  const auto content = parsed_edit({"--campaign", "a;b", "--campaign", " c ", "--label", "x"});
  EXPECT_EQ(content.campaigns().items_size(), 3);
  EXPECT_EQ(content.campaigns().items(2), "c");
  EXPECT_EQ(content.labels().items(0), "x");
}

TEST(ContentOptions, FlagsCanBeTakenBack) {
  EXPECT_TRUE(parsed_edit({"--highlight"}).highlight());
  const auto content = parsed_edit({"--no-highlight"});
  EXPECT_TRUE(content.has_highlight());
  EXPECT_FALSE(content.highlight());
}

TEST(ContentOptions, TextBecomesNfc) {
  EXPECT_EQ(parsed_edit({"--place", "Nho\u031bn A\u0301i"}).place(), "Nhơn Ái");
}

}  // namespace
}  // namespace phusa::cli
