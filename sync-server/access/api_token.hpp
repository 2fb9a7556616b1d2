#pragma once

#include "core/base/random.hpp"
#include "core/model/catalogue.hpp"
#include "sync-server/ingest/engine.hpp"

#include <optional>
#include <string>

namespace phusa::access {

/// What the holder of a bearer token may read.
struct ApiScope {
  std::string name;
  std::optional<std::string> unit;  ///< code: this unit's subtree only
};

/// Mints a token of the JSON API: 64 hexadecimal digits, shown once; the ledger keeps its hash. kNotFound: no
/// such unit.
Result<std::string> mint_api_token(ingest::Engine& engine, const ApiScope& scope, WallTime now,
                                   Random& random);

/// The token opens nothing from now on. Again changes nothing. kNotFound: none has this hash.
Result<void> revoke_api_token(ingest::Engine& engine, const Hash& token_hash);

/// The hash under which the ledger knows a token.
Hash hash_of_api_token(std::string_view token);

/// Reads an Authorization header, `Bearer TOKEN`. kUnauthorized when it is missing, malformed, unknown or
/// revoked.
Result<ApiScope> check_api_token(ledger::Snapshot& snapshot, std::string_view authorization);

}  // namespace phusa::access
