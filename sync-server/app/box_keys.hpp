#pragma once

#include "core/journal/bundle.hpp"
#include "sync-server/app/installation.hpp"

#include <optional>

namespace phusa::app {

struct RotatedKey {
  journal::BoxKeyId key;
  std::uint32_t revision = 0;  ///< of the catalogue that publishes it
};

/// Makes the next key and publishes it: a catalogue revision with nothing else changed.
Result<RotatedKey> rotate_box_key(Installation& installation);

/// A ledger made before catalogues carried the box key gets a revision that does. Returns the id of the
/// published key if its file is not here: then bundles sealed to it cannot be opened.
Result<std::optional<journal::BoxKeyId>> publish_box_key(Installation& installation);

}  // namespace phusa::app
