#pragma once

#include "bindings/cli/columns.hpp"
#include "bindings/cli/csv_file.hpp"
#include "bindings/cli/numbers.hpp"
#include "proto/phusa/v1/client.pb.h"

#include <string>
#include <string_view>
#include <vector>

namespace phusa::cli {

/// An imported file as one LogRequest.
struct ImportPlan {
  v1::LogRequest request;
  std::vector<std::string> header;  ///< to name a column that the library finds wrong
  std::vector<ImportColumn> columns;
  std::size_t without_day = 0;  ///< lines that will count for today
};

/// Columns: ref, date, until, unit, kind, campaign, place, note, event, partners, labels, in Vietnamese or
/// English, with or without marks; every other column is an indicator by code or name. `event` names a
/// record's id or a `ref` of the same file. Gives every error there is, in the file's order.
tl::expected<ImportPlan, std::vector<ImportError>> plan_import(const CsvFile& file,
                                                               std::string_view file_bytes,
                                                               const v1::CatalogueReply& catalogue,
                                                               NumberStyle numbers);

/// Where the library found a fault, as a line and a column of the file.
ImportError locate(const ImportPlan& plan, const v1::ErrorReply& error);

}  // namespace phusa::cli
