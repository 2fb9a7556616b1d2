#include "core/wire/codec.hpp"
#include "sync-server/access/catalogue_draft.hpp"
#include "sync-server/app/commands.hpp"
#include "sync-server/app/listing.hpp"
#include "sync-server/ingest/office_offers.hpp"

namespace phusa::app {
namespace {

Say word_of(access::CatalogueChange::What what) {
  switch (what) {
    case access::CatalogueChange::What::kAdded:
      return Say::kAdded;
    case access::CatalogueChange::What::kChanged:
      return Say::kChanged;
    case access::CatalogueChange::What::kClosed:
      return Say::kClosed;
    case access::CatalogueChange::What::kReopened:
      return Say::kReopened;
    case access::CatalogueChange::What::kKept:
      return Say::kKept;
  }
  return Say::kChanged;
}

std::string shown(const access::CatalogueDraft& draft, const Options& options) {
  Listing listing;
  listing.columns = {{"change"}, {"table"}, {"code"}, {"detail"}};
  for (const auto& change : draft.changes) {
    const std::string what = options.format == Format::kTable
                                 ? std::string(text_of(options.language, word_of(change.what)))
                                 : std::string(access::change_name(change.what));
    listing.rows.push_back({what, change.table, change.code, change.detail});
  }
  if (options.format == Format::kTable && listing.rows.empty()) return {};
  return rendered(listing, options.format, options.language);
}

/// What a draft is compared with and the number that it gets: of one moment, so that of two revisions made at
/// once the second finds its number taken.
struct Basis {
  std::shared_ptr<const Catalogue> catalogue;
  std::uint32_t number = 0;
};

Result<Basis> basis_of(Installation& installation) {
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  Basis basis;
  PHUSA_ASSIGN(basis.catalogue, installation.engine().catalogue_of(*snapshot));
  PHUSA_ASSIGN(basis.number, ingest::next_revision(*snapshot));
  return basis;
}

}  // namespace

Outcome run_org_apply(const Options& options, Installation& installation) {
  const auto basis = basis_of(installation);
  if (!basis) return failed(options.language, basis.error());
  auto draft =
      access::draft_catalogue(options.org, basis->catalogue.get(), local_day(installation.clock().wall()));
  Outcome out;
  if (!draft.problems.empty()) {
    for (const auto& problem : draft.problems) out.err += access::format_problem(problem) + "\n";
    out.err += "phusa-server: " + say(options.language, Say::kProblems, draft.problems.size()) + "\n";
    out.exit = 1;
    return out;
  }
  for (const std::string& file : draft.passed_over) out.err += say(options.language, Say::kPassedOver, file);
  // Shown once: a confirmed draft was on the screen already.
  if (options.expect.empty()) out.out = shown(draft, options);
  if (!draft.differs()) {
    out.err += say(options.language, Say::kNothingToApply);
    return out;
  }
  draft.catalogue.revision = basis->number;
  const std::string digest = hash_of(wire::encode_catalogue(draft.catalogue)).hex();
  if (!options.yes) {
    out.err += say(options.language, Say::kNotApplied);
    out.confirm = digest;
    return out;
  }
  if (!options.expect.empty() && options.expect != digest) {
    return failed(options.language,
                  {ErrorCode::kConflict,
                   "the folder or the catalogue changed since it was shown; run org apply again"});
  }
  const auto payload = ingest::catalogue_payload(installation.engine_options(), draft.catalogue);
  if (!payload) return failed(options.language, payload.error());
  const auto point = installation.engine().append_office(OfficeAct::kCatalogue, *payload);
  if (!point) return failed(options.language, point.error());
  out.err += say(options.language, Say::kApplied, draft.catalogue.revision);
  return out;
}

}  // namespace phusa::app
