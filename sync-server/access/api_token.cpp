#include "sync-server/access/api_token.hpp"

namespace phusa::access {
namespace {

using Token = FixedBytes<32, struct ApiTokenTag>;

}  // namespace

Hash hash_of_api_token(std::string_view token) {
  return Hasher().add(BytesView("phusa/api-token/1\0", 18)).add(token).finish();
}

Result<std::string> mint_api_token(ingest::Engine& engine, const ApiScope& scope, WallTime now,
                                   Random& random) {
  if (scope.unit && !engine.catalogue()->unit(*scope.unit)) {
    return fail(ErrorCode::kNotFound, "no unit has the code '" + *scope.unit + "'; see units.csv");
  }
  const std::string token = random.fixed<Token>().hex();
  const ledger::ApiTokenRow row{hash_of_api_token(token), scope.name, scope.unit, now, false};
  PHUSA_TRY(engine.write([&](ledger::Transaction& t) { return t.put_api_token(row); }));
  return token;
}

Result<void> revoke_api_token(ingest::Engine& engine, const Hash& token_hash) {
  return engine.write([&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(auto row, transaction.api_token(token_hash));
    if (!row) return fail(ErrorCode::kNotFound, "no such token; see phusa-server token list");
    row->revoked = true;
    return transaction.put_api_token(*row);
  });
}

Result<ApiScope> check_api_token(ledger::Snapshot& snapshot, std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) {
    return fail(ErrorCode::kUnauthorized,
                "send the header 'Authorization: Bearer TOKEN'; phusa-server token mints one");
  }
  PHUSA_ASSIGN(const auto row, snapshot.api_token(hash_of_api_token(authorization.substr(kScheme.size()))));
  if (!row || row->revoked) {
    return fail(ErrorCode::kUnauthorized, "this token is not valid here; phusa-server token mints one");
  }
  return ApiScope{row->name, row->unit};
}

}  // namespace phusa::access
