#include "sync-server/ledger/sqlite/log_number.hpp"

#include "sync-server/ledger/sqlite/schema.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"

#include <filesystem>

namespace phusa::ledger {
namespace {

constexpr std::int64_t kNumbers = std::int64_t{1} << (31 - kSchemaVersionBits);

std::int64_t after(std::int64_t number) {
  return (number + 1) % kNumbers;
}

Result<void> set_log_number(Connection& connection, std::int64_t number) {
  PHUSA_ASSIGN(const std::int64_t version, schema_version(connection));
  return connection.run(
      ("PRAGMA user_version = " + std::to_string((number << kSchemaVersionBits) | version)).c_str());
}

}  // namespace

Result<std::int64_t> log_number(Connection& connection) {
  PHUSA_ASSIGN(const std::int64_t version, connection.integer("PRAGMA user_version"));
  return (version >> kSchemaVersionBits) % kNumbers;
}

Result<void> count_log(Connection& connection) {
  PHUSA_ASSIGN(const std::int64_t number, log_number(connection));
  return set_log_number(connection, after(number));
}

Result<void> renumber_log(Connection& copy, Random& random) {
  std::int64_t number = 0;
  for (const std::uint8_t byte : random.fixed<TransactionTag>().bytes) number = number << 8 | byte;
  return set_log_number(copy, (number & (kNumbers - 1)));
}

Result<bool> log_fits(const std::string& path) {
  std::error_code error;
  if (const auto bytes = std::filesystem::file_size(path + "-wal", error); error || bytes == 0) return true;
  PHUSA_ASSIGN(const auto file, Connection::open_without_log(path));
  PHUSA_TRY(check_is_ledger(*file));
  PHUSA_ASSIGN(const std::int64_t in_file, log_number(*file));
  PHUSA_ASSIGN(const auto both, Connection::open(path, false));
  PHUSA_ASSIGN(const std::int64_t in_log, log_number(*both));
  return in_log == in_file || in_log == after(in_file);
}

}  // namespace phusa::ledger
