#include "core/base/limits.hpp"
#include "core/wire/body.hpp"
#include "core/wire/message.hpp"

namespace phusa::wire {
namespace {

constexpr std::size_t kEnrolFieldsMax = 64;
constexpr std::size_t kPersonTextBytesMax = 256;

bool has_few_fields(BytesView message) {
  std::size_t fields = 0;
  return visit_fields(message, [&](std::uint32_t, BytesView) { return ++fields <= kEnrolFieldsMax; });
}

}  // namespace

Bytes encode_enrol_request(const EnrolRequest& request) {
  v1::EnrolRequest message;
  message.set_code(request.code);
  message.set_device_key(text_of(request.device_key));
  message.set_token_hash(text_of(request.token_hash));
  message.set_signature(text_of(request.signature));
  message.set_name(request.name);
  message.set_phone(request.phone);
  if (request.predecessor) message.set_predecessor(text_of(*request.predecessor));
  for (const Bytes& certificate : request.certificates) message.add_certificates(certificate);
  return framed(request.frame, serialize(message));
}

Result<EnrolRequest> decode_enrol_request(BytesView body) {
  if (body.size() > limits::kRequestBytesMax) {
    return fail(ErrorCode::kLimitExceeded, "the request is larger than requests may be");
  }
  PHUSA_ASSIGN(const Framed read, read_frame(body));
  v1::EnrolRequest message;
  if (!has_few_fields(read.message) || !parse(message, read.message)) {
    return fail(ErrorCode::kCorrupt, "not an enrolment request");
  }
  if (message.code().size() > limits::kCodeBytesMax || message.name().size() > kPersonTextBytesMax ||
      message.phone().size() > kPersonTextBytesMax) {
    return fail(ErrorCode::kLimitExceeded, "code, name or phone number is too long");
  }
  EnrolRequest out;
  out.frame = read.frame;
  out.code = std::move(*message.mutable_code());
  PHUSA_ASSIGN(out.device_key, PublicKey::from(message.device_key()));
  PHUSA_ASSIGN(out.token_hash, Hash::from(message.token_hash()));
  PHUSA_ASSIGN(out.signature, Signature::from(message.signature()));
  out.name = std::move(*message.mutable_name());
  out.phone = std::move(*message.mutable_phone());
  PHUSA_ASSIGN(out.predecessor, optional_fixed<PublicKey>(message.predecessor()));
  if (static_cast<std::size_t>(message.certificates_size()) > limits::kChainMax) {
    return fail(ErrorCode::kLimitExceeded, "the certificate chain is too long");
  }
  for (std::string& certificate : *message.mutable_certificates())
    out.certificates.push_back(std::move(certificate));
  return out;
}

Bytes encode_enrol_reply(const EnrolReply& reply, Frame frame) {
  v1::EnrolReply message;
  for (const Bytes& certificate : reply.certificates) message.add_certificates(certificate);
  message.set_root_key(text_of(reply.root_key));
  message.set_box_key(reply.box_key);
  fill_snapshot(reply.catalogue, *message.mutable_catalogue());
  message.set_organisation_name(reply.organisation_name);
  return framed(frame, serialize(message));
}

Result<EnrolReply> decode_enrol_reply(BytesView body, Frame frame) {
  if (body.size() > limits::kReplyBytesMax) {
    return fail(ErrorCode::kLimitExceeded, "the reply is larger than replies may be");
  }
  PHUSA_ASSIGN(const BytesView message_bytes, read_frame(body, frame));
  v1::EnrolReply message;
  if (!has_few_fields(message_bytes) || !parse(message, message_bytes)) {
    return fail(ErrorCode::kCorrupt, "not an enrolment reply");
  }
  EnrolReply out;
  for (std::string& certificate : *message.mutable_certificates())
    out.certificates.push_back(std::move(certificate));
  PHUSA_ASSIGN(out.root_key, PublicKey::from(message.root_key()));
  out.box_key = std::move(*message.mutable_box_key());
  PHUSA_ASSIGN(out.catalogue, take_snapshot(message.catalogue()));
  out.organisation_name = std::move(*message.mutable_organisation_name());
  return out;
}

Bytes encode_welcome(const Welcome& welcome) {
  v1::Welcome message;
  for (const Bytes& certificate : welcome.certificates) message.add_certificates(certificate);
  message.set_root_key(text_of(welcome.root_key));
  fill_snapshot(welcome.catalogue, *message.mutable_catalogue());
  message.set_organisation_name(welcome.organisation_name);
  message.set_url(welcome.url);
  return with_magic(serialize(message));
}

Result<Welcome> decode_welcome(BytesView body) {
  if (body.size() > limits::kReplyBytesMax) {
    return fail(ErrorCode::kLimitExceeded, "the file is larger than a welcome may be");
  }
  PHUSA_ASSIGN(const BytesView message_bytes, without_magic(body));
  v1::Welcome message;
  if (!has_few_fields(message_bytes) || !parse(message, message_bytes)) {
    return fail(ErrorCode::kCorrupt, "not a welcome");
  }
  Welcome out;
  if (static_cast<std::size_t>(message.certificates_size()) > limits::kChainMax) {
    return fail(ErrorCode::kLimitExceeded, "the certificate chain is too long");
  }
  for (std::string& certificate : *message.mutable_certificates())
    out.certificates.push_back(std::move(certificate));
  PHUSA_ASSIGN(out.root_key, PublicKey::from(message.root_key()));
  PHUSA_ASSIGN(out.catalogue, take_snapshot(message.catalogue()));
  out.organisation_name = std::move(*message.mutable_organisation_name());
  out.url = std::move(*message.mutable_url());
  return out;
}

}  // namespace phusa::wire
