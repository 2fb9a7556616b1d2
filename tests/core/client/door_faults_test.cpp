#include "core/client/client.hpp"
#include "core/client/hand_over.hpp"
#include "core/client/receipts.hpp"
#include "core/client/vouching.hpp"
#include "core/journal/bundle.hpp"
#include "core/sync/hand_over_file.hpp"
#include "proto/phusa/v1/client.pb.h"
#include "tests/core/client/office.hpp"
#include "tests/sim/sim_disk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace phusa::test {
namespace {

using sim::SimDisk;

/// A read, write or sync fails in the middle of a call, whichever: what the call answers is right, or an
/// error of the disk, and never a word about records, files or people. The same call again does what it
/// always does.
class FaultInACall : public ::testing::TestWithParam<const char*> {
 protected:
  FaultInACall() {
    auto neighbour = open_phone(neighbour_disk_.path("phone"), clock_, random_);
    office_.join(*neighbour);
    make_office(*neighbour);
    make_newcomer(*neighbour);
  }

  /// An officer's phone with something in every drawer.
  void make_office(Phone& neighbour) {
    auto phone = open_phone(disk_.path("phone"), clock_, random_);
    office_.join(*phone, Rank::kOfficer, "NA");
    for (std::int64_t figure = 10; figure <= 60; figure += 10) log(*phone, figure);
    office_.sync(*phone);
    ASSERT_TRUE(phone->edit(ids_[0], {trees_value(11)}));
    ASSERT_TRUE(phone->retract({&ids_[1], 1}));
    log(*phone, 70);
    const auto given = HandOver(*phone).give(false);
    ASSERT_TRUE(given);
    ASSERT_TRUE(HandOver(*phone).note_given(given->contents));
    receipts_ = receipts_for(given->file);
    ASSERT_TRUE(phone->edit(ids_[0], {trees_value(12)}));
    log(*phone, 80);
    contents_ = HandOver(*phone).give(false)->contents;
    ASSERT_TRUE(phone->edit(ids_[2], {trees_value(31)}));
    log(*phone, 90);
    log(neighbour, 5);
    ASSERT_TRUE(HandOver(*phone).carry(HandOver(neighbour).give(false)->file));
    log(neighbour, 6);
    to_carry_ = HandOver(neighbour).give(false)->file;
    ASSERT_EQ(Receipts(*phone).take(receipts_for(to_carry_))->passed_on, 1u);
    exported_ = Receipts(*phone).give()->contents;
  }
  /// A phone that has asked to be let in.
  void make_newcomer(Phone& neighbour) {
    ASSERT_FALSE(neighbour.identity().rank == Rank::kOfficer);
    auto officer = open_phone(disk_.path("phone"), clock_, random_);
    auto phone = open_phone(newcomer_disk_.path("phone"), clock_, random_);
    request_ = *Vouching(*phone).request({"Lan", "0901", std::nullopt});
    officer.reset();
    joined_ = disk_.image();
    officer = open_phone(disk_.path("phone"), clock_, random_);
    welcome_ = Vouching(*officer).vouch(request_, {})->welcome;
    phone.reset();
    officer.reset();
    disk_.put_back(joined_);
    newcomer_ = newcomer_disk_.image();
  }
  void log(Phone& phone, std::int64_t figure) {
    const Draft draft = trees(figure, "a note");
    const auto ids = phone.log({&draft, 1});
    ASSERT_TRUE(ids);
    ids_.push_back(ids->front());
  }
  Bytes receipts_for(const Bytes& file) {
    std::vector<ReceiptPart> parts;
    const auto bundles = read_hand_over_file(file);
    for (const Bytes& bundle : *bundles)
      parts.push_back({Bytes(journal::read_bundle_head(bundle)->id.view()), office_.open(bundle).parcel});
    return write_receipts_file(parts);
  }

  // One opened phone.
  std::unique_ptr<Client> open(SimDisk& disk) {
    v1::OpenRequest request;
    request.set_path(disk.path("phone"));
    request.set_client_version(kClientApiVersion);
    std::unique_ptr<Client> client;
    const Answer answer = Client::open(request.SerializeAsString(), clock_, random_, client);
    EXPECT_EQ(answer.code, 0);
    return client;
  }
  /// Opened, and then another program wrote: nothing of what is in memory can be taken for granted.
  std::unique_ptr<Client> open_for_test() {
    auto client = open(disk());
    v1::Settings other;
    other.set_url("https://moved");
    EXPECT_EQ(open(disk())->call(v1::METHOD_SETTINGS, other.SerializeAsString()).code, 0);
    return client;
  }
  template <class Reply>
  static Reply read(const Answer& answer) {
    Reply reply;
    EXPECT_TRUE(reply.ParseFromString(answer.bytes));
    return reply;
  }
  std::string ref(std::size_t which) const { return format_ref(ref_of(ids_[which])); }
  v1::RecordRefs refs(std::size_t which) const {
    v1::RecordRefs out;
    out.add_ids(ref(which));
    return out;
  }

  /// All that people see, but for what chance decides.
  static std::string state_of(Client& client) {
    std::vector<std::string> out;
    v1::ListRequest all;
    all.set_retracted(true);
    const Answer list = client.call(v1::METHOD_LIST, all.SerializeAsString());
    if (list.code == 0) {
      auto records = read<v1::RecordsReply>(list);
      for (v1::RecordView& record : *records.mutable_records()) {
        record.clear_id();
        out.push_back(record.SerializeAsString());
      }
    }
    std::sort(out.begin(), out.end());
    const Answer totals = client.call(v1::METHOD_TOTALS, v1::TotalsRequest().SerializeAsString());
    if (totals.code == 0) out.push_back(read<v1::ClientTotalsReply>(totals).SerializeAsString());
    const Answer status = client.call(v1::METHOD_STATUS, "");
    EXPECT_EQ(status.code, 0);
    auto said = read<v1::StatusReply>(status);
    if (!said.joined()) said.clear_device();  // a key of its own, from chance
    out.push_back(said.SerializeAsString());
    std::string text;
    for (const std::string& line : out) text += line + "\n";
    return text;
  }

  Answer make(Client& client);
  Answer join(Client& client);
  /// The answer without what chance decides.
  std::string answer_of(const Answer& answer) const;
  SimDisk& disk() { return is_newcomers() ? newcomer_disk_ : disk_; }
  bool is_newcomers() const {
    return std::string_view(GetParam()).starts_with("Join") || std::string_view(GetParam()) == "EnrolRequest";
  }
  void expect_trouble_of_the_disk(const Answer& answer, std::uint64_t n) {
    const auto error = read<v1::ErrorReply>(answer);
    const auto code = static_cast<ErrorCode>(error.code());
    EXPECT_TRUE(code == ErrorCode::kIo) << "fault " << n << ": " << error.key() + ": " + error.message();
    EXPECT_EQ(error.key(), error_name(code)) << "fault " << n << ": " << error.key() + ": " + error.message();
  }

  TemporaryFolder folder_;  // for lock files
  TemporaryFolder neighbour_folder_;
  TemporaryFolder newcomer_folder_;
  SimDisk disk_{folder_.path()};
  SimDisk neighbour_disk_{neighbour_folder_.path()};
  SimDisk newcomer_disk_{newcomer_folder_.path()};
  FixedClock clock_;
  SeededRandom random_{5};
  Office office_;
  std::vector<RecordId> ids_;
  Bytes receipts_;
  Bytes to_carry_;
  Bytes contents_;  ///< of a file that lies on a disk by now
  Bytes exported_;  ///< likewise, of receipts
  Bytes request_;
  Bytes welcome_;
  SimDisk::Image joined_;
  SimDisk::Image newcomer_;
};

template <class Request>
Answer call(Client& client, v1::Method method, const Request& request) {
  return client.call(method, request.SerializeAsString());
}

v1::Content content_of(const std::string& amount) {
  v1::Content content;
  content.set_kind("TREES");
  content.set_day("26/3/2023");
  v1::Value& value = *content.add_values();
  value.set_indicator("trees");
  value.set_amount(amount);
  return content;
}

Answer FaultInACall::join(Client& client) {
  v1::JoinRequest request;
  request.set_url("http://127.0.0.1:1");
  request.set_code(journal::format_enrolment_code(office_.code()));
  Answer answer = call(client, v1::METHOD_JOIN_START, request);
  if (answer.code != 0) return answer;
  const auto event = read<v1::Event>(client.next_event());
  const auto sent = wire::decode_enrol_request(event.http().body());
  EXPECT_TRUE(sent);
  v1::TransportEvent reply;
  reply.set_id(event.http().id());
  reply.mutable_reply()->set_status(200);
  reply.mutable_reply()->set_content_type(std::string(wire::kContentType));
  reply.mutable_reply()->set_body(
      wire::encode_enrol_reply(office_.enrol(sent->device_key, Rank::kVolunteer, "NA")));
  EXPECT_EQ(client.transport_event(reply.SerializeAsString()).code, 0);
  const v1::Finished end = read<v1::Event>(client.next_event()).finished();
  if (end.ok()) return {};
  return {static_cast<int>(end.error().code()), end.error().SerializeAsString()};
}

Answer FaultInACall::make(Client& client) {
  const std::string what = GetParam();
  v1::FileBytes file;
  if (what == "Log") {
    v1::LogRequest request;
    *request.add_items() = content_of("7");
    *request.add_items() = content_of("8");
    return call(client, v1::METHOD_LOG, request);
  }
  if (what == "Import") {
    v1::LogRequest request;
    *request.add_items() = content_of("7");
    request.set_import_key("a file");
    request.add_lines(3);
    return call(client, v1::METHOD_LOG, request);
  }
  if (what == "Edit") {
    v1::EditRequest request;
    request.set_id(ref(0));
    *request.mutable_content() = content_of("13");
    return call(client, v1::METHOD_EDIT, request);
  }
  if (what == "Retract") return call(client, v1::METHOD_RETRACT, refs(3));
  if (what == "Restore") return call(client, v1::METHOD_RESTORE, refs(1));
  if (what == "Review") {
    v1::ReviewRequest request;
    request.add_ids(ref(4));
    request.set_state("returned");
    request.set_reason("too many");
    return call(client, v1::METHOD_REVIEW, request);
  }
  if (what == "List") return call(client, v1::METHOD_LIST, v1::ListRequest());
  if (what == "Show") return call(client, v1::METHOD_SHOW, refs(0));
  if (what == "History") return call(client, v1::METHOD_HISTORY, refs(0));
  if (what == "Status") return client.call(v1::METHOD_STATUS, "");
  if (what == "Totals") return call(client, v1::METHOD_TOTALS, v1::TotalsRequest());
  if (what == "Catalogue") return client.call(v1::METHOD_CATALOGUE, "");
  if (what == "Settings") {
    v1::Settings request;
    request.set_url("https://elsewhere");
    return call(client, v1::METHOD_SETTINGS, request);
  }
  if (what == "HandOver") return call(client, v1::METHOD_HAND_OVER, v1::HandOverRequest());
  if (what == "HandedOver") {
    v1::HandedOverRequest request;
    request.set_contents(contents_);
    return call(client, v1::METHOD_HANDED_OVER, request);
  }
  if (what == "ReceiptsExported") {
    v1::ReceiptsExportedRequest request;
    request.set_contents(exported_);
    return call(client, v1::METHOD_RECEIPTS_EXPORTED, request);
  }
  if (what == "ReceiptsExport") return client.call(v1::METHOD_RECEIPTS_EXPORT, "");
  if (what == "EnrolRequest") return call(client, v1::METHOD_ENROL_REQUEST, v1::EnrolRequestRequest());
  if (what == "Join") return join(client);
  if (what == "Leave") {
    v1::LeaveRequest request;
    request.set_even_if_unsent(true);
    return call(client, v1::METHOD_LEAVE, request);
  }
  if (what == "Vouch") {
    v1::VouchRequest request;
    request.set_request(request_);
    return call(client, v1::METHOD_VOUCH, request);
  }
  file.set_content(what == "Carry" ? to_carry_ : what == "JoinWelcome" ? welcome_ : receipts_);
  return call(client,
              what == "Carry"         ? v1::METHOD_CARRY
              : what == "JoinWelcome" ? v1::METHOD_JOIN_WELCOME
                                      : v1::METHOD_RECEIPTS_IMPORT,
              file);
}

std::string FaultInACall::answer_of(const Answer& answer) const {
  const std::string what = GetParam();
  const std::string code = std::to_string(answer.code) + " ";
  if (answer.code != 0) return code + read<v1::ErrorReply>(answer).message();
  if (what == "Log") return code + std::to_string(read<v1::LogReply>(answer).logged());
  if (what == "HandOver") {
    const auto reply = read<v1::HandOverReply>(answer);
    return code + std::to_string(reply.changes()) + " " + std::to_string(reply.carried_bundles());
  }
  if (what == "Vouch") return code + std::to_string(read<v1::VouchReply>(answer).left());
  if (what == "EnrolRequest") return code;
  return code + answer.bytes;
}

TEST_P(FaultInACall, IsToldAsOneAndTheSameCallAgainDoesWhatItAlwaysDoes) {
  const SimDisk::Image& start = is_newcomers() ? newcomer_ : joined_;
  std::string answer;
  std::string after;
  std::uint64_t failed = 0;
  {
    disk().put_back(start);
    auto client = open_for_test();
    answer = answer_of(make(*client));
    EXPECT_TRUE(answer.starts_with("0 ")) << answer;
    after = state_of(*client);
  }
  for (const auto io : {SimDisk::Io::kRead, SimDisk::Io::kWrite, SimDisk::Io::kSync}) {
    for (std::uint64_t n = 1;; ++n) {
      SCOPED_TRACE("kind " + std::to_string(static_cast<int>(io)) + ", fault " + std::to_string(n));
      disk().put_back(start);
      auto client = open_for_test();
      disk().took_a_fault();
      disk().fail_io(io, n);
      const Answer first = make(*client);
      const bool met = disk().took_a_fault();
      disk().heal();
      if (first.code == 0) {
        EXPECT_EQ(answer_of(first), answer);
      } else {
        EXPECT_TRUE(met);
        ++failed;
        expect_trouble_of_the_disk(first, n);
        EXPECT_EQ(answer_of(make(*client)), answer);
      }
      EXPECT_EQ(state_of(*client), after);
      disk().crash_now(sim::Crash::kPowerLoss);
      client.reset();
      disk().recover_what_was_synced();
      EXPECT_EQ(state_of(*open(disk())), after);
      if (!met || HasFailure()) break;
    }
  }
  EXPECT_GT(failed, 2u);
}

INSTANTIATE_TEST_SUITE_P(Of, FaultInACall,
                         ::testing::Values("Log", "Import", "Edit", "Retract", "Restore", "Review", "List",
                                           "Show", "History", "Status", "Totals", "Catalogue", "Settings",
                                           "HandOver", "HandedOver", "Carry", "ReceiptsExport",
                                           "ReceiptsExported", "ReceiptsImport", "EnrolRequest", "Vouch",
                                           "Join", "JoinWelcome", "Leave"),
                         [](const auto& method) { return std::string(method.param); });

}  // namespace
}  // namespace phusa::test
