#pragma once

#include "core/client/phone.hpp"

namespace phusa {

/// Giving the organisation up on this phone, so that it can join anew or go to somebody else.
class Leaving {
 public:
  explicit Leaving(Phone& phone) : phone_(phone) {}

  struct Unsent {
    std::uint64_t changes = 0;  ///< neither received by the centre nor handed over
    std::uint64_t carried_bundles = 0;  ///< that nobody else was given
    std::uint64_t receipts = 0;  ///< of others, not given to anybody yet
  };
  Result<Unsent> unsent();

  /// Empties the store: records, words, certificates, token and key are gone from the file, and a new key is
  /// made, but where the platform hands one in. Refused while anything is unsent, unless `even_if_unsent`;
  /// gives the changes that existed nowhere else. kConflict: unsent, or not joined.
  Result<std::uint64_t> leave(bool even_if_unsent);

 private:
  Result<Unsent> count();

  Phone& phone_;
};

}  // namespace phusa
