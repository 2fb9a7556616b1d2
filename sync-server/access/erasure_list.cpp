#include "sync-server/access/erasure_list.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace phusa::access {
namespace {

constexpr std::string_view kBatch = "batch ";
constexpr std::string_view kPerson = "person ";

std::filesystem::path path_in(const std::filesystem::path& data) {
  return data / "keys" / kErasureListFile;
}

template <class Fixed>
void read_line(std::string_view line, std::string_view mark, std::set<Fixed>& into) {
  if (!line.starts_with(mark)) return;
  const auto raw = from_hex(line.substr(mark.size()));
  const auto value = raw ? Fixed::from(*raw) : Result<Fixed>(fail(raw.error()));
  if (value) into.insert(*value);
}

Result<void> append_durably(const std::filesystem::path& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  bool done = fd >= 0;
  for (std::size_t at = 0; done && at < text.size();) {
    const ssize_t written = ::write(fd, text.data() + at, text.size() - at);
    done = written > 0 || (written < 0 && errno == EINTR);
    if (written > 0) at += static_cast<std::size_t>(written);
  }
  done = done && ::fsync(fd) == 0;
  const std::string why = done ? "" : std::strerror(errno);
  if (fd >= 0) ::close(fd);
  if (!done) return fail(ErrorCode::kIo, "cannot write " + path.string() + ": " + why);
  const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return {};
}

}  // namespace

Result<ErasureList> load_erasure_list(const std::filesystem::path& data) {
  return load_erasure_list_file(path_in(data));
}

Result<ErasureList> load_erasure_list_file(const std::filesystem::path& path) {
  ErasureList out;
  std::error_code error;
  // Not there, or not to be told: only the first means that nobody's words were erased.
  if (!std::filesystem::exists(path, error) && !error) return out;
  std::ifstream in(path);
  if (!in) return fail(ErrorCode::kIo, "cannot read " + path.string());
  for (std::string line; std::getline(in, line);) {
    read_line(line, kBatch, out.batches);
    read_line(line, kPerson, out.persons);
  }
  if (in.bad()) return fail(ErrorCode::kIo, "cannot read " + path.string());
  return out;
}

Result<void> add_to_erasure_list(const std::filesystem::path& data, const ErasureList& more) {
  PHUSA_ASSIGN(const ErasureList known, load_erasure_list(data));
  std::string text;
  for (const Hash& batch : more.batches) {
    if (!known.batches.contains(batch)) text += std::string(kBatch) + batch.hex() + "\n";
  }
  for (const PersonId& person : more.persons) {
    if (!known.persons.contains(person)) text += std::string(kPerson) + person.hex() + "\n";
  }
  if (text.empty()) return {};
  // A line that a crash cut short must not run into the next.
  return append_durably(path_in(data), "\n" + text);
}

}  // namespace phusa::access
