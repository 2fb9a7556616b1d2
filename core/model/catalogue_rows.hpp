#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Rows of a catalogue by their numbers. A record may name what this catalogue does not have, for it is
/// merged before it is held; whatever shows records therefore asks here, and never indexes a table itself.
namespace phusa {

/// A row's code; a number that this catalogue does not have shows as "#12".
template <class Row>
std::string code_of(const std::vector<Row>& rows, std::uint32_t number) {
  return number < rows.size() ? rows[number].code : "#" + std::to_string(number);
}

/// The row, or one that is empty but for such a code as its code and name.
template <class Row>
Row row_of(const std::vector<Row>& rows, std::uint32_t number) {
  if (number < rows.size()) return rows[number];
  Row unknown;
  unknown.code = unknown.name = code_of(rows, number);
  return unknown;
}

}  // namespace phusa
