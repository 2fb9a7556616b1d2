#pragma once

#include "core/model/catalogue.hpp"
#include "sync-server/access/organisation_folder.hpp"

#include <string>
#include <vector>

namespace phusa::access {

/// One line of what applying a folder would do.
struct CatalogueChange {
  enum class What { kAdded, kChanged, kClosed, kReopened, kKept };
  What what = What::kAdded;
  std::string
      table;  ///< "unit", "cluster", "campaign", "indicator", "label", "kind", or the name of an office table
  std::string code;
  std::string detail;  ///< what of it changes, in words; the name of an added row

  /// kKept only tells: a code without dates left the folder and stays as it was.
  bool makes_revision() const { return what != What::kKept; }
  friend bool operator==(const CatalogueChange&, const CatalogueChange&) = default;
};

/// `added`, `changed`, `closed`, `reopened`, `kept`
std::string_view change_name(CatalogueChange::What what);

/// The next revision as a folder of CSV files wants it. `catalogue` means something only when `problems` is
/// empty.
struct CatalogueDraft {
  Catalogue catalogue;
  std::vector<CatalogueChange> changes;
  std::vector<Problem> problems;
  std::vector<std::string> passed_over;  ///< CSV files in the folder that no organisation has

  bool differs() const;
};

/// Builds the revision that follows `previous` (nullptr: the first) from the organisation's folder.
///
/// Numbers are permanent: the rows of `previous` keep their places, new codes are appended. A code that is no
/// longer in the folder stays; where it has dates it is closed, its last day becomes the day before `today`
/// unless it had an earlier one. An indicator never changes its unit, decimals, nature or counting per event.
/// A code stands for one thing for ever: one that was closed may open again only under the same name (and the
/// same kind of unit, the same series of campaign), and an open unit does not change name and kind at once.
/// Whatever breaks this, and every cycle, double, unknown reference, bad day and bad number is a problem with
/// its file and line; all of them are reported.
CatalogueDraft draft_catalogue(const std::filesystem::path& folder, const Catalogue* previous, Day today);

}  // namespace phusa::access
