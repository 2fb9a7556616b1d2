#include "core/client/client.hpp"

#include "core/client/conversation.hpp"
#include "core/client/methods.hpp"

namespace phusa {
namespace {

template <class Message>
bool parse(BytesView bytes, Message& message) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

Fault unreadable() {
  return Fault(Error{ErrorCode::kInvalidArgument, "the request is not the message this method takes"});
}

template <class Reply>
Answer answer(const method::Outcome<Reply>& outcome) {
  if (!outcome) return refuse(outcome.error());
  return {0, outcome->SerializeAsString()};
}

/// Parses, calls, serialises.
template <class Request, class Function>
Answer handle(BytesView bytes, Phone& phone, Function function) {
  Request request;
  if (!parse(bytes, request)) return refuse(unreadable());
  return answer(function(phone, request));
}

}  // namespace

Answer refuse(const Fault& fault) {
  v1::ErrorReply out;
  out.set_code(static_cast<std::uint32_t>(fault.error.code));
  out.set_message(fault.error.context);
  out.set_field(fault.field);
  out.set_item(fault.item);
  out.set_key(fault.key);
  for (const std::string& arg : fault.args) out.add_args(arg);
  return {static_cast<int>(fault.error.code), out.SerializeAsString()};
}

Client::Client(std::unique_ptr<Phone> phone) : phone_(std::move(phone)) {}
Client::~Client() = default;

Answer Client::open(BytesView bytes, Clock& clock, Random& random, std::unique_ptr<Client>& client) {
  v1::OpenRequest request;
  if (!parse(bytes, request)) return refuse(unreadable());
  if (request.client_version() != kClientApiVersion) {
    Fault fault(Error{ErrorCode::kUnsupportedVersion, "this library speaks version " +
                                                          std::to_string(kClientApiVersion) +
                                                          " of the door, the program was built for " +
                                                          std::to_string(request.client_version())});
    return refuse(fault);
  }
  PhoneOptions options;
  options.path = request.path();
  options.read_only = request.read_only();
  if (!request.seed().empty()) {
    const auto seed = KeySeed::from(request.seed());
    if (!seed) return refuse(Fault("seed", "a seed has 32 bytes", "invalid_argument"));
    options.seed = *seed;
  }
  auto phone = Phone::open(std::move(options), clock, random);
  if (!phone) return refuse(Fault(phone.error()));
  client = std::make_unique<Client>(std::move(*phone));
  return {};
}

Answer Client::call(std::uint32_t method, BytesView request) {
  const std::lock_guard lock(mutex_);
  if (const auto fresh = phone_->refresh(); !fresh) return refuse(Fault(fresh.error()));
  return dispatch(method, request);
}

Answer Client::dispatch(std::uint32_t method, BytesView request) {
  switch (static_cast<v1::Method>(method)) {
    case v1::METHOD_LOG:
      return handle<v1::LogRequest>(request, *phone_, method::log);
    case v1::METHOD_EDIT:
      return handle<v1::EditRequest>(request, *phone_, method::edit);
    case v1::METHOD_RETRACT:
      return handle<v1::RecordRefs>(request, *phone_, method::retract);
    case v1::METHOD_RESTORE:
      return handle<v1::RecordRefs>(request, *phone_, method::restore);
    case v1::METHOD_REVIEW:
      return handle<v1::ReviewRequest>(request, *phone_, method::review);
    case v1::METHOD_LIST:
      return handle<v1::ListRequest>(request, *phone_, method::list);
    case v1::METHOD_SHOW:
      return handle<v1::RecordRefs>(request, *phone_, method::show);
    case v1::METHOD_HISTORY:
      return handle<v1::RecordRefs>(request, *phone_, method::history);
    case v1::METHOD_STATUS:
      return answer(method::status(*phone_));
    case v1::METHOD_TOTALS:
      return handle<v1::TotalsRequest>(request, *phone_, method::totals);
    case v1::METHOD_CATALOGUE:
      return answer(method::catalogue(*phone_));
    case v1::METHOD_JOIN_START:
      return start_join(request);
    case v1::METHOD_SYNC_START:
      return start_sync(request);
    case v1::METHOD_SETTINGS:
      return handle<v1::Settings>(request, *phone_, method::settings);
    case v1::METHOD_HAND_OVER:
      return handle<v1::HandOverRequest>(request, *phone_, method::hand_over);
    case v1::METHOD_HANDED_OVER:
      return handle<v1::HandedOverRequest>(request, *phone_, method::handed_over);
    case v1::METHOD_CARRY:
      return handle<v1::FileBytes>(request, *phone_, method::carry);
    case v1::METHOD_RECEIPTS_EXPORT:
      return answer(method::receipts_export(*phone_));
    case v1::METHOD_RECEIPTS_EXPORTED:
      return handle<v1::ReceiptsExportedRequest>(request, *phone_, method::receipts_exported);
    case v1::METHOD_RECEIPTS_IMPORT:
      return handle<v1::FileBytes>(request, *phone_, method::receipts_import);
    case v1::METHOD_ENROL_REQUEST:
      return handle<v1::EnrolRequestRequest>(request, *phone_, method::enrol_request);
    case v1::METHOD_VOUCH:
      return handle<v1::VouchRequest>(request, *phone_, method::vouch);
    case v1::METHOD_JOIN_WELCOME:
      return handle<v1::FileBytes>(request, *phone_, method::join_welcome);
    case v1::METHOD_LEAVE:
      return leave(request);
    default:
      break;  // NONE, and numbers that only a later version knows
  }
  return refuse(
      Fault(Error{ErrorCode::kUnimplemented, "no method has the number " + std::to_string(method)}));
}

Answer Client::start_join(BytesView bytes) {
  v1::JoinRequest request;
  if (!parse(bytes, request)) return refuse(unreadable());
  if (conversation_ && !conversation_->is_done())
    return refuse(Fault(Error{ErrorCode::kBusy, "a sync or a join is running"}));
  const auto code = journal::parse_enrolment_code(request.code());
  if (!code) {
    Fault fault(code.error());
    fault.field = "code";
    fault.key = "bad_enrolment_code";
    return refuse(fault);
  }
  if (const auto address = method::check_address(request.url()); !address) return refuse(address.error());
  Applicant applicant{request.name(), request.phone(), std::nullopt};
  if (!request.replaces().empty()) {
    const auto named = from_hex(request.replaces());
    const auto device = named ? DeviceId::from(*named) : Result<DeviceId>(fail(named.error()));
    if (!device)
      return refuse(Fault("replaces", "a device has 32 digits and letters a to f", "not_a_device",
                          {request.replaces()}));
    applicant.replaces = *device;
  }
  if (const auto safe = method::check_protected(*phone_, request.url(), request.insecure()); !safe)
    return refuse(safe.error());
  auto enrolment = phone_->prepare_enrolment(*code, request.url(), applicant);
  if (!enrolment) {
    Fault fault(enrolment.error());
    if (phone_->identity().is_joined && enrolment.error().code == ErrorCode::kConflict) {
      fault.key = "joined_already";
      fault.args = {phone_->identity().organisation_name};
    }
    return refuse(fault);
  }
  conversation_ = make_join(*phone_, *code, request.url(), std::move(*enrolment));
  return {};
}

Answer Client::leave(BytesView bytes) {
  // A sync under way would bring the old organisation's records back.
  if (conversation_ && !conversation_->is_done())
    return refuse(Fault(Error{ErrorCode::kBusy, "a sync or a join is running"}));
  return handle<v1::LeaveRequest>(bytes, *phone_, method::leave);
}

Answer Client::start_sync(BytesView bytes) {
  v1::SyncStartRequest request;
  if (!parse(bytes, request)) return refuse(unreadable());
  if (!phone_->identity().is_joined) return refuse(method::not_joined());
  if (conversation_ && !conversation_->is_done())
    return refuse(Fault(Error{ErrorCode::kBusy, "a sync or a join is running"}));
  SyncOptions options;
  options.url = phone_->identity().url;
  if (const auto safe = method::check_protected(*phone_, options.url, request.insecure()); !safe)
    return refuse(safe.error());
  options.push_only = request.push_only();
  options.keep_trying = request.keep_trying();
  conversation_ = make_sync(*phone_, std::move(options));
  return {};
}

Answer Client::next_event() {
  const std::lock_guard lock(mutex_);
  if (!conversation_) return {};
  const auto event = conversation_->next_event();
  if (!event) return {};
  return {0, event->SerializeAsString()};
}

Answer Client::transport_event(BytesView bytes) {
  const std::lock_guard lock(mutex_);
  v1::TransportEvent event;
  if (!parse(bytes, event)) return refuse(unreadable());
  if (conversation_) conversation_->take(event);
  return {};
}

void Client::cancel() {
  const std::lock_guard lock(mutex_);
  if (conversation_) conversation_->cancel();
}

}  // namespace phusa
