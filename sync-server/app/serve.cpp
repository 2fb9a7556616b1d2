#include "sync-server/app/serve.hpp"

#include "core/base/limits.hpp"
#include "sync-server/app/box_keys.hpp"
#include "sync-server/app/local_socket.hpp"
#include "sync-server/http/http_server.hpp"
#include "sync-server/http/routes.hpp"

#include <arpa/inet.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <csignal>
#include <cstdio>

namespace phusa::app {
namespace {

// More than cores: a worker that waits for the disk lets others join the same transaction.
constexpr std::size_t kWorkers = 16;
constexpr std::size_t kNetworkThreads = 2;
constexpr int kDayCheckSeconds = 30;

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

Result<ListenAddress> parse_listen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  ListenAddress out;
  if (colon != std::string::npos && colon > 0) {
    out.host = text.substr(0, colon);
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, out.port);
    if (error == std::errc() && stop == end) return out;
  }
  return fail(ErrorCode::kInvalidArgument, "--listen '" + text + "' is not HOST:PORT such as 127.0.0.1:8080");
}

/// An address, not a name: who knows where "127.0.0.1.example.org" leads.
bool is_loopback(const std::string& host) {
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24 == 127;
  return host == "localhost" || host == "::1" || host == "[::1]";
}

Result<void> check_exposure(const ListenAddress& address, bool exposed) {
  if (exposed || is_loopback(address.host)) return {};
  return fail(
      ErrorCode::kInvalidArgument,
      address.host +
          " is reachable from other machines, and this server speaks no TLS; put a proxy before it and "
          "listen on 127.0.0.1, or add --exposed");
}

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

std::shared_ptr<spdlog::logger> make_log() {
  auto log = spdlog::get("phusa");
  if (log) return log;
  log = spdlog::stderr_logger_mt("phusa");
  log->set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
  log->flush_on(spdlog::level::info);
  return log;
}

/// Path and status only: queries hold codes, headers hold tokens, bodies hold people's words. Of a path that
/// leads nowhere not even that: it may be a token pasted into the wrong place.
http::Reply answer(const http::Routes& routes, const http::Request& request, spdlog::logger& log) {
  http::Reply reply = routes.handle(request);
  if (reply.status == 404 || reply.status == 405) {
    log.debug("elsewhere -> {}", reply.status);
    return reply;
  }
  if (reply.status >= 500) {
    log.warn("{} {} -> {}", request.method, request.path, reply.status);
  } else {
    log.debug("{} {} -> {}", request.method, request.path, reply.status);
  }
  return reply;
}

void wait_for_stop(Installation& installation, spdlog::logger& log) {
  const sigset_t signals = stop_signals();
  for (;;) {
    // Held records of a day that has come are counted even when nobody sends anything.
    if (const auto noted = installation.engine().note_day(); !noted)
      log.error("day: {}", noted.error().context);
    const timespec patience{kDayCheckSeconds, 0};
    if (sigtimedwait(&signals, nullptr, &patience) > 0) return;
  }
}

Result<void> serve(const Options& options, Installation& installation, const ListenAddress& listen) {
  const auto log = make_log();
  if (options.verbose) log->set_level(spdlog::level::trace);
  http::HttpOptions http_options;
  http_options.host = listen.host;
  http_options.port = listen.port;
  http_options.workers = kWorkers;
  http_options.queued_max = limits::kQueuedRequestsMax;
  http_options.body_bytes_max = limits::kRequestBytesMax;
  const http::Routes routes({installation.engine(), installation.ledger(), installation.enrolment()});
  const auto server = http::make_http_server(http_options);
  PHUSA_TRY(server->start([&](const http::Request& request) { return answer(routes, request, *log); }));
  const auto run_local = [&](const LocalRequest& request) -> Outcome {
    ParsedLine parsed = parse_command_line(request.args, request.habits);
    if (!parsed.options) return {parsed.exit, parsed.out, parsed.err, ""};
    return run_command(*parsed.options, installation,
                       {request.terminal, server->address(), request.progress});
  };
  auto local = LocalServer::start(installation.data(), run_local);
  if (!local) {
    server->stop();
    return fail(std::move(local).error());
  }
  if (!is_loopback(listen.host)) {
    std::fputs(say(options.language, Say::kExposed, server->address()).c_str(), stderr);
  }
  std::fputs(say(options.language, Say::kListening, server->address()).c_str(), stdout);
  std::fflush(stdout);
  log->info("serving {} on {}", options.data, server->address());
  wait_for_stop(installation, *log);
  log->info("stopping");
  server->stop();
  local->reset();
  return {};
}

}  // namespace

Outcome run_serve(const Options& options, const Clock& clock, Random& random) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  http::prepare_process(kNetworkThreads);
  const auto listen = parse_listen(options.listen);
  if (!listen) return failed(options.language, listen.error());
  if (const auto safe = check_exposure(*listen, options.exposed); !safe)
    return failed(options.language, safe.error());
  auto installation = Installation::open(options.data, clock, random);
  if (!installation) return failed(options.language, installation.error());
  if (const auto& again = (*installation)->erased_again(); again.batches + again.records > 0)
    std::fputs(say(options.language, Say::kErasedAgain, again.batches, again.records).c_str(), stderr);
  if (const auto& owed = (*installation)->erased_again().compaction_owed)
    std::fputs(say(options.language, Say::kCompactionOwed, owed->context).c_str(), stderr);
  const auto lost_key = publish_box_key(**installation);
  if (!lost_key) return failed(options.language, lost_key.error());
  if (*lost_key) {
    std::fputs(say(options.language, Say::kKeyUnknown, (*lost_key)->hex(), options.data + "/keys").c_str(),
               stderr);
  }
  const auto served = serve(options, **installation, *listen);
  installation->reset();  // the ledger is checkpointed and closed before we say that all went well
  if (!served) return failed(options.language, served.error());
  return {};
}

}  // namespace phusa::app
