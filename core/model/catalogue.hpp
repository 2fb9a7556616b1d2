#pragma once

#include "core/base/bytes.hpp"
#include "core/base/day.hpp"
#include "core/model/ids.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace phusa {

/// When a code may be used; an open end is nullopt.
struct Validity {
  std::optional<Day> from;
  std::optional<Day> until;

  bool covers(Day day) const { return (!from || *from <= day) && (!until || day <= *until); }
  friend bool operator==(const Validity&, const Validity&) = default;
};

/// What every row has. Its number is its place in its table.
struct Entry {
  std::string code;
  std::string name;
  std::string name_en;

  friend bool operator==(const Entry&, const Entry&) = default;
};

struct Unit : Entry {
  std::string kind;
  std::optional<UnitNo> parent;
  Validity validity;
  std::vector<UnitNo> successors;
  std::string contact;

  /// Of a closed unit the one that took it over; nothing when it was split, or simply ended.
  std::optional<UnitNo> merged_into() const;
  friend bool operator==(const Unit&, const Unit&) = default;
};

struct Cluster : Entry {
  struct Member {
    UnitNo unit;
    Validity validity;
    friend bool operator==(const Member&, const Member&) = default;
  };
  std::vector<Member> members;
  friend bool operator==(const Cluster&, const Cluster&) = default;
};

struct Campaign : Entry {
  std::vector<CampaignNo> parents;
  std::string series;
  Validity validity;
  friend bool operator==(const Campaign&, const Campaign&) = default;
};

enum class Nature : std::uint8_t { kFlow = 0, kStock = 1 };
enum class PerEvent : std::uint8_t { kSum = 0, kOnce = 1 };

struct Indicator : Entry {
  std::string unit;  ///< of measure: "đơn vị", "cây", "đồng"
  std::uint8_t decimals = 0;
  std::optional<std::int64_t> maximum;  ///< of one record, in the smallest unit
  Nature nature = Nature::kFlow;
  std::vector<IndicatorNo> parents;
  PerEvent per_event = PerEvent::kSum;
  std::string section;
  std::string year_starts;  ///< "11-01": the window need not be the calendar year
  friend bool operator==(const Indicator&, const Indicator&) = default;
};

struct Label : Entry {
  std::string group;
  friend bool operator==(const Label&, const Label&) = default;
};

struct Kind : Entry {
  template <class No>
  struct Use {
    No no;
    bool required = false;
    friend bool operator==(const Use&, const Use&) = default;
  };
  std::vector<Use<IndicatorNo>> indicators;  ///< empty: any
  std::vector<Use<LabelNo>> labels;
  std::string section;
  friend bool operator==(const Kind&, const Kind&) = default;
};

/// A table that only the office reads (targets, calendar, unit figures): its header and rows as the CSV had them.
struct OfficeTable {
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  friend bool operator==(const OfficeTable&, const OfficeTable&) = default;
};

/// One numbered revision of everything that gives a record's numbers their meaning. Rows are only ever appended;
/// a number is an index into its table. Campaigns and units form no cycle.
struct Catalogue {
  std::uint32_t revision = 0;
  std::vector<Unit> units;
  std::vector<Cluster> clusters;
  std::vector<Campaign> campaigns;
  std::vector<Indicator> indicators;
  std::vector<Label> labels;
  std::vector<Kind> kinds;
  std::vector<OfficeTable> office_tables;
  Bytes box_key;  ///< X25519 public key, 32 bytes, that bundles are sealed to

  std::optional<UnitNo> unit(std::string_view code) const;
  std::optional<ClusterNo> cluster(std::string_view code) const;
  std::optional<CampaignNo> campaign(std::string_view code) const;
  std::optional<IndicatorNo> indicator(std::string_view code) const;
  std::optional<LabelNo> label(std::string_view code) const;
  std::optional<KindNo> kind(std::string_view code) const;

  /// Whether `unit` is `root` or lies below it.
  bool is_within(UnitNo unit, UnitNo root) const;
  /// Whether the figures of `unit` roll up into `root`: it lies below it, where a merged unit lies below its
  /// successor instead of its parent, so that each figure is in one place.
  bool rolls_up_into(UnitNo unit, UnitNo root) const;
  /// `root` and everything below it, ascending.
  std::vector<UnitNo> subtree(UnitNo root) const;
  /// `campaign` and all its ancestors, ascending, each once.
  std::vector<CampaignNo> with_ancestors(CampaignNo campaign) const;

  friend bool operator==(const Catalogue&, const Catalogue&) = default;
};

}  // namespace phusa
