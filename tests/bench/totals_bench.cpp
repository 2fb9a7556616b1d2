// Totals by unit and indicator as the ledger grows: what a roll-up costs follows the groups shown, not the
// records stored. Prints milliseconds and their ratio to the smallest ledger of the same run.
//   totals_bench [RECORDS...]     default: 10000 100000 1000000
#include "sync-server/totals/query.hpp"
#include "tests/support/phone_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace phusa::bench {
namespace {

using Clk = std::chrono::steady_clock;

constexpr std::uint32_t kUnits = 66, kIndicators = 8, kKinds = 30;
constexpr std::size_t kPerPhone = 20'000;
constexpr int kRounds = 21;

double ms_since(Clk::time_point start) {
  return std::chrono::duration<double, std::milli>(Clk::now() - start).count();
}

struct Spread {
  double least, median, most;
};

template <class Work>
Spread measure(Work work) {
  std::vector<double> times;
  for (int i = 0; i < kRounds; ++i) {
    const auto start = Clk::now();
    work();
    times.push_back(ms_since(start));
  }
  std::sort(times.begin(), times.end());
  return {times.front(), times[times.size() / 2], times.back()};
}

/// The tests' catalogue, grown to the size of a block: 66 units below its root, 8 more indicators, 30 more
/// kinds.
Catalogue block_catalogue() {
  Catalogue catalogue = test::test_catalogue();
  ++catalogue.revision;
  for (std::uint32_t i = 0; i < kUnits; ++i) {
    Unit unit;
    unit.code = "bench_unit_" + std::to_string(i);
    unit.name = unit.code;
    unit.parent = UnitNo{0};
    catalogue.units.push_back(unit);
  }
  for (std::uint32_t i = 0; i < kIndicators; ++i) {
    Indicator indicator;
    indicator.code = "bench_indicator_" + std::to_string(i);
    indicator.name = indicator.code;
    catalogue.indicators.push_back(indicator);
  }
  for (std::uint32_t i = 0; i < kKinds; ++i) {
    Kind kind;
    kind.code = "bench_kind_" + std::to_string(i);
    kind.name = kind.code;
    catalogue.kinds.push_back(kind);
  }
  return catalogue;
}

class Filled {
 public:
  Filled() {
    first_ = test::test_catalogue();
    server_.publish(block_catalogue());
    const auto snapshot = server_.ledger().begin_read();
    const auto row = (*snapshot)->newest_catalogue();
    hash_ = (*row)->hash;
  }

  /// Brings the ledger to `records`; microseconds of one core per record, phones' sealing included.
  void fill_to(std::size_t records) {
    while (records_ < records) {
      test::FakePhone phone(1000 + records_, Rank::kOfficer, "root");
      server_.enrol(phone);
      phone.use_catalogue(first_.revision + 1, hash_);
      for (std::size_t i = 0; i < kPerPhone && records_ < records; ++i, ++records_) phone.log(next_record());
      if (const auto synced = phone.sync(server_.engine()); !synced) {
        std::fprintf(stderr, "totals_bench: %s\n", synced.error().context.c_str());
        std::exit(1);
      }
    }
  }

  test::TestServer& server() { return server_; }

 private:
  std::uint32_t draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_.u64() % below); }

  test::LogContent next_record() {
    test::LogContent content;
    content.unit = static_cast<std::uint32_t>(first_.units.size()) + draw(kUnits);
    content.kind = static_cast<std::uint32_t>(first_.kinds.size()) + draw(kKinds);
    content.day = Day(std::chrono::year(2026) / 1 / 1) + std::chrono::days(draw(70));
    for (std::uint32_t i = 0, count = 1 + draw(3); i < count; ++i) {
      content.values[static_cast<std::uint32_t>(first_.indicators.size()) + draw(kIndicators)] =
          Amount{static_cast<std::int64_t>(1 + draw(500)), Qualifier::kExact};
    }
    return content;
  }

  test::TestServer server_;
  test::SeededRandom random_{20250601};
  Catalogue first_;
  Hash hash_;
  std::size_t records_ = 0;
};

void run(const std::vector<std::size_t>& sizes) {
  Filled filled;
  std::printf(
      "| records | rows | by unit and indicator, ms: median [least..most] | ratio | the same as of the "
      "middle, ms |\n");
  std::printf("|---|---|---|---|---|\n");
  double first = 0;
  for (const std::size_t records : sizes) {
    filled.fill_to(records);
    const auto catalogue = filled.server().engine().catalogue();
    totals::Query query;
    query.by_unit = true;
    std::size_t rows = 0;
    std::uint64_t head = 0;
    const auto ask = [&] {
      const auto snapshot = filled.server().ledger().begin_read();
      const auto table = totals::query(**snapshot, *catalogue, query);
      if (!table) {
        std::fprintf(stderr, "totals_bench: %s\n", table.error().context.c_str());
        std::exit(1);
      }
      rows = table->rows.size();
      head = table->as_of.position;
    };
    const Spread now = measure(ask);
    if (first == 0) first = now.median;
    const std::size_t rows_now = rows;
    query.as_of = head / 2;
    const Spread then = measure(ask);
    std::printf("| %zu | %zu | %.2f [%.2f..%.2f] | %.2f | %.2f [%.2f..%.2f] |\n", records, rows_now,
                now.median, now.least, now.most, now.median / first, then.median, then.least, then.most);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace phusa::bench

int main(int argc, char** argv) {
  std::vector<std::size_t> sizes;
  for (int i = 1; i < argc; ++i) sizes.push_back(static_cast<std::size_t>(std::atoll(argv[i])));
  if (sizes.empty()) sizes = {10'000, 100'000, 1'000'000};
  std::sort(sizes.begin(), sizes.end());
  phusa::bench::run(sizes);
}
