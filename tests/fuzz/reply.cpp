// All that a server, or what stands in its place, may answer to a phone. The first byte picks the decoder.
#include "core/wire/codec.hpp"
#include "tests/fuzz/target.hpp"

using namespace phusa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView bytes = fuzz::view_of(data + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      fuzz::round_trip(
          bytes, [](BytesView in) { return wire::decode_sync_reply(in); },
          [](const wire::SyncReply& reply) { return wire::encode_sync_reply(reply); });
      break;
    case 1:
      fuzz::round_trip(
          bytes, [](BytesView in) { return wire::decode_enrol_reply(in); },
          [](const wire::EnrolReply& reply) { return wire::encode_enrol_reply(reply); });
      break;
    case 2:
      fuzz::round_trip(bytes, wire::decode_refusal, wire::encode_refusal);
      break;
    case 3:
      fuzz::round_trip(bytes, wire::decode_catalogue, wire::encode_catalogue);
      break;
    case 4:
      fuzz::round_trip(bytes, wire::decode_enrol_request, wire::encode_enrol_request);
      break;
    default:
      (void)wire::decode_sync_request(bytes);
  }
  return 0;
}
