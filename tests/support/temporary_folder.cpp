#include "tests/support/temporary_folder.hpp"

#include <stdlib.h>

namespace phusa::test {
namespace {

std::filesystem::path place_in_memory() {
  const std::filesystem::path place = "/dev/shm";
  return std::filesystem::exists(place) ? place : std::filesystem::temp_directory_path();
}

}  // namespace

TemporaryFolder::TemporaryFolder() : TemporaryFolder(std::filesystem::temp_directory_path()) {}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& parent) {
  std::string name = (parent / "phusa-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

FolderInMemory::FolderInMemory() : TemporaryFolder(place_in_memory()) {}

}  // namespace phusa::test
