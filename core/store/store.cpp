#include "core/store/store.hpp"

#include "core/store/schema.hpp"
#include "core/store/store_impl.hpp"

#include <utility>

namespace phusa::store {
namespace {

int on_busy(void* context, int attempt) {
  auto* wait = static_cast<Waiter*>(context);
  return (*wait)(std::chrono::milliseconds(attempt) * 10) ? 1 : 0;
}

Result<std::int64_t> read_number(sqlite3* db, const char* sql) {
  PHUSA_ASSIGN(auto statement, sqlite::Statement::prepare(db, sql));
  PHUSA_ASSIGN(const bool row, statement.step());
  return row ? statement.integer(0) : 0;
}

/// Whether there is such a file, whatever it is; where that cannot be told, there is.
bool is_there(const std::string& path) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  int there = 0;
  return vfs == nullptr || vfs->xAccess(vfs, path.c_str(), SQLITE_ACCESS_EXISTS, &there) != SQLITE_OK ||
         there != 0;
}

/// A program that died in the middle of a commit leaves a log that the system has and the disk may not. What
/// is about to be shown out of it must be on the disk first. It writes nothing, and waits for nobody.
Result<void> sync_log(sqlite3* db) {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log == nullptr || log->pMethods == nullptr) return {};
  const int rc = log->pMethods->xSync(log, SQLITE_SYNC_FULL);
  return rc == SQLITE_OK ? Result<void>() : fail(sqlite::error_of(db, rc, "sync"));
}

}  // namespace

Store::Impl::~Impl() {
  statements.clear();
  if (!db) return;
  // Closing the last connection checkpoints; that is writing, and must not meet another writer.
  const bool held = !options.read_only && hold.try_acquire();
  if (!held) sqlite3_db_config(db.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  db.reset();
  if (held) hold.release();
}

Result<sqlite::Statement*> Store::Impl::statement(const char* sql) {
  const auto at = statements.find(sql);
  if (at != statements.end()) return &at->second;
  PHUSA_ASSIGN(auto prepared, sqlite::Statement::prepare(db.get(), sql));
  return &statements.emplace(sql, std::move(prepared)).first->second;
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(StoreOptions options) {
  if (options.path.empty()) return fail(ErrorCode::kInvalidArgument, "a store needs a file name");
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  if (!impl->options.wait) impl->options.wait = patient_waiter();
  sqlite3* raw = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (impl->options.read_only ? 0 : SQLITE_OPEN_CREATE);
  const int rc = sqlite3_open_v2(impl->options.path.c_str(), &raw, flags, nullptr);
  impl->db.reset(raw);
  if (rc != SQLITE_OK) {
    Error error = sqlite::error_of(raw, rc, impl->options.path);
    if (impl->options.read_only && error.code == ErrorCode::kIo && !is_there(impl->options.path))
      error.code = ErrorCode::kNotFound;
    return fail(error);
  }
  sqlite3_extended_result_codes(raw, 1);
  // Until we know that the file is ours, nothing of it may change, not even by a checkpoint when we close it.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  std::unique_ptr<Store> store(new Store(std::move(impl)));
  sqlite3_busy_handler(raw, on_busy, &store->impl_->options.wait);
  PHUSA_TRY(store->check_file());
  PHUSA_TRY(store->prepare_file());
  sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  return store;
}

Result<void> Store::check_file() {
  sqlite3* db = impl_->db.get();
  PHUSA_ASSIGN(const std::int64_t application, read_number(db, "PRAGMA application_id"));
  PHUSA_ASSIGN(const std::int64_t version, read_number(db, "PRAGMA user_version"));
  PHUSA_ASSIGN(const std::int64_t objects, read_number(db, "SELECT count(*) FROM sqlite_master"));
  const bool is_new = application == 0 && version == 0 && objects == 0;
  if (!is_new && application != kApplicationId) {
    return fail(ErrorCode::kConflict,
                impl_->options.path + " is a database of another application; choose another file");
  }
  if (version > static_cast<std::int64_t>(kMigrations.size())) {
    return fail(ErrorCode::kUnsupportedVersion,
                impl_->options.path + " was written by a newer version of the program (store version " +
                    std::to_string(version) + ", this one knows " + std::to_string(kMigrations.size()) +
                    "): update it");
  }
  if (is_new && impl_->options.read_only)
    return fail(ErrorCode::kNotFound, impl_->options.path + " is empty");
  impl_->is_older = !is_new && version < static_cast<std::int64_t>(kMigrations.size());
  return {};
}

Result<void> Store::prepare_file() {
  sqlite3* db = impl_->db.get();
  // A reader needs the tables of this version too, so an older file is brought up to date even for one.
  const bool writes = !impl_->options.read_only || impl_->is_older;
  if (writes) {
    PHUSA_ASSIGN(impl_->hold, HoldFile::open(impl_->options.path));
    PHUSA_TRY(impl_->hold.acquire(impl_->options.wait));
  }
  const auto prepare = [&]() -> Result<void> {
    PHUSA_TRY(
        sqlite::execute(db,
                        "PRAGMA synchronous=FULL; PRAGMA fullfsync=1; PRAGMA checkpoint_fullfsync=1;"
                        "PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF"));
    if (!writes) return sync_log(db);
    // A program that died in the middle of a commit leaves a log that the system has and the disk may not.
    // What we are about to show out of it must be on the disk first: a checkpoint syncs it.
    PHUSA_TRY(sqlite::execute(db, "PRAGMA journal_mode=WAL; PRAGMA wal_checkpoint(PASSIVE)"));
    PHUSA_ASSIGN(const std::int64_t version, read_number(db, "PRAGMA user_version"));
    if (version == static_cast<std::int64_t>(kMigrations.size())) return {};
    // Somebody may have migrated while we waited: the version is read again under the lock, and all steps are
    // one.
    Bytes script = "BEGIN IMMEDIATE;";
    for (std::size_t step = static_cast<std::size_t>(version); step < kMigrations.size(); ++step)
      script += kMigrations[step];
    script += "PRAGMA application_id=" + std::to_string(kApplicationId) +
              ";PRAGMA user_version=" + std::to_string(kMigrations.size()) + ";COMMIT";
    auto done = sqlite::execute(db, script.c_str());
    if (!done) sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
    return done;
  };
  auto prepared = prepare();
  if (writes) impl_->hold.release();
  return prepared;
}

Store::Transaction::Transaction(Transaction&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)), writes_(other.writes_) {}

Store::Transaction::~Transaction() {
  if (store_ == nullptr) return;
  Impl& impl = *store_->impl_;
  if (sqlite3_get_autocommit(impl.db.get()) == 0)
    sqlite3_exec(impl.db.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  if (!writes_) return;
  impl.cache = BlockCache();
  impl.writing = false;
  impl.hold.release();
}

Result<void> Store::Transaction::commit() {
  Impl& impl = *store_->impl_;
  PHUSA_ASSIGN(auto* statement, impl.statement("COMMIT"));
  PHUSA_TRY(statement->run());  // on failure the destructor rolls back
  store_ = nullptr;
  if (writes_) {
    impl.writing = false;
    impl.hold.release();
  }
  return {};
}

Result<Store::Transaction> Store::begin_write() {
  if (impl_->options.read_only) return fail(ErrorCode::kForbidden, "this store was opened for reading only");
  PHUSA_TRY(impl_->hold.acquire(impl_->options.wait));
  const auto begin = [&]() -> Result<void> {
    PHUSA_ASSIGN(auto* statement, impl_->statement("BEGIN IMMEDIATE"));
    return statement->run();
  };
  if (auto begun = begin(); !begun) {
    impl_->hold.release();
    return fail(std::move(begun).error());
  }
  impl_->writing = true;
  Transaction transaction(*this, true);
  PHUSA_TRY(notice_changes());
  return transaction;
}

Result<Store::Transaction> Store::begin_read() {
  PHUSA_ASSIGN(auto* statement, impl_->statement("BEGIN"));
  PHUSA_TRY(statement->run());
  return Transaction(*this, false);
}

Result<void> Store::erase(Transaction transaction) {
  sqlite3* db = impl_->db.get();
  PHUSA_TRY(sqlite::execute(db, "PRAGMA secure_delete=ON"));
  std::vector<std::string> tables;
  PHUSA_ASSIGN(auto query,
               sqlite::Statement::prepare(db, "SELECT name FROM sqlite_master WHERE type = 'table'"));
  for (;;) {
    PHUSA_ASSIGN(const bool row, query.step());
    if (!row) break;
    tables.emplace_back(query.blob(0));
  }
  query.reset();
  for (const std::string& table : tables) PHUSA_TRY(sqlite::execute(db, ("DELETE FROM " + table).c_str()));
  PHUSA_TRY(transaction.commit());
  impl_->cache = BlockCache();
  // It is gone for good by now. What follows takes the pages out of the file and empties the log beside it;
  // where another program keeps it from that, closing the store does it.
  if (!impl_->hold.acquire(impl_->options.wait)) return {};
  impl_->statements.clear();
  sqlite3_exec(db, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA secure_delete=OFF", nullptr, nullptr,
               nullptr);
  impl_->hold.release();
  return {};
}

Result<bool> Store::changed_elsewhere() {
  if (!impl_->writing) PHUSA_TRY(notice_changes());
  return std::exchange(impl_->changed, false);
}

/// Blocks are only added, but for a store that was emptied: what is remembered of them may be of another.
Result<void> Store::notice_changes() {
  PHUSA_STATEMENT(query, "PRAGMA data_version");
  PHUSA_TRY(query->step());
  const std::int64_t version = query->integer(0);
  if (std::exchange(impl_->data_version, version) == version) return {};
  impl_->changed = true;
  impl_->cache = BlockCache();
  return {};
}

Result<std::optional<Bytes>> Store::get(std::string_view key) {
  PHUSA_STATEMENT(query, "SELECT value FROM meta WHERE key = ?");
  query->bind_text(1, key);
  PHUSA_ASSIGN(const bool row, query->step());
  if (!row) return std::optional<Bytes>();
  return std::optional<Bytes>(Bytes(query->blob(0)));
}

Result<void> Store::put(std::string_view key, BytesView value) {
  PHUSA_STATEMENT(insert, "INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)");
  insert->bind_text(1, key).bind_blob(2, value);
  return insert->run();
}

Result<void> Store::drop(std::string_view key) {
  PHUSA_STATEMENT(remove, "DELETE FROM meta WHERE key = ?");
  remove->bind_text(1, key);
  return remove->run();
}

}  // namespace phusa::store
