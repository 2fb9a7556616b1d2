#pragma once

#include "core/model/record.hpp"

#include <optional>

namespace phusa::merge {

/// What an author's device knows of one register when the author edits it.
struct EditBase {
  /// The version on the screen: the greatest of base, own sealed and pending. nullptr: never set.
  const Node* displayed = nullptr;
  /// Whether the displayed version was sealed or came from the server, so that others can know it.
  bool displayed_is_known = true;
  /// The own edit not yet sealed that this one coalesces with, or nullptr.
  const Node* pending = nullptr;
  /// The author's own last sealed version of this register, or nothing.
  std::optional<VersionName> last_sealed;
};

/// The version and names an edit takes: the own rank's count one above what was displayed or named, lower ranks zero. It names
/// the displayed version if others can know it, whatever the pending edit it replaces named, and the own last sealed
/// version. For a personal field `value` is the leaf, or empty until sealing fills it in.
/// kLimitExceeded: the pending edit was coalesced limits::kOwnCountStepMax times, or over limits::kNamesPerEditMax
/// versions that arrived meanwhile: seal it first.
Result<Node> make_edit(FieldKey field, Rank rank, const DeviceId& author, const EditBase& base, Bytes value, std::string text);

}  // namespace phusa::merge
