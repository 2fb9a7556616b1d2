#include "core/journal/enrolment_code.hpp"
#include "sync-server/access/api_token.hpp"
#include "sync-server/app/commands.hpp"
#include "sync-server/app/json_line.hpp"
#include "sync-server/app/listing.hpp"
#include "sync-server/app/short_id.hpp"

/// Tokens, and codes after they were handed out. Both are kept as hashes, and known to people by the first
/// digits of these.
namespace phusa::app {
namespace {

Result<Hash> named_code(ledger::Snapshot& snapshot, const std::string& text) {
  if (const auto code = journal::parse_enrolment_code(text)) return hash_of(code->secret.view());
  PHUSA_ASSIGN(const auto codes, snapshot.enrolment_codes());
  std::set<Hash> hashes;
  for (const ledger::EnrolmentCodeRow& row : codes) hashes.insert(row.code_hash);
  return only_one(hashes, text, "code", "enrol list");
}

Result<Hash> named_token(ledger::Snapshot& snapshot, const std::string& text) {
  const Hash whole = access::hash_of_api_token(text);
  PHUSA_ASSIGN(const auto tokens, snapshot.api_tokens());
  std::set<Hash> hashes;
  for (const ledger::ApiTokenRow& row : tokens) {
    if (row.token_hash == whole) return whole;
    hashes.insert(row.token_hash);
  }
  return only_one(hashes, text, "token", "token list");
}

Result<Listing> list_codes(Installation& installation) {
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  PHUSA_ASSIGN(const auto codes, snapshot->enrolment_codes());
  Listing listing;
  listing.columns = {{"id"}, {"unit"}, {"role"}, {"uses_left", true}, {"expires"}, {"made"}, {"replaces"}};
  for (const ledger::EnrolmentCodeRow& row : codes) {
    if (row.uses_left == 0 || row.expires_at <= installation.clock().wall()) continue;
    listing.rows.push_back({short_id(row.code_hash), row.unit, std::string(rank_name(row.rank)),
                            std::to_string(row.uses_left), format_time(row.expires_at),
                            format_time(row.made_at),
                            row.replaces ? short_id(device_id_of(*row.replaces)) : ""});
  }
  return listing;
}

Result<Listing> list_tokens(Installation& installation) {
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  PHUSA_ASSIGN(const auto tokens, snapshot->api_tokens());
  Listing listing;
  listing.columns = {{"id"}, {"name"}, {"unit"}, {"made"}, {"revoked"}};
  for (const ledger::ApiTokenRow& row : tokens) {
    listing.rows.push_back({short_id(row.token_hash), row.name, row.unit.value_or(""),
                            format_time(row.made_at), row.revoked ? "yes" : ""});
  }
  return listing;
}

Outcome shown(const Options& options, const Result<Listing>& listing) {
  if (!listing) return failed(options.language, listing.error());
  return {0, rendered(*listing, options.format, options.language), "", ""};
}

Result<Hash> revoke_code(const Options& options, Installation& installation) {
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  PHUSA_ASSIGN(const Hash hash, named_code(*snapshot, options.secret));
  PHUSA_TRY(installation.enrolment().revoke_code(hash));
  return hash;
}

Result<Hash> revoke_token(const Options& options, Installation& installation) {
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  PHUSA_ASSIGN(const Hash hash, named_token(*snapshot, options.secret));
  PHUSA_TRY(access::revoke_api_token(installation.engine(), hash));
  return hash;
}

}  // namespace

Outcome run_enrol_list(const Options& options, Installation& installation) {
  return shown(options, list_codes(installation));
}

Outcome run_enrol_revoke(const Options& options, Installation& installation) {
  const auto hash = revoke_code(options, installation);
  if (!hash) return failed(options.language, hash.error());
  return {0, say(options.language, Say::kCodeRevoked, short_id(*hash)), "", ""};
}

Outcome run_token(const Options& options, Installation& installation) {
  access::ApiScope scope{options.name, std::nullopt};
  if (!options.unit.empty()) scope.unit = options.unit;
  const auto token = access::mint_api_token(installation.engine(), scope, installation.clock().wall(),
                                            installation.random());
  if (!token) return failed(options.language, token.error());
  Outcome out;
  switch (options.format) {
    case Format::kJson:
      out.out = json_line(
          nlohmann::ordered_json{{"token", *token}, {"name", options.name}, {"unit", options.unit}});
      break;
    case Format::kCsv:
      out.out = as_csv({{{"token"}, {"name"}, {"unit"}}, {{*token, options.name, options.unit}}});
      break;
    case Format::kTable:
      out.out = say(options.language, Say::kTokenOnce, *token);
      break;
  }
  return out;
}

Outcome run_token_list(const Options& options, Installation& installation) {
  return shown(options, list_tokens(installation));
}

Outcome run_token_revoke(const Options& options, Installation& installation) {
  const auto hash = revoke_token(options, installation);
  if (!hash) return failed(options.language, hash.error());
  return {0, say(options.language, Say::kTokenRevoked, short_id(*hash)), "", ""};
}

}  // namespace phusa::app
