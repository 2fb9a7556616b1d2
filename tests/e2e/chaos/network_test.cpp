#include "tests/e2e/chaos/field.hpp"
#include "tests/support/cutting_proxy.hpp"

/// Between a real phone and a real server: lines that are cut at any byte, stall, lose one way, and repeat.
namespace phusa::test {
namespace {

class BadNetwork : public Field {
 protected:
  /// A place within a small exchange, early ones likelier: heads as well as bodies.
  std::size_t some_byte() { return below(below(2) == 0 ? 250 : 900); }

  Weather some_weather() {
    Weather out;
    switch (below(7)) {
      case 0:
        out.cut_after_up = some_byte();
        break;
      case 1:
        out.cut_after_down = some_byte();
        break;
      case 2:
        out.lose_up_from = some_byte();
        break;
      case 3:
        out.lose_down_from = some_byte();
        break;
      case 4:
        out.stall_up_at = some_byte();
        break;
      case 5:
        out.twice = true;
        out.cut_after_down = some_byte();
        break;
      default:
        out.twice = true;
        break;
    }
    out.reset = below(3) == 0;
    return out;
  }
};

TEST_F(BadNetwork, LosesNothingAndCountsNothingTwice) {
  const auto office = joined("office", root_unit(), "office");
  std::vector<Weather> forecast;
  for (int i = 0; i < 400; ++i) forecast.push_back(some_weather());
  CuttingProxy proxy(static_cast<std::uint16_t>(port_),
                     [&](std::size_t n) { return forecast[n % forecast.size()]; });
  std::vector<FieldPhone> phones;
  for (const char* name : {"first", "second"}) {
    phones.push_back({phone(name), {}});
    const std::string code = code_for(unit(), "volunteer");
    int tries = 0;  // joining is repeated with the same code until an answer comes through
    while (phones.back().device({"join", proxy.url(), code}).status != 0) ASSERT_LT(++tries, 30);
  }
  int failed = 0;
  for (int round = 0; round < 16; ++round) {
    FieldPhone& phone = phones[below(phones.size())];
    import(phone, 1 + below(6));
    if (!phone.saved.empty() && below(3) == 0) {
      const auto any = std::next(phone.saved.begin(), static_cast<std::ptrdiff_t>(below(phone.saved.size())));
      any->second = static_cast<std::int64_t>(1 + below(900));
      phone.device.ok({"edit", any->first, "trees=" + std::to_string(any->second)});
    }
    const Outcome sync = phone.device({"sync"});
    EXPECT_TRUE(sync.status == 0 || sync.status == 1) << sync.status << sync.err;
    failed += sync.status;
  }
  std::cout << failed << " of 16 syncs failed, over " << proxy.connections() << " connections" << std::endl;
  EXPECT_GT(failed, 0);
  proxy.clear();
  expect_laws({&phones[0], &phones[1]}, office);
}

// Every few bytes of either way: in all parts of both heads and both bodies.
TEST_F(BadNetwork, ALineCutAnywhereInAnExchangeIsMendedByTheNext) {
  constexpr std::size_t kStep = 29;
  const auto office = joined("office", root_unit(), "office");
  std::atomic<std::size_t> cut_up{Weather::kNever};
  std::atomic<std::size_t> cut_down{Weather::kNever};
  CuttingProxy proxy(static_cast<std::uint16_t>(port_), [&](std::size_t) {
    Weather out;
    out.cut_after_up = cut_up;
    out.cut_after_down = cut_down;
    return out;
  });
  FieldPhone phone{this->phone("phone"), {}};
  phone.device.ok({"join", proxy.url(), code_for(unit(), "volunteer")});
  std::int64_t trees = 0;
  for (std::atomic<std::size_t>* cut : {&cut_up, &cut_down}) {
    int failed = 0;
    for (bool is_past_its_end = false; !is_past_its_end;) {
      const std::size_t at = static_cast<std::size_t>(failed) * kStep;
      ASSERT_LT(at, std::size_t{4'000}) << "no exchange is so long";
      ASSERT_FALSE(log(phone, ++trees).empty());
      *cut = at;
      const Outcome sync = phone.device({"sync"});
      *cut = Weather::kNever;
      drain(phone.device);
      ASSERT_TRUE(sync.status == 0 || sync.status == 1) << sync.status << sync.err;
      is_past_its_end = sync.status == 0;
      failed += sync.status;
    }
    std::cout << failed << " cuts on the way " << (cut == &cut_up ? "up" : "down") << std::endl;
    EXPECT_GT(failed, 5) << "an exchange is longer than this";
  }
  proxy.clear();
  expect_laws({&phone}, office);
}

}  // namespace
}  // namespace phusa::test
