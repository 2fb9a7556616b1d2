// A record's merged state as both stores keep it. The first 8 bytes stand for the record's device.
#include "core/merge/merge.hpp"
#include "core/merge/state_codec.hpp"
#include "core/wire/page.hpp"
#include "tests/fuzz/target.hpp"

using namespace phusa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes = fuzz::view_of(data, size);
  const RecordId id{device_id_of(PublicKey{}), 7, 1};
  const auto state = merge::decode_state(id, bytes);
  if (!state) return 0;
  fuzz::expect(merge::encode_state(*state) == bytes, "a state has one encoding");
  (void)merge::content_digest(*state);
  for (const Register& reg : state->registers) (void)conflicts(reg);
  const wire::RecordDelta delta = wire::delta_of(*state);
  const auto page = wire::pack_page({&delta, 1});
  if (!page) return 0;  // a value that no edit may have
  const auto again = wire::unpack_page(*page);
  fuzz::expect(again.has_value() && again->size() == 1 && again->front() == delta,
               "a page gives the record back");
  return 0;
}
