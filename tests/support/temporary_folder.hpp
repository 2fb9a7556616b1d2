#pragma once

#include <filesystem>
#include <string>

namespace phusa::test {

/// A folder of its own below the system's temporary one; removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 protected:
  explicit TemporaryFolder(const std::filesystem::path& parent);

 private:
  std::filesystem::path path_;
};

/// The same in memory, where there is such a place: for tests of what is stored, not of the disk.
class FolderInMemory final : public TemporaryFolder {
 public:
  FolderInMemory();
};

}  // namespace phusa::test
