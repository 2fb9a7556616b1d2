#include "sync-server/app/backup.hpp"

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "sync-server/access/erasure_list.hpp"
#include "sync-server/access/server_keys.hpp"
#include "sync-server/app/file_io.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

namespace phusa::app {
namespace {

constexpr std::uint8_t kFactsVersion = 1;
constexpr std::size_t kFactsBytesMax = 64 * 1024;
/// Before the digits of a public half, so that nobody seals to a secret one by mistake.
constexpr std::string_view kPublicMark = "backup-";

/// Tells each hundredth once.
class Meter {
 public:
  Meter(const Progress& progress, std::string what) : progress_(progress), what_(std::move(what)) {}
  void at(std::uint64_t done, std::uint64_t total) {
    const std::uint64_t percent = total == 0 ? 100 : done * 100 / total;
    if (!progress_ || percent == told_) return;
    told_ = percent;
    progress_(what_ + " " + std::to_string(percent) + "%");
  }

 private:
  const Progress& progress_;
  std::string what_;
  std::uint64_t told_ = UINT64_MAX;
};

Bytes encode_facts(const BackupFacts& facts) {
  Bytes out;
  put_u8(out, kFactsVersion);
  out += facts.root_key.view();
  out += facts.server_key.view();
  put_u64(out, facts.point.position);
  out += facts.point.tag.view();
  put_u64(out, static_cast<std::uint64_t>(facts.taken_at.time_since_epoch().count()));
  put_u64(out, facts.ledger_bytes);
  put_bytes(out, facts.organisation_name);
  return out;
}

Result<BackupFacts> decode_facts(BytesView bytes) {
  ByteReader in(bytes);
  if (in.u8() != kFactsVersion)
    return fail(ErrorCode::kUnsupportedVersion, "the backup was made by a newer program: update this one");
  BackupFacts facts;
  const auto root = PublicKey::from(in.take(PublicKey::kSize));
  const auto server = PublicKey::from(in.take(PublicKey::kSize));
  facts.point.position = in.u64();
  const auto tag = TransactionTag::from(in.take(TransactionTag::kSize));
  facts.taken_at = WallTime(std::chrono::seconds(static_cast<std::int64_t>(in.u64())));
  facts.ledger_bytes = in.u64();
  facts.organisation_name = Bytes(in.bytes(kFactsBytesMax));
  if (!in.done() || !root || !server || !tag)
    return fail(ErrorCode::kCorrupt, "the backup does not say what it is");
  facts.root_key = *root;
  facts.server_key = *server;
  facts.point.tag = *tag;
  return facts;
}

/// `head`, then the file.
journal::Source read_after(Bytes head, File& file, Meter& meter, std::uint64_t total) {
  return [head = std::move(head), &file, &meter, done = std::uint64_t{0},
          total](std::size_t bytes_max) mutable -> Result<Bytes> {
    Bytes out = head.substr(0, bytes_max);
    head.erase(0, out.size());
    PHUSA_ASSIGN(const Bytes more, file.read(bytes_max - out.size()));
    out += more;
    meter.at(done += out.size(), total);
    return out;
  };
}

/// Takes a backup's inside apart as it comes: facts, then the ledger into a file.
class Unpacking {
 public:
  Unpacking(File& ledger, Meter& meter) : ledger_(ledger), meter_(meter) {}

  Result<void> take(BytesView bytes) {
    if (!facts_) {
      waiting_ += bytes;
      if (waiting_.size() < 4) return {};
      const std::size_t length = ByteReader(waiting_).u32();
      if (length > kFactsBytesMax) return fail(ErrorCode::kCorrupt, "the backup does not say what it is");
      if (waiting_.size() < 4 + length) return {};
      PHUSA_ASSIGN(facts_, decode_facts(BytesView(waiting_).substr(4, length)));
      const Bytes rest = waiting_.substr(4 + length);
      return write(rest);
    }
    return write(bytes);
  }
  Result<BackupFacts> finish() const {
    if (!facts_ || written_ != facts_->ledger_bytes)
      return fail(ErrorCode::kCorrupt, "the backup is not as long as it says");
    return *facts_;
  }

 private:
  Result<void> write(BytesView bytes) {
    written_ += bytes.size();
    if (written_ > facts_->ledger_bytes)
      return fail(ErrorCode::kCorrupt, "the backup is longer than it says");
    meter_.at(written_, facts_->ledger_bytes);
    return ledger_.write(bytes);
  }

  File& ledger_;
  Meter& meter_;
  Bytes waiting_;
  std::optional<BackupFacts> facts_;
  std::uint64_t written_ = 0;
};

Result<void> seal_into(const std::filesystem::path& out, const BackupFacts& facts,
                       const std::filesystem::path& ledger, const journal::BoxKey& to, Random& random,
                       const Progress& progress) {
  PHUSA_ASSIGN(File from, File::open_to_read(ledger));
  PHUSA_ASSIGN(File file, File::make(out));
  const auto sealed = [&]() -> Result<void> {
    Bytes head;
    const Bytes encoded = encode_facts(facts);
    put_u32(head, static_cast<std::uint32_t>(encoded.size()));
    head += encoded;
    Meter meter(progress, "encrypting");
    const auto plain = read_after(std::move(head), from, meter, facts.ledger_bytes);
    PHUSA_TRY(journal::seal_stream(plain, to, random, [&](BytesView bytes) { return file.write(bytes); }));
    return file.flush();
  }();
  if (!sealed) {
    std::error_code error;
    std::filesystem::remove(out, error);
  }
  return sealed;
}

Result<void> check_holds_keys(const std::filesystem::path& folder) {
  PHUSA_ASSIGN(const auto names, access::names_in(folder));
  if (std::find(names.begin(), names.end(), "server") != names.end()) return {};
  std::error_code error;
  const bool is_above = std::filesystem::exists(folder / "keys" / "server", error);
  return fail(ErrorCode::kNotFound, "--keys: " + folder.string() + " holds no server's keys" +
                                        (is_above ? "; they are in " + (folder / "keys").string() : ""));
}

/// Copies the keys that belong to the ledger: all box keys, the server's, and the root's where it is.
Result<void> copy_keys(const std::filesystem::path& from, const std::filesystem::path& data) {
  const auto to = data / "keys";
  if (::mkdir(to.c_str(), 0700) != 0) return fail(ErrorCode::kIo, "cannot make " + to.string());
  PHUSA_ASSIGN(const auto names, access::names_in(from));
  for (const std::string& name : names) {
    if (name == access::kErasureListFile) continue;
    if (name != "server" && name != "root" && name != "box" && !name.starts_with("box.")) continue;
    if (name.starts_with("box.") && access::is_torn_secret(from / name)) continue;
    PHUSA_ASSIGN(const KeySeed seed, access::load_secret(from / name));
    PHUSA_TRY(access::keep_secret(to / name, seed));
  }
  PHUSA_ASSIGN(const access::ErasureList erased,
               access::load_erasure_list_file(from / access::kErasureListFile));
  PHUSA_TRY(access::add_to_erasure_list(data, erased));
  flush_folder(to);
  return {};
}

Result<void> check_keys(const std::filesystem::path& data, const BackupFacts& facts) {
  PHUSA_ASSIGN(const access::ServerKeys keys, access::load_server_keys(data));
  if (keys.server.public_key == facts.server_key) return {};
  return fail(ErrorCode::kConflict,
              "these are the keys of another server than the one that was backed up; bring the right ones");
}

/// What the ledger says of itself is what the backup says of it.
Result<void> check_ledger(const std::filesystem::path& path, const BackupFacts& facts, Random& random) {
  PHUSA_ASSIGN(const LedgerPoint head, ledger::check_sqlite_ledger(path.string()));
  if (head != facts.point) return fail(ErrorCode::kCorrupt, "the ledger ends elsewhere than the backup says");
  ledger::SqliteOptions options;
  options.path = path.string();
  PHUSA_ASSIGN(const auto ledger, ledger::open_sqlite_ledger(options, random));
  PHUSA_ASSIGN(const auto snapshot, ledger->begin_read());
  PHUSA_ASSIGN(const access::Identity identity, access::load_identity(*snapshot));
  if (identity.root_key == facts.root_key && identity.server_certificate.subject == facts.server_key)
    return {};
  return fail(ErrorCode::kCorrupt, "the ledger is another organisation's than the backup says");
}

Result<BackupFacts> restore_into(const RestoreOrder& order, Random& random, const Progress& progress) {
  if (!order.keys.empty()) PHUSA_TRY(check_holds_keys(order.keys));
  PHUSA_ASSIGN(File from, File::open_to_read(order.file));
  const auto path = order.data / kLedgerFile;
  BackupFacts facts;
  {
    PHUSA_ASSIGN(File ledger, File::make(path));
    Meter meter(progress, "decrypting");
    Unpacking unpacking(ledger, meter);
    PHUSA_TRY(journal::open_stream([&](std::size_t max) { return from.read(max); }, std::array{order.key},
                                   [&](BytesView bytes) { return unpacking.take(bytes); }));
    PHUSA_ASSIGN(facts, unpacking.finish());
    PHUSA_TRY(ledger.flush());
  }
  if (!order.keys.empty()) {
    PHUSA_TRY(copy_keys(order.keys, order.data));
    PHUSA_TRY(check_keys(order.data, facts));
  }
  PHUSA_TRY(check_ledger(path, facts, random));
  flush_folder(order.data);
  return facts;
}

}  // namespace

Result<BackupFacts> write_backup(Installation& installation, const std::filesystem::path& out,
                                 const journal::BoxKey& to, const Progress& progress) {
  std::error_code error;
  if (std::filesystem::exists(out, error))
    return fail(ErrorCode::kConflict, out.string() + " is there already; name a new file");
  // In the data folder: an unencrypted copy must not touch the medium that the backup goes to.
  PHUSA_ASSIGN(const WorkFolder work,
               WorkFolder::make(installation.data(), WorkFolder::kBackup, installation.random()));
  const auto copy = work.path() / kLedgerFile;
  Meter meter(progress, "copying");
  BackupFacts facts;
  facts.taken_at = installation.clock().wall();
  PHUSA_TRY(installation.ledger().copy_to(
      copy.string(), [&](std::uint64_t done, std::uint64_t total) { meter.at(done, total); }));
  PHUSA_ASSIGN(facts.point, ledger::check_sqlite_ledger(copy.string()));
  facts.root_key = installation.engine_options().root_key;
  facts.server_key = installation.engine_options().server_key.public_key;
  facts.organisation_name = installation.enrolment().identity().organisation_name;
  facts.ledger_bytes = std::filesystem::file_size(copy, error);
  if (error) return fail(ErrorCode::kIo, "cannot read " + copy.string() + ": " + error.message());
  const std::filesystem::path part = out.string() + ".part";
  PHUSA_TRY(seal_into(part, facts, copy, to, installation.random(), progress));
  if (auto named = rename_to_new(part, out); !named) {
    std::filesystem::remove(part, error);
    return fail(std::move(named).error());
  }
  return facts;
}

Result<BackupFacts> restore_backup(const RestoreOrder& order, Random& random, const Progress& progress) {
  PHUSA_ASSIGN(NewFolder folder, NewFolder::make(order.data, "a backup is restored into a new folder"));
  PHUSA_ASSIGN(BackupFacts facts, restore_into(order, random, progress));
  folder.keep();
  return facts;
}

Result<journal::BoxKey> make_backup_key(const std::filesystem::path& file, Random& random) {
  const auto pair = journal::box_key_pair_from(random.fixed<KeySeed>());
  const std::filesystem::path beside = file.string() + ".pub";
  std::error_code error;
  if (std::filesystem::exists(beside, error))
    return fail(ErrorCode::kConflict, beside.string() + " is there already; name a new file");
  PHUSA_TRY(access::keep_secret(file, pair.seed));
  PHUSA_ASSIGN(File made, File::make(beside));
  PHUSA_TRY(made.write(format_backup_key(pair.public_key) + "\n"));
  PHUSA_TRY(made.flush());
  flush_folder(file.parent_path());
  return pair.public_key;
}

Result<journal::BoxKey> read_backup_key(const std::string& text) {
  std::string key = text;
  if (!is_backup_key(text)) {
    std::ifstream in(text);
    if (!in) {
      return fail(ErrorCode::kNotFound, "--to: there is no file " + text +
                                            "; give the .pub file or the key that phusa-server backup-key "
                                            "made");
    }
    in >> key;
    if (in.bad()) return fail(ErrorCode::kIo, "--to: " + text + " cannot be read");
  }
  if (!key.starts_with(kPublicMark)) {
    return fail(
        ErrorCode::kInvalidArgument,
        "'" + text + "' holds no public key; its file ends in .pub, and the key starts with 'backup-'");
  }
  const auto raw = from_hex(BytesView(key).substr(kPublicMark.size()));
  const auto read = raw ? journal::BoxKey::from(*raw) : Result<journal::BoxKey>(fail(raw.error()));
  if (read) return read;
  return fail(ErrorCode::kInvalidArgument, "the public key '" + key + "' is cut short or mistyped");
}

bool is_backup_key(std::string_view text) {
  return text.starts_with(kPublicMark) && text.size() == kPublicMark.size() + 2 * journal::BoxKey::kSize;
}

std::string format_backup_key(const journal::BoxKey& key) {
  return std::string(kPublicMark) + key.hex();
}

Result<journal::OpeningKey> load_backup_secret(const std::filesystem::path& file) {
  const auto seed = access::load_secret(file);
  if (!seed && seed.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound, "--key: there is no file " + file.string() +
                                          "; give the secret half that phusa-server backup-key made");
  }
  if (!seed && seed.error().code == ErrorCode::kCorrupt)
    return fail(ErrorCode::kCorrupt, file.string() + " holds no key; bring your other copy of it");
  if (!seed) return fail(seed.error());
  return journal::opening_key_of(journal::box_key_pair_from(*seed));
}

}  // namespace phusa::app
