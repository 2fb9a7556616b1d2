#pragma once

#include "core/base/random.hpp"
#include "core/journal/bundle.hpp"
#include "core/journal/keys.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace phusa::access {

/// The secrets of one installation, each a file of hexadecimal digits in DIR/keys (folder 0700, files 0600),
/// never in the ledger. `root` signs server certificates only: after `init` its file may be moved to a safe.
/// The first box key is `box`, later ones `box.2`, `box.3`, ...; old ones stay, for bundles sealed to them.
struct ServerKeys {
  journal::KeyPair server;
  journal::BoxKeyPair box;                          ///< the newest
  std::vector<journal::BoxKeyPair> old_boxes = {};  ///< oldest first

  /// All that bundles may be sealed to, oldest first.
  std::vector<journal::OpeningKey> opening_keys() const;
};

struct NewServerKeys {
  journal::KeyPair root;
  ServerKeys keys;
};

/// Makes and keeps all three. kConflict when there is a key already; kIo. Durable when it returns.
Result<NewServerKeys> make_server_keys(const std::filesystem::path& data, Random& random);

/// kNotFound: no installation there; kCorrupt: a key file that holds no key.
Result<ServerKeys> load_server_keys(const std::filesystem::path& data);

/// Makes and keeps the next box key. Durable when it returns, so that it can be published.
Result<journal::BoxKeyPair> add_box_key(const std::filesystem::path& data, Random& random);

struct BoxKeyFile {
  std::string name;  ///< in DIR/keys
  journal::BoxKeyPair key;
};
/// Oldest first, without those that are there in part (is_torn_secret). kNotFound, kCorrupt.
Result<std::vector<BoxKeyFile>> box_key_files(const std::filesystem::path& data);

/// All names in a folder, or an error: half of them would look like the whole. kNotFound: there is none.
Result<std::vector<std::string>> names_in(const std::filesystem::path& folder);
/// A secret as a new file of hexadecimal digits, 0600, which has its name only once it is whole and on the
/// disk. kConflict: there is such a file.
Result<void> keep_secret(const std::filesystem::path& path, const KeySeed& seed);
/// What a kill in the middle of keep_secret left in a folder, under a name that no key has.
void remove_unnamed_secrets(const std::filesystem::path& folder);
Result<KeySeed> load_secret(const std::filesystem::path& path);
/// Whether it is the beginning of one, or empty: older programs gave a key its name first, and a power cut
/// left that. No catalogue ever named such a key, for that comes after.
bool is_torn_secret(const std::filesystem::path& path);

}  // namespace phusa::access
