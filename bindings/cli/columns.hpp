#pragma once

#include "bindings/cli/csv_file.hpp"
#include "proto/phusa/v1/client.pb.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace phusa::cli {

enum class ColumnKind {
  kRef,
  kDate,
  kUntil,
  kUnit,
  kKind,
  kCampaign,
  kPlace,
  kNote,
  kEvent,
  kPartners,
  kLabels,
  kIndicator
};

struct ImportColumn {
  ColumnKind kind = ColumnKind::kIndicator;
  std::string indicator;  ///< code, of kIndicator
};

/// Text as it is compared: lower case, one space between words. `without_marks`: "Đơn vị" is "don vi".
std::string fold(std::string_view text, bool without_marks);

/// What each header means; unknown, doubled and empty ones are errors.
std::vector<ImportColumn> read_header(const std::vector<std::string>& header,
                                      const v1::CatalogueReply& catalogue, std::vector<ImportError>& errors);

/// The column's name in DESIGN's own order of columns: "ref", "date", ...; an indicator's code.
std::string column_name(const ImportColumn& column);

/// Codes of one table of the catalogue by what people write: the code itself, however its letters are written
/// where only one row's is so, or a name that only one row has.
class CodeFinder {
 public:
  explicit CodeFinder(const google::protobuf::RepeatedPtrField<v1::CatalogueReply::Item>& items);
  /// What is not found stays as it is: the library refuses it by name.
  std::string find(const std::string& written) const;
  bool knows(const std::string& written) const;

 private:
  std::set<std::string> exact_;
  std::map<std::string, std::string> codes_;  // folded code -> code; empty where two rows share it
  std::map<std::string, std::string> names_;  // folded name -> code; empty where two rows share it
};

}  // namespace phusa::cli
