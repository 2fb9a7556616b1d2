#pragma once

#include "sync-server/app/installation.hpp"
#include "sync-server/app/language.hpp"

#include <string>

namespace phusa::app {

/// One that was let in, by its id or the first 8 or more digits of it. kInvalidArgument, kNotFound.
Result<ledger::DeviceRow> find_device(ledger::Snapshot& snapshot, const std::string& text);
/// The same, or one in doubt: a phone may be stolen, or its person ask to be forgotten, before the office has
/// made up its mind. Of such a one the row has id, key and whether it is revoked.
Result<ledger::DeviceRow> find_known_device(ledger::Snapshot& snapshot, const std::string& text);

/// Revokes a device at what has arrived of it; nothing when it is revoked already.
Result<void> revoke_if_not_yet(Installation& installation, const DeviceId& device);

/// A role as the reader calls it.
Say word_of(Rank rank);

/// Also of a device that is in doubt or not known yet.
Result<bool> is_revoked(ledger::Snapshot& snapshot, const DeviceId& device);

}  // namespace phusa::app
