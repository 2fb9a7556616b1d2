#include "tests/core/client/door_fixture.hpp"

namespace phusa::test {
namespace {

TEST_F(DoorTest, AnotherVersionIsRefusedAtOpen) {
  v1::OpenRequest open;
  open.set_path(folder_.file("other"));
  open.set_client_version(kClientApiVersion + 1);
  std::unique_ptr<Client> client;
  EXPECT_EQ(Client::open(open.SerializeAsString(), clock_, random_, client).code,
            static_cast<int>(ErrorCode::kUnsupportedVersion));
  EXPECT_EQ(client, nullptr);
}

TEST_F(DoorTest, AnUnknownMethodIsUnimplementedAndBytesAreRefused) {
  EXPECT_EQ(client_->call(999, {}).code, static_cast<int>(ErrorCode::kUnimplemented));
  EXPECT_EQ(client_->call(v1::METHOD_LOG, "\xff\xff\xff").code,
            static_cast<int>(ErrorCode::kInvalidArgument));
}

TEST_F(DoorTest, BeforeJoiningItSaysSo) {
  EXPECT_EQ(refused(v1::METHOD_LOG, log_request("1")).key(), "not_joined");
  EXPECT_FALSE(call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty()).joined());
}

TEST_F(DoorTest, AMistypedCodeIsToldFromAWrongOne) {
  v1::JoinRequest request;
  request.set_url("http://127.0.0.1:1");
  std::string code = journal::format_enrolment_code(office_.code());
  code[0] = code[0] == 'A' ? 'B' : 'A';
  request.set_code(code);
  EXPECT_EQ(refused(v1::METHOD_JOIN_START, request).key(), "bad_enrolment_code");
}

TEST_F(DoorTest, WhatAPersonMayHitHasAKeyOfItsOwn) {
  v1::JoinRequest request;
  request.set_code(journal::format_enrolment_code(office_.code()));
  request.set_url("phusa.example.vn");
  EXPECT_EQ(refused(v1::METHOD_JOIN_START, request).key(), "not_an_address");
  join();
  request.set_url("https://phusa.example.vn");
  const auto joined = refused(v1::METHOD_JOIN_START, request);
  EXPECT_EQ(joined.key(), "joined_already");
  EXPECT_EQ(joined.args_size(), 1);
  v1::ReviewRequest review;
  review.add_ids(log("1"));
  review.set_state("confirmed");
  EXPECT_EQ(refused(v1::METHOD_REVIEW, review).key(), "officers_only");
}

TEST_F(DoorTest, JoinsThenLogsWithTheUnitAndDayOfThePhone) {
  join();
  v1::LogRequest request = log_request("30");
  request.mutable_items(0)->clear_day();
  const auto reply = call<v1::LogReply>(v1::METHOD_LOG, request);
  v1::RecordRefs refs;
  refs.add_ids(reply.ids(0));
  const auto shown = call<v1::RecordsReply>(v1::METHOD_SHOW, refs);
  EXPECT_EQ(shown.records(0).content().unit(), "NA");
  EXPECT_EQ(shown.records(0).content().day(), "2023-03-26");
  EXPECT_EQ(shown.records(0).state(), "saved");
  EXPECT_TRUE(shown.records(0).mine());
}

TEST_F(DoorTest, FaultsNameTheFieldAndWhatWasMeant) {
  join();
  v1::LogRequest request = log_request("30");
  request.mutable_items(0)->mutable_values(0)->set_indicator("tres");
  EXPECT_EQ(fault_of(request).key(), "unknown_code");
  EXPECT_EQ(fault_of(request).field(), "values.tres");
  EXPECT_EQ(fault_of(request).args(2), "trees");
  EXPECT_EQ(fault_of(log_request("1.5")).key(), "not_a_number");
  EXPECT_EQ(fault_of(log_request("1e3")).key(), "not_a_number");
  EXPECT_EQ(fault_of(log_request("100001")).key(), "value_out_of_range");
  EXPECT_EQ(fault_of(log_request("-1")).key(), "below_zero");
  request = log_request("1");
  request.mutable_items(0)->clear_values();
  EXPECT_EQ(fault_of(request).key(), "missing_value");
  request = log_request("1");
  request.mutable_items(0)->mutable_labels()->add_items("city");
  request.mutable_items(0)->mutable_labels()->add_items("block");
  EXPECT_EQ(fault_of(request).key(), "label_clash");
  request = log_request("1");
  request.mutable_items(0)->set_day("31/2/2023");
  EXPECT_EQ(fault_of(request).key(), "not_a_day");
  request = log_request("1");
  *request.add_items() = request.items(0);
  request.mutable_items(1)->set_kind("TREE");
  EXPECT_EQ(fault_of(request).item(), 2u);
  EXPECT_EQ(call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty()).saved(), 0u) << "all or nothing";
}

TEST_F(DoorTest, AnImportAsksWhatItsLinesAreThatSayWhatRecordsHereSay) {
  join();
  const auto list = [](const std::string& file, const std::vector<std::string>& amounts) {
    v1::LogRequest request;
    request.set_import_key(file);
    for (const std::string& amount : amounts) {
      *request.add_items() = log_request(amount).items(0);
      request.add_lines(static_cast<std::uint32_t>(request.items_size()) + 1);
    }
    return request;
  };
  const auto log = [this](const v1::LogRequest& request) {
    return call<v1::LogReply>(v1::METHOD_LOG, request);
  };
  const auto first = log(list("a file", {"1", "2"}));
  EXPECT_EQ(first.logged(), 2u);
  EXPECT_TRUE(log(list("a file", {"1", "2"})).imported_before());
  v1::LogRequest grown = list("it grew", {"1", "3"});
  grown.set_check_only(true);
  EXPECT_TRUE(log(grown).in_doubt()) << "a check says so too";
  grown.set_check_only(false);
  const auto asked = log(grown);
  EXPECT_TRUE(asked.in_doubt());
  ASSERT_EQ(asked.alike_size(), 1);
  EXPECT_EQ(asked.alike(0).item(), 1u);
  EXPECT_EQ(asked.alike(0).id(), first.ids(0));
  EXPECT_EQ(call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty()).saved(), 2u) << "nothing before the answer";
  grown.set_alike(v1::ALIKE_SAME);
  const auto same = log(grown);
  EXPECT_EQ(same.logged(), 1u);
  EXPECT_EQ(same.ids(0), first.ids(0));
  v1::LogRequest others = list("another site", {"1", "3"});
  others.set_alike(v1::ALIKE_OTHERS);
  EXPECT_EQ(log(others).logged(), 2u);
}

TEST_F(DoorTest, TotalsAreExactAndShowARecordUnderEachCampaignAbove) {
  join();
  v1::LogRequest request;
  for (const char* amount : {"12.5", "0.1"}) {
    v1::Content& content = *request.add_items();
    content.set_kind("OTHER");
    content.mutable_campaigns()->add_items("SUNDAY1");
    v1::Value& value = *content.add_values();
    value.set_indicator("road");
    value.set_amount(amount);
  }
  request.mutable_items(1)->mutable_values(0)->set_qualifier("nearly");
  call<v1::LogReply>(v1::METHOD_LOG, request);
  v1::TotalsRequest totals;
  totals.add_by("campaign");
  const auto reply = call<v1::ClientTotalsReply>(v1::METHOD_TOTALS, totals);
  ASSERT_EQ(reply.rows_size(), 3);
  EXPECT_EQ(reply.rows(0).campaign(), "SUNDAY1");
  EXPECT_EQ(reply.rows(1).campaign(), "SUNDAYS");
  EXPECT_EQ(reply.rows(2).campaign(), "YOUTH");
  for (const auto& row : reply.rows()) {
    EXPECT_EQ(row.total(), "12.6");
    EXPECT_EQ(row.qualifier(), "nearly");
    EXPECT_EQ(row.records(), 2);
  }
  EXPECT_EQ(reply.not_yet_counted(), 2u);

  totals.set_campaign("YOUTH");
  const auto narrowed = call<v1::ClientTotalsReply>(v1::METHOD_TOTALS, totals);
  ASSERT_EQ(narrowed.rows_size(), 2) << "only the campaign asked for and those below it have a row";
  EXPECT_EQ(narrowed.rows(0).campaign(), "SUNDAY1");
  EXPECT_EQ(narrowed.rows(1).campaign(), "YOUTH");
}

TEST_F(DoorTest, TotalsByAGroupOfLabelsThatIsNoneAreRefused) {
  join();
  v1::TotalsRequest totals;
  totals.add_by("label:levl");
  const auto error = refused(v1::METHOD_TOTALS, totals);
  EXPECT_EQ(error.key(), "unknown_code");
  ASSERT_EQ(error.args_size(), 3);
  EXPECT_EQ(error.args(0), "group");
  EXPECT_EQ(error.args(2), "level");
}

TEST_F(DoorTest, RetractedRecordsLeaveTheTotalAndComeBack) {
  join();
  const std::string id = log("30");
  log("12");
  v1::RecordRefs refs;
  refs.add_ids(id);
  const auto total = [&] {
    return call<v1::ClientTotalsReply>(v1::METHOD_TOTALS, v1::TotalsRequest()).rows(0).total();
  };
  EXPECT_EQ(total(), "42");
  call<v1::RecordsReply>(v1::METHOD_RETRACT, refs);
  EXPECT_EQ(total(), "12");
  call<v1::RecordsReply>(v1::METHOD_RESTORE, refs);
  EXPECT_EQ(total(), "42");
}

TEST_F(DoorTest, HistoryTellsVersionsNewestFirst) {
  join();
  v1::EditRequest edit;
  edit.set_id(log("30"));
  edit.mutable_content()->add_values()->set_indicator("trees");
  edit.mutable_content()->mutable_values(0)->set_amount("31");
  clock_.now += std::chrono::hours(1);
  call<v1::RecordView>(v1::METHOD_EDIT, edit);
  v1::RecordRefs refs;
  refs.add_ids(edit.id());
  const auto history = call<v1::HistoryReply>(v1::METHOD_HISTORY, refs);
  ASSERT_GE(history.versions_size(), 2);
  EXPECT_EQ(history.versions(0).field(), "values.trees");
  EXPECT_EQ(history.versions(0).value(), "31");
  EXPECT_EQ(history.versions(0).status(), "pending");
  bool replaced = false;
  for (const auto& version : history.versions())
    replaced |= version.value() == "30" && version.status() == "replaced";
  EXPECT_TRUE(replaced);
}

TEST_F(DoorTest, ACaptivePortalGarbageAndARefusedConnectionLoseNothing) {
  join();
  log("30");
  const v1::Finished portal = sync_answered(200, "text/html", "<html>sign in</html>");
  EXPECT_FALSE(portal.ok());
  EXPECT_EQ(portal.error().code(), static_cast<std::uint32_t>(ErrorCode::kUnexpectedReply));
  EXPECT_FALSE(sync_answered(200, std::string(wire::kContentType), "PHS1\xff\xff\xff").ok());
  EXPECT_EQ(client_->call(v1::METHOD_SYNC_START, {}).code, 0);
  v1::TransportEvent failed;
  failed.set_id(next().http().id());
  failed.set_failed("connection refused");
  client_->transport_event(failed.SerializeAsString());
  const v1::Event last = next();
  ASSERT_TRUE(last.has_finished());
  EXPECT_TRUE(last.finished().retryable());
  const auto status = call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty());
  EXPECT_EQ(status.saved(), 1u);
  EXPECT_EQ(status.last_error(), "connection refused");
}

TEST_F(DoorTest, CallsWorkWhileASyncRunsAndCancelEndsIt) {
  join();
  log("30");
  EXPECT_EQ(client_->call(v1::METHOD_SYNC_START, {}).code, 0);
  EXPECT_TRUE(next().has_http());
  log("31");
  EXPECT_EQ(refused(v1::METHOD_SYNC_START, v1::SyncStartRequest()).code(),
            static_cast<std::uint32_t>(ErrorCode::kBusy));
  client_->cancel();
  EXPECT_TRUE(next().has_cancel());
  const v1::Event last = next();
  EXPECT_EQ(last.finished().error().code(), static_cast<std::uint32_t>(ErrorCode::kCancelled));
  EXPECT_TRUE(client_->next_event().bytes.empty());
  EXPECT_EQ(call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty()).saved(), 2u);
}

TEST_F(DoorTest, AWholeSyncEndsCounted) {
  join();
  const std::string id = log("30");
  EXPECT_EQ(client_->call(v1::METHOD_SYNC_START, {}).code, 0);
  const v1::Event event = next();
  const auto request = wire::decode_sync_request(event.http().body());
  ASSERT_TRUE(request);
  Phone::Loaded loaded;
  for (const wire::BatchOnWire& batch : request->own[0].batches) {
    loaded.outbox.batches.push_back({wire::encode_batch(batch.batch), batch.batch.header.journal, 1});
  }
  const auto reply = office_.take(loaded, request->device_key);
  answer(event.http().id(), 200, std::string(wire::kContentType), wire::encode_sync_reply(reply));
  EXPECT_EQ(next().progress().sent(), 1u);
  EXPECT_TRUE(next().finished().ok());
  const auto status = call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty());
  EXPECT_EQ(status.counted(), 1u);
  EXPECT_EQ(status.unsent_batches(), 0u);
  EXPECT_FALSE(status.last_sync().empty());
}

TEST_F(DoorTest, APhoneThatTheOfficeDoubtsDeliversAllTheSameAndSaysWhy) {
  SeededRandom random(77);
  auto officer = open_phone(folder_.file("officer"), clock_, random);
  office_.join(*officer, Rank::kOfficer, "NA");
  v1::EnrolRequestRequest who;
  who.set_name("Lan");
  v1::VouchRequest vouch;
  vouch.set_request(call<v1::FileBytes>(v1::METHOD_ENROL_REQUEST, who).content());
  const auto vouched = method::vouch(*officer, vouch);
  ASSERT_TRUE(vouched) << vouched.error().error.context;
  v1::FileBytes welcome;
  welcome.set_content(vouched->welcome());
  EXPECT_EQ(call<v1::JoinedReply>(v1::METHOD_JOIN_WELCOME, welcome).unit(), "NA");
  log("12");
  EXPECT_EQ(client_->call(v1::METHOD_SYNC_START, {}).code, 0);
  v1::Event event = next();
  ASSERT_TRUE(event.http().url().ends_with("/v1/enrol"));
  answer(event.http().id(), 403, std::string(wire::kContentType),
         wire::encode_refusal({{ErrorCode::kForbidden, "the office must accept this phone first"}, 0}));
  event = next();
  ASSERT_TRUE(event.http().url().ends_with("/v1/sync"));
  const auto request = wire::decode_sync_request(event.http().body());
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->push_only);
  Phone::Loaded loaded;
  for (const wire::BatchOnWire& batch : request->own[0].batches)
    loaded.outbox.batches.push_back({wire::encode_batch(batch.batch), {}, batch.batch.header.changes});
  const auto reply = office_.take(loaded, request->device_key, Office::Echo::kNothing);
  answer(event.http().id(), 200, std::string(wire::kContentType), wire::encode_sync_reply(reply));
  do event = next();
  while (event.has_progress());
  ASSERT_TRUE(event.has_finished());
  EXPECT_TRUE(event.finished().ok());
  EXPECT_EQ(event.finished().error().code(), static_cast<std::uint32_t>(ErrorCode::kForbidden));
  EXPECT_EQ(event.finished().progress().sent(), 1u);
  const auto status = call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty());
  EXPECT_EQ(status.received(), 1u);
  EXPECT_NE(status.last_error().find("accept this phone"), std::string::npos);
}

}  // namespace
}  // namespace phusa::test
