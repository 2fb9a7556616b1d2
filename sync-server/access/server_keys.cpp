#include "sync-server/access/server_keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>

namespace phusa::access {
namespace {

constexpr std::string_view kUnnamed = ".new-";  // and six letters that mkostemp chooses
constexpr std::size_t kChosenLetters = 6;

std::string reason() {
  return std::strerror(errno);
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

Result<void> name_key(const std::filesystem::path& part, const std::filesystem::path& path) {
  if (::link(part.c_str(), path.c_str()) == 0) {
    ::unlink(part.c_str());
    return {};
  }
  if (errno == EEXIST || ::access(path.c_str(), F_OK) == 0)
    return fail(ErrorCode::kConflict, path.string() + " is there already; a key is never overwritten");
  if (::rename(part.c_str(), path.c_str()) == 0) return {};  // memory sticks know no second name
  return fail(ErrorCode::kIo, "cannot write " + path.string() + ": " + reason());
}

/// The number of a later box key's file, "box.12" -> 12.
std::optional<std::uint32_t> number_of(const std::string& name) {
  std::uint32_t number = 0;
  if (!name.starts_with("box.")) return {};
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + 4, end, number);
  if (error != std::errc() || stop != end || number < 2) return {};
  return number;
}

Result<std::map<std::uint32_t, std::string>> box_names(const std::filesystem::path& folder) {
  std::map<std::uint32_t, std::string> names{{1, "box"}};
  PHUSA_ASSIGN(const auto all, names_in(folder));
  for (const std::string& name : all) {
    if (const auto number = number_of(name)) names.emplace(*number, name);
  }
  return names;
}

}  // namespace

Result<std::vector<std::string>> names_in(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator at(folder, error);
  const bool is_missing = error == std::errc::no_such_file_or_directory;
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error))
    names.push_back(at->path().filename().string());
  if (!error) return names;
  return fail(is_missing ? ErrorCode::kNotFound : ErrorCode::kIo,
              "cannot read " + folder.string() + "; is this the folder that phusa-server init made?");
}

void remove_unnamed_secrets(const std::filesystem::path& folder) {
  const auto names = names_in(folder);
  if (!names) return;
  for (const std::string& name : *names) {
    if (name.size() == kUnnamed.size() + kChosenLetters && name.starts_with(kUnnamed))
      ::unlink((folder / name).c_str());
  }
}

Result<void> keep_secret(const std::filesystem::path& path, const KeySeed& seed) {
  // Under a name that no key has: a power cut must not leave half a key under one.
  std::string part =
      (path.parent_path() / (std::string(kUnnamed) + std::string(kChosenLetters, 'X'))).string();
  const int fd = ::mkostemp(part.data(), O_CLOEXEC);  // 0600
  if (fd < 0) return fail(ErrorCode::kIo, "cannot write " + path.string() + ": " + reason());
  const std::string text = seed.hex() + "\n";
  const bool written =
      ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  auto kept = written ? name_key(part, path)
                      : fail(ErrorCode::kIo, "cannot write " + path.string() + ": " + reason());
  ::close(fd);
  if (!kept) ::unlink(part.c_str());
  return kept;
}

bool is_torn_secret(const std::filesystem::path& path) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::ifstream in(path, std::ios::binary);
  if (!in) return false;
  std::string text(4 * KeySeed::kSize, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return false;  // what cannot be read may well be whole
  text.resize(static_cast<std::size_t>(in.gcount()));
  std::erase_if(text, [](char c) { return c == '\0' || c == '\n'; });
  return text.size() < 2 * KeySeed::kSize && text.find_first_not_of(kDigits) == std::string::npos;
}

Result<KeySeed> load_secret(const std::filesystem::path& path) {
  std::error_code error;
  const bool is_missing = !std::filesystem::exists(path, error) && !error;
  std::ifstream in(path);
  if (!in) {
    return fail(is_missing ? ErrorCode::kNotFound : ErrorCode::kIo,
                "cannot read " + path.string() + "; is this the folder that phusa-server init made?");
  }
  std::string text;
  in >> text;
  if (in.bad()) return fail(ErrorCode::kIo, "cannot read " + path.string() + ": " + reason());
  const auto raw = from_hex(text);
  const auto seed = raw ? KeySeed::from(*raw) : Result<KeySeed>(fail(raw.error()));
  if (!seed)
    return fail(ErrorCode::kCorrupt,
                path.string() + " holds no key; bring it back from the copy of the keys folder");
  return *seed;
}

Result<NewServerKeys> make_server_keys(const std::filesystem::path& data, Random& random) {
  const auto folder = data / "keys";
  PHUSA_TRY(make_folder(folder));
  const NewServerKeys made{
      journal::key_pair_from(random.fixed<KeySeed>()),
      {journal::key_pair_from(random.fixed<KeySeed>()), journal::box_key_pair_from(random.fixed<KeySeed>())}};
  PHUSA_TRY(keep_secret(folder / "root", made.root.seed));
  PHUSA_TRY(keep_secret(folder / "server", made.keys.server.seed));
  PHUSA_TRY(keep_secret(folder / "box", made.keys.box.seed));
  flush_folder(folder);
  flush_folder(data);
  return made;
}

std::vector<journal::OpeningKey> ServerKeys::opening_keys() const {
  std::vector<journal::OpeningKey> out;
  for (const journal::BoxKeyPair& old : old_boxes) out.push_back(journal::opening_key_of(old));
  out.push_back(journal::opening_key_of(box));
  return out;
}

Result<ServerKeys> load_server_keys(const std::filesystem::path& data) {
  PHUSA_ASSIGN(const KeySeed server, load_secret(data / "keys" / "server"));
  PHUSA_ASSIGN(const auto boxes, box_key_files(data));
  ServerKeys keys{journal::key_pair_from(server), boxes.back().key};
  for (std::size_t i = 0; i + 1 < boxes.size(); ++i) keys.old_boxes.push_back(boxes[i].key);
  return keys;
}

Result<std::vector<BoxKeyFile>> box_key_files(const std::filesystem::path& data) {
  const auto folder = data / "keys";
  PHUSA_ASSIGN(const auto names, box_names(folder));
  std::vector<BoxKeyFile> out;
  for (const auto& [number, name] : names) {
    if (number > 1 && is_torn_secret(folder / name)) continue;
    PHUSA_ASSIGN(const KeySeed seed, load_secret(folder / name));
    out.push_back({name, journal::box_key_pair_from(seed)});
  }
  return out;
}

Result<journal::BoxKeyPair> add_box_key(const std::filesystem::path& data, Random& random) {
  const auto folder = data / "keys";
  PHUSA_ASSIGN(const auto names, box_names(folder));
  const auto made = journal::box_key_pair_from(random.fixed<KeySeed>());
  PHUSA_TRY(keep_secret(folder / ("box." + std::to_string(names.rbegin()->first + 1)), made.seed));
  flush_folder(folder);
  return made;
}

}  // namespace phusa::access
