#include "sync-server/http/message_json.hpp"

#include <google/protobuf/descriptor.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace phusa::http {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void write_message(std::string& out, const Message& message);

void write_text(std::string& out, const std::string& text) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
  });
  // Codes and figures, nearly all of a table, need no escape.
  if (is_plain) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
}

void write_quoted(std::string& out, const std::string& number) {
  out += '"';
  out += number;
  out += '"';
}

void write_single(std::string& out, const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  std::string scratch;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return write_text(out, reflection.GetStringReference(message, &field, &scratch));
    case FieldDescriptor::CPPTYPE_INT64:
      return write_quoted(out, std::to_string(reflection.GetInt64(message, &field)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return write_quoted(out, std::to_string(reflection.GetUInt64(message, &field)));
    case FieldDescriptor::CPPTYPE_INT32:
      out += std::to_string(reflection.GetInt32(message, &field));
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      out += std::to_string(reflection.GetUInt32(message, &field));
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      out += reflection.GetBool(message, &field) ? "true" : "false";
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      return write_text(out, reflection.GetEnum(message, &field)->name());
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      // No figure of ours is a float; one in the schema would be a mistake, and JSON says so.
      out += "null";
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return write_message(out, reflection.GetMessage(message, &field));
  }
}

void write_list(std::string& out, const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  std::string scratch;
  out += '[';
  for (int i = 0, size = reflection.FieldSize(message, &field); i < size; ++i) {
    if (i > 0) out += ',';
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      write_message(out, reflection.GetRepeatedMessage(message, &field, i));
    } else {
      write_text(out, reflection.GetRepeatedStringReference(message, &field, i, &scratch));
    }
  }
  out += ']';
}

void write_message(std::string& out, const Message& message) {
  const google::protobuf::Descriptor& schema = *message.GetDescriptor();
  out += '{';
  bool first = true;
  for (int i = 0; i < schema.field_count(); ++i) {
    const FieldDescriptor& field = *schema.field(i);
    if (field.has_presence() && !message.GetReflection()->HasField(message, &field)) continue;
    if (!first) out += ',';
    first = false;
    write_quoted(out, field.name());
    out += ':';
    if (field.is_repeated()) {
      write_list(out, message, field);
    } else {
      write_single(out, message, field);
    }
  }
  out += '}';
}

}  // namespace

std::string to_json(const Message& message) {
  std::string out;
  write_message(out, message);
  return out;
}

}  // namespace phusa::http
