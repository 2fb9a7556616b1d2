#pragma once

#include "core/base/clock.hpp"
#include "core/base/day.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace phusa::bench {

/// One record of workload W as baseline/gen.mjs writes it. Codes are W's own ("U07", "T12", "MHX-2025",
/// "trees").
struct WorkloadRecord {
  std::string id;
  WallTime at{};
  std::string day;
  std::string unit;
  std::string campaign;  ///< empty: none
  std::string kind;
  std::string note;
  std::vector<std::pair<std::string, std::int64_t>> values;
};

struct WorkloadDevice {
  std::string name;
  std::vector<WorkloadRecord> records;
  std::vector<WorkloadRecord> amends;  ///< same ids, other values
  std::vector<std::pair<std::string, WallTime>> deletes;
  std::vector<WorkloadRecord> extra;  ///< for the steady state
};

/// Reads dev-*.json below `folder`, at most `devices_max` of them.
Result<std::vector<WorkloadDevice>> read_workload(const std::filesystem::path& folder,
                                                  std::size_t devices_max);

/// Writes the organisation W speaks of: a root, 66 units, 8 campaigns, 30 kinds, 8 indicators.
Result<void> write_workload_organisation(const std::filesystem::path& folder);

}  // namespace phusa::bench
