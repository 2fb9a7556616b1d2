#pragma once

#include "bindings/cli/shell.hpp"

#include <string>
#include <string_view>

namespace phusa::cli {

/// What a file's first bytes say that it is, as far as telling a person is concerned.
enum class FileKind {
  kHandOver,
  kReceipts,
  kJoining,  ///< an enrolment request or a welcome: they begin alike
  kStore,
  kPdf,
  kPicture,
  kOffice,  ///< zip, and what office programs make of it
  kUnknown,
};
FileKind kind_of_file(std::string_view content);
/// One that we write for somebody else: another can be made.
bool goes_from_hand_to_hand(FileKind kind);

/// A file handed to a command: its name, its bytes, and what it should have been: "handover", "receipts",
/// "request" or "welcome".
struct GivenFile {
  const std::string& path;
  const std::string& content;
  std::string_view wanted;
};

/// Says why the library did not take a file. Bytes that it could not make sense of are told apart: another
/// kind of file, or the right kind cut short. Gives the exit status.
int fail_on_file(const Shell& shell, const GivenFile& file, const v1::ErrorReply& error);

}  // namespace phusa::cli
