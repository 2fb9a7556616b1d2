#pragma once

#include "core/journal/bundle.hpp"
#include "sync-server/app/installation.hpp"

#include <filesystem>
#include <functional>
#include <string>

/// Backups: the whole ledger in one file, sealed to the office's key (core/journal/sealed_stream.hpp), whose
/// secret half is kept away from the server. The server's own keys are not in it. Inside the seal: length u32
/// ‖ facts ‖ the ledger's SQLite file.
namespace phusa::app {

/// Hears how far something long has come; may be empty.
using Progress = std::function<void(const std::string& text)>;

/// What a backup says of itself.
struct BackupFacts {
  PublicKey root_key;
  PublicKey server_key;
  std::string organisation_name;
  LedgerPoint point;  ///< the newest entry in it
  WallTime taken_at{};
  std::uint64_t ledger_bytes = 0;
};

/// Writes a consistent backup into a new file while others go on; it appears under its name when it is whole
/// and durable. kConflict: there is such a file.
Result<BackupFacts> write_backup(Installation& installation, const std::filesystem::path& out,
                                 const journal::BoxKey& to, const Progress& progress);

struct RestoreOrder {
  std::filesystem::path file;
  std::filesystem::path data;
  journal::OpeningKey key;     ///< the office's
  std::filesystem::path keys;  ///< a folder with the server's keys; empty: they follow by hand
};

/// Makes an installation's folder from a backup. Leaves nothing behind when it fails. kConflict: the folder
/// is not empty, or the keys are another server's; kCorrupt: the backup or the ledger in it is damaged;
/// kNotFound: sealed to another key, or `keys` holds none.
Result<BackupFacts> restore_backup(const RestoreOrder& order, Random& random, const Progress& progress);

/// Makes the office's key pair: the secret half in a new file (0600), the public half beside it in FILE.pub.
Result<journal::BoxKey> make_backup_key(const std::filesystem::path& file, Random& random);
/// `backup-` and 64 hexadecimal digits.
std::string format_backup_key(const journal::BoxKey& key);
/// A public half as format_backup_key wrote it, or the file that holds it.
Result<journal::BoxKey> read_backup_key(const std::string& text);
bool is_backup_key(std::string_view text);
/// The secret half.
Result<journal::OpeningKey> load_backup_secret(const std::filesystem::path& file);

}  // namespace phusa::app
