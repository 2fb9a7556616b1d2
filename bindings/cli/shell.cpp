#include "bindings/cli/shell.hpp"

#include "bindings/cli/system_words.hpp"
#include "bindings/cli/table.hpp"
#include "bindings/cli/whole_file.hpp"
#include "core/base/error.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstdio>

namespace phusa::cli {
namespace {

std::string code_key(std::uint32_t code) {
  return "code." + std::string(error_name(static_cast<ErrorCode>(code)));
}

/// Whether the words for a code leave nothing that its English details would add for whoever reads them.
bool says_it_all(ErrorCode code) {
  return code == ErrorCode::kUnexpectedReply || code == ErrorCode::kUnavailable || code == ErrorCode::kBusy ||
         code == ErrorCode::kDiskFull;
}

bool names_a_system_error(const v1::ErrorReply& error) {
  for (const char* key :
       {"file.unreadable", "file.not_written", "file.input_unreadable", "file.output_not_written"}) {
    if (error.key() == key) return true;
  }
  return false;
}

int number_of(const std::string& digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

/// How the server's sentence begins for a phone that an officer vouched for too late, too often or without
/// the right to.
constexpr std::string_view kInDoubt = "the office must accept this phone first: ";

bool is_in_doubt(const v1::ErrorReply& error) {
  return error.code() == static_cast<std::uint32_t>(ErrorCode::kForbidden) &&
         error.message().find(kInDoubt) != std::string::npos;
}

/// Folders above `path` that are missing, readable by their owner alone: a store holds the phone's key.
void make_folders(const std::string& path) {
  for (auto at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    ::mkdir(path.substr(0, at).c_str(), 0700);  // a failure shows when the store is opened
  }
}

}  // namespace

std::string Shell::input_name(const std::string& path) const {
  return path == kDash ? tongue.pick("standard input", "đầu vào chuẩn") : path;
}

std::string Shell::output_name(const std::string& path) const {
  return path == kDash ? tongue.pick("standard output", "đầu ra chuẩn") : path;
}

std::string Shell::sentence(const v1::ErrorReply& error) const {
  std::vector<std::string> args(error.args().begin(), error.args().end());
  if (!error.key().empty() && tongue.knows(error.key())) {
    // These name a field or a table first, by its word in the schema.
    for (const char* key : {"unknown_code", "missing", "given_twice", "too_large", "too_long", "not_text"}) {
      if (error.key() != key || args.empty()) continue;
      const auto word = "column." + args.front();
      if (tongue.knows(word)) args.front() = tongue.say(word);
    }
    if (names_a_system_error(error) && args.size() > 1) args[1] = system_words(tongue, number_of(args[1]));
    const bool near = error.key() == "unknown_code" && args.size() > 2 && !args[2].empty();
    return tongue.say(near ? "unknown_code_near" : error.key(), args);
  }
  const auto by_code = code_key(error.code());
  const auto words = tongue.say(tongue.knows(by_code) ? by_code : "code.internal");
  if (error.message().empty()) return words;
  if (tongue.language() == Language::kEnglish) return error.message();
  if (is_in_doubt(error)) return tongue.say("in_doubt");
  return says_it_all(static_cast<ErrorCode>(error.code())) ? words : words + " [" + error.message() + "]";
}

int Shell::fail(const v1::ErrorReply& error) const {
  std::fprintf(stderr, "phusa: %s\n", one_line(sentence(error)).c_str());
  return error.code() == static_cast<std::uint32_t>(ErrorCode::kInvalidArgument) ? kExitBadUse : kExitFailed;
}

int Shell::fail(std::string_view key, const std::vector<std::string>& args) const {
  std::fprintf(stderr, "phusa: %s\n", one_line(tongue.say(key, args)).c_str());
  return kExitFailed;
}

int Shell::fail_at(const std::string& what, const v1::ErrorReply& error) const {
  // What could not be read or written is named by its own sentence.
  const bool is_named = error.key().starts_with("file.");
  std::fprintf(stderr, "phusa: %s\n",
               one_line((is_named ? "" : input_name(what) + ": ") + sentence(error)).c_str());
  return error.code() == static_cast<std::uint32_t>(ErrorCode::kInvalidArgument) ? kExitBadUse : kExitFailed;
}

bool Shell::is_agreed(std::string_view key, const std::vector<std::string>& args) const {
  if (!ask) return false;
  const auto answer = ask(one_line(tongue.say(key, args)) + tongue.say("ask.yes_or_no"));
  if (!answer) return false;
  for (const char* yes : {"y", "Y", "yes", "c", "C", "co", "có", "Có"}) {
    if (*answer == yes) return true;
  }
  return false;
}

int Shell::bad_use(std::string_view key, const std::vector<std::string>& args) const {
  fail(key, args);
  return kExitBadUse;
}

void Shell::remark(const std::string& text) const {
  std::fflush(stdout);  // whoever sees both sees them in this order
  std::fprintf(stderr, "%s\n", one_line(text).c_str());
}

Answer<Door> open_store(const Shell& shell, Access access) {
  struct stat status {};
  if (::stat(shell.store.c_str(), &status) != 0 && errno == ENOENT && access != Access::kCreate) {
    auto error = make_error(ErrorCode::kNotFound, "no_store");
    error.add_args(shell.store);
    return tl::unexpected(error);
  }
  if (S_ISREG(status.st_mode) && status.st_size == 0 && access != Access::kCreate) {
    auto error = make_error(ErrorCode::kNotFound, "store_empty");
    error.add_args(shell.store);
    return tl::unexpected(error);
  }
  if (access == Access::kCreate) make_folders(shell.store);
  v1::OpenRequest request;
  request.set_path(shell.store);
  request.set_client_version(PHUSA_API_VERSION);
  request.set_read_only(access == Access::kRead);
  auto door = Door::open(request);
  if (door) return door;
  auto error = door.error();
  const auto code = static_cast<ErrorCode>(error.code());
  if (code == ErrorCode::kCorrupt || code == ErrorCode::kUnsupportedVersion) {
    error.set_key(code == ErrorCode::kCorrupt ? "store_corrupt" : "store_newer");
    error.clear_args();
    error.add_args(shell.store);
    error.add_args(error.message());
  }
  return tl::unexpected(error);
}

}  // namespace phusa::cli
