#include "core/base/standard_output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace phusa {
namespace {

bool is_reader_gone() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

/// Some disks, those over a network, say only at a close that they were full.
bool is_kept_by_disk() {
  const int copy = ::dup(STDOUT_FILENO);
  return copy < 0 || ::close(copy) == 0;
}

}  // namespace

std::string flush_standard_output() {
  // An earlier write may have failed already; then a flush of nothing succeeds.
  errno = 0;
  const bool had_failed = std::ferror(stdout) != 0;
  if (std::fflush(stdout) == 0 && !had_failed && is_kept_by_disk()) return {};
  const std::string why = std::strerror(errno != 0 ? errno : EIO);
  return is_reader_gone() ? std::string() : why;
}

}  // namespace phusa
