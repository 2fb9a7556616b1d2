#include "core/base/limits.hpp"
#include "core/client/hand_over.hpp"
#include "core/client/leaving.hpp"
#include "core/client/methods.hpp"
#include "core/client/receipts.hpp"
#include "core/client/vouching.hpp"
#include "core/sync/hand_over_file.hpp"

namespace phusa::method {
namespace {

Fault joined_already(Phone& phone, const Error& error) {
  Fault fault(error);
  if (phone.identity().is_joined && error.code == ErrorCode::kConflict) {
    fault.key = "joined_already";
    fault.args = {phone.identity().organisation_name};
  }
  return fault;
}

Fault of_file(const Error& error, const char* key) {
  Fault fault(error);
  if (error.code == ErrorCode::kCorrupt) fault.key = key;
  return fault;
}

}  // namespace

Outcome<v1::HandOverReply> hand_over(Phone& phone, const v1::HandOverRequest& request) {
  if (!request.carried_only() && !phone.identity().is_joined) return tl::unexpected(not_joined());
  auto given = HandOver(phone).give(request.carried_only());
  if (!given) {
    Fault fault(given.error());
    if (given.error().code == ErrorCode::kConflict)
      fault.key = phone.identity().is_joined ? "no_box_key" : "not_joined";
    return tl::unexpected(fault);
  }
  v1::HandOverReply reply;
  reply.set_file(std::move(given->file));
  reply.set_changes(given->changes);
  reply.set_carried_bundles(given->carried_bundles);
  reply.set_contents(std::move(given->contents));
  reply.set_left_changes(given->left_changes);
  reply.set_left_bundles(given->left_bundles);
  return reply;
}

Outcome<v1::Empty> handed_over(Phone& phone, const v1::HandedOverRequest& request) {
  if (const auto noted = HandOver(phone).note_given(request.contents()); !noted)
    return tl::unexpected(Fault(noted.error()));
  return v1::Empty();
}

Outcome<v1::CarryReply> carry(Phone& phone, const v1::FileBytes& request) {
  const auto taken = HandOver(phone).carry(request.content());
  if (!taken) {
    Fault fault = of_file(taken.error(), "damaged_file");
    // Not where the file itself is too large.
    if (taken.error().code == ErrorCode::kLimitExceeded && read_hand_over_file(request.content())) {
      fault.key = "carrier_full";
      fault.args = {std::to_string(limits::kCarriedBundlesMax)};
    }
    return tl::unexpected(fault);
  }
  v1::CarryReply reply;
  reply.set_bundles(taken->bundles);
  reply.set_known(taken->known);
  reply.set_changes_seen(taken->changes_seen);
  reply.set_damaged(taken->damaged);
  reply.set_gave_way(taken->gave_way);
  reply.set_passed_on_gave_way(taken->passed_on_gave_way);
  return reply;
}

Outcome<v1::ReceiptsFile> receipts_export(Phone& phone) {
  auto exported = Receipts(phone).give();
  if (!exported) return tl::unexpected(Fault(exported.error()));
  v1::ReceiptsFile reply;
  reply.set_content(std::move(exported->file));
  reply.set_parcels(exported->parcels);
  reply.set_contents(std::move(exported->contents));
  reply.set_left(exported->left);
  return reply;
}

Outcome<v1::Empty> receipts_exported(Phone& phone, const v1::ReceiptsExportedRequest& request) {
  if (const auto noted = Receipts(phone).note_given(request.contents()); !noted)
    return tl::unexpected(Fault(noted.error()));
  return v1::Empty();
}

Outcome<v1::ReceiptsReply> receipts_import(Phone& phone, const v1::FileBytes& request) {
  const auto imported = Receipts(phone).take(request.content());
  if (!imported) {
    Fault fault = of_file(imported.error(), "damaged_file");
    if (imported.error().code == ErrorCode::kUnauthorized) fault.key = "forged_receipts";
    if (imported.error().code == ErrorCode::kLimitExceeded && read_receipts_file(request.content())) {
      fault.key = "too_many_deliveries";
      fault.args = {std::to_string(limits::kSeenPointsMax)};
    }
    return tl::unexpected(fault);
  }
  v1::ReceiptsReply reply;
  reply.set_received(imported->received);
  reply.set_held(imported->held);
  reply.set_passed_on(imported->passed_on);
  reply.set_left_out(imported->left_out);
  reply.set_damaged(imported->damaged);
  reply.set_forged(imported->forged);
  return reply;
}

Outcome<v1::FileBytes> enrol_request(Phone& phone, const v1::EnrolRequestRequest& request) {
  auto made = Vouching(phone).request({request.name(), request.phone(), std::nullopt});
  if (!made) return tl::unexpected(joined_already(phone, made.error()));
  v1::FileBytes reply;
  reply.set_content(std::move(*made));
  return reply;
}

Outcome<v1::VouchReply> vouch(Phone& phone, const v1::VouchRequest& request) {
  if (!phone.identity().is_joined) return tl::unexpected(not_joined());
  auto vouched =
      Vouching(phone).vouch(request.request(), {request.unit(), request.replaces(), request.check_only()});
  if (!vouched) {
    Fault fault = of_file(vouched.error(), "not_a_request");
    const bool is_refused = vouched.error().code == ErrorCode::kForbidden;
    const auto named = Vouching::named_predecessor(request.request());
    if (is_refused && phone.identity().rank == Rank::kVolunteer) {
      fault.key = "officers_only";
    } else if (vouched.error().code == ErrorCode::kUnauthorized) {
      fault.key = "request_altered";  // no server was asked
    } else if (vouched.error().code == ErrorCode::kNotFound) {
      fault.field = "unit";
      fault.key = "unknown_code";
      fault.args = {"unit", request.unit(), ""};
    } else if (vouched.error().code == ErrorCode::kForbidden) {
      fault.field = "unit";
      fault.key = "foreign_unit";
      fault.args = {request.unit(), phone.identity().unit};
    } else if (vouched.error().code == ErrorCode::kConflict && named) {
      fault.field = "replaces";
      fault.key = "names_predecessor";
      fault.args = {named->hex()};
    } else if (vouched.error().code == ErrorCode::kLimitExceeded) {
      fault.key = "no_vouches_left";
      fault.args = {std::to_string(phone.identity().uses)};
    }
    return tl::unexpected(fault);
  }
  v1::VouchReply reply;
  reply.set_welcome(std::move(vouched->welcome));
  reply.set_device(vouched->device.hex());
  reply.set_name(vouched->name);
  reply.set_unit(vouched->unit);
  reply.set_left(vouched->left);
  return reply;
}

Outcome<v1::JoinedReply> join_welcome(Phone& phone, const v1::FileBytes& request) {
  const auto joined = Vouching(phone).join(request.content());
  if (!joined) {
    Fault fault = joined_already(phone, joined.error());
    if (joined.error().code == ErrorCode::kCorrupt) fault.key = "not_a_welcome";
    if (joined.error().code == ErrorCode::kUnauthorized) fault.key = "welcome_for_another";
    return tl::unexpected(fault);
  }
  v1::JoinedReply reply;
  reply.set_organisation(phone.identity().organisation_name);
  reply.set_unit(phone.identity().unit);
  reply.set_role(std::string(rank_name(phone.identity().rank)));
  return reply;
}

Outcome<v1::LeaveReply> leave(Phone& phone, const v1::LeaveRequest& request) {
  if (!phone.identity().is_joined) return tl::unexpected(not_joined());
  Leaving leaving(phone);
  const auto left = request.check_only() ? leaving.may_leave(request.even_if_unsent())
                                         : leaving.leave(request.even_if_unsent());
  if (!left) {
    Fault fault(left.error());
    const auto unsent = leaving.unsent();
    if (unsent && left.error().code == ErrorCode::kConflict) {
      const auto say = [&](const char* key, std::uint64_t number) {
        fault.key = key;
        fault.args = {std::to_string(number)};
      };
      if (unsent->changes > 0) {
        say("unsent_changes", unsent->changes);
      } else if (unsent->carried_bundles > 0) {
        say("carried_bundles", unsent->carried_bundles);
      } else {
        say("receipts_wait", unsent->receipts);
      }
    }
    return tl::unexpected(fault);
  }
  v1::LeaveReply reply;
  reply.set_given_up(left->changes);
  reply.set_carried_bundles(left->carried_bundles);
  reply.set_receipts(left->receipts);
  return reply;
}

}  // namespace phusa::method
