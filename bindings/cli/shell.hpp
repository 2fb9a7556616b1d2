#pragma once

#include "bindings/cli/door.hpp"
#include "bindings/cli/language.hpp"
#include "bindings/cli/numbers.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace phusa::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitBadUse = 2;

enum class Format { kTable, kJson, kCsv };

/// Asks a person and gives the line typed; nullopt at the end of the input. Empty: nobody is there to ask.
using Ask = std::function<std::optional<std::string>(const std::string& question)>;

/// What every command shares: where the store lies, how to speak and to whom.
struct Shell {
  std::string store;
  Format format = Format::kTable;
  Tongue tongue{Language::kEnglish};
  bool terminal = false;  ///< stderr is one: progress may be drawn
  Ask ask;

  /// How a file is named to a person: "-" by what it stands for.
  std::string input_name(const std::string& path) const;
  std::string output_name(const std::string& path) const;
  /// The failure as one sentence: by key, else by code, in Vietnamese with the English detail behind it.
  std::string sentence(const v1::ErrorReply& error) const;
  /// Says it on stderr and gives the exit status that fits.
  int fail(const v1::ErrorReply& error) const;
  int fail(std::string_view key, const std::vector<std::string>& args = {}) const;
  int bad_use(std::string_view key, const std::vector<std::string>& args = {}) const;
  /// The same about one of several things that were given: "WHAT: why".
  int fail_at(const std::string& what, const v1::ErrorReply& error) const;
  /// Whether a person says yes. Nobody there, or anything but a yes: no.
  bool is_agreed(std::string_view key, const std::vector<std::string>& args = {}) const;
  /// Words for the person, on stderr: stdout belongs to what was asked for.
  void remark(const std::string& text) const;
};

enum class Access { kRead, kWrite, kCreate };

/// Opens the store. A mistyped path is an error, not a new empty phone: only joining makes a store.
Answer<Door> open_store(const Shell& shell, Access access);

}  // namespace phusa::cli
