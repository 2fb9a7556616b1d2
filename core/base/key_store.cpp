#include "core/base/key_store.hpp"

namespace phusa {

Result<std::optional<KeySeed>> GivenKeyStore::load() { return seed_; }

Result<void> GivenKeyStore::keep(const KeySeed& seed) {
  seed_ = seed;
  return {};
}

}  // namespace phusa
