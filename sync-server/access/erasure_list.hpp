#pragma once

#include "core/base/result.hpp"
#include "core/model/batch.hpp"

#include <filesystem>
#include <set>

namespace phusa::access {

/// What people asked to have erased, so that it stays erased when an older ledger comes back: the batches
/// whose words are gone, and the persons whose names are. It says nothing of what was written.
///
/// Lies in DIR/keys/erased, apart from the data as the keys do, and travels with them: a backup of the ledger
/// cannot hold what was asked after it. One line each, `batch` or `person` and hexadecimal digits; lines are
/// only ever added, and a line that was cut by a crash is passed over.
struct ErasureList {
  std::set<Hash> batches;
  std::set<PersonId> persons;
  bool empty() const { return batches.empty() && persons.empty(); }
};

/// Empty where there is none. kIo.
Result<ErasureList> load_erasure_list(const std::filesystem::path& data);
/// The same of a file that lies elsewhere.
Result<ErasureList> load_erasure_list_file(const std::filesystem::path& path);
/// Adds what is not there yet. Durable when it returns.
Result<void> add_to_erasure_list(const std::filesystem::path& data, const ErasureList& more);

inline constexpr const char* kErasureListFile = "erased";

}  // namespace phusa::access
