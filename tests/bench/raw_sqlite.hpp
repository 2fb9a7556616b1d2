#pragma once

#include "tests/bench/workload.hpp"

#include <span>

namespace phusa::bench {

/// The yardstick: the same records as plain rows (text key, JSON values) through SQLite alone, WAL and FULL.
/// One transaction a row; rows per second.
double raw_rows_per_second(const std::filesystem::path& file, std::span<const WorkloadRecord> records);
/// All rows in one transaction; seconds.
double raw_bulk_seconds(const std::filesystem::path& file, std::span<const WorkloadDevice> devices);

}  // namespace phusa::bench
