#include "sync-server/access/erasure_list.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

namespace phusa::access {
namespace {

constexpr std::string_view kBatch = "batch ";
constexpr std::string_view kPerson = "person ";
constexpr std::string_view kNamedAgain = "named-again ";

std::filesystem::path path_in(const std::filesystem::path& data) {
  return data / "keys" / kErasureListFile;
}

template <class Fixed>
std::optional<Fixed> fixed_in(std::string_view hex) {
  const auto raw = from_hex(hex);
  const auto value = raw ? Fixed::from(*raw) : Result<Fixed>(fail(raw.error()));
  return value ? std::optional(*value) : std::nullopt;
}

std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

void read_named_again(std::string_view words, ErasureList& into) {
  const auto person = fixed_in<PersonId>(take_word(words));
  const auto code_hash = fixed_in<Hash>(take_word(words));
  const auto device = fixed_in<PublicKey>(words);
  if (person && code_hash && device) into.named_again[*person].insert({*code_hash, *device});
}

void read_line(std::string_view line, ErasureList& into) {
  if (line.starts_with(kNamedAgain)) return read_named_again(line.substr(kNamedAgain.size()), into);
  if (line.starts_with(kBatch)) {
    if (const auto batch = fixed_in<Hash>(line.substr(kBatch.size()))) into.batches.insert(*batch);
  }
  if (line.starts_with(kPerson)) {
    const auto person = fixed_in<PersonId>(line.substr(kPerson.size()));
    if (!person) return;
    into.persons.insert(*person);
    into.named_again.erase(*person);
  }
}

std::string line_of(const PersonId& person, const ErasureList::Naming& naming) {
  return std::string(kNamedAgain) + person.hex() + " " + naming.code_hash.hex() + " " + naming.device.hex() +
         "\n";
}

/// What is in the first and not in the second, of one person.
std::string lines_of_namings(const PersonId& person, const ErasureList& more, const ErasureList& known) {
  const auto namings = more.named_again.find(person);
  if (namings == more.named_again.end()) return "";
  const auto there = known.named_again.find(person);
  std::string text;
  for (const ErasureList::Naming& naming : namings->second) {
    if (there == known.named_again.end() || !there->second.contains(naming)) text += line_of(person, naming);
  }
  return text;
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
  for (std::string line; std::getline(in, line);) read_line(line, out);
  if (in.bad()) return fail(ErrorCode::kIo, "cannot read " + path.string());
  return out;
}

Result<void> add_to_erasure_list(const std::filesystem::path& data, const ErasureList& more) {
  PHUSA_ASSIGN(ErasureList known, load_erasure_list(data));
  std::string text;
  for (const Hash& batch : more.batches) {
    if (!known.batches.contains(batch)) text += std::string(kBatch) + batch.hex() + "\n";
  }
  for (const PersonId& person : more.persons) {
    const bool was_named_again = known.named_again.erase(person) != 0;
    if (known.persons.contains(person) && !was_named_again) continue;
    text += std::string(kPerson) + person.hex() + "\n";
  }
  for (const auto& [person, namings] : more.named_again) text += lines_of_namings(person, more, known);
  if (text.empty()) return {};
  // A line that a crash cut short must not run into the next.
  return append_durably(path_in(data), "\n" + text);
}

}  // namespace phusa::access
