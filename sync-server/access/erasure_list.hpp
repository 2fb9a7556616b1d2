#pragma once

#include "core/base/result.hpp"
#include "core/model/batch.hpp"

#include <filesystem>
#include <map>
#include <set>

namespace phusa::access {

/// What people asked to have erased, so that it stays erased when an older ledger comes back: the batches
/// whose words are gone, and the persons whose names are. It says nothing of what was written.
///
/// Lies in DIR/keys/erased, apart from the data as the keys do, and travels with them: a backup of the ledger
/// cannot hold what was asked after it. One line each, `batch` or `person` and hexadecimal digits; lines are
/// only ever added, and a line that was cut by a crash is passed over. Whoever was erased and gave a name
/// anew with a code has a line `named-again`, with the pseudonym, the code's hash and the device's key: a
/// name in a ledger that knows of that stays, until another `person` line follows.
struct ErasureList {
  /// How a name was given anew: what a ledger knows as a redeemed code, if it holds that name.
  struct Naming {
    Hash code_hash;
    PublicKey device;
    friend auto operator<=>(const Naming&, const Naming&) = default;
  };

  std::set<Hash> batches;
  std::set<PersonId> persons;
  std::map<PersonId, std::set<Naming>> named_again;  ///< of `persons`, since their last erasure
  bool empty() const { return batches.empty() && persons.empty(); }
};

/// Empty where there is none. kIo.
Result<ErasureList> load_erasure_list(const std::filesystem::path& data);
/// The same of a file that lies elsewhere.
Result<ErasureList> load_erasure_list_file(const std::filesystem::path& path);
/// Adds what is not there yet; a person that it erases is no longer named again by what came before. Durable
/// when it returns.
Result<void> add_to_erasure_list(const std::filesystem::path& data, const ErasureList& more);

inline constexpr const char* kErasureListFile = "erased";

}  // namespace phusa::access
