#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace phusa::http {

/// A message of office.proto as protobuf maps messages to JSON: names as the schema has them, 64-bit numbers
/// as strings, zeros printed; an `optional` field only where it is set. Text must be UTF-8.
///
/// protobuf's own printer goes through a type resolver at some microseconds a field: a table of 500 rows took
/// it several times as long as adding the table up.
std::string to_json(const google::protobuf::Message& message);

}  // namespace phusa::http
