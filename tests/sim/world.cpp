#include "tests/sim/world.hpp"

#include "tests/sim/laws.hpp"

#include <filesystem>

namespace phusa::sim {
namespace {

/// Enough for any of these small worlds; a queue that needs more is stuck.
constexpr int kExchangesToDrain = 20;
constexpr int kExchangesByPage = 400;  // of pages that hold a record or two
constexpr int kRoundsToQuiesce = 3;
constexpr const char* kUrl = "http://sim";

std::string folder_of(const std::string& root, const std::string& name) {
  std::filesystem::create_directories(root + "/" + name);
  return root + "/" + name;
}

}  // namespace

World::World(const Plan& plan, std::string folder, Trace& trace)
    : plan_(plan),
      folder_(std::move(folder)),
      trace_(trace),
      server_(folder_of(folder_, "server"), time_, plan.seed, plan.guarded, trace) {
  catalogues_.push_back(first_catalogue());
  arm(-1);
  Dice dice(plan.seed, "people");
  if (!plan.people.empty()) {
    for (const std::string& person : plan.people) {
      const std::size_t space = person.find(' ');
      const auto rank = parse_rank(person.substr(0, space));
      enrol(dice, rank ? *rank : Rank::kVolunteer, person.substr(space + 1), std::nullopt);
    }
    return;
  }
  static constexpr const char* kUnits[] = {"a1", "a", "b1", "a2", "b", "root"};
  for (std::uint32_t i = 0; i < plan.climate.phones; ++i) {
    const std::size_t what = i == 0 ? 0 : dice.weighted({50, 35, 15});
    const char* unit = kUnits[i == 0 ? dice.below(2) : dice.below(what == 0 ? 5 : 6)];
    enrol(dice, static_cast<Rank>(what), what == 2 ? "root" : unit, std::nullopt);
  }
}

/// The one crash that a plan may ask for.
void World::arm(int number) {
  const SimDisk& disk = number < 0 ? server_.disk() : phones_.back()->disk();
  crash_points_from_.push_back(disk.mutations());
  if (!plan_.crash || plan_.crash->phone != number) return;
  const Crash how = plan_.crash->power_loss ? Crash::kPowerLoss : Crash::kProcessDies;
  const Dice dice(plan_.seed, "planned crash", plan_.crash->at + (plan_.crash->fate << 32));
  if (number < 0) {
    server_.draw_crashes_from(dice);
    server_.disk().crash_at(plan_.crash->at, how);
  } else {
    phones_.back()->draw_crashes_from(dice);
    phones_.back()->disk().crash_at(plan_.crash->at, how);
  }
}

SimPhone& World::add_phone() {
  const int number = static_cast<int>(phones_.size());
  phones_.push_back(std::make_unique<SimPhone>(number, folder_of(folder_, "p" + std::to_string(number)),
                                               time_, plan_.seed, trace_));
  phones_.back()->page_bytes = plan_.climate.page_bytes;
  const bool counts_every_write = plan_.crash || !plan_.people.empty();
  if (!counts_every_write) phones_.back()->install();
  arm(number);
  return *phones_.back();
}

/// A restored ledger may have lost acts that no phone had seen: what stands now is what the laws go by. What
/// some phone still knows must stand.
void World::see_what_the_office_did() {
  const auto snapshot = server_.ledger().begin_read();
  const auto rows = snapshot ? (*snapshot)->catalogues()
                             : Result<std::vector<ledger::CatalogueRow>>(fail(ErrorCode::kIo, ""));
  if (!rows) throw LawBroken(2, "the catalogues cannot be read");
  catalogues_.clear();
  for (const ledger::CatalogueRow& row : *rows) {
    const auto catalogue = wire::decode_catalogue(row.encoded);
    if (!catalogue) throw LawBroken(2, "a catalogue cannot be read: " + catalogue.error().context);
    catalogues_.push_back(*catalogue);
  }
  see_who_is_let_in(**snapshot);
  for (const auto& phone : phones_) {
    if (phone->lost || !phone->is_joined() || is_shut_out(*phone) || !standing_.knows(phone->device))
      continue;
    if (!office_goes_on_ && phone->phone().catalogue_revision() > catalogues_.back().revision)
      throw LawBroken(9, phone->name() + " knows a catalogue that the restored server never got back");
  }
}

void World::run() {
  if (plan_.climate.acquainted) get_acquainted();
  for (const Event& event : plan_.events) {
    trace_.line(std::string(name_of(event.kind)) + " " + std::to_string(event.who % phones_.size()));
    happen(event);
    time_.pass(std::chrono::minutes(1 + event.dice % 30));
    server_.note_day();
  }
  make_peace();
  quiesce();
  Laws(*this).check();
}

void World::get_acquainted() {
  Dice dice(plan_.seed, "acquaintance");
  for (const auto& phone : phones_) {
    if (ready(*phone)) log(*phone, dice);
  }
  for (int round = 0; round < 2; ++round) {
    for (const auto& phone : phones_) {
      if (ready(*phone)) drain(*phone, round);
    }
  }
}

void World::make_peace() {
  trace_.line("peace");
  for (std::size_t i = 0; i < crash_points_from_.size(); ++i) {
    const SimDisk& disk = i == 0 ? server_.disk() : phones_[i - 1]->disk();
    crash_points_.push_back(disk.mutations() - crash_points_from_[i]);
    if (plan_.crash && plan_.crash->phone + 1 == static_cast<int>(i))
      has_crashed_ = disk.is_dead() || !disk.is_crash_armed();
  }
  server_.disk().heal();
  server_.bury_if_dead();
  for (const auto& phone : phones_) {
    phone->disk().heal();
    phone->bury_if_dead();
  }
  Dice dice(plan_.seed, "peace");
  // What was under way arrives or is given up.
  while (!limbo_.empty()) replay(dice);
  for (const auto& phone : phones_) {
    phone->close_other_program();
  }
}

void World::drain(SimPhone& phone, int round) {
  Dice none(0);
  phone.start_sync(kUrl);
  int exchanges = 0;
  while (phone.talk) {
    if (++exchanges > (phone.page_bytes == 0 ? kExchangesToDrain : kExchangesByPage))
      throw LawBroken(7,
                      phone.name() + " is not drained after " + std::to_string(exchanges - 1) + " exchanges");
    note_sealed(phone);
    carry(phone, none, true);
  }
  trace_.line(phone.name() + " drained in " + std::to_string(exchanges) + ": " +
              (phone.outcome.ok ? "ok" : std::string(error_name(phone.outcome.code))));
  // A restored server may have heard of the revocation again from another phone.
  if (!phone.outcome.ok && office_rests_ && is_revoked_at_server(phone.device))
    shut_out_.insert(phone.device);
  // With nothing to bring, one in doubt hears only that the office has yet to accept it; and what it brought
  // after it heard that may be the very act that accepts it, so that the next sync goes well.
  const bool may_be_refused = round == 0 || is_in_doubt_at_server(phone.device);
  if (!phone.outcome.ok && phone.outcome.code == ErrorCode::kForbidden && may_be_refused) return;
  if (!phone.outcome.ok && !is_shut_out(phone))
    throw LawBroken(
        7, phone.name() + " cannot sync in round " + std::to_string(round) + ": " + phone.outcome.message);
}

void World::quiesce() {
  server_.stop();
  if (!server_.start()) throw LawBroken(2, "the server does not start in peace");
  for (int round = 0; round < kRoundsToQuiesce; ++round) {
    server_.note_day();
    for (const auto& phone : phones_) {
      if (phone->lost) continue;
      if (!phone->start()) throw LawBroken(1, phone->name() + " does not start in peace");
      phone->resolve(oracle_);
      if (phone->is_joined()) drain(*phone, round);
    }
  }
  see_what_the_office_did();
  for (const auto& phone : phones_) {
    if (phone->lost || !phone->is_joined()) continue;
    const auto state = phone->phone().sync_state();
    if (!state) throw LawBroken(7, "a phone does not say how it stands: " + state.error().context);
    if (state->unsent_batches != 0)
      throw LawBroken(
          7, phone->name() + " still has " + std::to_string(state->unsent_batches) + " batches to send");
    trace_.line(phone->name() + " stands at " + state->as_of + (state->forked ? ", forked" : ""));
  }
}

}  // namespace phusa::sim
