#pragma once

#include "core/store/sqlite.hpp"
#include "core/store/store.hpp"

#include <map>
#include <unordered_map>

namespace phusa::store {

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};

/// (device, block) -> reference. Blocks are only ever added, so what is missing is read on; a rollback
/// forgets all.
struct BlockCache {
  struct Key {
    DeviceId device;
    std::uint64_t block = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<DeviceId>()(key.device) ^ (key.block * 0x9E3779B97F4A7C15ull);
    }
  };
  std::unordered_map<Key, std::int64_t, KeyHash> refs;
  std::unordered_map<std::int64_t, Key> blocks;
  std::map<std::int64_t, DeviceId> devices;
  std::int64_t last_ref = 0;
};

struct Store::Impl {
  StoreOptions options;
  HoldFile hold;
  std::unique_ptr<sqlite3, CloseDatabase> db;  // after `hold`: closed before it
  std::unordered_map<const char*, sqlite::Statement>
      statements;  // by the address of their literal; before `db` dies
  BlockCache cache;
  std::int64_t data_version = 0;
  bool changed = false;  ///< by another program, and nobody has asked since
  bool writing = false;
  bool is_older = false;  // the file is of an earlier version

  ~Impl();
  /// The prepared statement of a string literal.
  Result<sqlite::Statement*> statement(const char* sql);
  Result<void> load_blocks();
};

/// Declares `name`, the statement of the literal `sql`, reset at the end of the scope.
#define PHUSA_STATEMENT(name, sql)                                     \
  PHUSA_ASSIGN(auto* PHUSA_CONCAT(raw_, name), impl_->statement(sql)); \
  sqlite::Reading name(*PHUSA_CONCAT(raw_, name))

}  // namespace phusa::store
