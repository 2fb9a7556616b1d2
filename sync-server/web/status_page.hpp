#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace phusa::web {

/// What the office sees at a glance. Names and figures are ready to be shown but for escaping.
struct StatusView {
  struct UnitSync {
    std::string unit;
    std::string name;
    std::int64_t devices = 0;
    std::string last_sync;  ///< UTC, as format_time writes it; empty: never
  };
  struct Total {
    std::string name;
    std::string total;      ///< "1930", "12.5"
    std::string qualifier;  ///< exact, more, nearly, mixed
    std::string measure;
    std::int64_t records = 0;
  };
  std::string organisation;
  std::string as_of;
  std::uint32_t catalogue_revision = 0;
  std::int64_t units = 0;
  std::int64_t devices = 0;
  std::int64_t held_records = 0;
  std::int64_t held_changes = 0;
  std::int64_t held_batches = 0;
  std::vector<UnitSync> syncs;
  std::vector<Total> totals;
};

/// Whether an Accept-Language header prefers English; Vietnamese is what it is otherwise.
bool prefers_english(const std::string& accept_language);

/// One HTML page without script, in Vietnamese or English.
std::string status_page(const StatusView& view, bool english);

/// "1930.5" -> "1.930,5" in Vietnamese, "1,930.5" in English.
std::string group_digits(const std::string& number, bool english);

}  // namespace phusa::web
