#include "core/store/sqlite.hpp"

#include <cerrno>

namespace phusa::sqlite {
namespace {

/// A full disk under the log's index in shared memory is a plain I/O error to SQLite, unlike one under its
/// files.
bool is_disk_full(sqlite3* db, int rc) {
  if ((rc & 0xff) == SQLITE_FULL) return true;
  return (rc & 0xff) == SQLITE_IOERR && db != nullptr && sqlite3_system_errno(db) == ENOSPC;
}

}  // namespace

Error error_of(sqlite3* db, int rc, std::string_view doing) {
  const std::string what =
      "the store: " + std::string(doing) + ": " + (db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
  if (is_disk_full(db, rc))
    return {ErrorCode::kDiskFull, "the disk is full: free some space and try again (" + what + ")"};
  switch (rc & 0xff) {
    case SQLITE_CORRUPT:
      return {ErrorCode::kCorrupt, "the store's file is damaged (" + what + ")"};
    case SQLITE_NOTADB:
      return {ErrorCode::kCorrupt, "this file is not a store of Phù Sa (" + what + ")"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::kBusy, "another program is using this store; try again (" + what + ")"};
    case SQLITE_CANTOPEN:
      return {ErrorCode::kIo, "the store's file cannot be opened (" + what + ")"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {ErrorCode::kIo, "the store may not be written (" + what + ")"};
    case SQLITE_NOMEM:
    case SQLITE_MISUSE:
      return {ErrorCode::kInternal, what};
    default:
      return {ErrorCode::kIo, what};
  }
}

Result<Statement> Statement::prepare(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int rc = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                    &raw, nullptr);
  if (rc != SQLITE_OK) return fail(error_of(db, rc, sql));
  Statement out;
  out.statement_.reset(raw);
  return out;
}

Statement& Statement::bind(int at, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), at, value);
  return *this;
}

Statement& Statement::bind_blob(int at, BytesView value) {
  // A null pointer would bind NULL, and an empty blob is not NULL.
  const char* data = value.data() == nullptr ? "" : value.data();
  sqlite3_bind_blob64(statement_.get(), at, data, value.size(), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_text(int at, std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();
  sqlite3_bind_text64(statement_.get(), at, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_null(int at) {
  sqlite3_bind_null(statement_.get(), at);
  return *this;
}

Result<bool> Statement::step() {
  const int rc = sqlite3_step(statement_.get());
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  sqlite3* db = sqlite3_db_handle(statement_.get());
  const Error error = error_of(db, rc, sqlite3_sql(statement_.get()));
  reset();
  return fail(error);
}

Result<void> Statement::run() {
  for (;;) {
    PHUSA_ASSIGN(const bool row, step());
    if (!row) break;
  }
  reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

BytesView Statement::blob(int at) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), at));
  const int size = sqlite3_column_bytes(statement_.get(), at);
  return data == nullptr ? BytesView() : BytesView(data, static_cast<std::size_t>(size));
}

Result<void> execute(sqlite3* db, const char* sql) {
  const int rc = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) return fail(error_of(db, rc, sql));
  return {};
}

}  // namespace phusa::sqlite
