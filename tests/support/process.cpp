#include "tests/support/process.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace phusa::test {
namespace {

int status_of(int raw) {
  return WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
}

[[noreturn]] void exec_child(const std::vector<std::string>& argv, const Environment& environment, int out,
                             int err) {
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> raw;
  for (const std::string& arg : argv) raw.push_back(const_cast<char*>(arg.c_str()));
  raw.push_back(nullptr);
  ::execvp(raw[0], raw.data());
  ::_exit(127);
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

double status_mib(pid_t pid, const std::string& field) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(field)) return std::atof(line.c_str() + field.size()) / 1024;
  }
  return 0;
}

}  // namespace

Outcome run(const std::vector<std::string>& argv, const Environment& environment) {
  std::array<int, 2> out{}, err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) return {};
  const pid_t pid = ::fork();
  if (pid == 0) exec_child(argv, environment, out[1], err[1]);
  ::close(out[1]);
  ::close(err[1]);
  Outcome outcome;
  std::array<pollfd, 2> fds{pollfd{out[0], POLLIN, 0}, pollfd{err[0], POLLIN, 0}};
  for (int open = 2; open > 0;) {
    if (::poll(fds.data(), fds.size(), -1) < 0) continue;
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      std::array<char, 65536> chunk;
      const ssize_t size = ::read(fds[i].fd, chunk.data(), chunk.size());
      if (size > 0) {
        (i == 0 ? outcome.out : outcome.err).append(chunk.data(), static_cast<std::size_t>(size));
      } else {
        ::close(fds[i].fd);
        fds[i].fd = -1;
        --open;
      }
    }
  }
  int raw = 0;
  ::waitpid(pid, &raw, 0);
  outcome.status = status_of(raw);
  return outcome;
}

Result<Process> Process::start(const std::vector<std::string>& argv, const std::filesystem::path& log,
                               const Environment& environment) {
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0) return fail(ErrorCode::kIo, "cannot write " + log.string());
  Process process;
  process.log_ = log;
  process.pid_ = ::fork();
  if (process.pid_ == 0) exec_child(argv, environment, out, out);
  ::close(out);
  if (process.pid_ < 0) return fail(ErrorCode::kIo, "cannot start " + argv.front());
  return process;
}

Process::Process(Process&& other) noexcept
    : pid_(other.pid_), status_(other.status_), log_(std::move(other.log_)) {
  other.pid_ = -1;
}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(status_, other.status_);
  std::swap(log_, other.log_);
  return *this;
}

Process::~Process() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::kill(pid_, SIGCONT);
  wait();
}

std::string Process::output() const {
  return slurp(log_);
}

bool Process::is_running() {
  if (pid_ < 0) return false;
  int raw = 0;
  if (::waitpid(pid_, &raw, WNOHANG) != pid_) return true;
  pid_ = -1;
  status_ = status_of(raw);
  return false;
}

void Process::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

int Process::wait() {
  if (pid_ > 0) {
    int raw = 0;
    while (::waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    status_ = status_of(raw);
  }
  return status_;
}

bool Process::wait_for_output(const std::string& text, std::chrono::seconds patience) {
  std::size_t seen = 0;
  auto last_news = std::chrono::steady_clock::now();
  for (;;) {
    const std::string now = output();
    if (now.find(text) != std::string::npos) return true;
    if (!is_running()) return output().find(text) != std::string::npos;
    if (now.size() != seen) {
      seen = now.size();
      last_news = std::chrono::steady_clock::now();
    }
    if (std::chrono::steady_clock::now() - last_news > patience) return false;
    ::poll(nullptr, 0, 5);  // yields between looks; the condition alone decides
  }
}

double Process::cpu_seconds() const {
  std::string stat = slurp("/proc/" + std::to_string(pid_) + "/stat");
  const auto after_name = stat.rfind(") ");
  if (after_name == std::string::npos) return 0;
  std::istringstream fields(stat.substr(after_name + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double Process::resident_mib() const {
  return status_mib(pid_, "VmRSS:");
}
double Process::resident_peak_mib() const {
  return status_mib(pid_, "VmHWM:");
}

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int port = 0;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port = ntohs(address.sin_port);
  }
  ::close(fd);
  return port;
}

}  // namespace phusa::test
