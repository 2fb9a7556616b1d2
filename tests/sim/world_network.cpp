#include "core/wire/page.hpp"
#include "tests/sim/world.hpp"

namespace phusa::sim {
namespace {

constexpr int kExchangesPerSync = 400;
constexpr const char* kUrl = "http://sim";

std::optional<wire::SyncRequest> sync_request(const SimPhone::Request& request) {
  if (request.path != "/v1/sync") return std::nullopt;
  auto decoded = wire::decode_sync_request(request.body);
  if (!decoded) throw LawBroken(12, "a phone sends what the server cannot read: " + decoded.error().context);
  return std::move(*decoded);
}

HttpReply portal_page() {
  return {200, "text/html", "<html><body>Welcome to Wi-Fi. Please sign in.</body></html>"};
}

}  // namespace

void World::note_sealed(SimPhone& phone) {
  if (!phone.wire) return;
  const auto request = sync_request(*phone.wire);
  if (!request) return;
  for (const wire::JournalUp& journal : request->own) {
    for (const wire::BatchOnWire& batch : journal.batches)
      oracle_.read_batch(batch, device_id_of(request->device_key));
  }
}

/// One exchange: the request in `wire` goes to the server, or not, and an answer comes back, or not.
void World::carry(SimPhone& phone, Dice& dice, bool peaceful) {
  const SimPhone::Request request = *phone.wire;
  const Climate& climate = plan_.climate;
  const auto happens = [&](std::uint32_t rate, const char* kind) {
    if (peaceful || rate == 0 || !dice.chance(rate)) return false;
    trace_.fault(kind);
    trace_.line(kind);
    return true;
  };
  const auto answer = [&](const HttpReply* reply) {
    if (reply != nullptr) check_scope(phone, *reply);
    phone.give(reply);
    phone.bury_if_dead();
  };
  if (happens(climate.portal, "captive portal")) {
    const HttpReply page = portal_page();
    return answer(&page);
  }
  if (happens(climate.request_lost, "request lost")) return answer(nullptr);
  if (happens(climate.delayed, "request delayed")) {
    limbo_.push_back(request);
    return answer(nullptr);
  }
  if (happens(climate.request_cut, "request cut")) {
    const std::size_t size = dice.below(request.body.size());
    server_.handle(request.path, request.body.substr(0, size), oracle_);
    return answer(nullptr);
  }
  if (!peaceful && dice.chance(60)) limbo_.push_back(request);
  auto reply = server_.handle(request.path, request.body, oracle_);
  server_.bury_if_dead();
  trace_.line(reply ? "reply " + std::to_string(reply->status) + " of " + std::to_string(reply->body.size())
                    : "no reply");
  if (happens(climate.doubled, "request doubled")) {
    auto second = server_.handle(request.path, request.body, oracle_);
    server_.bury_if_dead();
    if (dice.chance(500)) reply = std::move(second);
  }
  if (!reply || happens(climate.reply_lost, "reply lost")) return answer(nullptr);
  if (happens(climate.reply_cut, "reply cut")) {
    if (dice.chance(500)) return answer(nullptr);
    reply->body.resize(dice.below(reply->body.size()));
  }
  answer(&*reply);
}

void World::sync(SimPhone& phone, Dice& dice) {
  if (!ready(phone)) return;
  phone.talk.reset();
  phone.wire.reset();
  phone.reply.reset();
  const bool push_only = dice.chance(plan_.climate.push_only);
  const auto seen = phone.shown();
  phone.start_sync(kUrl, push_only);
  for (int i = 0; phone.talk && phone.wire; ++i) {
    if (i > kExchangesPerSync) throw LawBroken(7, phone.name() + "'s sync does not come to an end");
    note_sealed(phone);
    carry(phone, dice, false);
    if (phone.is_up() && phone.talk && dice.chance(50)) log(phone, dice);
  }
  phone.bury_if_dead();
  if (seen && phone.is_up()) nothing_is_hidden(phone, *seen, push_only);
  trace_.line(phone.name() + (push_only ? " delivered: " : " synced: ") +
              (phone.outcome.ok ? "ok" : std::string(error_name(phone.outcome.code))));
}

/// Only an answer that shows all there is may take from sight what it does not show; and none what its owner
/// logged here.
void World::nothing_is_hidden(SimPhone& phone, const std::set<RecordId>& before, bool only_delivered) {
  const auto after = phone.shown();
  phone.bury_if_dead();
  if (!after) return;
  for (const RecordId& id : before) {
    if (after->contains(id)) continue;
    if (only_delivered) throw LawBroken(11, phone.name() + " only delivered, and shows less than before");
    const auto& logged = phone.memory.logged;
    if (std::find(logged.begin(), logged.end(), id) != logged.end())
      throw LawBroken(
          4, phone.name() + " does not show any more what was logged on it: " + format_ref(ref_of(id)));
  }
}

/// Half an exchange, so that everything else can happen in between.
void World::step(SimPhone& phone, Dice& dice) {
  if (!ready(phone)) return;
  if (!phone.talk) {
    phone.start_sync(kUrl);
    note_sealed(phone);
    phone.bury_if_dead();
    return;
  }
  if (!phone.wire) {
    phone.talk.reset();
    return;
  }
  if (!phone.reply) {
    if (dice.chance(plan_.climate.request_lost)) {
      trace_.fault("request lost");
      phone.give(nullptr);
    } else {
      phone.reply = server_.handle(phone.wire->path, phone.wire->body, oracle_);
      server_.bury_if_dead();
      if (!phone.reply) phone.give(nullptr);
    }
  } else if (dice.chance(plan_.climate.reply_lost)) {
    trace_.fault("reply lost");
    phone.give(nullptr);
  } else {
    const HttpReply reply = *phone.reply;
    check_scope(phone, reply);
    phone.give(&reply);
  }
  note_sealed(phone);
  phone.bury_if_dead();
}

/// Something that was sent long ago arrives, perhaps again.
void World::replay(Dice& dice) {
  if (limbo_.empty()) return;
  const std::size_t which = dice.below(limbo_.size());
  const SimPhone::Request request = limbo_[which];
  limbo_.erase(limbo_.begin() + static_cast<std::ptrdiff_t>(which));
  trace_.fault("late replay");
  const auto reply = server_.handle(request.path, request.body, oracle_);
  server_.bury_if_dead();
  trace_.line(reply ? "late reply " + std::to_string(reply->status) : "no late reply");
}

void World::together(Dice& dice) {
  for (std::size_t i = 0; i < phones_.size(); ++i) {
    if (dice.chance(600)) sync(*phones_[i], dice);
  }
}

/// Whether the device's person could at some time see the record that a page brings.
bool World::could_see(const DeviceId& reader, const wire::RecordDelta& delta) const {
  if (people_.may_be_one_person(delta.id.device, reader)) return true;
  std::optional<std::uint32_t> unit;
  for (const FieldEdit& edit : delta.versions) {
    if (edit.field == FieldKey(FieldKind::kUnit)) {
      unit = value::number(edit.node.version.value);
      break;
    }
  }
  for (const Certificate& own : people_.of(reader)) {
    if (own.rank == Rank::kOffice) return true;
    if (own.rank != Rank::kOfficer) continue;
    const auto within = [&](std::optional<UnitNo> no) {
      if (!no) return false;
      return std::any_of(catalogues_.begin(), catalogues_.end(), [&](const Catalogue& catalogue) {
        const auto root = catalogue.unit(own.unit);
        return root && no->value < catalogue.units.size() && catalogue.is_within(*no, *root);
      });
    };
    if (unit && within(UnitNo{*unit})) return true;
    for (const Certificate& home : people_.of(delta.id.device)) {
      for (const Catalogue& catalogue : catalogues_) {
        if (within(catalogue.unit(home.unit))) return true;
      }
    }
  }
  return false;
}

/// Nothing that a reply brings may lie outside what the phone's person may see.
void World::check_scope(SimPhone& phone, const HttpReply& reply) {
  if (!phone.is_up() || !phone.is_joined() || phone.wire->path != "/v1/sync" || reply.status != 200) return;
  const auto decoded = wire::decode_sync_reply(reply.body);
  if (!decoded || decoded->page.empty()) return;
  const auto deltas = wire::unpack_page(decoded->page);
  if (!deltas) throw LawBroken(12, "the server sends a page that cannot be read: " + deltas.error().context);
  const DeviceId& reader = phone.phone().identity().device;
  for (const wire::RecordDelta& delta : *deltas) {
    if (delta.gone || could_see(reader, delta)) continue;
    note_catalogue();  // an act that failed may have been kept, and nobody has asked since
    if (!could_see(reader, delta))
      throw LawBroken(10, phone.name() + " receives record " + format_ref(ref_of(delta.id)) +
                              ", which is not its person's to see");
  }
  if (!deltas->empty()) trace_.mark("a page brings records");
}

}  // namespace phusa::sim
