#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"

#include "sync-server/ledger/sqlite/connection.hpp"
#include "sync-server/ledger/sqlite/log_number.hpp"
#include "sync-server/ledger/sqlite/schema.hpp"
#include "sync-server/ledger/sqlite/session.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <tuple>

namespace phusa::ledger {
namespace {

/// Held as long as the ledger is open, so that two servers never write one file.
class FileLock {
 public:
  explicit FileLock(int file) : file_(file) {}
  FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock() {
    if (file_ >= 0) close(file_);
  }

  static Result<FileLock> take(const std::string& path) {
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return fail(ErrorCode::kIo, "cannot open " + path + ": " + std::strerror(errno));
    FileLock lock(file);
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
      return fail(ErrorCode::kBusy, "another server has " + path + " open: stop it, or use another folder");
    }
    return lock;
  }

 private:
  int file_;
};

constexpr int kCheckpointPages = 1000;  ///< SQLite's own default

class SqliteLedger final : public Ledger {
 public:
  SqliteLedger(const SqliteOptions& options, Random& random, FileLock lock,
               std::unique_ptr<Connection> writer)
      : options_(options), random_(random), lock_(std::move(lock)), writer_(std::move(writer)) {
    if (options_.counts_logs) watch_log();
  }

  Result<std::unique_ptr<Transaction>> begin_write() override {
    writing_.lock();
    if (const auto usable = free_writer(); !usable) {
      writing_.unlock();
      return fail(usable.error());
    }
    auto session =
        std::make_unique<Session>(*writer_, random_.fixed<TransactionTag>(), [this] { writing_.unlock(); });
    PHUSA_TRY(session->begin(true));
    counting_ = log_anew_;
    if (counting_) PHUSA_TRY(count_log(*writer_));
    return std::unique_ptr<Transaction>(std::move(session));
  }

  Result<std::unique_ptr<Snapshot>> begin_read() override {
    PHUSA_ASSIGN(std::shared_ptr<Connection> reader, take_reader());
    auto session = std::make_unique<Session>(*reader, TransactionTag{},
                                             [this, reader]() mutable { keep_reader(std::move(reader)); });
    PHUSA_TRY(session->begin(false));
    return std::unique_ptr<Snapshot>(std::move(session));
  }

  Result<void> compact() override {
    const std::lock_guard guard(writing_);
    PHUSA_TRY(free_writer());
    PHUSA_TRY(count_new_log());  // what follows writes a log without begin_write()
    PHUSA_TRY(write_anew());
    PHUSA_ASSIGN(const std::int64_t busy, writer_->integer("PRAGMA wal_checkpoint(TRUNCATE)"));
    if (options_.counts_logs) log_anew_ = log_anew_ || busy == 0 || writer_->checkpoint();
    if (busy == 0) return {};
    return fail(ErrorCode::kBusy,
                "somebody is reading an older copy of the ledger; run it again in a minute");
  }

  Result<void> copy_to(const std::string& path,
                       const std::function<void(std::uint64_t, std::uint64_t)>& progress) override {
    if (access(path.c_str(), F_OK) == 0)
      return fail(ErrorCode::kConflict, path + " is there already; name a new file");
    // A connection of its own: it reads for long, and the pool's are for those who wait.
    PHUSA_ASSIGN(const auto reader, Connection::open(options_.path, false));
    PHUSA_TRY(reader->copy_to(path, progress));
    if (!options_.counts_logs) return {};
    PHUSA_ASSIGN(const auto copy, Connection::open(path, true));
    PHUSA_TRY(copy->run("PRAGMA synchronous = FULL"));
    return renumber_log(*copy, random_);
  }

 private:
  /// The copy that this takes is as large as the file: on the disk, and beside the file, for it is as
  /// private, and SQLite's own choice, /var/tmp, may be a small one or in memory. The folder is a setting of
  /// the whole process: it is set no longer than this takes, and what another connection spills meanwhile
  /// lies there as well as elsewhere. SQLite removes the name of such a file as soon as it is open.
  Result<void> write_anew() {
    std::string folder = std::filesystem::absolute(options_.path).parent_path().string();
    for (std::size_t at = 0; (at = folder.find('\'', at)) != std::string::npos; at += 2)
      folder.insert(at, 1, '\'');
    PHUSA_TRY(writer_->run("PRAGMA temp_store = FILE"));
    Result<void> done = writer_->run(("PRAGMA temp_store_directory = '" + folder + "'").c_str());
    if (done) done = writer_->run("VACUUM");
    std::ignore = writer_->run("PRAGMA temp_store_directory = ''; PRAGMA temp_store = MEMORY");
    return done;
  }

  /// A transaction whose end the disk refused, its undoing as well, must not become part of the next one.
  Result<void> free_writer() {
    if (writer_ == nullptr) return open_writer();
    if (!writer_->in_transaction()) return {};
    if (writer_->run("ROLLBACK") && !writer_->in_transaction()) return {};
    writer_.reset();  // what it had not committed ends with it
    return open_writer();
  }

  Result<void> open_writer() {
    PHUSA_ASSIGN(auto writer, Connection::open(options_.path, true));
    PHUSA_TRY(prepare_schema(*writer, options_.durable));
    writer_ = std::move(writer);
    if (options_.counts_logs) watch_log();
    return {};
  }

  /// Does what SQLite does by itself, to know when a log has gone into the file whole.
  void watch_log() {
    log_anew_ = writer_->checkpoint();
    writer_->on_commit([this](int pages) {
      if (std::exchange(counting_, false)) log_anew_ = false;
      if (pages >= kCheckpointPages && writer_->checkpoint()) log_anew_ = true;
    });
  }

  Result<void> count_new_log() {
    counting_ = log_anew_;
    if (!counting_) return {};
    PHUSA_TRY(writer_->run("BEGIN IMMEDIATE"));
    PHUSA_TRY(count_log(*writer_));
    return writer_->run("COMMIT");
  }

  // Shared only between the pool and the session that has it out.
  Result<std::shared_ptr<Connection>> take_reader() {
    {
      const std::lock_guard guard(pool_);
      if (!readers_.empty()) {
        auto reader = std::move(readers_.back());
        readers_.pop_back();
        return reader;
      }
    }
    PHUSA_ASSIGN(std::unique_ptr<Connection> reader, Connection::open(options_.path, false));
    PHUSA_TRY(reader->run("PRAGMA query_only = 1; PRAGMA cache_size = -4000"));
    return std::shared_ptr<Connection>(std::move(reader));
  }

  void keep_reader(std::shared_ptr<Connection> reader) {
    const std::lock_guard guard(pool_);
    if (readers_.size() < options_.readers_kept && !reader->in_transaction())
      readers_.push_back(std::move(reader));
  }

  const SqliteOptions options_;
  Random& random_;
  FileLock lock_;
  std::mutex writing_;
  bool log_anew_ = false;               // all of the log is in the file: the next commit may begin it again
  bool counting_ = false;               // the open transaction says so
  std::unique_ptr<Connection> writer_;  // nullptr: it had to go, and no other could be opened
  std::mutex pool_;
  std::vector<std::shared_ptr<Connection>> readers_;
};

}  // namespace

Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const SqliteOptions& options, Random& random) {
  PHUSA_ASSIGN(FileLock lock, FileLock::take(options.path + ".lock"));
  PHUSA_ASSIGN(std::unique_ptr<Connection> writer, Connection::open(options.path, true));
  PHUSA_TRY(prepare_schema(*writer, options.durable));
  if (options.counts_logs) PHUSA_TRY(leave_number_zero(*writer));
  return std::unique_ptr<Ledger>(
      std::make_unique<SqliteLedger>(options, random, std::move(lock), std::move(writer)));
}

Result<LedgerPoint> check_sqlite_ledger(const std::string& path) {
  PHUSA_ASSIGN(const auto connection, Connection::open(path, false));
  PHUSA_TRY(check_is_ledger(*connection));
  {
    PHUSA_ASSIGN(auto check, connection->lend("PRAGMA integrity_check(1)"));
    PHUSA_ASSIGN(const bool found, check.step());
    if (!found || check.bytes(0) != "ok")
      return fail(ErrorCode::kCorrupt, "the ledger is damaged: " + std::string(check.bytes(0)));
  }
  Session session(*connection, TransactionTag{}, {});
  PHUSA_TRY(session.begin(false));
  return session.head();
}

}  // namespace phusa::ledger
