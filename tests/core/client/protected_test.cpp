#include "core/client/meta_keys.hpp"
#include "tests/core/client/door_fixture.hpp"

/// A token, a code, a name: not over plain http to another machine, unless somebody says that it may be.
namespace phusa::test {
namespace {

constexpr const char* kElsewhere = "http://elsewhere.example";

class Protected : public DoorTest {
 protected:
  v1::JoinRequest join_request(const std::string& url) const {
    v1::JoinRequest request;
    request.set_url(url);
    request.set_code(journal::format_enrolment_code(office_.code()));
    request.set_name("Lan");
    return request;
  }
  void expect_nothing_goes_out(v1::Method method, const google::protobuf::MessageLite& request) {
    const v1::ErrorReply error = refused(method, request);
    EXPECT_EQ(error.key(), "insecure_address");
    EXPECT_EQ(error.code(), static_cast<std::uint32_t>(ErrorCode::kForbidden));
    ASSERT_EQ(error.args_size(), 1);
    EXPECT_EQ(error.args(0), kElsewhere);
    EXPECT_TRUE(client_->next_event().bytes.empty()) << "no request is there to be sent";
  }
  void move_to(const std::string& url, bool insecure) {
    v1::Settings settings;
    settings.set_url(url);
    settings.set_insecure(insecure);
    EXPECT_EQ(call<v1::Settings>(v1::METHOD_SETTINGS, settings).insecure(), insecure);
  }
  bool sync_goes_out(bool insecure = false) {
    v1::SyncStartRequest request;
    request.set_insecure(insecure);
    if (client_->call(v1::METHOD_SYNC_START, request.SerializeAsString()).code != 0) return false;
    const bool goes_out = next().has_http();
    client_->cancel();
    while (!client_->next_event().bytes.empty()) {
    }
    return goes_out;
  }
};

TEST_F(Protected, NobodyJoinsOverPlainHttpUnlessTold) {
  expect_nothing_goes_out(v1::METHOD_JOIN_START, join_request(kElsewhere));
  for (const char* elsewhere :
       {"http://127.0.0.1@elsewhere.example", "http://localhost.elsewhere.example:80"})
    EXPECT_EQ(refused(v1::METHOD_JOIN_START, join_request(elsewhere)).key(), "insecure_address") << elsewhere;
  for (const char* url : {"https://elsewhere.example", "http://localhost:8080", "http://[::1]:8080"}) {
    EXPECT_EQ(client_->call(v1::METHOD_JOIN_START, join_request(url).SerializeAsString()).code, 0) << url;
    EXPECT_TRUE(next().has_http()) << url;
    client_->cancel();
    while (!client_->next_event().bytes.empty()) {
    }
  }
  v1::JoinRequest told = join_request(kElsewhere);
  told.set_insecure(true);
  EXPECT_EQ(client_->call(v1::METHOD_JOIN_START, told.SerializeAsString()).code, 0);
  EXPECT_TRUE(next().http().url().starts_with(kElsewhere));
}

TEST_F(Protected, WhoWasToldSyncsOnButNotToAnyOtherAddress) {
  join();
  v1::Settings settings;
  settings.set_url(kElsewhere);
  expect_nothing_goes_out(v1::METHOD_SETTINGS, settings);
  EXPECT_TRUE(sync_goes_out()) << "where it was";
  move_to(kElsewhere, true);
  EXPECT_TRUE(sync_goes_out());
  EXPECT_TRUE(sync_goes_out()) << "it is kept";
  settings.set_url("http://elsewhere.example.vn");
  EXPECT_EQ(refused(v1::METHOD_SETTINGS, settings).key(), "insecure_address");
}

/// As a store has it that joined by a welcome, or long ago.
TEST_F(Protected, AStoreThatHasSuchAnAddressSendsNothingUntilTold) {
  join();
  {
    store::StoreOptions options;
    options.path = folder_.file("phone");
    auto store = store::Store::open(std::move(options));
    ASSERT_TRUE(store) << store.error().context;
    auto transaction = (*store)->begin_write();
    ASSERT_TRUE(transaction && (*store)->put(meta::kUrl, kElsewhere) && transaction->commit());
  }
  expect_nothing_goes_out(v1::METHOD_SYNC_START, v1::SyncStartRequest());
  EXPECT_TRUE(sync_goes_out(true));
  EXPECT_TRUE(sync_goes_out());
}

}  // namespace
}  // namespace phusa::test
