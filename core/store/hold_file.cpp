#include "core/store/hold_file.hpp"

#include "core/base/limits.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace phusa::store {
namespace {

constexpr std::chrono::milliseconds kPoll{10};

}  // namespace

Waiter patient_waiter() {
  return [](std::chrono::milliseconds waited) {
    if (waited >= limits::kStoreBusyTimeout) return false;
    std::this_thread::sleep_for(kPoll);
    return true;
  };
}

Result<HoldFile> HoldFile::open(const std::string& store_path) {
  const std::string path = store_path + "-lock";
  HoldFile out;
  out.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (out.descriptor_ < 0) {
    const ErrorCode code = errno == ENOSPC ? ErrorCode::kDiskFull : ErrorCode::kIo;
    return fail(code, "cannot open " + path + ": " + std::strerror(errno));
  }
  return out;
}

HoldFile::HoldFile(HoldFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

HoldFile& HoldFile::operator=(HoldFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

HoldFile::~HoldFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> HoldFile::acquire(const Waiter& wait) {
  for (std::chrono::milliseconds waited{0}; !try_acquire(); waited += kPoll) {
    if (!wait(waited)) {
      return fail(ErrorCode::kBusy,
                  "another program is using this store; wait for it to end, then try again");
    }
  }
  return {};
}

bool HoldFile::try_acquire() {
  int rc = 0;
  do {
    rc = ::flock(descriptor_, LOCK_EX | LOCK_NB);
  } while (rc != 0 && errno == EINTR);
  return rc == 0;
}

void HoldFile::release() {
  ::flock(descriptor_, LOCK_UN);
}

}  // namespace phusa::store
