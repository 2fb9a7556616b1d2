#include "core/client/conversation.hpp"

#include "core/client/fault.hpp"

#include <set>
#include <variant>

namespace phusa {
namespace {

HttpReply reply_of(const v1::HttpReply& reply) {
  return {reply.status(), reply.content_type(), reply.body()};
}
TrafficCount traffic_of(const v1::TransportEvent& event) {
  return {event.bytes_up(), event.bytes_down()};
}

void write_progress(const SyncProgress& progress, v1::Progress& out) {
  out.set_sent(progress.sent);
  out.set_to_send(progress.to_send);
  out.set_received(progress.received);
  out.set_bytes_up(progress.traffic.up);
  out.set_bytes_down(progress.traffic.down);
}

class Syncing final : public Conversation {
 public:
  Syncing(Phone& phone, SyncOptions options) : phone_(phone), machine_(std::move(options), phone.random()) {}

  void take(const v1::TransportEvent& event) override {
    switch (event.what_case()) {
      case v1::TransportEvent::kReply:
        return run(sync_event::HttpArrived{event.id(), reply_of(event.reply()), traffic_of(event)});
      case v1::TransportEvent::kFailed:
        return run(sync_event::HttpFailed{event.id(), event.failed(), traffic_of(event)});
      case v1::TransportEvent::kWoke:
        return run(sync_event::Woke{});
      case v1::TransportEvent::kNetworkUp:
        return run(sync_event::NetworkUp{});
      case v1::TransportEvent::WHAT_NOT_SET:
        return;
    }
  }
  void cancel() override { run(sync_event::Cancel{}); }

 protected:
  void start() override { run(sync_event::Start{}); }

 private:
  void run(SyncEvent event) {
    std::deque<SyncAction> todo;
    const auto step = [&](SyncEvent next) {
      for (SyncAction& action : machine_.step(std::move(next))) todo.push_back(std::move(action));
    };
    step(std::move(event));
    while (!todo.empty()) {
      const SyncAction action = std::move(todo.front());
      todo.pop_front();
      if (auto next = perform(action)) step(std::move(*next));
    }
  }

  /// Does what the store must do and says what came of it; the rest becomes events for the host.
  std::optional<SyncEvent> perform(const SyncAction& action) {
    if (const auto* load = std::get_if<sync_action::LoadOutbox>(&action)) {
      auto loaded = phone_.load_outbox(load->bytes_max, load->batches_max, full_);
      if (!loaded) return sync_event::OutboxLoaded{fail(loaded.error())};
      sent_ = *loaded;
      return sync_event::OutboxLoaded{std::move(loaded->outbox)};
    }
    if (const auto* apply = std::get_if<sync_action::ApplyReply>(&action)) {
      sent_.asked_to_read = apply->asked_to_read;
      const auto applied = phone_.apply_reply(apply->reply, sent_);
      sync_event::ReplyApplied out;
      if (!applied) {
        out.outcome = fail(applied.error());
        return out;
      }
      out.acknowledged = applied->acknowledged;
      out.held = applied->held;
      out.records = applied->records;
      out.forked = applied->forked;
      out.more_to_send = applied->more_to_send;
      out.full = applied->full.size();
      out.revoked = applied->revoked;
      full_.insert(applied->full.begin(), applied->full.end());
      delivered_bundles_ += applied->bundles_delivered;
      useless_bundles_ += applied->bundles_useless;
      return out;
    }
    if (const auto* introduction = std::get_if<sync_action::ApplyIntroduction>(&action))
      return sync_event::Introduced{phone_.accept_introduction(introduction->reply)};
    if (const auto* send = std::get_if<sync_action::SendHttp>(&action)) push_http(send->request);
    if (const auto* give_up = std::get_if<sync_action::CancelHttp>(&action))
      push().mutable_cancel()->set_id(give_up->id);
    if (const auto* wait = std::get_if<sync_action::Wait>(&action)) {
      full_.clear();
      push().mutable_wait()->set_ms(static_cast<std::uint32_t>(wait->duration.count()));
    }
    if (const auto* report = std::get_if<sync_action::Report>(&action)) {
      write_progress(report->progress, *push().mutable_progress());
    }
    if (const auto* end = std::get_if<sync_action::Finished>(&action)) {
      // Kept for `status`; when even that fails the sync's own error matters more.
      const std::optional<Error> note = note_of(*end);
      if (note && note->code != ErrorCode::kCancelled) (void)phone_.note_error(note->context);
      v1::Finished& finished = push_finished(end->error, end->progress, note);
      finished.set_delivered_bundles(delivered_bundles_);
      finished.set_unreadable_bundles(useless_bundles_);
    }
    return std::nullopt;
  }

  /// What somebody should know: the failure, or what a sync that came to its end leaves to be done.
  std::optional<Error> note_of(const sync_action::Finished& end) const {
    if (end.error) return end.error;
    if (end.note) return end.note;
    if (useless_bundles_ == 0) return std::nullopt;
    return Error{ErrorCode::kCorrupt,
                 "the centre could not read " + std::to_string(useless_bundles_) +
                     " of the files carried here; whoever gave them should hand over again"};
  }

  Phone& phone_;
  SyncMachine machine_;
  Phone::Sent sent_;
  std::set<std::int64_t> full_;  ///< batches that the server has no room for
  std::uint64_t delivered_bundles_ = 0;
  std::uint64_t useless_bundles_ = 0;
};

class Joining final : public Conversation {
 public:
  Joining(Phone& phone, journal::EnrolmentCode code, std::string url, wire::EnrolRequest request)
      : phone_(phone), code_(code), url_(std::move(url)), request_(std::move(request)) {}

  void take(const v1::TransportEvent& event) override {
    if (is_finished() || event.id() != kRequestId) return;
    progress_.traffic = traffic_of(event);
    if (event.what_case() == v1::TransportEvent::kFailed)
      return finish(Error{ErrorCode::kNetwork, event.failed()});
    if (event.what_case() != v1::TransportEvent::kReply) return;
    const auto joined = accept(reply_of(event.reply()));
    finish(joined ? std::nullopt : std::optional<Error>(joined.error()));
  }

  void cancel() override {
    if (is_finished()) return;
    push().mutable_cancel()->set_id(kRequestId);
    finish(Error{ErrorCode::kCancelled, "joining was stopped"});
  }

 protected:
  void start() override {
    push_http(make_post(kRequestId, url_, "/v1/enrol", wire::encode_enrol_request(request_)));
  }

 private:
  static constexpr std::uint64_t kRequestId = 1;

  Result<void> accept(const HttpReply& reply) {
    std::uint32_t retry_after_s = 0;
    PHUSA_TRY(check_reply(reply, retry_after_s));
    PHUSA_ASSIGN(const wire::EnrolReply enrolled, wire::decode_enrol_reply(reply.body));
    return phone_.accept_enrolment(code_, url_, enrolled);
  }

  void finish(const std::optional<Error>& error) { push_finished(error, progress_); }

  Phone& phone_;
  journal::EnrolmentCode code_;
  std::string url_;
  wire::EnrolRequest request_;
  SyncProgress progress_;
};

}  // namespace

std::optional<v1::Event> Conversation::next_event() {
  if (!started_ && !finished_) {
    started_ = true;
    start();
  }
  if (events_.empty()) return std::nullopt;
  v1::Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void Conversation::push_http(const HttpRequest& request) {
  v1::HttpAction& http = *push().mutable_http();
  http.set_id(request.id);
  http.set_method(request.method);
  http.set_url(request.url);
  for (const std::string& header : request.headers) http.add_headers(header);
  http.set_body(request.body);
  http.set_reply_bytes_max(request.reply_bytes_max);
  http.set_connect_timeout_ms(static_cast<std::uint32_t>(request.connect_timeout.count()));
  http.set_stall_timeout_ms(static_cast<std::uint32_t>(request.stall_timeout.count()));
}

v1::Finished& Conversation::push_finished(const std::optional<Error>& failure, const SyncProgress& progress,
                                          const std::optional<Error>& note) {
  finished_ = true;
  v1::Finished& out = *push().mutable_finished();
  out.set_ok(!failure);
  const std::optional<Error>& error = failure ? failure : note;
  if (error) {
    out.mutable_error()->set_code(static_cast<std::uint32_t>(error->code));
    out.mutable_error()->set_message(error->context);
    out.mutable_error()->set_key(std::string(error_name(error->code)));
    out.set_retryable(is_retryable(error->code));
  }
  write_progress(progress, *out.mutable_progress());
  out.set_held(progress.held);
  out.set_forked(progress.forked);
  return out;
}

std::unique_ptr<Conversation> make_sync(Phone& phone, SyncOptions options) {
  return std::make_unique<Syncing>(phone, std::move(options));
}

std::unique_ptr<Conversation> make_join(Phone& phone, journal::EnrolmentCode code, std::string url,
                                        wire::EnrolRequest request) {
  return std::make_unique<Joining>(phone, code, std::move(url), std::move(request));
}

}  // namespace phusa
