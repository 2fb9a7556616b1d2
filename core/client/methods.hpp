#pragma once

#include "core/client/fault.hpp"
#include "core/client/phone.hpp"
#include "proto/phusa/v1/client.pb.h"

#include <tl/expected.hpp>

/// The methods of the C door, one function each: from a request to a response over a Phone.
namespace phusa::method {

template <class Reply>
using Outcome = tl::expected<Reply, Fault>;

Outcome<v1::LogReply> log(Phone& phone, const v1::LogRequest& request);
Outcome<v1::RecordView> edit(Phone& phone, const v1::EditRequest& request);
Outcome<v1::RecordsReply> retract(Phone& phone, const v1::RecordRefs& request);
Outcome<v1::RecordsReply> restore(Phone& phone, const v1::RecordRefs& request);
Outcome<v1::RecordsReply> review(Phone& phone, const v1::ReviewRequest& request);

Outcome<v1::RecordsReply> list(Phone& phone, const v1::ListRequest& request);
Outcome<v1::RecordsReply> show(Phone& phone, const v1::RecordRefs& request);
Outcome<v1::HistoryReply> history(Phone& phone, const v1::RecordRefs& request);
Outcome<v1::StatusReply> status(Phone& phone);
Outcome<v1::ClientTotalsReply> totals(Phone& phone, const v1::TotalsRequest& request);
Outcome<v1::CatalogueReply> catalogue(Phone& phone);
Outcome<v1::Settings> settings(Phone& phone, const v1::Settings& request);

Outcome<v1::HandOverReply> hand_over(Phone& phone, const v1::HandOverRequest& request);
Outcome<v1::Empty> handed_over(Phone& phone, const v1::HandedOverRequest& request);
Outcome<v1::CarryReply> carry(Phone& phone, const v1::FileBytes& request);
Outcome<v1::ReceiptsFile> receipts_export(Phone& phone);
Outcome<v1::Empty> receipts_exported(Phone& phone, const v1::ReceiptsExportedRequest& request);
Outcome<v1::ReceiptsReply> receipts_import(Phone& phone, const v1::FileBytes& request);
Outcome<v1::FileBytes> enrol_request(Phone& phone, const v1::EnrolRequestRequest& request);
Outcome<v1::VouchReply> vouch(Phone& phone, const v1::VouchRequest& request);
Outcome<v1::JoinedReply> join_welcome(Phone& phone, const v1::FileBytes& request);
Outcome<v1::LeaveReply> leave(Phone& phone, const v1::LeaveRequest& request);

/// not_joined, as every method says it that needs a catalogue.
Fault not_joined();
/// Nothing where `url` starts with https:// or http://, else what is wrong with it.
Outcome<void> check_address(const std::string& url);
/// Nothing where the phone may send its token there, else insecure_address. `allowed`: somebody says so now,
/// and it is kept.
Outcome<void> check_protected(Phone& phone, const std::string& url, bool allowed);
/// A typed record id -> the record.
Outcome<RecordId> find(Phone& phone, const std::string& typed, std::uint32_t item);

}  // namespace phusa::method
