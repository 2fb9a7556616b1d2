#include "tests/e2e/chaos/field.hpp"

/// The office merges, splits and closes units while their phones are away.
namespace phusa::test {
namespace {

class Units : public Field {
 protected:
  struct Change {
    std::string unit;
    std::string successors;
  };
  /// The organisation with these units closed, and with the units that come after them.
  void apply(const std::vector<Change>& closed, const std::vector<std::string>& opened) const {
    const auto folder = folder_.path() / "new organisation";
    std::filesystem::copy(PHUSA_ORGANISATION, folder, std::filesystem::copy_options::recursive);
    std::ifstream before(std::filesystem::path(PHUSA_ORGANISATION) / "units.csv");
    std::ofstream after(folder / "units.csv");
    std::string line;
    std::getline(before, line);
    after << line << ",until,successors\n";
    while (std::getline(before, line)) {
      const auto change = std::ranges::find(closed, line.substr(0, line.find(',')), &Change::unit);
      after << line << (change == closed.end() ? "," : ",2025-12-31,")
            << (change == closed.end() ? "" : change->successors) << "\n";
    }
    for (const std::string& code : opened)
      after << code << ",Đơn vị " << code << ",,doan_co_so,doan_khoi,,\n";
    after.close();
    office_command({"org", "apply", folder.string(), "--yes"});
  }
  std::string office_command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), PHUSA_SERVER_BIN);
    arguments.insert(arguments.end(), {"--data", data().string()});
    const Outcome outcome = run(arguments, plain_environment());
    EXPECT_EQ(outcome.status, 0) << testing::PrintToString(arguments) << outcome.err;
    return outcome.out;
  }
  void move(const PhoneProcess& phone, const std::string& unit) const {
    office_command({"devices", "move", phone.json({"status"})["device"].get<std::string>(), "--unit", unit});
  }
  std::string trees_of(const std::string& unit) const {
    const Json rows = Json::parse(
        office_command({"totals", "--indicator", "trees", "--unit", unit, "--format", "json"}))["rows"];
    return rows.empty() ? "0" : rows[0]["total"].get<std::string>();
  }
};

TEST_F(Units, MergedSplitAndClosedWhilePhonesAreAwayCountEverythingOnceWhereItBelongs) {
  const auto office = joined("office", root_unit(), "office");
  const auto officer = joined("officer", "so_tai_chinh", "officer");
  FieldPhone an{joined("an", "so_tai_chinh"), {}};
  FieldPhone binh{joined("binh", "so_noi_vu"), {}};
  FieldPhone chi{joined("chi", "so_y_te"), {}};
  FieldPhone dung{joined("dung", "cuc_thue"), {}};
  const std::vector<FieldPhone*> all = {&an, &binh, &chi, &dung};
  for (FieldPhone* phone : all) import(*phone, 3);
  for (const FieldPhone* phone : all) drain(phone->device);
  drain(officer);
  ASSERT_EQ(shown(officer), an.saved);

  // Away from any network: more is logged, the officer and an disagree, dung's work goes by hand.
  for (FieldPhone* phone : all) import(*phone, 2);
  const std::string argued = shown(officer).begin()->first;
  an.device.ok({"edit", argued, "trees=111"});
  officer.ok({"edit", argued, "trees=222"});
  an.saved[argued] = 222;
  const auto bundle = (folder_.path() / "dung's").string();
  dung.device.ok({"handover", bundle});
  binh.device.ok({"carry", bundle});
  const std::int64_t of_the_merged = sum_of(an.saved) + sum_of(binh.saved);
  const std::int64_t of_the_split = sum_of(chi.saved);
  const std::int64_t of_the_closed = sum_of(dung.saved);

  apply({{"so_tai_chinh", "tai_chinh_noi_vu"},
         {"so_noi_vu", "tai_chinh_noi_vu"},
         {"so_y_te", "y_te_1;y_te_2"},
         {"cuc_thue", ""}},
        {"tai_chinh_noi_vu", "y_te_1", "y_te_2"});
  for (const auto& phone : {officer, an.device, binh.device}) move(phone, "tai_chinh_noi_vu");
  move(chi.device, "y_te_2");

  drain(officer);
  for (FieldPhone* phone : {&binh, &an, &chi, &dung}) drain(phone->device);
  // In the units that are now.
  const std::string new_in_merged = log(an, 1000);
  EXPECT_FALSE(log(chi, 2000).empty());
  expect_laws(all, office);

  EXPECT_EQ(trees_of("tai_chinh_noi_vu"), std::to_string(of_the_merged + 1000))
      << "with what it was merged from";
  EXPECT_EQ(trees_of("so_y_te"), std::to_string(of_the_split)) << "nobody can say whose of the two it is";
  EXPECT_EQ(trees_of("y_te_1"), "0");
  EXPECT_EQ(trees_of("y_te_2"), "2000");
  EXPECT_EQ(trees_of("cuc_thue"), std::to_string(of_the_closed));
  for (const FieldPhone* phone : all) EXPECT_EQ(phone->device.count("held"), 0U) << phone->device.store();

  drain(officer);
  EXPECT_EQ(shown(officer), (Trees{{new_in_merged, 1000}})) << "rights do not follow what was merged";
}

}  // namespace
}  // namespace phusa::test
