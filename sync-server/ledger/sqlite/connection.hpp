#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace phusa::ledger {

/// A prepared statement on loan: bound left to right with `with`, stepped, and reset when the loan ends.
class Statement {
 public:
  Statement(sqlite3* database, sqlite3_stmt* statement, std::vector<sqlite3_stmt*>* home)
      : database_(database), statement_(statement), home_(home) {}
  Statement(Statement&& other) noexcept
      : database_(other.database_),
        statement_(std::exchange(other.statement_, nullptr)),
        home_(other.home_),
        bound_(other.bound_) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& with(std::int64_t value);
  /// The bytes must stay where they are until the statement has been stepped to its end.
  Statement& with(BytesView bytes);
  Statement& with_null();

  /// Whether there is a row.
  Result<bool> step();
  /// For statements without rows.
  Result<void> run();
  /// Ready for the next binding of the same statement.
  void again();

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  /// Valid until the next step.
  BytesView bytes(int column) const;
  /// Zero when the stored bytes have another length: what is compared with it will not match.
  template <class Fixed>
  Fixed fixed(int column) const {
    const auto value = Fixed::from(bytes(column));
    return value ? *value : Fixed{};
  }

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_;
  std::vector<sqlite3_stmt*>* home_;
  int bound_ = 0;
};

/// One SQLite connection and its prepared statements. For one thread at a time.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& path, bool writable);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<void> run(const char* sql);
  /// `sql` must be a literal: its address is its name. A statement already on loan is prepared once more.
  Result<Statement> lend(const char* sql);
  Result<std::int64_t> integer(const char* sql);
  /// Whether a transaction is open. After its end has been asked for: the end has failed.
  bool in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }
  /// Calls back after each commit, with the pages that the log holds then; SQLite moves none by itself any
  /// more, but when the last connection closes.
  void on_commit(std::function<void(int)> committed);
  /// Moves what it can of the log into the file, and waits for nobody: whether all of it is in the file now.
  bool checkpoint();
  /// Copies all pages that this connection sees into a new database file, some at a time.
  Result<void> copy_to(const std::string& path,
                       const std::function<void(std::uint64_t, std::uint64_t)>& progress);

 private:
  explicit Connection(sqlite3* database) : database_(database) {}

  sqlite3* database_;
  std::function<void(int)> committed_;
  std::map<const char*, std::vector<sqlite3_stmt*>> idle_;
};

Error sqlite_error(sqlite3* database, int code);

}  // namespace phusa::ledger
