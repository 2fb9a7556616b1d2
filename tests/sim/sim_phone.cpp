#include "tests/sim/sim_phone.hpp"

#include "core/store/store.hpp"
#include "core/wire/body.hpp"
#include "proto/phusa/v1/client.pb.h"

namespace phusa::sim {
namespace {

constexpr const char* kStoreFile = "store.sqlite";

}  // namespace

SimPhone::SimPhone(int number, const std::string& folder, const WorldTime& time, std::uint64_t seed,
                   Trace& trace)
    : number_(number),
      disk_(folder),
      clock_(time),
      seed_(seed),
      trace_(trace),
      crash_dice_(seed, "phone crash", static_cast<std::uint64_t>(number)) {}

SimPhone::~SimPhone() {
  stop();
}

void SimPhone::install() {
  static SimDisk::Image installed;
  if (!installed.empty()) return disk_.put_back(installed);
  auto opened = store::Store::open({disk_.path(kStoreFile), false, {}});
  if (!opened) throw std::runtime_error("no store: " + opened.error().context);
  opened->reset();
  installed = disk_.image();
}

Result<SimPhone::Program> SimPhone::open_program() {
  const std::uint64_t opening = static_cast<std::uint64_t>(number_) * 1'000'000 + ++openings_;
  Program out;
  out.random = std::make_unique<SimRandom>(Dice(seed_, "phone", opening));
  PhoneOptions options;
  options.path = disk_.path(kStoreFile);
  options.wait = [](std::chrono::milliseconds) { return false; };
  auto opened = Phone::open(std::move(options), clock_, *out.random);
  if (opened) {
    out.phone = *std::move(opened);
    return out;
  }
  trace_.line(name() + " cannot open: " + std::string(error_name(opened.error().code)));
  if (!disk_.took_a_fault()) throw LawBroken(1, name() + "'s store does not open: " + opened.error().context);
  return fail(opened.error());
}

bool SimPhone::start() {
  if (is_up()) return true;
  if (lost) return false;
  if (disk_.is_dead()) disk_.recover(crash_dice_);
  auto opened = open_program();
  if (!opened) return false;
  in_hand_ = *std::move(opened);
  if (std::exchange(memory.leaving, false) && !phone().identity().is_joined) {
    memory = {};
    device = {};
  }
  note_joined();
  return true;
}

void SimPhone::switch_program() {
  if (!other_.phone) {
    auto opened = open_program();
    if (!opened) return bury_if_dead();
    other_ = *std::move(opened);
  }
  std::swap(in_hand_, other_);
}

void SimPhone::close_other_program() {
  talk.reset();
  wire.reset();
  reply.reset();
  other_ = {};
}

void SimPhone::note_joined() {
  const Identity& self = phone().identity();
  if (memory.joined && !self.is_joined) throw LawBroken(1, name() + " has forgotten that it joined");
  if (!self.is_joined) return;
  memory.joined = true;
  device = self.device;
}

void SimPhone::stop() {
  close_other_program();
  in_hand_ = {};
}

void SimPhone::bury_if_dead() {
  if (!disk_.is_dead()) return;
  trace_.line(name() + " is down");
  stop();
}

bool SimPhone::act(const RecordId& id, Oracle& oracle, const char* what, const Wishes& wishes,
                   const std::function<Result<void>()>& act) {
  disk_.took_a_fault();
  const auto before = phone().layers(id);
  if (!before && before.error().code != ErrorCode::kNotFound) {
    if (!disk_.took_a_fault())
      throw LawBroken(1, std::string(what) + " cannot read: " + before.error().context);
    bury_if_dead();
    return false;
  }
  const Result<void> done = act();
  const bool faulted = disk_.took_a_fault();
  trace_.line(name() + " " + what + ": " + (done ? "saved" : std::string(error_name(done.error().code))));
  // What the program in hand believes of its rank may be from before another program's sync.
  const bool knew_better = other_.phone && !done && done.error().code == ErrorCode::kForbidden;
  if (!done && !faulted && !knew_better && done.error().code != ErrorCode::kNotFound)
    throw LawBroken(1, std::string(what) + " fails without a fault: " + done.error().context);
  const auto doubt = [&] {
    memory.doubts.push_back({id, before ? std::optional<Layers>(*before) : std::nullopt, wishes});
    return false;
  };
  if (disk_.is_dead()) {
    // It may have said "saved" in the very last moment, but nobody heard it.
    doubt();
    bury_if_dead();
    return false;
  }
  if (!done) return done.error().code != ErrorCode::kNotFound && doubt();
  auto after = phone().layers(id);
  if (!after && disk_.took_a_fault()) after = phone().layers(id);
  if (!after)
    throw LawBroken(1, std::string(what) + " was saved and cannot be read: " + after.error().context);
  // What wrote nothing, for it was so already, left the log of a commit that had failed as it is.
  const bool wrote = !before || before->pending != after->pending;
  if (wrote) memory.doubts.clear();
  Oracle::expect_granted(wishes, id, before ? &*before : nullptr, *after);
  oracle.note_act(id, before ? &*before : nullptr, *after, phone().identity().device, rank(), memory.saved);
  return true;
}

void SimPhone::resolve(Oracle& oracle) {
  const auto doubts = std::exchange(memory.doubts, {});
  for (const Memory::Doubt& doubt : doubts) {
    auto now = phone().layers(doubt.id);
    if (!now && disk_.took_a_fault()) now = phone().layers(doubt.id);
    RecordState news{doubt.id, {}, {}};
    if (now && now->pending) news = *now->pending;
    std::erase_if(news.registers, [&](const Register& reg) {
      return reg.nodes.empty() || oracle.find(key_of(doubt.id, reg.field, reg.nodes.front()));
    });
    if (news.registers.empty()) {
      memory.doubts.push_back(doubt);  // it may come back with the next crash
      continue;
    }
    trace_.mark("an act that failed was kept");
    Wishes wishes;
    for (const Memory::Doubt& other : doubts) {
      if (other.id == doubt.id) wishes.insert(wishes.end(), other.wishes.begin(), other.wishes.end());
    }
    Oracle::expect_wished(wishes, news);
    oracle.note_act(doubt.id, doubt.before ? &*doubt.before : nullptr, *now, phone().identity().device,
                    rank(), memory.saved);
  }
}

std::optional<std::set<RecordId>> SimPhone::shown() {
  std::set<RecordId> out;
  const auto seen = phone().for_each([&](const Phone::Shown& record) -> Result<void> {
    out.insert(record.state.id);
    return {};
  });
  return seen ? std::optional(std::move(out)) : std::nullopt;
}

bool SimPhone::start_sync(const std::string& url, bool push_only) {
  talk = make_sync(phone(), {url, push_only, false});
  pump();
  return true;
}

bool SimPhone::start_join(const journal::EnrolmentCode& code, const std::string& url) {
  auto request = phone().prepare_enrolment(code, url);
  if (!request) return false;
  talk = make_join(phone(), code, url, std::move(*request));
  pump();
  return true;
}

void SimPhone::pump() {
  while (talk) {
    const auto event = talk->next_event();
    if (!event) return;
    if (event->has_finished()) {
      const v1::Finished& end = event->finished();
      outcome = {end.ok(), static_cast<ErrorCode>(end.error().code()), end.error().message()};
      talk.reset();
      return;
    }
    if (!event->has_http()) continue;
    const std::string& url = event->http().url();
    wire = Request{event->http().id(), url.substr(url.find("/v1/")), event->http().body()};
    if (page_bytes != 0 && wire->path == "/v1/sync") {
      const auto read = phusa::wire::read_frame(wire->body);
      Bytes message(read ? read->message : BytesView());
      // page_bytes_max, as a phone with little memory sets it; the last one stands.
      put_u8(message, 10 << 3);
      put_varint(message, page_bytes);
      wire->body = phusa::wire::framed(phusa::wire::Frame::kMeasured, message);
    }
    return;
  }
}

void SimPhone::give(const HttpReply* answer) {
  v1::TransportEvent event;
  event.set_id(wire->id);
  wire.reset();
  reply.reset();
  if (answer == nullptr) {
    event.set_failed("the connection broke");
  } else {
    event.mutable_reply()->set_status(answer->status);
    event.mutable_reply()->set_content_type(answer->content_type);
    event.mutable_reply()->set_body(answer->body);
  }
  talk->take(event);
  pump();
}

}  // namespace phusa::sim
