#pragma once

#include "core/base/clock.hpp"
#include "core/base/random.hpp"
#include "sync-server/access/enrolment.hpp"
#include "sync-server/app/folder_lock.hpp"
#include "sync-server/ingest/engine.hpp"
#include "sync-server/ingest/erasure.hpp"
#include "sync-server/ledger/ledger.hpp"

#include <filesystem>
#include <memory>

namespace phusa::app {

inline constexpr const char* kLedgerFile = "ledger.sqlite";

/// An opened installation: its folder locked, its ledger, keys and engine at work.
class Installation {
 public:
  /// Clock and random must outlive it. kBusy: another process has the folder; kNotFound: init made no such
  /// folder.
  static Result<std::unique_ptr<Installation>> open(const std::filesystem::path& data, const Clock& clock,
                                                    Random& random);

  const std::filesystem::path& data() const { return data_; }
  const Clock& clock() const { return clock_; }
  Random& random() { return random_; }
  ledger::Ledger& ledger() { return *ledger_; }
  ingest::Engine& engine() { return *engine_; }
  access::Enrolment& enrolment() { return *enrolment_; }
  /// What people had asked to have erased, and was in the ledger all the same when it was opened.
  const ingest::Erased& erased_again() const { return erased_again_; }
  const ingest::EngineOptions& engine_options() const { return engine_options_; }

 private:
  Installation(std::filesystem::path data, FolderLock lock, const Clock& clock, Random& random)
      : data_(std::move(data)), lock_(std::move(lock)), clock_(clock), random_(random) {}

  std::filesystem::path data_;
  FolderLock lock_;
  const Clock& clock_;
  Random& random_;
  ingest::EngineOptions engine_options_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ingest::Engine> engine_;
  std::unique_ptr<access::Enrolment> enrolment_;
  ingest::Erased erased_again_;
};

/// What `init` is given.
struct Founding {
  std::filesystem::path data;
  std::string organisation_name;  ///< empty: that of the first root unit
  Catalogue catalogue;            ///< revision 1
};

/// Makes keys, ledger and first catalogue in a folder that is empty or not there. Leaves nothing behind when
/// it fails. kConflict: the folder holds something already.
Result<void> found_installation(const Founding& founding, const Clock& clock, Random& random);

}  // namespace phusa::app
