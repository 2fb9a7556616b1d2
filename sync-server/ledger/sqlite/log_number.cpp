#include "sync-server/ledger/sqlite/log_number.hpp"

#include "sync-server/ledger/sqlite/schema.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"

#include <array>
#include <filesystem>
#include <fstream>

namespace phusa::ledger {
namespace {

constexpr std::int64_t kNumbers = std::int64_t{1} << (31 - kSchemaVersionBits);

std::int64_t after(std::int64_t number) {
  return (number + 1) % kNumbers;
}

std::int64_t number_in(std::int64_t user_version) {
  return (user_version >> kSchemaVersionBits) % kNumbers;
}

/// As it stands in the file, whose log may hold a newer one; 0 in a file that is still to be filled. Read
/// without SQLite, which opens no file that lacks pages, and a log that goes into its file leaves it like
/// that when the power goes. https://sqlite.org/fileformat2.html#the_database_header
Result<std::int64_t> log_number_in_file(const std::string& path) {
  constexpr std::streamoff kUserVersionAt = 60;
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::kIo, "cannot read " + path);
  std::array<char, 4> bytes{};
  file.seekg(kUserVersionAt);
  if (!file.read(bytes.data(), bytes.size())) return 0;
  std::int64_t version = 0;
  for (const char byte : bytes) version = version << 8 | static_cast<std::uint8_t>(byte);
  return number_in(version);
}

Result<void> set_log_number(Connection& connection, std::int64_t number) {
  PHUSA_ASSIGN(const std::int64_t version, schema_version(connection));
  return connection.run(
      ("PRAGMA user_version = " + std::to_string((number << kSchemaVersionBits) | version)).c_str());
}

}  // namespace

Result<std::int64_t> log_number(Connection& connection) {
  PHUSA_ASSIGN(const std::int64_t version, connection.integer("PRAGMA user_version"));
  return number_in(version);
}

Result<void> leave_number_zero(Connection& connection) {
  PHUSA_ASSIGN(const std::int64_t number, log_number(connection));
  if (number != 0 || !connection.run("PRAGMA journal_mode = DELETE")) return {};
  {
    PHUSA_ASSIGN(auto mode, connection.lend("PRAGMA journal_mode"));
    PHUSA_ASSIGN(const bool found, mode.step());
    if (!found || mode.bytes(0) != "delete") return {};
  }
  const auto counted = set_log_number(connection, after(number));
  PHUSA_TRY(connection.run("PRAGMA journal_mode = WAL"));
  return counted;
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
  PHUSA_ASSIGN(const std::int64_t in_file, log_number_in_file(path));
  PHUSA_ASSIGN(const auto with_log, Connection::open(path, false));
  PHUSA_ASSIGN(const std::int64_t in_log, log_number(*with_log));
  return in_log == in_file || in_log == after(in_file);
}

}  // namespace phusa::ledger
