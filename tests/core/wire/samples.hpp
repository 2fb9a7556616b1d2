#pragma once

#include "core/model/catalogue.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/facts.hpp"
#include "core/wire/page.hpp"

#include <random>
#include <span>
#include <string>
#include <vector>

/// Changes, records and messages of every shape, out of one seed: the same seed, the same bytes, on every
/// machine.
namespace phusa::wire::test {

class Samples {
 public:
  explicit Samples(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t below(std::uint64_t end) { return engine_() % end; }
  bool once_in(std::uint64_t n) { return below(n) == 0; }
  template <class Fixed>
  Fixed fixed() {
    Fixed out;
    for (auto& byte : out.bytes) byte = static_cast<std::uint8_t>(below(256));
    return out;
  }

  DeviceId device();
  RecordId record();
  std::string text(std::size_t words_max);
  /// A canonical value that is not blank; a personal field's is a text.
  Bytes value(FieldKey field);
  std::vector<FieldKey> fields(std::size_t values_max);
  Counts counts();
  /// A change of `author`: blanks, names, every kind of field.
  Change change(const DeviceId& author);
  RecordDelta delta();
  Catalogue catalogue();
  SealedBatch sealed_batch();
  SyncRequest sync_request();
  SyncReply sync_reply();
  EnrolRequest enrol_request();
  EnrolReply enrol_reply();

 private:
  std::uint32_t number() { return static_cast<std::uint32_t>(once_in(10) ? below(1u << 23) : below(40)); }
  Amount amount();
  WallTime time();

  std::mt19937_64 engine_;
};

/// What journal::leaves_of gives, with the salt that `leaves_of_changes` assumes.
std::vector<Leaf> leaves_of(std::span<const std::string> texts);
/// Puts the leaves of `texts` into the changes' personal edits, as sealing does.
void fill_leaves(std::vector<Change>& changes);

/// Plain field work: one device, one block, a few codes, figures of ordinary size, a note on every other
/// record.
std::vector<Change> field_work(std::size_t count, bool notes);

}  // namespace phusa::wire::test
