#include "core/store/store.hpp"

#include "core/store/schema.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace phusa::store {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Store>> open(bool read_only = false) {
    return Store::open({path_, read_only, [](std::chrono::milliseconds) { return false; }});
  }
  static std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void run_sql(const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  static RecordId id(std::uint64_t block, std::uint32_t n) { return {DeviceId{{1, 2, 3}}, block, n}; }
  static void put(Store& store, std::uint32_t n, const std::string& state) {
    auto transaction = store.begin_write();
    ASSERT_TRUE(transaction);
    const auto row = store.row_of(id(9, n));
    ASSERT_TRUE(row);
    ASSERT_TRUE(store.put_pending(*row, state));
    ASSERT_TRUE(transaction->commit());
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_.file("phone");
};

TEST_F(StoreTest, ANewerVersionIsRefusedAndLeftAsItWas) {
  { ASSERT_TRUE(open()); }
  run_sql(("PRAGMA user_version=" + std::to_string(kMigrations.size() + 1)).c_str());
  const std::string before = content(path_);
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(content(path_), before);
}

/// A file as the first version made it, with a bit of everything in it.
class FirstVersionTest : public StoreTest {
 protected:
  FirstVersionTest() {
    run_sql(kMigrations[0]);
    run_sql(
        "PRAGMA application_id=1349014369; PRAGMA user_version=1; PRAGMA journal_mode=WAL;"
        "INSERT INTO meta VALUES('cursor', x'0102');"
        "INSERT INTO devices VALUES(1, x'01020300000000000000000000000000');"
        "INSERT INTO blocks VALUES(1, 1, 9);"
        "INSERT INTO pending VALUES((1 << 32) | 3, x'aa');"
        "INSERT INTO own VALUES((1 << 32) | 4, 1, 5, x'bb');"
        "INSERT INTO base VALUES((1 << 32) | 5, 0, 0, x'cc');"
        "INSERT INTO history VALUES((1 << 32) | 5, 1, 77, x'dd');"
        "INSERT INTO batches VALUES(1, zeroblob(8), 1, randomblob(32), 1, 0, 7, 2, 44, x'0102030405060708', "
        "x'ee');"
        "INSERT INTO batches VALUES(2, zeroblob(8), 2, zeroblob(32), 0, 1, 8, 2, 0, x'', x'ff');"
        "INSERT INTO catalogues VALUES(1, zeroblob(32), zeroblob(64), x'');"
        "INSERT INTO catalogues VALUES(2, randomblob(32), zeroblob(64), x'c2');");
    static_assert(kApplicationId == 1349014369);
  }
  static void expect_all(Store& store) {
    EXPECT_EQ(**store.get("cursor"), "\x01\x02");
    EXPECT_EQ(**store.pending(*store.row_of(id(9, 3))), "\xaa");
    EXPECT_EQ((*store.own(*store.row_of(id(9, 4))))->hold, static_cast<HoldReason>(5));
    EXPECT_EQ((*store.base(*store.row_of(id(9, 5))))->state, "\xcc");
    EXPECT_EQ(store.history(*store.row_of(id(9, 5)))->size(), 1u);
    const auto first = *store.batch(1);
    EXPECT_EQ(first->state, BatchState::kAcknowledged);
    EXPECT_EQ(first->point.position, 44u);
    EXPECT_EQ(first->changes, 7u);
    EXPECT_FALSE(first->handed_at);
    EXPECT_FALSE(first->send_chain);
    const auto second = *store.batch_hashed(Hash{});
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->send_whole);
    EXPECT_EQ(second->encoded, "\xff");
    EXPECT_EQ(store.unacknowledged()->changes, 8u);
    EXPECT_EQ((*store.newest_catalogue())->encoded, "\xc2");
    EXPECT_EQ(store.catalogue_hashes(1)->size(), 1u);
    EXPECT_EQ(store.catalogues_after(0, 9)->size(), 1u);
    EXPECT_EQ(*store.count_carried(), 0u);
  }
};

TEST_F(FirstVersionTest, IsBroughtUpToDateWithAllThatIsInIt) {
  for (int opening = 0; opening < 2; ++opening) {
    const auto store = open();
    ASSERT_TRUE(store) << store.error().context;
    expect_all(**store);
    auto transaction = (*store)->begin_write();
    ASSERT_TRUE(transaction);
    auto row = *(*store)->batch(2);
    row->handed_at = WallTime(std::chrono::seconds(-5));
    ASSERT_TRUE((*store)->update_batch(*row));
    EXPECT_EQ((*(*store)->batch(2))->handed_at, row->handed_at);
  }
}

TEST_F(FirstVersionTest, IsBroughtUpToDateForAReaderToo) {
  const auto reader = open(true);
  ASSERT_TRUE(reader) << reader.error().context;
  EXPECT_EQ((*reader)->unacknowledged()->changes, 8u);
}

TEST_F(StoreTest, CataloguesAreKeptWholeUpToAnumberAndTheirHashesForEver) {
  const auto store = open();
  auto transaction = (*store)->begin_write();
  for (std::uint32_t revision = 1; revision <= 40; ++revision) {
    const Bytes encoded = "catalogue " + std::to_string(revision);
    ASSERT_TRUE((*store)->put_catalogue({revision, hash_of(encoded), {}, encoded}));
  }
  // Of one number the last that came.
  ASSERT_TRUE((*store)->put_catalogue({40, hash_of("other"), {}, "other"}));
  EXPECT_EQ((*(*store)->newest_catalogue())->encoded, "other");
  EXPECT_EQ((*store)->catalogue_hashes(40)->size(), 2u);
  EXPECT_EQ((*store)->catalogue_hashes(1)->front(), hash_of("catalogue 1"));
  const auto kept = (*store)->catalogues_after(0, 100);
  ASSERT_EQ(kept->size(), limits::kCataloguesKeptMax);
  EXPECT_EQ(kept->front().revision, 40 - limits::kCataloguesKeptMax + 2);
  EXPECT_EQ((*store)->catalogues_after(38, 1)->front().revision, 39u);
}

TEST_F(StoreTest, OfTheOfficesEntriesTheNewestAreKept) {
  const auto store = open();
  auto transaction = (*store)->begin_write();
  for (std::size_t number = 1; number <= limits::kOfficeEntriesKeptMax + 3; ++number) {
    const Bytes entry = "entry " + std::to_string(number);
    ASSERT_TRUE((*store)->add_office_entry(hash_of(entry), entry));
  }
  const auto kept = (*store)->office_entries_after(0, 2 * limits::kOfficeEntriesKeptMax);
  ASSERT_EQ(kept->size(), limits::kOfficeEntriesKeptMax);
  EXPECT_EQ(kept->front().second, "entry 4");
}

TEST_F(StoreTest, OfOwnBundlesTheNewestAreKnownAgain) {
  const auto store = open();
  auto transaction = (*store)->begin_write();
  const auto id = [](std::size_t number) {
    return Bytes(hash_of(std::to_string(number)).view().substr(0, 16));
  };
  for (std::size_t number = 1; number <= limits::kHandedOverKeptMax + 2; ++number)
    ASSERT_TRUE((*store)->add_handed(id(number), WallTime(std::chrono::seconds(number))));
  EXPECT_FALSE(*(*store)->is_handed(id(2)));
  EXPECT_TRUE(*(*store)->is_handed(id(3)));
}

TEST_F(StoreTest, OfParcelsTheOldestExportedGiveWay) {
  const auto store = open();
  auto transaction = (*store)->begin_write();
  for (std::size_t i = 0; i < limits::kCarriedBundlesMax; ++i) {
    const Bytes parcel = "parcel " + std::to_string(i);
    ASSERT_TRUE(*(*store)->add_parcel({"id", parcel}));
    if (i >= 100) continue;
    ASSERT_TRUE((*store)->note_exported(static_cast<std::int64_t>(i) + 1, hash_of(parcel)));
  }
  for (std::size_t i = 0; i < 30; ++i)
    ASSERT_TRUE(*(*store)->add_parcel({"id", "later " + std::to_string(i)}));
  const auto parcels = (*store)->parcels();
  EXPECT_EQ(parcels->size(), limits::kCarriedBundlesMax);
  EXPECT_EQ(parcels->front().parcel, "parcel 100") << "what no file has had comes first";
  EXPECT_EQ((*parcels)[limits::kCarriedBundlesMax - 70].parcel, "parcel 30");
  EXPECT_EQ(*(*store)->count_parcels_to_return(), limits::kCarriedBundlesMax - 100 + 30);
}

TEST_F(StoreTest, ParcelsThatAFileBringsPushOutNoneThatWait) {
  const auto opened = open();
  ASSERT_TRUE(opened);
  Store& store = **opened;
  auto transaction = store.begin_write();
  ASSERT_TRUE(*store.add_parcel({"id", "of the server"}));
  ASSERT_TRUE(*store.add_parcel({"id", "brought before", true}));
  for (std::size_t i = 2; i < limits::kCarriedBundlesMax; ++i)
    ASSERT_TRUE(*store.add_parcel({"id", "junk " + std::to_string(i), true}));
  EXPECT_FALSE(*store.add_parcel({"id", "more junk", true}));
  ASSERT_TRUE(*store.add_parcel({"id", "of the server too"}));
  auto parcels = *store.parcels();
  ASSERT_EQ(parcels.size(), limits::kCarriedBundlesMax);
  EXPECT_EQ(parcels[0].parcel, "of the server");
  EXPECT_EQ(parcels[1].parcel, "brought before");
  EXPECT_EQ(parcels.back().parcel, "of the server too");
  for (const ParcelRow& parcel : parcels)
    ASSERT_TRUE(store.note_exported(parcel.seq, hash_of(parcel.parcel)));
  EXPECT_TRUE(*store.add_parcel({"id", "more junk", true})) << "once they are in a file there is room again";
  EXPECT_EQ(store.parcels()->front().parcel, "more junk");
}

TEST_F(StoreTest, OfBundlesThatTheServerTookTheNewestStay) {
  const auto opened = open();
  ASSERT_TRUE(opened);
  Store& store = **opened;
  auto transaction = store.begin_write();
  ASSERT_TRUE(transaction);
  constexpr std::size_t kKept = limits::kTakenBundlesBytesMax / limits::kBundleBytesMax;
  for (std::size_t i = 0; i <= kKept + 1; ++i) {
    Bytes bundle(limits::kBundleBytesMax, 'x');
    bundle.replace(0, 4, std::to_string(1000 + i));
    ASSERT_TRUE(*store.add_carried(bundle));
    if (i == 0) continue;
    ASSERT_TRUE(store.note_taken(static_cast<std::int64_t>(i) + 1));
  }
  EXPECT_EQ(*store.count_carried(), 1u);
  EXPECT_EQ((*store.any_carried(0))->seq, 1) << "the oldest was not taken";
  EXPECT_FALSE(*store.any_carried(1));
  ASSERT_TRUE(store.retry_carried());
  EXPECT_EQ((*store.any_carried(1))->seq, 3) << "of those taken the oldest went";
  std::uint64_t offered = 0;
  for (std::int64_t after = 1; const auto next = *store.any_carried(after); ++offered) after = next->seq;
  EXPECT_EQ(offered, kKept);
}

TEST_F(StoreTest, WhatIsOfferedAgainAndNotTakenCountsAmongTheBytesThatStay) {
  const auto opened = open();
  ASSERT_TRUE(opened);
  Store& store = **opened;
  auto transaction = store.begin_write();
  ASSERT_TRUE(transaction);
  constexpr std::size_t kKept = limits::kTakenBundlesBytesMax / limits::kBundleBytesMax;
  const auto take = [&](std::size_t number) {
    Bytes bundle(limits::kBundleBytesMax, 'x');
    bundle.replace(0, 4, std::to_string(1000 + number));
    ASSERT_TRUE(*store.add_carried(bundle));
    ASSERT_TRUE(store.note_taken(static_cast<std::int64_t>(number)));
  };
  for (std::size_t number = 1; number <= kKept; ++number) take(number);
  ASSERT_TRUE(store.retry_carried());
  ASSERT_TRUE(store.put_off_carried(1, 7, WallTime{}, true));
  take(kKept + 1);
  EXPECT_EQ((*store.any_carried(0))->seq, 2) << "tried, and the oldest";
  take(kKept + 2);
  EXPECT_EQ((*store.any_carried(0))->seq, 2) << "what was never tried stays";
}

/// A file as the version before no_key and delivered made it.
TEST_F(StoreTest, OfAnOlderFileWhatWasTakenIsKnownToHaveBeenDelivered) {
  constexpr std::size_t kBefore = 4;
  for (std::size_t step = 0; step < kBefore; ++step) run_sql(kMigrations[step]);
  run_sql(
      "PRAGMA application_id=1349014369; PRAGMA user_version=4;"
      "INSERT INTO carried(seq, hash, bundle, taken) VALUES(1, x'01', x'aa', 1), (2, x'02', x'bb', 0);"
      "INSERT INTO parcels(seq, hash, exported, bundle, parcel) VALUES(1, x'01', 0, x'aa', x'bb');");
  const auto store = open();
  ASSERT_TRUE(store) << store.error().context;
  auto transaction = (*store)->begin_write();
  ASSERT_TRUE((*store)->retry_carried());
  EXPECT_EQ((*(*store)->any_carried(0))->seq, 1);
  EXPECT_EQ(*(*store)->count_carried(), 1u);
  EXPECT_EQ((*(*store)->next_to_pass_on(0, false))->seq, 2);
  EXPECT_EQ(*(*store)->drop_without_key(9), 0u);
  EXPECT_EQ(*(*store)->count_parcels_to_return(), 1u);
}

TEST_F(StoreTest, ABundleThatWasTakenMayBeBroughtAgain) {
  const auto opened = open();
  ASSERT_TRUE(opened);
  Store& store = **opened;
  auto transaction = store.begin_write();
  ASSERT_TRUE(transaction);
  ASSERT_TRUE(*store.add_carried("a bundle"));
  EXPECT_FALSE(*store.add_carried("a bundle"));
  ASSERT_TRUE(store.note_taken(1));
  EXPECT_EQ(*store.count_carried(), 0u);
  EXPECT_TRUE(*store.add_carried("a bundle"));
  EXPECT_EQ(*store.count_carried(), 1u);
}

TEST_F(StoreTest, AFileThatIsNotSqliteIsRefusedAndLeftAsItWas) {
  const std::string text = std::string("trees;30\n").append(5000, 'x');
  std::ofstream(path_) << text;
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(content(path_), text);
}

TEST_F(StoreTest, AnotherApplicationsDatabaseIsRefusedAndLeftAsItWas) {
  run_sql("CREATE TABLE notes(text)");
  const std::string before = content(path_);
  EXPECT_EQ(open().error().code, ErrorCode::kConflict);
  EXPECT_EQ(content(path_), before);
}

TEST_F(StoreTest, ReadingOnlyNeedsAStoreThatIsThereAndNeverWrites) {
  EXPECT_EQ(open(true).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(path_));
  { ASSERT_TRUE(open()); }
  const auto reader = open(true);
  ASSERT_TRUE(reader) << reader.error().context;
  EXPECT_EQ((*reader)->begin_write().error().code, ErrorCode::kForbidden);
}

TEST_F(StoreTest, DamagedPagesAreSaidToBeDamaged) {
  {
    const auto store = open();
    for (std::uint32_t n = 1; n <= 50; ++n) put(**store, n, std::string(3000, 's'));
  }
  std::string bytes = content(path_);
  ASSERT_GT(bytes.size(), 20'000u);
  for (std::size_t at = 4096; at < bytes.size(); ++at) bytes[at] = static_cast<char>(at * 7);
  std::ofstream(path_, std::ios::binary) << bytes;
  const auto store = open();
  const auto code = [&]() -> ErrorCode {
    if (!store) return store.error().code;
    const auto rows = (*store)->for_each_record([](const RecordRows&) -> Result<void> { return {}; });
    return rows ? ErrorCode::kInternal : rows.error().code;
  };
  EXPECT_EQ(code(), ErrorCode::kCorrupt);
}

TEST_F(StoreTest, WhatIsNotCommittedIsNotThere) {
  const auto store = open();
  {
    const auto transaction = (*store)->begin_write();
    ASSERT_TRUE((*store)->row_of(id(5, 1)));
    ASSERT_TRUE((*store)->put("key", "value"));
  }
  EXPECT_FALSE(*(*store)->get("key"));
  EXPECT_FALSE(*(*store)->find_row(id(5, 1))) << "a block of a transaction rolled back must be forgotten";
}

TEST_F(StoreTest, RecordsAreFoundByIdAndByWhatPeopleType) {
  {
    const auto store = open();
    put(**store, 3, "state");
  }
  const auto store = open();
  const auto found = (*store)->find_ref(ref_of(id(9, 3)));
  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_EQ(**found, id(9, 3));
  const auto row = (*store)->find_row(id(9, 3));
  EXPECT_EQ(*(*store)->id_of(**row), id(9, 3));
  EXPECT_EQ(**(*store)->pending(**row), "state");
}

TEST_F(StoreTest, BlocksThatAnotherConnectionAddedAreSeen) {
  const auto one = open();
  const auto two = open();
  put(**one, 1, "one");
  put(**two, 2, "two");
  put(**one, 3, "three");
  std::size_t records = 0;
  ASSERT_TRUE((*two)->for_each_record([&](const RecordRows& rows) -> Result<void> {
    ++records;
    EXPECT_TRUE((*two)->id_of(rows.id));
    return {};
  }));
  EXPECT_EQ(records, 3u);
  EXPECT_TRUE(*(*one)->changed_elsewhere());
}

TEST_F(StoreTest, AnotherProcessWaitsForItsTurnAndThenSaysBusy) {
  auto store = open();
  ASSERT_TRUE(store);
  auto held = (*store)->begin_write();
  ASSERT_TRUE(held);
  // Counts how often it was asked to wait, instead of waiting.
  const auto in_child = [&](int patience) {
    const pid_t child = ::fork();
    if (child == 0) {
      int asked = 0;
      const auto other =
          Store::open({path_, false, [&](std::chrono::milliseconds) { return ++asked < patience; }});
      const bool busy = !other && other.error().code == ErrorCode::kBusy;
      ::_exit(busy && asked == patience ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  EXPECT_EQ(in_child(3), 0);
}

TEST_F(StoreTest, ARecordThatIsOnlyTheServersCostsOneRow) {
  const auto store = open();
  auto transaction = (*store)->begin_write();
  for (std::uint32_t n = 1; n <= 2000; ++n) {
    ASSERT_TRUE((*store)->put_base(*(*store)->row_of(id(9, n)),
                                   {HoldReason::kNone, HoldReason::kNone, Bytes(90, 'b'), false}));
  }
  ASSERT_TRUE(transaction->commit());
  run_sql("PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_LT(std::filesystem::file_size(path_), 2000u * 90 + 2000 * 15 + 120'000);
}

}  // namespace
}  // namespace phusa::store
