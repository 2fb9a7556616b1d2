#include "sync-server/ledger/sqlite/connection.hpp"

namespace phusa::ledger {
namespace {

ErrorCode code_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return ErrorCode::kDiskFull;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kBusy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorrupt;
    case SQLITE_CONSTRAINT:
      return ErrorCode::kConflict;
    case SQLITE_MISUSE:
    case SQLITE_ERROR:
      return ErrorCode::kInternal;
    case SQLITE_TOOBIG:
      return ErrorCode::kLimitExceeded;
    default:
      return ErrorCode::kIo;
  }
}

/// So many at a time: half a megabyte between two words of progress.
constexpr int kPagesPerStep = 64;

}  // namespace

Error sqlite_error(sqlite3* database, int code) {
  return Error{code_of(code), std::string("the ledger's database: ") +
                                  (database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code))};
}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  home_->push_back(statement_);
}

Statement& Statement::with(std::int64_t value) {
  sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

Statement& Statement::with(BytesView bytes) {
  // An empty view may have no address, which SQLite would take for NULL.
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  sqlite3_bind_blob64(statement_, ++bound_, data, bytes.size(), SQLITE_STATIC);
  return *this;
}

Statement& Statement::with_null() {
  sqlite3_bind_null(statement_, ++bound_);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(sqlite_error(database_, code));
}

Result<void> Statement::run() {
  PHUSA_TRY(step());
  return {};
}

void Statement::again() {
  sqlite3_reset(statement_);
  bound_ = 0;
}

BytesView Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, bool writable) {
  sqlite3* database = nullptr;
  const int flags =
      (writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(database));
  if (code != SQLITE_OK) {
    Error error = sqlite_error(database, code);
    error.context += " (" + path + ")";
    return fail(std::move(error));
  }
  sqlite3_extended_result_codes(database, 1);
  return connection;
}

Connection::~Connection() {
  for (auto& [sql, statements] : idle_) {
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  }
  sqlite3_close_v2(database_);
}

Result<void> Connection::run(const char* sql) {
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(sqlite_error(database_, code));
  return {};
}

Result<Statement> Connection::lend(const char* sql) {
  std::vector<sqlite3_stmt*>& home = idle_[sql];
  if (!home.empty()) {
    sqlite3_stmt* statement = home.back();
    home.pop_back();
    return Statement(database_, statement, &home);
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return fail(sqlite_error(database_, code));
  return Statement(database_, statement, &home);
}

Result<std::int64_t> Connection::integer(const char* sql) {
  PHUSA_ASSIGN(Statement statement, lend(sql));
  PHUSA_ASSIGN(const bool found, statement.step());
  return found ? statement.integer(0) : 0;
}

void Connection::on_commit(std::function<void(int)> committed) {
  committed_ = std::move(committed);
  const auto call = [](void* connection, sqlite3*, const char*, int pages) {
    static_cast<Connection*>(connection)->committed_(pages);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(database_, call, this);
}

bool Connection::checkpoint() {
  int pages = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
  return code == SQLITE_OK && pages == moved;
}

Result<void> Connection::copy_to(const std::string& path,
                                 const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  PHUSA_ASSIGN(const auto target, open(path, true));
  PHUSA_TRY(target->run("PRAGMA synchronous = FULL"));
  // While the transaction lasts, writers do not change what this connection sees, so no step starts over.
  PHUSA_TRY(run("BEGIN"));
  const auto copied = [&]() -> Result<void> {
    PHUSA_TRY(integer("SELECT count(*) FROM sqlite_schema"));  // the first read is what pins the view
    sqlite3_backup* backup = sqlite3_backup_init(target->database_, "main", database_, "main");
    if (backup == nullptr) return fail(sqlite_error(target->database_, sqlite3_errcode(target->database_)));
    int code = SQLITE_OK;
    while (code == SQLITE_OK) {
      code = sqlite3_backup_step(backup, kPagesPerStep);
      const int total = sqlite3_backup_pagecount(backup);
      progress(static_cast<std::uint64_t>(total - sqlite3_backup_remaining(backup)),
               static_cast<std::uint64_t>(total));
    }
    const int ended = sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) return fail(sqlite_error(target->database_, ended == SQLITE_OK ? code : ended));
    // One file, not three: what is copied away must not leave a part behind.
    return target->run("PRAGMA journal_mode = DELETE");
  }();
  (void)run("ROLLBACK");
  return copied;
}

}  // namespace phusa::ledger
