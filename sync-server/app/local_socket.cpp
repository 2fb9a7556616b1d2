#include "sync-server/app/local_socket.hpp"

#include "sync-server/app/json_line.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>

namespace phusa::app {
namespace {

constexpr std::size_t kRequestBytesMax = 256 * 1024;
constexpr std::size_t kReplyBytesMax = 256 * 1024 * 1024;
constexpr std::size_t kProgressBytesMax = 1024;
constexpr int kRequestPatienceMs = 10'000;
constexpr const char* kSocketName = "socket";

using Json = nlohmann::json;

/// sockaddr_un holds 108 bytes, folders may be longer: the folder is opened and named through /proc/self/fd.
struct Place {
  int folder = -1;
  sockaddr_un address{};

  explicit Place(const std::filesystem::path& data) {
    folder = ::open(data.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    address.sun_family = AF_UNIX;
    const std::string name = "/proc/self/fd/" + std::to_string(folder) + "/" + kSocketName;
    std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (folder >= 0) ::close(folder);
  }
  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&address); }
};

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Up to the newline, which is left out. `behind` is what has been read past it, of this call and the one
/// before. nullopt: it broke off, grew past `size_max`, or nothing came for `patience_ms`.
std::optional<std::string> read_line(int fd, std::size_t size_max, int patience_ms, std::string& behind) {
  std::string line = std::exchange(behind, {});
  char buffer[16 * 1024];
  std::size_t looked_at = 0;
  while (line.size() <= size_max) {
    const std::size_t end = line.find('\n', looked_at);
    if (end != std::string::npos) {
      behind = line.substr(end + 1);
      line.resize(end);
      return line;
    }
    looked_at = line.size();
    pollfd ready{fd, POLLIN, 0};
    const int polled = ::poll(&ready, 1, patience_ms);
    if (polled < 0 && errno == EINTR) continue;
    if (polled <= 0) return std::nullopt;
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    line.append(buffer, static_cast<std::size_t>(got));
  }
  return std::nullopt;
}

std::optional<LocalRequest> parse_request(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("args") || !json["args"].is_array()) return std::nullopt;
  LocalRequest request;
  for (const Json& arg : json["args"]) {
    if (!arg.is_string()) return std::nullopt;
    request.args.push_back(arg.get<std::string>());
  }
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  request.habits = {text("folder"), language_of(text("language"))};
  const auto terminal = json.find("terminal");
  request.terminal = terminal != json.end() && terminal->is_boolean() && terminal->get<bool>();
  // Whether they want to hear; the serving side puts in how.
  const auto progress = json.find("progress");
  if (progress != json.end() && progress->is_boolean() && progress->get<bool>())
    request.progress = [](const std::string&) {};
  return request;
}

/// The outcome, at the end of what is told before.
std::optional<std::string> read_outcome(int fd, const Progress& progress) {
  std::string behind;
  for (;;) {
    auto line = read_line(fd, kReplyBytesMax, -1, behind);
    if (!line) return line;
    const Json json = line->size() < kProgressBytesMax ? Json::parse(*line, nullptr, false) : Json();
    const auto told = json.is_object() ? json.find("progress") : json.end();
    if (told == json.end() || !told->is_string()) return line;
    if (progress) progress(told->get<std::string>());
  }
}

std::optional<Outcome> parse_outcome(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.value("exit", Json()).is_number_integer()) return std::nullopt;
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return Outcome{json["exit"].get<int>(), text("out"), text("err"), text("confirm")};
}

}  // namespace

Result<std::optional<Outcome>> ask_server(const std::filesystem::path& data, const LocalRequest& request) {
  const Place place(data);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(ErrorCode::kIo, std::string("cannot make a socket: ") + std::strerror(errno));
  if (place.folder < 0 || ::connect(fd, place.raw(), sizeof place.address) != 0) {
    ::close(fd);
    return std::optional<Outcome>();
  }
  const char* language = request.habits.language == Language::kVietnamese ? "vi" : "en";
  const bool sent = send_all(fd, json_line({{"args", request.args},
                                            {"folder", request.habits.folder},
                                            {"language", language},
                                            {"terminal", request.terminal},
                                            {"progress", static_cast<bool>(request.progress)}}));
  const auto line = sent ? read_outcome(fd, request.progress) : std::nullopt;
  ::close(fd);
  const auto outcome = line ? parse_outcome(*line) : std::nullopt;
  if (!outcome) {
    return fail(
        ErrorCode::kNetwork,
        "the serving process broke off; it may have stopped, so look whether it was done and try again");
  }
  return outcome;
}

Result<std::unique_ptr<LocalServer>> LocalServer::start(const std::filesystem::path& data, Run run) {
  const Place place(data);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int stop_fd = ::eventfd(0, EFD_CLOEXEC);
  ::unlinkat(place.folder, kSocketName, 0);
  // Made unreachable for others from the first moment, not a moment later.
  const mode_t before = ::umask(0177);
  const bool bound = fd >= 0 && ::bind(fd, place.raw(), sizeof place.address) == 0;
  ::umask(before);
  if (!bound || stop_fd < 0 || ::listen(fd, kConnectionsMax) != 0) {
    const std::string why = std::strerror(errno);
    if (fd >= 0) ::close(fd);
    if (stop_fd >= 0) ::close(stop_fd);
    return fail(ErrorCode::kIo, "cannot make the socket in " + data.string() + ": " + why);
  }
  return std::unique_ptr<LocalServer>(new LocalServer(data, fd, stop_fd, std::move(run)));
}

LocalServer::LocalServer(std::filesystem::path data, int fd, int stop_fd, Run run)
    : data_(std::move(data)), fd_(fd), stop_fd_(stop_fd), run_(std::move(run)), accepting_([this] {
        accept_loop();
      }) {}

LocalServer::~LocalServer() {
  const std::uint64_t one = 1;
  while (::write(stop_fd_, &one, sizeof one) < 0 && errno == EINTR) continue;
  accepting_.join();
  std::error_code error;
  std::filesystem::remove(data_ / kSocketName, error);
  ::close(fd_);
  ::close(stop_fd_);
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return running_ == 0; });
}

void LocalServer::accept_loop() {
  for (;;) {
    pollfd ready[2] = {{fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
    if (::poll(ready, 2, -1) < 0 && errno != EINTR) return;
    if (ready[1].revents != 0) return;
    const int peer = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) continue;
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return running_ < kConnectionsMax; });
    ++running_;
    std::thread([this, peer] { serve(peer); }).detach();  // the destructor waits for running_ to fall
  }
}

Outcome LocalServer::answer(int fd) const {
  std::string behind;
  const auto line = read_line(fd, kRequestBytesMax, kRequestPatienceMs, behind);
  auto request = line ? parse_request(*line) : std::nullopt;
  if (!request) return {2, "", "phusa-server: not a request\n", ""};
  if (request->progress)
    request->progress = [fd](const std::string& text) { send_all(fd, json_line({{"progress", text}})); };
  return run_(*request);
}

void LocalServer::serve(int fd) {
  // What a library throws at one command must not end the process that serves everybody.
  try {
    const Outcome outcome = answer(fd);
    send_all(fd, json_line({{"exit", outcome.exit},
                            {"out", outcome.out},
                            {"err", outcome.err},
                            {"confirm", outcome.confirm}}));
  } catch (const std::exception& thrown) {
    const std::string what = std::string("phusa-server: ") + thrown.what() + "\n";
    send_all(fd, json_line({{"exit", 1}, {"out", ""}, {"err", what}, {"confirm", ""}}));
  }
  ::close(fd);
  const std::lock_guard lock(mutex_);
  --running_;
  ended_.notify_all();
}

}  // namespace phusa::app
