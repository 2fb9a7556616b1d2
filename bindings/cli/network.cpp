#include "bindings/cli/network.hpp"

#include "bindings/cli/progress_bar.hpp"
#include "core/base/clock.hpp"
#include "core/base/day.hpp"
#include "core/net/curl/curl_transport.hpp"

#include <csignal>
#include <cstdlib>
#include <optional>

namespace phusa::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;  // a signal handler can set nothing else

extern "C" void on_interrupt(int) {
  interrupted = 1;
}

/// Ctrl-C asks for an orderly end while this lives; a second one is the system's own and ends at once.
class InterruptGuard {
 public:
  InterruptGuard() {
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    action.sa_flags = SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &old_int_);
    sigaction(SIGTERM, &action, &old_term_);
  }
  ~InterruptGuard() {
    sigaction(SIGINT, &old_int_, nullptr);
    sigaction(SIGTERM, &old_term_, nullptr);
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction old_int_ {};
  struct sigaction old_term_ {};
};

/// A signal ends a poll, but one that lands just before it does not: so long may it go unnoticed.
constexpr std::chrono::milliseconds kPollSlice{200};

HttpRequest request_of(const v1::HttpAction& action) {
  HttpRequest request;
  request.id = action.id();
  request.method = action.method();
  request.url = action.url();
  request.headers.assign(action.headers().begin(), action.headers().end());
  request.body = action.body();
  request.reply_bytes_max = action.reply_bytes_max();
  request.connect_timeout = std::chrono::milliseconds(action.connect_timeout_ms());
  request.stall_timeout = std::chrono::milliseconds(action.stall_timeout_ms());
  return request;
}

v1::TransportEvent event_of(HttpOutcome outcome) {
  v1::TransportEvent event;
  event.set_id(outcome.id);
  event.set_bytes_up(outcome.traffic.up);
  event.set_bytes_down(outcome.traffic.down);
  if (outcome.failure != HttpFailure::kNone) {
    event.set_failed(std::string(failure_name(outcome.failure)) + ": " + outcome.failure_text);
    return event;
  }
  auto* reply = event.mutable_reply();
  reply->set_status(outcome.reply.status);
  reply->set_content_type(std::move(outcome.reply.content_type));
  reply->set_body(std::move(outcome.reply.body));
  return event;
}

/// Empty where nothing more is known. A phone whose date is wrong takes every certificate for a bad one.
std::string why_not(const Shell& shell, HttpFailure failure) {
  const auto key = "network." + std::string(failure_name(failure));
  if (!shell.tongue.knows(key)) return "";
  return shell.tongue.say(key, {format_day(local_day(SystemClock().wall()))});
}

/// One run: the door's events drained, then the network driven, in turns, until Finished.
class Run {
 public:
  Run(Door& door, Transport& transport, const Shell& shell)
      : door_(door), transport_(transport), shell_(shell), bar_(shell.terminal, shell.tongue) {}

  Answer<NetworkOutcome> go() {
    for (;;) {
      if (interrupted != 0 && !cancelled_) {
        cancelled_ = true;
        door_.cancel();
      }
      auto event = door_.next_event();
      if (!event) return tl::unexpected(event.error());
      if (*event) {
        take(**event);
        if (outcome_.finished.ok() || done_) return outcome_;
        continue;
      }
      if (transport_.under_way() == 0 && !wait_until_) {
        return tl::unexpected(
            make_error(ErrorCode::kInternal, "", "nothing is under way, yet it has not finished"));
      }
      if (auto driven = drive(); !driven) return tl::unexpected(driven.error());
    }
  }

 private:
  void take(const v1::Event& event) {
    switch (event.what_case()) {
      case v1::Event::kHttp:
        transport_.start(request_of(event.http()));
        break;
      case v1::Event::kCancel:
        transport_.cancel(event.cancel().id());
        break;
      case v1::Event::kProgress:
        bar_.show(event.progress());
        break;
      case v1::Event::kWait:
        begin_wait(event.wait().ms());
        break;
      case v1::Event::kFinished:
        outcome_.finished = event.finished();
        done_ = true;
        break;
      case v1::Event::WHAT_NOT_SET:
        break;
    }
  }

  void begin_wait(std::uint32_t ms) {
    wait_until_ = clock_.monotonic() + std::chrono::milliseconds(ms);
    bar_.clear();
    const auto seconds = std::to_string((ms + 999) / 1000);
    shell_.remark(shell_.tongue.say("sync.waiting", {seconds, why_not(shell_, outcome_.last_failure)}));
  }

  Answer<void> drive() {
    auto slice = kPollSlice;
    if (wait_until_)
      slice = std::min(slice, std::max(*wait_until_ - clock_.monotonic(), std::chrono::milliseconds(0)));
    for (auto& outcome : transport_.poll(slice)) {
      if (outcome.failure != HttpFailure::kCancelled) outcome_.last_failure = outcome.failure;
      if (auto told = door_.transport_event(event_of(std::move(outcome))); !told) return told;
    }
    if (!wait_until_ || clock_.monotonic() < *wait_until_) return {};
    wait_until_.reset();
    v1::TransportEvent woke;
    woke.set_woke(true);
    return door_.transport_event(woke);
  }

  Door& door_;
  Transport& transport_;
  const Shell& shell_;
  SystemClock clock_;
  ProgressBar bar_;
  NetworkOutcome outcome_;
  std::optional<MonotonicTime> wait_until_;
  bool cancelled_ = false;
  bool done_ = false;
};

}  // namespace

Answer<NetworkOutcome> run_network(Door& door, Transport& transport, const Shell& shell) {
  const InterruptGuard guard;
  return Run(door, transport, shell).go();
}

std::string network_sentence(const Shell& shell, const NetworkOutcome& outcome) {
  const auto& error = outcome.finished.error();
  const bool is_network = error.code() == static_cast<std::uint32_t>(ErrorCode::kNetwork);
  const auto why = is_network ? why_not(shell, outcome.last_failure) : "";
  return why.empty() ? shell.sentence(error) : why;
}

void warn_if_unprotected(const Shell& shell, const std::string& url) {
  if (is_unprotected(url)) shell.remark(shell.tongue.say("unprotected", {url}));
}

Answer<v1::StatusReply> status_of(Door& door) {
  return door.call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty());
}

Answer<std::unique_ptr<Transport>> make_transport() {
  CurlTransport::Options options;
  if (const char* file = std::getenv("PHUSA_CA_FILE"); file != nullptr) options.ca_file = file;
  auto transport = CurlTransport::create(options);
  if (transport) return std::unique_ptr<Transport>(std::move(*transport));
  auto error =
      make_error(transport.error().code, transport.error().code == ErrorCode::kIo ? "bad_ca_file" : "",
                 transport.error().context);
  error.add_args(options.ca_file);
  return tl::unexpected(error);
}

}  // namespace phusa::cli
