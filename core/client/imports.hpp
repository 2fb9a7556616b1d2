#pragma once

#include "core/client/phone.hpp"

namespace phusa {

/// A line of an imported file.
struct ImportLine {
  std::uint32_t line = 0;
  Draft draft;
  bool has_day = true;   ///< it says its day itself: else the day is no part of what it says
  bool has_unit = true;  ///< and so with the unit, among records of one's own
};

/// What lines are that say what a record on this phone says, or said when it was imported.
enum class Alike : std::uint8_t { kAsk, kSame, kOthers };

struct Imported {
  struct AlikeLine {
    std::size_t index = 0;  ///< of the line
    RecordId record;
    bool is_retracted = false;
  };
  std::vector<RecordId> ids;  ///< of each line's record
  std::uint32_t logged = 0;
  std::vector<AlikeLine> alike;      ///< lines whose record is here already
  bool is_in_doubt = false;          ///< nothing was logged: only people know what the alike lines are
  bool was_imported_before = false;  ///< nothing was logged: this very file was
};

/// Lists come as files, grow, and come again; two lists of one day may say the same and be of two sites. So
/// that an activity counts once and none is lost: the very same file is known by its hash, as long as it was
/// imported here or on a phone of the same person; of another one, a line is held against all records that
/// this phone shows, and where one says the same, or came from the very same file of somebody else, people
/// are asked.
class Imports {
 public:
  /// The phone must outlive it.
  static Result<Imports> of(Phone& phone);

  /// The id that a new line of a file gets. `file_key`: hash of the file.
  RecordId id_of_line(BytesView file_key, std::uint32_t line) const;
  /// This phone takes the place of one whose records have not come down yet: nobody can say what is alike.
  Result<bool> must_sync_first() const;
  /// One transaction: all lines that are new, or nothing. Lines name each other as their event by
  /// id_of_line().
  Result<Imported> import(BytesView file_key, std::vector<ImportLine> lines, Alike alike,
                          bool check_only) const;

 private:
  explicit Imports(Phone& phone);
  bool is_mine(const DeviceId& device) const;

  Phone& phone_;
  std::optional<DeviceId> predecessor_;  ///< named by the newest certificate that names one
  /// Whose ids the lines of a file get. A phone that replaces another gives the other one's: what that one
  /// imported of the same file, and somebody still carries, are the same records then, whenever they arrive.
  DeviceId giver_;
};

}  // namespace phusa
