#include "core/client/imports.hpp"
#include "core/merge/merge.hpp"
#include "core/wire/facts.hpp"
#include "tests/server/security/installation.hpp"

#include <sqlite3.h>

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
    for (const Bytes& personal : personal_parts(person_.phone().identity().key.public_key)) {
      salts_.push_back(personal.substr(1, BatchSalt::kSize));
      packed_words_.push_back(personal.substr(1 + BatchSalt::kSize));
    }
    ASSERT_FALSE(salts_.empty());
  }
  /// Of this phone's batches, as the ledger keeps them.
  std::vector<Bytes> personal_parts(const PublicKey& key) const {
    std::vector<Bytes> out;
    with_ledger_file("SELECT personal FROM entries WHERE device = x'" + key.hex() + "'",
                     [&](sqlite3_stmt* row) {
                       out.emplace_back(static_cast<const char*>(sqlite3_column_blob(row, 0)),
                                        static_cast<std::size_t>(sqlite3_column_bytes(row, 0)));
                     });
    return out;
  }
  void with_ledger_file(const std::string& statement, const std::function<void(sqlite3_stmt*)>& row) const {
    sqlite3* file = nullptr;
    ASSERT_EQ(sqlite3_open((office_.data() / "ledger.sqlite").c_str(), &file), SQLITE_OK);
    sqlite3_stmt* prepared = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(file, statement.c_str(), -1, &prepared, nullptr), SQLITE_OK);
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(prepared)) == SQLITE_ROW) row(prepared);
    EXPECT_EQ(step, SQLITE_DONE) << sqlite3_errmsg(file);
    sqlite3_finalize(prepared);
    sqlite3_close(file);
  }
  Outcome erase(const std::vector<std::string>& more) { return erase(person_, more); }
  Outcome erase(RemotePhone& whose, const std::vector<std::string>& more) {
    std::vector<std::string> args{PHUSA_SERVER, "persons",
                                  "erase",      whose.phone().identity().device.hex(),
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
      // A batch keeps its words range-coded: no search for letters finds them.
      for (const Bytes& gone : packed_words_) EXPECT_EQ(bytes.find(gone), std::string::npos) << name;
      for (const Bytes& gone : salts_) EXPECT_EQ(bytes.find(gone), std::string::npos) << "a salt in " << name;
      theirs += bytes.find(kTheirs) != std::string::npos;
    }
    EXPECT_GT(theirs, 0u) << "words are not looked for where they are";
  }
  std::string totals() { return ask(office_, "/v1/totals?by=unit,indicator", token_).body; }

  Office office_;
  std::string token_;
  RemotePhone person_, other_, officer_;
  std::vector<Bytes> packed_words_, salts_;
};

TEST_F(ErasureOfWords, TakesThemOutOfEveryFileAndLeavesEveryFigureProven) {
  const std::string before = totals();
  EXPECT_EQ(notes_of(officer_), (std::vector<std::string>{kTheirs, kWords[2], kWords[1], kWords[0]}));
  EXPECT_EQ(erase({}).status, 2);
  const Outcome erased = erase({"--yes"});
  ASSERT_EQ(erased.status, 0) << erased.err;
  EXPECT_THAT(erased.out, HasSubstr("3 record"));
  EXPECT_THAT(erased.out, HasSubstr("figures, reasons of returns and names of outside partners stay"));
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

TEST_F(ErasureOfWords, OfALedgerThatKeptTheSaltBesideTheLeavesItGoesAtTheNextOpening) {
  ASSERT_EQ(erase({"--yes"}).status, 0);
  office_.stop();
  const PublicKey& key = person_.phone().identity().key.public_key;
  const std::vector<Bytes> erased = personal_parts(key);
  ASSERT_EQ(erased.size(), salts_.size());
  for (std::size_t i = 0; i < erased.size(); ++i) {
    EXPECT_EQ(erased[i].substr(0, 1 + BatchSalt::kSize), Bytes(1, '\1') + Bytes(BatchSalt::kSize, '\0'));
    // As programs of before left it.
    with_ledger_file("UPDATE entries SET personal = x'01" + to_hex(salts_[i]) + "' || substr(personal, 18) " +
                         "WHERE personal = x'" + to_hex(erased[i]) + "'",
                     [](sqlite3_stmt*) {});
  }
  ASSERT_NE(personal_parts(key), erased);
  office_.start();
  EXPECT_EQ(personal_parts(key), erased);
  office_.command({"verify"});
  office_.stop();
  expect_gone_from_files();
}

/// A ledger from before somebody asked comes back.
class ErasureAfterARestore : public ErasureOfWords {
 protected:
  void SetUp() override {
    ErasureOfWords::SetUp();
    ASSERT_EQ(run({PHUSA_SERVER, "backup-key", key()}).status, 0);
    office_.command({"backup", "--out", backup(), "--to", key() + ".pub"});
    person_.log(10, kLate);  // after the backup: it comes back from the phone alone
    ASSERT_EQ(person_.sync(office_.address()), "");
    before_ = rows();
    ASSERT_EQ(erase({"--yes"}).status, 0);
  }
  nlohmann::json rows() { return nlohmann::json::parse(totals())["rows"]; }
  std::string key() const { return folder_.file("office"); }
  std::string backup() const { return folder_.file("backup"); }
  std::filesystem::path restored() const { return folder_.path() / "restored"; }
  /// Puts the restored folder in the place of the old one.
  void replace() {
    std::filesystem::remove_all(office_.data());
    std::filesystem::rename(restored(), office_.data());
  }
  Outcome restore(const std::string& keys) {
    std::vector<std::string> args{PHUSA_SERVER,        "restore", backup(), "--data",
                                  restored().string(), "--key",   key()};
    if (!keys.empty()) args.insert(args.end(), {"--keys", keys});
    return run(args, {{"LC_ALL", "C.UTF-8"}});
  }
  void expect_late_words_gone() {
    for (const auto& [name, bytes] : files_of(office_))
      EXPECT_EQ(bytes.find(kLate), std::string::npos) << name;
  }
  void phones_come_back() {
    for (RemotePhone* phone : {&person_, &other_, &officer_}) ASSERT_EQ(phone->sync(office_.address()), "");
    ASSERT_EQ(officer_.sync(office_.address()), "");
    EXPECT_EQ(notes_of(officer_), (std::vector<std::string>{"", "", "", "", kTheirs}));
    EXPECT_EQ(rows(), before_);
    office_.command({"verify"});
    expect_gone_from_files();
    expect_late_words_gone();
  }
  static constexpr const char* kLate = "loi-ghi-sau-ban-sao-luu";
  FolderInMemory folder_;
  nlohmann::json before_;
};

TEST_F(ErasureAfterARestore, TheWordsGoAgainAndStayAwayWhoeverBringsThem) {
  office_.stop();
  const Outcome back = restore((office_.data() / "keys").string());
  ASSERT_EQ(back.status, 0) << back.err;
  EXPECT_THAT(back.out, HasSubstr("erased again"));
  EXPECT_THAT(back.out, HasSubstr("3 record(s)"));
  replace();
  expect_gone_from_files();  // before anybody serves it
  office_.start();
  phones_come_back();
  EXPECT_THAT(office_.command({"devices", "list", "--format", "csv"}), Not(HasSubstr(kName)));
}

TEST_F(ErasureAfterARestore, OfFilesPutBackInSilenceItIsSeenAtTheStart) {
  // Yesterday's ledger, copied over today's.
  office_.stop();
  ASSERT_EQ(restore("").status, 0);
  std::filesystem::copy(office_.data() / "keys", restored() / "keys");
  replace();
  office_.start();
  expect_gone_from_files();
  phones_come_back();
}

TEST_F(ErasureAfterARestore, WithoutTheListItIsSaidThatSomebodyMustErase) {
  office_.stop();
  std::filesystem::remove(office_.data() / "keys" / "erased");
  const Outcome back = restore((office_.data() / "keys").string());
  ASSERT_EQ(back.status, 0) << back.err;
  EXPECT_THAT(back.out, HasSubstr("erase them again"));
  EXPECT_EQ(run({PHUSA_SERVER, "verify", "--data", restored().string()}).status, 0);
}

/// Two ask after the backup, and are erased at once when it comes back.
class TwoErasuresAfterARestore : public ErasureAfterARestore {
 protected:
  void SetUp() override {
    ErasureOfWords::SetUp();
    ASSERT_EQ(run({PHUSA_SERVER, "backup-key", key()}).status, 0);
    office_.command({"backup", "--out", backup(), "--to", key() + ".pub"});
  }
};

TEST_F(TwoErasuresAfterARestore, WhoReadBetweenThemReadsAnew) {
  ASSERT_EQ(erase({"--yes"}).status, 0);
  ASSERT_EQ(officer_.sync(office_.address()), "");
  ASSERT_EQ(notes_of(officer_), (std::vector<std::string>{"", "", "", kTheirs}));
  ASSERT_EQ(erase(other_, {"--yes"}).status, 0);
  office_.stop();
  ASSERT_EQ(restore((office_.data() / "keys").string()).status, 0);
  replace();
  office_.start();
  ASSERT_EQ(officer_.sync(office_.address()), "");
  EXPECT_EQ(notes_of(officer_), (std::vector<std::string>{"", "", "", ""}));
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

// Else a list imported again by an officer, or on the person's next phone, would count twice for its notes.
TEST_F(ErasureOfWords, AListThatSaysThemIsStillKnownByTheRestOfWhatItSays) {
  std::vector<ImportLine> lines;
  ASSERT_TRUE(officer_.phone().for_each([&](const Phone::Shown& shown) -> Result<void> {
    ImportLine& line = lines.emplace_back(ImportLine{static_cast<std::uint32_t>(lines.size()) + 2, {}});
    for (const Register& reg : shown.state.registers) {
      const Node& node = reg.nodes.front();
      line.draft.push_back({reg.field, reg.field.is_personal() ? Bytes(node.text) : node.version.value});
    }
    return {};
  }));
  ASSERT_EQ(lines.size(), 4u);
  ASSERT_EQ(erase({"--yes"}).status, 0);
  ASSERT_EQ(officer_.sync(office_.address()), "");
  const auto imported = Imports::of(officer_.phone())->import("a file", lines, Alike::kAsk, false);
  ASSERT_TRUE(imported) << imported.error().context;
  EXPECT_TRUE(imported->is_in_doubt);
  EXPECT_EQ(imported->alike.size(), 4u);
  for (ImportLine& line : lines)
    std::erase_if(line.draft, [](const FieldValue& field) { return field.field == FieldKind::kNote; });
  EXPECT_EQ(Imports::of(officer_.phone())->import("no notes", lines, Alike::kAsk, true)->alike.size(), 0u);
}

// Who read them, and hears in one sync that they were replaced and that they are erased, keeps them nowhere.
TEST_F(ErasureOfWords, WhatWasReplacedBeforeIsInNobodysHistory) {
  RemotePhone reader;
  reader.join(office_.address(), office_.code("so_y_te", "officer"));
  ASSERT_EQ(reader.sync(office_.address()), "");
  std::optional<RecordId> replaced;
  ASSERT_TRUE(officer_.phone().for_each([&](const Phone::Shown& shown) -> Result<void> {
    const Register* reg = shown.state.find(FieldKind::kNote);
    if (reg != nullptr && reg->nodes.front().text == kWords[0]) replaced = shown.state.id;
    return {};
  }));
  ASSERT_TRUE(replaced);
  ASSERT_TRUE(officer_.phone().edit(*replaced, Draft{{FieldKind::kNote, "loi-cua-can-bo"}}));
  ASSERT_EQ(officer_.sync(office_.address()), "");
  ASSERT_EQ(erase({"--yes"}).status, 0);
  for (RemotePhone* phone : {&reader, &officer_}) {
    ASSERT_EQ(phone->sync(office_.address()), "");
    const auto history = phone->phone().history(*replaced);
    ASSERT_TRUE(history);
    EXPECT_FALSE(history->empty()) << "that it was replaced is told";
    for (const store::HistoryRow& row : *history)
      EXPECT_EQ(row.replaced.find(kWords[0]), Bytes::npos) << "what it was is told too";
  }
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
