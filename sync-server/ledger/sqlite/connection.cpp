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

}  // namespace phusa::ledger
