#pragma once

#include "core/base/random.hpp"
#include "core/journal/keys.hpp"

#include <filesystem>

namespace phusa::access {

/// The secrets of one installation, each a file of hexadecimal digits in DIR/keys (folder 0700, files 0600),
/// never in the ledger. `root` signs server certificates only: after `init` its file may be moved to a safe.
struct ServerKeys {
  journal::KeyPair server;
  journal::BoxKeyPair box;
};

struct NewServerKeys {
  journal::KeyPair root;
  ServerKeys keys;
};

/// Makes and keeps all three. kConflict when there is a key already; kIo. Durable when it returns.
Result<NewServerKeys> make_server_keys(const std::filesystem::path& data, Random& random);

/// kNotFound: no installation there; kCorrupt: a key file that holds no key.
Result<ServerKeys> load_server_keys(const std::filesystem::path& data);

}  // namespace phusa::access
