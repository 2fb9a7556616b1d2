#include "sync-server/access/server_keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace phusa::access {
namespace {

std::string reason() {
  return std::strerror(errno);
}

Result<void> keep(const std::filesystem::path& path, const KeySeed& seed) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) {
    return fail(ErrorCode::kConflict, path.string() + " is there already; a key is never overwritten");
  }
  if (fd < 0) return fail(ErrorCode::kIo, "cannot write " + path.string() + ": " + reason());
  const std::string text = seed.hex() + "\n";
  const bool written =
      ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const std::string why = written ? "" : reason();
  ::close(fd);
  if (!written) return fail(ErrorCode::kIo, "cannot write " + path.string() + ": " + why);
  return {};
}

Result<KeySeed> load(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) {
    return fail(ErrorCode::kNotFound,
                "cannot read " + path.string() + "; is this the folder that phusa-server init made?");
  }
  std::string text;
  in >> text;
  const auto raw = from_hex(text);
  const auto seed = raw ? KeySeed::from(*raw) : Result<KeySeed>(fail(raw.error()));
  if (!seed) return fail(ErrorCode::kCorrupt, path.string() + " holds no key; bring it back from a backup");
  return *seed;
}

Result<void> make_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(ErrorCode::kIo, "cannot make " + folder.string() + ": " + reason());
  }
  if (::chmod(folder.c_str(), 0700) != 0)
    return fail(ErrorCode::kIo, "cannot protect " + folder.string() + ": " + reason());
  return {};
}

/// Names are durable only when their folder is.
void flush_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

Result<NewServerKeys> make_server_keys(const std::filesystem::path& data, Random& random) {
  const auto folder = data / "keys";
  PHUSA_TRY(make_folder(folder));
  const NewServerKeys made{
      journal::key_pair_from(random.fixed<KeySeed>()),
      {journal::key_pair_from(random.fixed<KeySeed>()), journal::box_key_pair_from(random.fixed<KeySeed>())}};
  PHUSA_TRY(keep(folder / "root", made.root.seed));
  PHUSA_TRY(keep(folder / "server", made.keys.server.seed));
  PHUSA_TRY(keep(folder / "box", made.keys.box.seed));
  flush_folder(folder);
  flush_folder(data);
  return made;
}

Result<ServerKeys> load_server_keys(const std::filesystem::path& data) {
  PHUSA_ASSIGN(const KeySeed server, load(data / "keys" / "server"));
  PHUSA_ASSIGN(const KeySeed box, load(data / "keys" / "box"));
  return ServerKeys{journal::key_pair_from(server), journal::box_key_pair_from(box)};
}

}  // namespace phusa::access
