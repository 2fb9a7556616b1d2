#pragma once

#include "core/client/fault.hpp"
#include "core/model/catalogue.hpp"
#include "core/model/catalogue_rows.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace phusa {

/// The entry whose code is `typed` but for case or one or two letters; empty when none is near.
std::string near_match(const std::vector<std::string_view>& codes, std::string_view typed);

/// "unknown_code" at `field`, with the table's word, what was typed, and what was perhaps meant.
Fault unknown_code(const std::string& field, std::string_view table, std::string_view typed,
                   const std::string& near);

template <class Row>
std::vector<std::string_view> codes_of(const std::vector<Row>& rows) {
  std::vector<std::string_view> out;
  out.reserve(rows.size());
  for (const Row& row : rows) out.push_back(row.code);
  return out;
}

}  // namespace phusa
