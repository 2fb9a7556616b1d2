#pragma once

#include "core/client/client.hpp"
#include "core/client/methods.hpp"
#include "proto/phusa/v1/client.pb.h"
#include "tests/core/client/office.hpp"

#include <gtest/gtest.h>

namespace phusa::test {

/// The door as a binding sees it: bytes in, bytes out.
class DoorTest : public ::testing::Test {
 protected:
  DoorTest() {
    v1::OpenRequest open;
    open.set_path(folder_.file("phone"));
    open.set_client_version(kClientApiVersion);
    const Answer answer = Client::open(open.SerializeAsString(), clock_, random_, client_);
    EXPECT_EQ(answer.code, 0);
  }

  template <class Reply>
  Reply call(v1::Method method, const google::protobuf::MessageLite& request) {
    const Answer answer = client_->call(method, request.SerializeAsString());
    EXPECT_EQ(answer.code, 0) << error_of(answer).message();
    Reply reply;
    EXPECT_TRUE(reply.ParseFromString(answer.bytes));
    return reply;
  }
  static v1::ErrorReply error_of(const Answer& answer) {
    v1::ErrorReply error;
    error.ParseFromString(answer.bytes);
    return error;
  }
  v1::ErrorReply refused(v1::Method method, const google::protobuf::MessageLite& request) {
    const Answer answer = client_->call(method, request.SerializeAsString());
    EXPECT_NE(answer.code, 0);
    return error_of(answer);
  }
  v1::Event next() {
    v1::Event event;
    const Answer answer = client_->next_event();
    EXPECT_TRUE(event.ParseFromString(answer.bytes));
    return event;
  }
  void answer(std::uint64_t id, std::uint32_t status, const std::string& type, const Bytes& body) {
    v1::TransportEvent event;
    event.set_id(id);
    event.mutable_reply()->set_status(status);
    event.mutable_reply()->set_content_type(type);
    event.mutable_reply()->set_body(body);
    EXPECT_EQ(client_->transport_event(event.SerializeAsString()).code, 0);
  }
  void join(Rank rank = Rank::kVolunteer) {
    v1::JoinRequest request;
    request.set_url("http://127.0.0.1:1");
    request.set_code(journal::format_enrolment_code(office_.code()));
    EXPECT_EQ(client_->call(v1::METHOD_JOIN_START, request.SerializeAsString()).code, 0);
    const v1::Event event = next();
    EXPECT_EQ(event.http().url(), "http://127.0.0.1:1/v1/enrol");
    const auto sent = wire::decode_enrol_request(event.http().body());
    ASSERT_TRUE(sent);
    answer(event.http().id(), 200, std::string(wire::kContentType),
           wire::encode_enrol_reply(office_.enrol(sent->device_key, rank, "NA")));
    const v1::Event last = next();
    ASSERT_TRUE(last.has_finished());
    EXPECT_TRUE(last.finished().ok()) << last.finished().error().message();
  }
  static v1::LogRequest log_request(const std::string& amount) {
    v1::LogRequest request;
    v1::Content& content = *request.add_items();
    content.set_kind("TREES");
    content.set_day("26/3/2023");
    v1::Value& value = *content.add_values();
    value.set_indicator("trees");
    value.set_amount(amount);
    return request;
  }
  std::string log(const std::string& amount) {
    return call<v1::LogReply>(v1::METHOD_LOG, log_request(amount)).ids(0);
  }
  v1::ErrorReply fault_of(const v1::LogRequest& request) {
    const auto reply = call<v1::LogReply>(v1::METHOD_LOG, request);
    EXPECT_EQ(reply.logged(), 0u);
    return reply.errors_size() > 0 ? reply.errors(0) : v1::ErrorReply();
  }
  /// A sync until it needs an answer; gives that answer.
  v1::Finished sync_answered(std::uint32_t status, const std::string& type, const Bytes& body) {
    EXPECT_EQ(client_->call(v1::METHOD_SYNC_START, {}).code, 0);
    const v1::Event event = next();
    EXPECT_TRUE(event.has_http());
    answer(event.http().id(), status, type, body);
    for (;;) {
      const v1::Event later = next();
      if (later.has_finished() || !later.has_progress()) return later.finished();
    }
  }

  TemporaryFolder folder_;
  FixedClock clock_;
  SeededRandom random_{1};
  Office office_;
  std::unique_ptr<Client> client_;
};

}  // namespace phusa::test
