#include "sync-server/app/command_line.hpp"

#include "sync-server/app/listing.hpp"

#include <gtest/gtest.h>

namespace phusa::app {
namespace {

ParsedLine parse(const std::vector<std::string>& args, Language language = Language::kEnglish) {
  return parse_command_line(args, {"/home/somebody", language});
}

TEST(CommandLine, PathsStartWhereTheLineWasTyped) {
  const auto line = parse({"org", "apply", "../doan", "--data", "here"});
  ASSERT_TRUE(line.options) << line.err;
  EXPECT_EQ(line.options->org, "/home/doan");
  EXPECT_EQ(line.options->data, "/home/somebody/here");
  EXPECT_EQ(parse({"verify", "--data", "/srv/x"}).options->data, "/srv/x");
}

TEST(Listing, CsvTellsAFigureFromASum) {
  const Listing listing{
      {{"name"}, {"phone"}},
      {{"-2+3", "+84-912-345-678"}, {"+1", "+84 912 345 678"}, {"--1", "-12.5"}, {"=1", "-"}}};
  EXPECT_EQ(as_csv(listing), "name,phone\n'-2+3,'+84-912-345-678\n+1,+84 912 345 678\n'--1,-12.5\n'=1,-\n");
}

TEST(Listing, ATerminalNeverObeysSomebodysName) {
  const Listing listing{{{"name"}, {"unit"}}, {{"a\x1b[31mred\nnext\u009bX", "Sở Y tế"}}};
  EXPECT_EQ(as_table(listing, Language::kEnglish), "name              unit\na [31mred next X  Sở Y tế\n");
}

TEST(CommandLine, BadUseIsOneLineAndStatusTwo) {
  const std::vector<std::vector<std::string>> lines = {
      {},
      {"fly"},
      {"serve"},
      {"totals", "--data", "d", "--format", "xml"},
      {"enrol", "--data", "d", "--unit", "u"},
      {"enrol", "--data", "d", "--unit", "u", "--role", "boss"},
      {"enrol", "--data", "d", "--unit", "u", "--role", "officer", "--valid", "tomorrow"},
      {"enrol", "--data", "d", "--unit", "u", "--role", "officer", "--uses", "x"},
      {"held", "accept", "--data", "d"},
      {"devices", "--data", "d"}};
  for (const auto& args : lines) {
    const auto line = parse(args);
    EXPECT_FALSE(line.options);
    EXPECT_EQ(line.exit, 2) << line.err;
    EXPECT_EQ(std::count(line.err.begin(), line.err.end(), '\n'), 1) << line.err;
  }
}

TEST(CommandLine, AnUnknownCommandIsNamed) {
  EXPECT_EQ(parse({"frob"}).err, "phusa-server: there is no command 'frob'; try phusa-server --help\n");
  EXPECT_EQ(parse({"frob"}, Language::kVietnamese).err,
            "phusa-server: không có lệnh 'frob'; xem phusa-server --help\n");
  EXPECT_EQ(parse({"devices", "frob", "--data", "d"}).err,
            "phusa-server: there is no command 'devices frob'; try phusa-server devices --help\n");
  EXPECT_EQ(parse({}).err, "phusa-server: A subcommand is required; try phusa-server --help\n");
  EXPECT_EQ(parse({"--data", "d"}).err, "phusa-server: A subcommand is required; try phusa-server --help\n");
}

TEST(CommandLine, EveryCommandHasHelpWithExamples) {
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"init"},
                                                          {"serve"},
                                                          {"enrol"},
                                                          {"devices", "list"},
                                                          {"devices", "revoke"},
                                                          {"org", "apply"},
                                                          {"persons", "erase"},
                                                          {"verify"},
                                                          {"totals"},
                                                          {"held"},
                                                          {"held", "accept"},
                                                          {"held", "refuse"},
                                                          {"enrol", "list"},
                                                          {"enrol", "revoke"},
                                                          {"token"},
                                                          {"token", "list"},
                                                          {"token", "revoke"}};
  for (auto args : commands) {
    args.push_back("--help");
    const auto line = parse(args);
    EXPECT_EQ(line.exit, 0);
    EXPECT_NE(line.out.find("Examples:\n  phusa-server "), std::string::npos) << line.out;
  }
}

TEST(CommandLine, EnrolAndTokenAloneHandOutAndWithAWordListOrRevoke) {
  EXPECT_EQ(parse({"enrol", "--data", "d", "--unit", "a", "--role", "officer"}).options->command,
            Command::kEnrol);
  EXPECT_EQ(parse({"enrol", "list", "--data", "d"}).options->command, Command::kEnrolList);
  EXPECT_EQ(parse({"enrol", "revoke", "abcdef01", "--data", "d"}).options->command, Command::kEnrolRevoke);
  EXPECT_EQ(parse({"token", "--data", "d"}).options->command, Command::kToken);
  EXPECT_EQ(parse({"token", "list", "--data", "d"}).options->command, Command::kTokenList);
  EXPECT_EQ(parse({"token", "revoke", "abcdef01", "--data", "d"}).options->secret, "abcdef01");
}

TEST(CommandLine, LinesAreOfNoEarlierPoint) {
  EXPECT_EQ(parse({"totals", "--data", "d", "--lines", "--as-of", "5.00"}).exit, 2);
  EXPECT_TRUE(parse({"totals", "--data", "d", "--as-of", "5.00"}).options);
}

TEST(CommandLine, HeldAloneListsAndWithAWordDecides) {
  EXPECT_EQ(parse({"held", "--data", "d"}).options->command, Command::kHeldList);
  EXPECT_EQ(parse({"held", "accept", "ab", "3", "--data", "d"}).options->command, Command::kHeldAccept);
  EXPECT_EQ(parse({"held", "refuse", "ab", "3", "--data", "d"}).options->index, 3u);
}

TEST(CommandLine, DurationsHaveAUnit) {
  EXPECT_EQ(parse_duration("90s"), std::chrono::seconds(90));
  EXPECT_EQ(parse_duration("24h"), std::chrono::hours(24));
  EXPECT_EQ(parse_duration("7d"), std::chrono::hours(168));
  for (const char* text : {"", "h", "24", "-1h", "1.5h", "1w", "99999999999h"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(CommandLine, SpeaksTheLanguageOfItsReader) {
  EXPECT_EQ(parse({"verify", "--data", "d"}, Language::kVietnamese).options->language, Language::kVietnamese);
  EXPECT_EQ(parse({"verify", "--data", "d", "--lang", "en"}, Language::kVietnamese).options->language,
            Language::kEnglish);
  EXPECT_NE(parse({"fly"}, Language::kVietnamese).err.find("xem phusa-server"), std::string::npos);
  EXPECT_EQ(language_of("vi_VN.UTF-8"), Language::kVietnamese);
  EXPECT_EQ(language_of("C.UTF-8"), Language::kEnglish);
}

}  // namespace
}  // namespace phusa::app
