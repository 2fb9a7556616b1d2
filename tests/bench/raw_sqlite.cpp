#include "tests/bench/raw_sqlite.hpp"

#include <sqlite3.h>

#include <chrono>
#include <cstdlib>

namespace phusa::bench {
namespace {

using Seconds = std::chrono::duration<double>;

class PlainTable {
 public:
  explicit PlainTable(const std::filesystem::path& file) {
    if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK) std::abort();
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE rec(id TEXT PRIMARY KEY, device TEXT, ts INTEGER, date TEXT, unit TEXT, campaign TEXT, "
        "type TEXT,"
        " ind TEXT, note TEXT)");
    sqlite3_prepare_v2(db_, "INSERT INTO rec VALUES(?,?,?,?,?,?,?,?,?)", -1, &insert_, nullptr);
  }
  ~PlainTable() {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }
  PlainTable(const PlainTable&) = delete;
  PlainTable& operator=(const PlainTable&) = delete;

  void run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
  }

  void insert(const std::string& device, const WorkloadRecord& r) {
    std::string values = "{";
    for (const auto& [code, amount] : r.values) {
      if (values.size() > 1) values += ',';
      values += '"' + code + "\":" + std::to_string(amount);
    }
    values += '}';
    bind(1, r.id);
    bind(2, device);
    sqlite3_bind_int64(insert_, 3, r.at.time_since_epoch().count());
    bind(4, r.day);
    bind(5, r.unit);
    bind(6, r.campaign);
    bind(7, r.kind);
    bind(8, values);
    bind(9, r.note);
    if (sqlite3_step(insert_) != SQLITE_DONE) std::abort();
    sqlite3_reset(insert_);
  }

 private:
  void bind(int index, const std::string& text) {
    sqlite3_bind_text(insert_, index, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

}  // namespace

double raw_rows_per_second(const std::filesystem::path& file, std::span<const WorkloadRecord> records) {
  PlainTable table(file);
  const auto start = std::chrono::steady_clock::now();
  for (const WorkloadRecord& record : records) {
    table.run("BEGIN IMMEDIATE");
    table.insert("d000", record);
    table.run("COMMIT");
  }
  return static_cast<double>(records.size()) / Seconds(std::chrono::steady_clock::now() - start).count();
}

double raw_bulk_seconds(const std::filesystem::path& file, std::span<const WorkloadDevice> devices) {
  PlainTable table(file);
  const auto start = std::chrono::steady_clock::now();
  table.run("BEGIN IMMEDIATE");
  for (const WorkloadDevice& device : devices) {
    for (const WorkloadRecord& record : device.records) table.insert(device.name, record);
  }
  table.run("COMMIT");
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

}  // namespace phusa::bench
