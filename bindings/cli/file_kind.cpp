#include "bindings/cli/file_kind.hpp"

#include <array>

namespace phusa::cli {
namespace {

using namespace std::string_view_literals;

struct Beginning {
  std::string_view bytes;
  FileKind kind;
};

// Ours as proto/README.md has them; of the versions' bytes nothing is said here.
constexpr std::array kBeginnings{
    Beginning{"PHHO"sv, FileKind::kHandOver},
    Beginning{"PHRC"sv, FileKind::kReceipts},
    Beginning{"PHS"sv, FileKind::kJoining},
    Beginning{"SQLite format 3\0"sv, FileKind::kStore},
    Beginning{"%PDF"sv, FileKind::kPdf},
    Beginning{"\x89PNG"sv, FileKind::kPicture},
    Beginning{"\xFF\xD8\xFF"sv, FileKind::kPicture},
    Beginning{"PK\x03\x04"sv, FileKind::kOffice},
};

std::string_view word_of(FileKind kind) {
  switch (kind) {
    case FileKind::kHandOver:
      return "kind.handover";
    case FileKind::kReceipts:
      return "kind.receipts";
    case FileKind::kJoining:
      return "kind.joining";
    case FileKind::kStore:
      return "kind.store";
    case FileKind::kPdf:
      return "kind.pdf";
    case FileKind::kPicture:
      return "kind.picture";
    case FileKind::kOffice:
      return "kind.office";
    case FileKind::kUnknown:
      break;
  }
  return "kind.unknown";
}

FileKind kind_wanted(std::string_view wanted) {
  if (wanted == "handover") return FileKind::kHandOver;
  return wanted == "receipts" ? FileKind::kReceipts : FileKind::kJoining;
}

}  // namespace

FileKind kind_of_file(std::string_view content) {
  for (const auto& [bytes, kind] : kBeginnings) {
    if (content.starts_with(bytes)) return kind;
  }
  return FileKind::kUnknown;
}

bool goes_from_hand_to_hand(FileKind kind) {
  return kind == FileKind::kHandOver || kind == FileKind::kReceipts || kind == FileKind::kJoining;
}

int fail_on_file(const Shell& shell, const GivenFile& file, const v1::ErrorReply& error) {
  const auto code = static_cast<ErrorCode>(error.code());
  if (code != ErrorCode::kCorrupt && code != ErrorCode::kUnexpectedReply)
    return shell.fail_at(file.path, error);
  const auto kind = kind_of_file(file.content);
  const auto& t = shell.tongue;
  const auto wanted = t.say("wanted." + std::string(file.wanted));
  if (kind != kind_wanted(file.wanted))
    return shell.fail("file.another_kind", {shell.input_name(file.path), t.say(word_of(kind)), wanted});
  return shell.fail(kind == FileKind::kJoining ? "file.not_whole_or_other" : "file.not_whole",
                    {shell.input_name(file.path), wanted});
}

}  // namespace phusa::cli
