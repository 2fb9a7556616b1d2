#include "tests/e2e/chaos/field.hpp"

/// What travels in files through other people's phones.
namespace phusa::test {
namespace {

class Carriers : public Field {
 protected:
  std::string hand_over(const FieldPhone& from, const std::string& name) const {
    const auto file = folder_.path() / name;
    from.device.ok({"handover", file.string()});
    return file.string();
  }
  /// Gives receipts back: from the carrier that has them to the phone whose work they are for.
  void give_receipts(const FieldPhone& from, const FieldPhone& to) {
    const auto file = (folder_.path() / ("receipts" + std::to_string(++files_))).string();
    from.device.ok({"receipts", "export", file});
    to.device.ok({"receipts", "import", file});
  }
  Json office_command(std::vector<std::string> args) const {
    args.insert(args.begin(), PHUSA_SERVER_BIN);
    args.insert(args.end(), {"--data", data().string(), "--format", "json"});
    const Outcome outcome = run(args, plain_environment());
    EXPECT_EQ(outcome.status, 0) << testing::PrintToString(args) << outcome.err;
    return Json::parse(outcome.out, nullptr, false);
  }
  void import_list(FieldPhone& phone, const ImportFile& list) const {
    note_imported(phone, list, phone.device.json({"import", list.path.string()}));
  }
  static std::string id_of(const FieldPhone& phone) {
    return phone.device.json({"status"})["device"].get<std::string>();
  }
  FieldPhone successor_of(const FieldPhone& phone, const std::string& name, bool is_lost = false) {
    std::vector<std::string> replace = {"enrol", "--replaces", id_of(phone)};
    if (is_lost) replace.push_back("--lost");
    FieldPhone next{this->phone(name), {}};
    next.device.ok(
        {"join", url(), office_command(replace)["code"].get<std::string>(), "--replaces", id_of(phone)});
    drain(next.device);
    return next;
  }
  enum class Fate : std::uint8_t { kReplaced, kReplacedAndMoved, kLost };
  /// A list is imported, handed over and on its way; the phone is replaced, and the new one imports it again.
  void replace_with_a_list_on_its_way(Fate fate);
};

void Carriers::replace_with_a_list_on_its_way(Fate fate) {
  const bool is_lost = fate == Fate::kLost;
  const auto office = joined("office", root_unit(), "office");
  FieldPhone carrier = field_phone("carrier");
  FieldPhone first = field_phone("first");
  drain(first.device);
  const ImportFile list = write_import(5);
  import_list(first, list);
  carrier.device.ok({"carry", hand_over(first, "work.phusa")});
  FieldPhone next = successor_of(first, "next", is_lost);
  if (fate == Fate::kReplacedAndMoved) {
    const Outcome moved = run({PHUSA_SERVER_BIN, "devices", "move", id_of(next), "--unit", "so_tai_chinh",
                               "--data", data().string()},
                              plain_environment());
    ASSERT_EQ(moved.status, 0) << moved.err;
    drain(next.device);
  }
  import_list(next, list);
  EXPECT_EQ(next.saved, first.saved) << "one file, one person: the same records";
  const std::string once = std::to_string(sum_of(next.saved));
  drain(next.device);
  EXPECT_EQ(server_total(), once);
  drain(carrier.device);
  EXPECT_EQ(server_total(), once);
  if (is_lost) {
    const Json held = office_command({"held"})["items"];
    ASSERT_EQ(held.size(), 1u) << held;
    office_command({"devices", "revoke", id_of(first), "--good", held[0]["batch"].get<std::string>()});
    EXPECT_EQ(server_total(), once);
  }
  EXPECT_TRUE(office.json({"list", "--conflicts"}).empty());
  expect_laws({&next, &carrier}, office);
}

TEST_F(Carriers, AListOnItsWayAndAgainOnTheNextPhoneCountsOnce) {
  replace_with_a_list_on_its_way(Fate::kReplaced);
}
TEST_F(Carriers, AListOnItsWayAndAgainOnTheNextPhoneInAnotherUnitCountsOnce) {
  replace_with_a_list_on_its_way(Fate::kReplacedAndMoved);
}
TEST_F(Carriers, AListOfALostPhoneOnItsWayAndAgainOnTheNextCountsOnce) {
  replace_with_a_list_on_its_way(Fate::kLost);
}

TEST_F(Carriers, AListOnItsWayIsKnownTwoPhonesLaterWhicheverImportedIt) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone carrier = field_phone("carrier");
  std::int64_t once = 0;
  for (const std::size_t importer : {0u, 1u}) {
    const std::string name = std::to_string(importer);
    const ImportFile list = write_import(3);
    std::vector<FieldPhone> line;
    for (std::size_t i = 0; i < 2; ++i) {
      line.push_back(i == 0 ? field_phone("first " + name) : successor_of(line[0], "second " + name));
      drain(line[i].device);
      if (i != importer) continue;
      import_list(line[i], list);
      carrier.device.ok({"carry", hand_over(line[i], "work" + name + ".phusa")});
    }
    FieldPhone third = successor_of(line[1], "third " + name);
    import_list(third, list);
    EXPECT_EQ(third.saved, line[importer].saved) << "one file, one line of phones: the same records";
    drain(third.device);
    once += sum_of(third.saved);
  }
  EXPECT_EQ(server_total(), std::to_string(once));
  drain(carrier.device);
  EXPECT_EQ(server_total(), std::to_string(once));
  EXPECT_TRUE(office.json({"list", "--conflicts"}).empty());
}

TEST_F(Carriers, AListThatArrivedIsKnownTwoPhonesLater) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone first = field_phone("first");
  const ImportFile list = write_import(3);
  import_list(first, list);
  drain(first.device);
  // Mended since, so that no line says what its record says.
  for (auto& [id, trees] : first.saved) first.device.ok({"edit", id, "trees=" + std::to_string(++trees)});
  drain(first.device);
  const FieldPhone second = successor_of(first, "second");
  FieldPhone third = successor_of(second, "third");
  third.device.ok({"import", list.path.string()});
  for (const char* said : {"same", "others"})
    third.device.ok({"import", list.path.string(), "--alike", said});
  drain(third.device);
  EXPECT_EQ(shown(third.device), first.saved);
  EXPECT_EQ(server_total(), std::to_string(sum_of(first.saved)));
  third.saved = first.saved;
  expect_laws({&third}, office);
}

// Its lines have ids of the phone that is gone, whom the server put back does not know.
TEST_F(Carriers, AListOfWhoReplacedAPhoneThatTheServerForgotCountsAndIsSeen) {
  const auto office = joined("office", root_unit(), "office");
  back_up_server();
  FieldPhone first = field_phone("first");
  drain(first.device);
  FieldPhone next = successor_of(first, "next");
  import_list(next, write_import(4));
  drain(next.device);
  put_last_night_back();
  ASSERT_FALSE(HasFatalFailure());
  drain(next.device);
  const std::string once = std::to_string(sum_of(next.saved));
  EXPECT_EQ(server_total(), once);
  EXPECT_EQ(shown(next.device), next.saved);
  drain(first.device);
  EXPECT_EQ(server_total(), once);
  expect_laws({&next}, office);
}

TEST_F(Carriers, OneBundleByThreeOfThemAndTheOriginCountsOnce) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone origin = field_phone("origin");
  std::vector<FieldPhone> carriers = {field_phone("first"), field_phone("second"), field_phone("third")};
  import(origin, 6);
  const std::string file = hand_over(origin, "work.phusa");
  EXPECT_EQ(origin.device.count("handed_over"), 6u);
  for (FieldPhone& carrier : carriers) {
    import(carrier, 2);
    carrier.device.ok({"carry", file});
  }
  const std::vector<FieldPhone*> all = {&origin, &carriers[0], &carriers[1], &carriers[2]};
  drain(carriers[0].device);
  give_receipts(carriers[0], origin);
  EXPECT_EQ(origin.device.count("handed_over"), 0u) << "the receipts came back";
  drain(carriers[1].device);
  drain(origin.device);
  drain(carriers[2].device);
  for (FieldPhone& carrier : carriers) give_receipts(carrier, origin);
  drain(origin.device);
  EXPECT_EQ(server_total(), std::to_string(sum_of(all_saved(all))));
  expect_laws(all, office);
}

TEST_F(Carriers, WhoIsKilledWhileDeliveringDeliversAgain) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone origin = field_phone("origin");
  FieldPhone carrier = field_phone("carrier");
  std::uint64_t usual_us = 0;
  int struck = 0;
  for (std::uint64_t round = 0; round <= 6; ++round) {
    import(origin, 5);
    carrier.device.ok({"carry", hand_over(origin, "work" + std::to_string(round))});
    const Stopwatch watch;
    Process sync = start(phone_command(carrier, {"sync"}));
    if (round > 0) {
      strike_after(std::chrono::microseconds(below(usual_us * (7 - round) / 6)));  // sooner and sooner
      sync.signal(SIGKILL);
    }
    struck += sync.wait() == 128 + SIGKILL ? 1 : 0;
    if (round == 0) usual_us = watch.us();
  }
  EXPECT_GT(struck, 0);
  drain(carrier.device);
  give_receipts(carrier, origin);
  EXPECT_EQ(origin.device.count("handed_over"), 0u);
  EXPECT_EQ(origin.device.count("saved"), 0u) << "everything arrived without the origin ever syncing";
  expect_laws({&origin, &carrier}, office);
}

TEST_F(Carriers, TheServerOfLastNightGetsTheBundleAgain) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone origin = field_phone("origin");
  FieldPhone early = field_phone("early");
  FieldPhone late = field_phone("late");
  for (const FieldPhone* phone : {&origin, &early, &late}) drain(phone->device);
  back_up_server();
  import(origin, 4);
  const std::string file = hand_over(origin, "work.phusa");
  early.device.ok({"carry", file});
  late.device.ok({"carry", file});
  drain(early.device);
  const std::string total = std::to_string(sum_of(origin.saved));
  EXPECT_EQ(server_total(), total);
  put_last_night_back();
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_EQ(server_total(), "0");
  drain(late.device);
  EXPECT_EQ(server_total(), total);
  give_receipts(late, origin);
  expect_laws({&origin, &early, &late}, office);
}

}  // namespace
}  // namespace phusa::test
