#pragma once

#include "core/model/batch.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace phusa {

/// A ledger point as the store keeps it, and as a cursor starts: position as varint, tag 8. The rest of a
/// cursor is the server's own affair.
Bytes write_point(const LedgerPoint& point);
std::optional<LedgerPoint> read_point(BytesView bytes);
/// One after the other.
Bytes write_points(std::span<const LedgerPoint> points);
std::vector<LedgerPoint> read_points(BytesView bytes);
/// "position.tag": what totals are as of.
std::string format_point(const LedgerPoint& point);

}  // namespace phusa
