#include "core/wire/message.hpp"

#include <google/protobuf/stubs/logging.h>

namespace phusa::wire {
namespace {

enum WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

// Protobuf, unlike ByteReader, takes a varint in a longer form than it needs.
bool read_varint(BytesView& in, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

bool skip(BytesView& in, std::size_t size) {
  if (size > in.size()) return false;
  in.remove_prefix(size);
  return true;
}

}  // namespace

bool visit_fields(BytesView message, const FieldVisitor& visit) {
  while (!message.empty()) {
    std::uint64_t key = 0;
    std::uint64_t number = 0;
    if (!read_varint(message, key)) return false;
    BytesView bytes;
    switch (key & 7) {
      case kVarint:
        if (!read_varint(message, number)) return false;
        break;
      case kFixed64:
        if (!skip(message, 8)) return false;
        break;
      case kFixed32:
        if (!skip(message, 4)) return false;
        break;
      case kLengthDelimited:
        if (!read_varint(message, number) || number > message.size()) return false;
        bytes = message.substr(0, static_cast<std::size_t>(number));
        message.remove_prefix(bytes.size());
        break;
      default:
        return false;  // groups: no schema of ours has them
    }
    if (!visit(static_cast<std::uint32_t>(key >> 3), bytes)) return false;
  }
  return true;
}

Bytes serialize(const google::protobuf::MessageLite& message) {
  return message.SerializeAsString();
}

bool parse(google::protobuf::MessageLite& message, BytesView bytes) {
  // Text that is not UTF-8 would be told to standard error, as often as anybody cares to send it.
  const google::protobuf::LogSilencer silence;
  return bytes.size() <= limits::kReplyBytesMax &&
         message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

void put_field(Bytes& out, std::uint32_t number, BytesView bytes) {
  put_varint(out, (static_cast<std::uint64_t>(number) << 3) | kLengthDelimited);
  put_bytes(out, bytes);
}

}  // namespace phusa::wire
