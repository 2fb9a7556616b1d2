#pragma once

#include "core/base/bytes.hpp"
#include "core/base/hash.hpp"
#include "core/base/limits.hpp"

#include <google/protobuf/message_lite.h>

#include <functional>
#include <optional>

/// What the codecs of this room share: reading protobuf messages from bytes nobody vouches for.
namespace phusa::wire {

/// Called once per field of a message with its number and, for a length-delimited one, its bytes (else
/// empty). false: enough, refuse the message.
using FieldVisitor = std::function<bool(std::uint32_t number, BytesView bytes)>;

/// Walks the fields of one message without taking memory. An empty sub-message is 2 bytes on the wire and
/// hundreds in memory, so counts are checked here, before protobuf parses anything. false for broken bytes or
/// a visitor's refusal.
bool visit_fields(BytesView message, const FieldVisitor& visit);

Bytes serialize(const google::protobuf::MessageLite& message);
bool parse(google::protobuf::MessageLite& message, BytesView bytes);

/// `field` as a length-delimited field: for sub-messages that are encoded already.
void put_field(Bytes& out, std::uint32_t number, BytesView bytes);

template <class Fixed>
std::string text_of(const Fixed& fixed) {
  return std::string(fixed.view());
}

/// nullopt for absent.
template <class Fixed>
Result<std::optional<Fixed>> optional_fixed(BytesView bytes) {
  if (bytes.empty()) return std::optional<Fixed>();
  PHUSA_ASSIGN(Fixed fixed, Fixed::from(bytes));
  return std::optional<Fixed>(fixed);
}

}  // namespace phusa::wire
