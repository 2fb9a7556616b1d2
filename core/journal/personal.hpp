#pragma once

#include "core/model/batch.hpp"

#include <span>

namespace phusa::journal {

/// The leaf that stands for text number `index` of a batch: H(H(salt ‖ index) ‖ text), cut to 16 bytes. The salt keeps
/// an erased text from being guessed from its leaf.
Leaf leaf_of(const BatchSalt& salt, std::uint32_t index, std::string_view text);

/// All leaves of a personal part, in order.
std::vector<Leaf> leaves_of(const BatchSalt& salt, std::span<const std::string> texts);

/// H(personal): what the batch's signature covers. It needs the leaves only, so it outlives the words.
Hash personal_hash(std::span<const Leaf> leaves);

}  // namespace phusa::journal
