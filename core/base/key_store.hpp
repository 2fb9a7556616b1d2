#pragma once

#include "core/base/hash.hpp"
#include "core/base/result.hpp"

#include <optional>

namespace phusa {

/// The 32 bytes an Ed25519 key pair is made from.
using KeySeed = FixedBytes<32, struct KeySeedTag>;

/// Where a device keeps its secret. A phone hands in the seed that its hardware key unwrapped; the command line keeps
/// it in the store's own file, so that copying the file copies the phone.
class KeyStore {
 public:
  virtual ~KeyStore() = default;
  /// nullopt when none was kept yet.
  virtual Result<std::optional<KeySeed>> load() = 0;
  virtual Result<void> keep(const KeySeed& seed) = 0;
};

/// A seed handed in at open.
class GivenKeyStore final : public KeyStore {
 public:
  explicit GivenKeyStore(std::optional<KeySeed> seed = std::nullopt) : seed_(seed) {}
  Result<std::optional<KeySeed>> load() override;
  Result<void> keep(const KeySeed& seed) override;

 private:
  std::optional<KeySeed> seed_;
};

}  // namespace phusa
