#include "tests/core/client/door_fixture.hpp"

/// A header tells of an event; what was done is counted in the records under it.
namespace phusa::test {
namespace {

class EventHeader : public DoorTest {
 protected:
  EventHeader() { join(); }
  std::string log_header() {
    v1::LogRequest request = log_request("1");
    request.mutable_items(0)->clear_values();
    request.mutable_items(0)->set_event_header(true);
    return call<v1::LogReply>(v1::METHOD_LOG, request).ids(0);
  }
  static v1::EditRequest edit_of(const std::string& id) {
    v1::EditRequest request;
    request.set_id(id);
    return request;
  }
  static void set_trees(v1::EditRequest& request, const std::string& amount) {
    v1::Value& value = *request.mutable_content()->add_values();
    value.set_indicator("trees");
    value.set_amount(amount);
  }
};

TEST_F(EventHeader, WithAFigureIsNotLogged) {
  v1::LogRequest request = log_request("1000");
  request.mutable_items(0)->set_event_header(true);
  const v1::ErrorReply fault = fault_of(request);
  EXPECT_EQ(fault.key(), "figure_on_header");
  EXPECT_EQ(fault.field(), "values.trees");
  EXPECT_EQ(fault.args(0), "trees");
  EXPECT_EQ(call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty()).saved(), 0u);
  // Blank is no figure, and a record that is no header has them.
  request.mutable_items(0)->mutable_values(0)->clear_amount();
  EXPECT_EQ(call<v1::LogReply>(v1::METHOD_LOG, request).logged(), 1u);
  request = log_request("1000");
  request.mutable_items(0)->set_event_header(false);
  EXPECT_EQ(call<v1::LogReply>(v1::METHOD_LOG, request).logged(), 1u);
}

TEST_F(EventHeader, GetsNoFigureByAnEdit) {
  v1::EditRequest edit = edit_of(log_header());
  set_trees(edit, "5");
  EXPECT_EQ(refused(v1::METHOD_EDIT, edit).key(), "figure_on_header");
  edit.mutable_content()->set_event_header(false);
  call<v1::RecordView>(v1::METHOD_EDIT, edit);
}

TEST_F(EventHeader, IsNotMadeOfARecordThatHasFigures) {
  v1::EditRequest edit = edit_of(log("1000"));
  edit.mutable_content()->set_event_header(true);
  EXPECT_EQ(refused(v1::METHOD_EDIT, edit).key(), "figure_on_header");
  EXPECT_EQ(call<v1::ClientTotalsReply>(v1::METHOD_TOTALS, v1::TotalsRequest()).rows(0).total(), "1000");
  set_trees(edit, "");
  call<v1::RecordView>(v1::METHOD_EDIT, edit);
}

}  // namespace
}  // namespace phusa::test
