#include "core/sync/machine.hpp"

#include "core/base/limits.hpp"

#include <algorithm>
#include <utility>

namespace phusa {
namespace {

/// Of one sync: one for a server that was restored, another for a scope that changed meanwhile, and some to spare.
constexpr int kResetsMax = 8;

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

/// Batches of one journal and one chain travel together, so that a JournalUp names them once.
std::vector<wire::JournalUp> journals_of(const Outbox& outbox) {
  std::vector<wire::JournalUp> out;
  for (std::size_t i = 0; i < outbox.batches.size(); ++i) {
    const Outbox::Item& item = outbox.batches[i];
    if (i == 0 || item.journal != outbox.batches[i - 1].journal ||
        item.certificates != outbox.batches[i - 1].certificates) {
      out.emplace_back();
      out.back().certificates = item.certificates;
    }
    out.back().encoded_batches.push_back(item.encoded);
  }
  return out;
}

}  // namespace

Result<void> check_reply(const HttpReply& reply, std::uint32_t& retry_after_s) {
  const bool ours = reply.content_type.starts_with(wire::kContentType) && wire::is_body(reply.body);
  if (!ours) {
    if (reply.status == 429 || reply.status == 502 || reply.status == 503 || reply.status == 504) {
      return fail(ErrorCode::kUnavailable, "the server is busy or restarting (HTTP " + std::to_string(reply.status) + ")");
    }
    return fail(ErrorCode::kUnexpectedReply,
                "whoever answered is not a Phù Sa server (HTTP " + std::to_string(reply.status) +
                    "): check the address, or sign in to this Wi-Fi first");
  }
  if (reply.status == 200) return {};
  PHUSA_ASSIGN(wire::Refusal refusal, wire::decode_refusal(reply.body));
  retry_after_s = refusal.retry_after_s;
  return fail(std::move(refusal.error));
}

HttpRequest make_post(std::uint64_t id, const std::string& url, std::string_view path, Bytes body) {
  HttpRequest request;
  request.id = id;
  request.url = url;
  while (request.url.ends_with('/')) request.url.pop_back();
  request.url += path;
  request.headers = {"Content-Type: " + std::string(wire::kContentType)};
  request.body = std::move(body);
  request.reply_bytes_max = limits::kReplyBytesMax;
  request.connect_timeout = limits::kConnectTimeout;
  request.stall_timeout = limits::kStallTimeout;
  return request;
}

std::vector<SyncAction> SyncMachine::step(SyncEvent event) {
  return std::visit(
      Overloaded{
          [&](const sync_event::Start&) { return state_ == State::kIdle ? load() : std::vector<SyncAction>{}; },
          [&](sync_event::OutboxLoaded& e) {
            if (state_ != State::kLoading) return std::vector<SyncAction>{};
            if (!e.outbox) return finish(std::move(e.outbox).error());
            if (e.outbox->introduction && !was_introduced_) return introduce(*e.outbox->introduction);
            return send(std::move(*e.outbox));
          },
          [&](const sync_event::HttpArrived& e) {
            if (!is_waiting_for_reply() || e.id != request_id_) return std::vector<SyncAction>{};
            return state_ == State::kIntroducing ? introduction_arrived(e) : arrived(e);
          },
          [&](const sync_event::HttpFailed& e) {
            if (!is_waiting_for_reply() || e.id != request_id_) return std::vector<SyncAction>{};
            progress_.traffic.up += e.traffic.up;
            progress_.traffic.down += e.traffic.down;
            return failed(Error{ErrorCode::kNetwork, e.why});
          },
          [&](const sync_event::ReplyApplied& e) {
            return state_ == State::kApplying ? applied(e) : std::vector<SyncAction>{};
          },
          [&](const sync_event::Introduced& e) {
            return state_ == State::kTakingIntroduction ? introduced(e) : std::vector<SyncAction>{};
          },
          [&](const sync_event::Woke&) { return state_ == State::kWaiting ? load() : std::vector<SyncAction>{}; },
          [&](const sync_event::NetworkUp&) {
            if (state_ != State::kWaiting) return std::vector<SyncAction>{};
            failures_ = 0;
            return load();
          },
          [&](const sync_event::Cancel&) { return cancelled(); },
      },
      event);
}

std::vector<SyncAction> SyncMachine::load() {
  state_ = State::kLoading;
  return {sync_action::LoadOutbox{limits::kRequestTargetBytes, limits::kBatchesPerRequestMax}};
}

std::vector<SyncAction> SyncMachine::introduce(const wire::EnrolRequest& introduction) {
  state_ = State::kIntroducing;
  return {sync_action::SendHttp{
      make_post(++request_id_, options_.url, "/v1/enrol", wire::encode_enrol_request(introduction))}};
}

std::vector<SyncAction> SyncMachine::introduction_arrived(const sync_event::HttpArrived& event) {
  progress_.traffic.up += event.traffic.up;
  progress_.traffic.down += event.traffic.down;
  std::uint32_t retry_after_s = 0;
  if (auto checked = check_reply(event.reply, retry_after_s); !checked) {
    Error error = std::move(checked).error();
    return is_retryable(error.code) ? failed(std::move(error), retry_after_s) : introduction_refused(std::move(error));
  }
  auto reply = wire::decode_enrol_reply(event.reply.body);
  if (!reply) {
    Error error = std::move(reply).error();
    return is_retryable(error.code) ? failed(std::move(error)) : introduction_refused(std::move(error));
  }
  state_ = State::kTakingIntroduction;
  return {sync_action::ApplyIntroduction{std::move(*reply)}};
}

std::vector<SyncAction> SyncMachine::introduced(const sync_event::Introduced& event) {
  if (!event.outcome && is_retryable(event.outcome.error().code)) return failed(event.outcome.error());
  if (!event.outcome) return introduction_refused(event.outcome.error());
  was_introduced_ = true;
  failures_ = 0;
  return load();
}

/// The office has yet to make up its mind about this device. What was logged must reach it all the same.
std::vector<SyncAction> SyncMachine::introduction_refused(Error error) {
  was_introduced_ = true;
  note_ = std::move(error);
  options_.push_only = true;
  return load();
}

std::vector<SyncAction> SyncMachine::send(Outbox outbox) {
  if (++exchanges_ > limits::kExchangesPerSyncMax) {
    return finish(Error{ErrorCode::kLimitExceeded, "the exchange does not come to an end"});
  }
  const bool is_empty = outbox.batches.empty() && outbox.bundles.empty() && outbox.office_entries.empty() &&
                        outbox.catalogues.empty();
  // Nothing is pulled by a device that was refused, and now there is nothing to bring either. It asks once all the
  // same: a server that was restored says so, and then there is.
  if (note_ && is_empty && asked_) return finish_as_noted();
  wire::SyncRequest request;
  request.device_key = outbox.device_key;
  request.token = outbox.token;
  request.own = journals_of(outbox);
  const bool asks_for_the_beginning = outbox.cursor == wire::kCursorOfNothing;
  if (!(options_.push_only && asks_for_the_beginning)) request.cursor = outbox.cursor;
  request.furthest = outbox.furthest;
  request.seen = outbox.seen;
  request.catalogue_revision = outbox.catalogue_revision;
  request.catalogue_start = outbox.catalogue_start;
  request.push_only = options_.push_only;
  request.bundles = std::move(outbox.bundles);
  request.office_entries = std::move(outbox.office_entries);
  request.catalogues = std::move(outbox.catalogues);
  const std::size_t bundles = request.bundles.size();
  progress_.to_send = std::max(progress_.to_send, progress_.sent + outbox.changes_left);

  asked_ = true;
  state_ = State::kWaitingForReply;
  sent_ = std::move(outbox);
  sent_.bundles.resize(bundles);
  for (Outbox::Item& item : sent_.batches) item.encoded.clear();  // the request has them; keep memory flat
  return {sync_action::SendHttp{make_post(++request_id_, options_.url, "/v1/sync", wire::encode_sync_request(request))}};
}

std::vector<SyncAction> SyncMachine::arrived(const sync_event::HttpArrived& event) {
  progress_.traffic.up += event.traffic.up;
  progress_.traffic.down += event.traffic.down;
  std::uint32_t retry_after_s = 0;
  if (auto checked = check_reply(event.reply, retry_after_s); !checked) {
    return failed(std::move(checked).error(), retry_after_s);
  }
  auto reply = wire::decode_sync_reply(event.reply.body);
  if (!reply) return failed(std::move(reply).error());
  // A server of an earlier version passes over bundles.
  const bool bundles_fit = reply->bundles.empty() || reply->bundles.size() == sent_.bundles.size();
  if (reply->verdicts.size() != sent_.batches.size() || !bundles_fit) {
    return failed(Error{ErrorCode::kUnexpectedReply, "the server's answer does not fit the request"});
  }
  if (reply->reset && ++resets_ > kResetsMax) {
    return finish(Error{ErrorCode::kUnexpectedReply, "the server starts from the beginning again and again"});
  }
  more_ = reply->more;
  introduce_ = reply->introduce && !was_introduced_;
  again_whole_ = std::any_of(reply->verdicts.begin(), reply->verdicts.end(), [](const wire::Verdict& verdict) {
    return verdict.status == wire::VerdictStatus::kNeedFull || verdict.status == wire::VerdictStatus::kNeedCertificate;
  });
  state_ = State::kApplying;
  return {sync_action::ApplyReply{std::move(*reply), sent_, !options_.push_only}};
}

std::vector<SyncAction> SyncMachine::applied(const sync_event::ReplyApplied& event) {
  if (!event.outcome) return failed(event.outcome.error());
  if (event.full == 0) failures_ = 0;
  full_ += event.full;
  revoked_ |= event.revoked;
  progress_.sent += event.acknowledged;
  progress_.received += event.records;
  progress_.held += event.held;
  progress_.forked |= event.forked;

  std::uint64_t offered = 0;
  for (const Outbox::Item& item : sent_.batches) offered += item.changes;
  const bool more_up = sent_.changes_left > offered || again_whole_;
  const bool moved = event.acknowledged > 0 || event.records > 0 || more_ || introduce_ || event.more_to_send ||
                     event.full > 0;
  stalled_ = more_up && !moved ? stalled_ + 1 : 0;
  if (stalled_ > 1) {
    // Asked for the whole form, and that is not taken either: say so instead of asking for ever. Twice in a row, for a
    // restored server first moves much else, and only then meets a batch that it needs whole.
    return failed(Error{ErrorCode::kUnexpectedReply, "the server takes none of this phone's batches"});
  }
  std::vector<SyncAction> actions{sync_action::Report{progress_}};
  const bool again = more_up || more_ || introduce_ || event.more_to_send;
  std::vector<SyncAction> next = again ? load() : ended();
  actions.insert(actions.end(), std::make_move_iterator(next.begin()), std::make_move_iterator(next.end()));
  return actions;
}

/// Nothing is left to do; that does not mean that all is well.
std::vector<SyncAction> SyncMachine::ended() {
  if (revoked_) {
    return finish(Error{ErrorCode::kRevoked,
                        "the office has shut this device out; what it sends is kept safe, and not counted until the "
                        "office has looked at it"});
  }
  if (full_ == 0) return finish_as_noted();
  return failed(Error{ErrorCode::kHeldFull,
                      "the server holds as much of this device as it may until the office has decided on it; the rest "
                      "stays on this device and is offered again with the next sync"});
}

std::vector<SyncAction> SyncMachine::failed(Error error, std::uint32_t retry_after_s) {
  if (!options_.keep_trying || !is_retryable(error.code)) return finish(std::move(error));
  state_ = State::kWaiting;
  full_ = 0;
  return {sync_action::Wait{next_back_off(retry_after_s)}};
}

std::vector<SyncAction> SyncMachine::cancelled() {
  if (state_ == State::kFinished || state_ == State::kIdle) return {};
  std::vector<SyncAction> actions;
  if (is_waiting_for_reply()) actions.emplace_back(sync_action::CancelHttp{request_id_});
  std::vector<SyncAction> last = finish(Error{ErrorCode::kCancelled, "the sync was stopped"});
  actions.insert(actions.end(), std::make_move_iterator(last.begin()), std::make_move_iterator(last.end()));
  return actions;
}

/// What was refused is the outcome where nothing else came about.
std::vector<SyncAction> SyncMachine::finish_as_noted() {
  std::optional<Error> error;
  if (progress_.sent == 0) std::swap(error, note_);
  return finish(std::move(error));
}

std::vector<SyncAction> SyncMachine::finish(std::optional<Error> error) {
  state_ = State::kFinished;
  return {sync_action::Finished{std::move(error), progress_, std::move(note_)}};
}

std::chrono::milliseconds SyncMachine::next_back_off(std::uint32_t retry_after_s) {
  const auto doubled = limits::kBackOffFirst * (std::int64_t{1} << std::min(failures_, 16));
  ++failures_;
  const auto span = std::min<std::chrono::milliseconds>(doubled, limits::kBackOffLast);
  // Between half and the whole of it, so that phones that failed together do not come back together.
  const auto jitter = std::chrono::milliseconds(random_.u64() % static_cast<std::uint64_t>(span.count() / 2 + 1));
  return std::max<std::chrono::milliseconds>(span / 2 + jitter, std::chrono::seconds(retry_after_s));
}

}  // namespace phusa
