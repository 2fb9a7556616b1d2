#pragma once

#include "core/client/phone.hpp"

namespace phusa {

/// Giving the organisation up on this phone, so that it can join anew or go to somebody else.
class Leaving {
 public:
  explicit Leaving(Phone& phone) : phone_(phone) {}

  /// What is on this phone and nowhere else, as far as it knows.
  struct Unsent {
    std::uint64_t changes = 0;          ///< neither received by the centre nor handed over
    std::uint64_t carried_bundles = 0;  ///< of others, neither delivered nor passed on
    std::uint64_t receipts = 0;         ///< of others, in no file so far
  };
  Result<Unsent> unsent();
  /// What leave() would give up, or why it would refuse.
  Result<Unsent> may_leave(bool even_if_unsent);

  /// Empties the store: records, words, certificates, token and key are gone from the file, and a new key is
  /// made, but where the platform hands one in. Refused while anything is unsent, unless `even_if_unsent`;
  /// gives what was given up. kConflict: unsent, or not joined.
  Result<Unsent> leave(bool even_if_unsent);

 private:
  Result<Unsent> count();
  static Result<void> require_nothing(const Unsent& left);

  Phone& phone_;
};

}  // namespace phusa
