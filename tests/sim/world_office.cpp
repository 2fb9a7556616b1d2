#include "sync-server/ingest/office_offers.hpp"
#include "sync-server/ingest/payloads.hpp"
#include "sync-server/ingest/revocation.hpp"
#include "tests/sim/world.hpp"

namespace phusa::sim {
namespace {
constexpr const char* kUrl = "http://sim";
}  // namespace

/// An act of the office. With a fault it may or may not have happened: the ledger says which.
bool World::office_acts(const char* what, const std::function<Result<void>()>& act) {
  if (!server_.start()) return false;
  server_.disk().took_a_fault();
  const Result<void> done = act();
  const bool faulted = server_.disk().took_a_fault();
  trace_.line("the office " + std::string(what) + ": " +
              (done ? "done" : std::string(error_name(done.error().code))));
  if (!done && !faulted && done.error().code == ErrorCode::kInternal)
    throw LawBroken(7, std::string(what) + " fails without a fault: " + done.error().context);
  server_.bury_if_dead();
  ++server_.knows.acts;
  note_catalogue();
  return done.has_value() && server_.is_up();
}

/// What revision stands now, after an act that may have failed.
void World::note_catalogue() {
  if (!server_.start()) return;
  const Catalogue& now = *server_.catalogue();
  const auto known = std::find_if(catalogues_.begin(), catalogues_.end(), [&](const Catalogue& each) {
    return each.revision == now.revision && wire::encode_catalogue(each) == wire::encode_catalogue(now);
  });
  if (known != catalogues_.end()) return;
  if (std::any_of(catalogues_.begin(), catalogues_.end(),
                  [&](const Catalogue& each) { return each.revision == now.revision; }))
    trace_.mark("a revision's number is used twice");
  catalogues_.push_back(now);
}

void World::publish(const char* what, const std::function<void(Catalogue&)>& change) {
  if (!server_.start()) return;
  office_acts(what, [&]() -> Result<void> {
    Catalogue next = *server_.catalogue();
    {
      PHUSA_ASSIGN(const auto snapshot, server_.ledger().begin_read());
      PHUSA_ASSIGN(next.revision, ingest::next_revision(*snapshot));
    }
    change(next);
    PHUSA_ASSIGN(const Bytes payload, ingest::catalogue_payload(engine_options(), next));
    PHUSA_TRY(server_.engine().append_office(OfficeAct::kCatalogue, payload));
    return {};
  });
}

void World::move_unit(Dice& dice) {
  static constexpr std::uint32_t kMoves[][2] = {{2, 4}, {2, 1}, {3, 4}, {3, 0}, {5, 1}, {5, 4}, {4, 0}};
  const auto& move = kMoves[dice.below(7)];
  trace_.fault("unit moved");
  publish("moves a unit", [&](Catalogue& next) { next.units[move[0]].parent = UnitNo{move[1]}; });
}

void World::open_code(Dice& dice) {
  const Day april(std::chrono::year(2026) / 4 / 1);
  trace_.fault("catalogue changed");
  publish("changes the catalogue", [&](Catalogue& next) {
    switch (dice.below(4)) {
      case 0:
        next.campaigns[2].validity.until = april + std::chrono::days(dice.below(60));
        break;
      case 1:
        next.indicators[0].maximum = 3'000'000;
        break;
      case 2: {
        Unit unit;
        unit.code = "new" + std::to_string(catalogues_.size());
        unit.name = unit.code;
        unit.parent = UnitNo{dice.chance(500) ? 1U : 4U};
        next.units.push_back(unit);
        break;
      }
      default:
        next.units[2 + dice.below(4)].validity.until =
            Day(std::chrono::year(2026) / 3 / 8);  // only its future narrows
        break;
    }
  });
}

/// Bundles under way are sealed to the key before.
void World::rotate_key(Dice& dice) {
  if (!server_.start()) return;
  trace_.fault("box key rotated");
  const Bytes key(server_.rotate_box_key(dice).view());
  publish("rotates the box key", [&](Catalogue& next) { next.box_key = key; });
}

/// Whatever the disk does meanwhile: asked until it answers.
void World::read_ledger(const std::function<bool(ledger::Snapshot&)>& read) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    if (attempt > 3) server_.disk().heal();  // a disk that stays full would never answer
    server_.bury_if_dead();
    if (!server_.start()) continue;
    const auto snapshot = server_.ledger().begin_read();
    if (snapshot && read(**snapshot)) return;
  }
  throw LawBroken(2, "the ledger cannot be read any more");
}

bool World::is_revoked_at_server(const DeviceId& device) {
  bool revoked = false;
  read_ledger([&](ledger::Snapshot& snapshot) {
    const auto row = snapshot.device(device);
    const auto early = snapshot.revocations();  // of devices that it does not know yet
    if (!row || !early) return false;
    revoked = (*row && (*row)->revoked) || std::any_of(early->begin(), early->end(), [&](const auto& each) {
                return each.device == device;
              });
    return true;
  });
  return revoked;
}

bool World::is_in_doubt_at_server(const DeviceId& device) {
  bool in_doubt = false;
  read_ledger([&](ledger::Snapshot& snapshot) {
    const auto rows = snapshot.doubts();
    in_doubt = rows &&
               std::any_of(rows->begin(), rows->end(), [&](const auto& row) { return row.device == device; });
    return rows.has_value();
  });
  return in_doubt;
}

void World::revoke(SimPhone& phone) {
  if (!phone.is_up() && !phone.start()) return;
  if (!phone.is_joined() || is_shut_out(phone)) return;
  const PublicKey key = phone.phone().identity().key.public_key;
  const DeviceId device = device_id_of(key);
  trace_.fault("device revoked");
  office_acts("revokes a device", [&]() -> Result<void> {
    std::vector<ingest::LastGood> good;
    {
      PHUSA_ASSIGN(const auto snapshot, server_.ledger().begin_read());
      PHUSA_ASSIGN(good, ingest::last_batches(*snapshot, key));
    }
    PHUSA_TRY(server_.engine().append_office(OfficeAct::kRevoke, ingest::revoke_payload(device, good)));
    return {};
  });
  if (!is_revoked_at_server(device)) return;
  revoked_.try_emplace(device, server_.clock().wall());
  shut_out_.insert(device);
  for (const IntentId id : server_.knows.holds) {
    if (oracle_.intent(id).device == device) good_when_revoked_.insert(id);
  }
}

/// The office accepts or refuses a held change.
void World::decide(Dice& dice) {
  if (!server_.start()) return;
  std::optional<ledger::HeldChangeRow> held;
  Hash batch;
  {
    const auto snapshot = server_.ledger().begin_read();
    if (!snapshot) return;
    const auto rows = (*snapshot)->held_changes();
    if (!rows || rows->empty()) return;
    held = (*rows)[dice.below(rows->size())];
    const auto entry = (*snapshot)->entry(held->position);
    if (!entry || !*entry) return;
    batch = (*entry)->hash;
  }
  office_decided_ = true;
  const auto act = dice.chance(500) ? OfficeAct::kAccept : OfficeAct::kRefuse;
  office_acts("decides", [&]() -> Result<void> {
    PHUSA_TRY(server_.engine().append_office(act, ingest::decision_payload(batch, held->index)));
    return {};
  });
}

void World::enrol(Dice& dice, Rank rank, const std::string& unit, const std::optional<DeviceId>& replaces) {
  SimPhone* phone = newcomer(dice);
  if (phone == nullptr || !server_.start()) return;
  access::Offer offer;
  offer.unit = unit;
  offer.rank = rank;
  offer.vouches = 1 + static_cast<std::uint32_t>(Dice(plan_.seed, "vouches", phone->number()).below(2));
  if (replaces) offer.replaces = people_.of(*replaces).back().subject;
  std::optional<journal::EnrolmentCode> code;
  for (int attempt = 0; attempt < 3 && !code; ++attempt) {
    office_acts("gives a code", [&]() -> Result<void> {
      PHUSA_ASSIGN(const access::Ticket ticket, server_.enrolment().issue(offer));
      code = ticket.code;
      return {};
    });
  }
  if (!code) return;
  if (!join(*phone, *code, dice)) {
    trace_.mark("a phone could not join");
    phone->lost = true;
    phone->stop();
    return;
  }
  if (replaces) {
    trace_.mark("a phone takes another's place by code");
    people_.wish_joined(phone->device, *replaces);
  }
  note_certificates(phone->device);
}

bool World::join(SimPhone& phone, const journal::EnrolmentCode& code, Dice& dice) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (!phone.start()) continue;
    phone.close_other_program();
    if (!phone.start_join(code, kUrl)) continue;
    if (!phone.wire) continue;
    carry(phone, dice, attempt > 2);
    ++server_.knows.acts;
    if (!phone.is_up() && !phone.start()) continue;
    if (phone.is_joined()) break;
  }
  if (!phone.is_up() || !phone.is_joined()) return false;
  phone.note_joined();
  return true;
}

void World::office_event(const Event& event, Dice& dice) {
  const bool publishes =
      event.kind == Kind::kMoveUnit || event.kind == Kind::kOpenCode || event.kind == Kind::kRotateKey;
  if (office_rests_ && event.kind != Kind::kEnrol && !(office_goes_on_ && publishes)) return;
  switch (event.kind) {
    case Kind::kMoveUnit:
      return move_unit(dice);
    case Kind::kOpenCode:
      return open_code(dice);
    case Kind::kRotateKey:
      return rotate_key(dice);
    case Kind::kRevoke:
      return revoke(phone(event.who));
    case Kind::kDecide:
      return decide(dice);
    case Kind::kEnrol: {
      static constexpr const char* kUnits[] = {"a1", "a2", "b1", "a", "b"};
      const auto rank = dice.chance(300) ? Rank::kOfficer : Rank::kVolunteer;
      const char* wanted = kUnits[dice.below(5)];
      return enrol(dice, rank, wanted, dice.chance(350) ? some_predecessor(nullptr, dice) : std::nullopt);
    }
    case Kind::kAcceptDevice:
      return accept_device(dice);
    case Kind::kMoveDevice:
      return move_device(phone(event.who), dice);
    case Kind::kFrozen:
      return deliver_frozen(dice);
    default:
      return;
  }
}

}  // namespace phusa::sim
