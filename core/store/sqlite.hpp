#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

/// A thin face over SQLite, for this room alone.
namespace phusa::sqlite {

/// What SQLite said, as one of our codes: SQLITE_FULL is kDiskFull, SQLITE_CORRUPT and SQLITE_NOTADB are
/// kCorrupt, SQLITE_BUSY is kBusy.
Error error_of(sqlite3* db, int rc, std::string_view doing);

/// A prepared statement. bind from 1, read from 0; `run` is for statements without rows. Reset after each
/// use.
class Statement {
 public:
  Statement() = default;
  static Result<Statement> prepare(sqlite3* db, std::string_view sql);

  Statement& bind(int at, std::int64_t value);
  Statement& bind_blob(int at, BytesView value);  ///< borrowed until the next reset
  Statement& bind_text(int at, std::string_view value);
  Statement& bind_null(int at);

  /// True while there is a row.
  Result<bool> step();
  /// Steps to the end and resets.
  Result<void> run();
  void reset();

  std::int64_t integer(int at) const { return sqlite3_column_int64(statement_.get(), at); }
  BytesView blob(int at) const;
  bool is_null(int at) const { return sqlite3_column_type(statement_.get(), at) == SQLITE_NULL; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// Resets a statement when its rows were read.
class Reading {
 public:
  explicit Reading(Statement& statement) : statement_(statement) {}
  ~Reading() { statement_.reset(); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  Statement* operator->() { return &statement_; }

 private:
  Statement& statement_;
};

Result<void> execute(sqlite3* db, const char* sql);

}  // namespace phusa::sqlite
