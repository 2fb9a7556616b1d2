#include "core/client/codes.hpp"
#include "core/client/content.hpp"
#include "core/client/methods.hpp"
#include "core/client/totals.hpp"
#include "core/merge/merge.hpp"
#include "core/merge/state_codec.hpp"

#include <map>
#include <optional>

namespace phusa::method {
namespace {

std::vector<std::pair<FieldKey, const Node*>> conflicts_of(const RecordState& state) {
  std::vector<std::pair<FieldKey, const Node*>> out;
  for (const Register& reg : state.registers) {
    for (const Node* node : merge::conflicts(reg)) out.emplace_back(reg.field, node);
  }
  return out;
}

v1::RecordView view_of(const Phone::Shown& shown, const Phone& phone) {
  const RecordState& state = shown.state;
  v1::RecordView out;
  out.set_id(format_ref(ref_of(state.id)));
  write_content(state, *phone.catalogue(), *out.mutable_content());
  out.set_state(std::string(stage_name(shown.stage)));
  out.set_retracted(merge::is_retracted(state));
  out.set_retraction_outdated(merge::is_retraction_outdated(state));
  if (const HoldReason hold = shown_hold(shown.layers); hold != HoldReason::kNone)
    out.set_hold(std::string(hold_name(hold)));
  if (const auto review = value::review(merge::winning_value(state, FieldKind::kReview));
      review && review->state == ReviewState::kReturned) {
    out.set_reason(review->reason);
  }
  out.set_review_outdated(merge::is_review_outdated(state));
  if (state.logged_at) out.set_logged_at(format_time(*state.logged_at));
  out.set_device(state.id.device.hex());
  out.set_mine(phone.is_mine(state.id));
  for (const auto& [field, node] : conflicts_of(state)) {
    v1::Conflict& conflict = *out.add_conflicts();
    conflict.set_field(field_name(field, *phone.catalogue()));
    conflict.set_value(field_text(field, *node, *phone.catalogue()));
    conflict.set_device(node->version.device.hex());
  }
  return out;
}

Outcome<v1::RecordView> view_one(Phone& phone, const RecordId& id) {
  const auto layers = phone.layers(id);
  if (!layers) return tl::unexpected(Fault(layers.error()));
  Delivery delivery = Delivery::kAcknowledged;
  if (layers->own) {
    const auto of = phone.delivery_of(layers->own_batch);
    if (!of) return tl::unexpected(Fault(of.error()));
    delivery = *of;
  }
  Phone::Shown shown{*layers, displayed(*layers), Stage::kSaved, 0};
  shown.stage = stage_of(*layers, shown.state, delivery);
  return view_of(shown, phone);
}

void count_stage(Stage stage, v1::StatusReply& out) {
  switch (stage) {
    case Stage::kSaved:
      out.set_saved(out.saved() + 1);
      break;
    case Stage::kHandedOver:
      out.set_handed_over(out.handed_over() + 1);
      break;
    case Stage::kReceived:
      out.set_received(out.received() + 1);
      break;
    case Stage::kCounted:
      out.set_counted(out.counted() + 1);
      break;
    case Stage::kHeld:
      out.set_held(out.held() + 1);
      break;
    case Stage::kReturned:
      out.set_returned(out.returned() + 1);
      break;
    case Stage::kConfirmed:
      out.set_confirmed(out.confirmed() + 1);
      break;
  }
}

/// What was taken back counts nowhere. As long as the retraction itself is on its way it waits like any other
/// change.
void count(const Phone::Shown& shown, v1::StatusReply& out) {
  const bool is_retracted = merge::is_retracted(shown.state);
  const bool is_on_its_way = shown.stage == Stage::kSaved || shown.stage == Stage::kHandedOver;
  if (is_retracted) out.set_retracted(out.retracted() + 1);
  if (!is_retracted || is_on_its_way) count_stage(shown.stage, out);
  if (!conflicts_of(shown.state).empty()) out.set_conflicts(out.conflicts() + 1);
}

struct Entry {
  FieldKey field;
  Node node;
  WallTime at{};
  const char* status = "replaced";
};

const char* status_of(const Layers& layers, FieldKey field, const Version& version) {
  const auto has = [&](const std::optional<RecordState>& layer) {
    const Register* reg = layer ? layer->find(field) : nullptr;
    return reg != nullptr && !reg->nodes.empty() &&
           is_same_version(field, reg->nodes.front().version, version);
  };
  if (has(layers.pending)) return "pending";
  return has(layers.base) ? "current" : "sealed";
}

/// What was replaced, then what stands and what lost, per field in the order this device learnt it.
Result<std::vector<Entry>> entries_of(const Layers& layers, const std::vector<store::HistoryRow>& rows) {
  const RecordState shown = displayed(layers);
  std::vector<Entry> out;
  std::map<FieldKey, WallTime> since;  // when the field's present version came
  const WallTime first = shown.logged_at.value_or(WallTime{});
  for (const store::HistoryRow& row : rows) {
    PHUSA_ASSIGN(const RecordState replaced, merge::decode_state(layers.id, row.replaced));
    for (const Register& reg : replaced.registers) {
      if (reg.nodes.empty()) continue;
      const auto at = since.find(reg.field);
      out.push_back({reg.field, reg.nodes.front(), at == since.end() ? first : at->second, "replaced"});
      since[reg.field] = row.at;
    }
  }
  for (const Register& reg : shown.registers) {
    if (reg.nodes.empty()) continue;
    const auto at = since.find(reg.field);
    const WallTime came = at == since.end() ? first : at->second;
    for (const Node* node : merge::conflicts(reg)) out.push_back({reg.field, *node, came, "conflict"});
    out.push_back(
        {reg.field, reg.nodes.front(), came, status_of(layers, reg.field, reg.nodes.front().version)});
  }
  std::stable_sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) { return a.at < b.at; });
  return out;
}

}  // namespace

Outcome<v1::RecordsReply> show(Phone& phone, const v1::RecordRefs& request) {
  if (phone.catalogue() == nullptr) return tl::unexpected(not_joined());
  v1::RecordsReply reply;
  for (const std::string& typed : request.ids()) {
    const auto id = find(phone, typed, static_cast<std::uint32_t>(reply.records_size() + 1));
    if (!id) return tl::unexpected(id.error());
    auto view = view_one(phone, *id);
    if (!view) return tl::unexpected(view.error());
    *reply.add_records() = std::move(*view);
  }
  reply.set_found(static_cast<std::uint32_t>(reply.records_size()));
  return reply;
}

Outcome<v1::RecordsReply> list(Phone& phone, const v1::ListRequest& request) {
  if (phone.catalogue() == nullptr) return tl::unexpected(not_joined());
  const auto filter = read_filter(request, *phone.catalogue());
  if (!filter) return tl::unexpected(filter.error());
  v1::RecordsReply reply;
  const auto visited = phone.for_each([&](const Phone::Shown& shown) -> Result<void> {
    if (!request.retracted() && merge::is_retracted(shown.state)) return {};
    if (!request.state().empty() && request.state() != stage_name(shown.stage)) return {};
    if (request.conflicts_only() && conflicts_of(shown.state).empty()) return {};
    if (!filter->admits(shown.state, *phone.catalogue())) return {};
    reply.set_found(reply.found() + 1);
    if (request.limit() == 0 || reply.found() <= request.limit())
      *reply.add_records() = view_of(shown, phone);
    return {};
  });
  if (!visited) return tl::unexpected(Fault(visited.error()));
  return reply;
}

Outcome<v1::HistoryReply> history(Phone& phone, const v1::RecordRefs& request) {
  if (phone.catalogue() == nullptr) return tl::unexpected(not_joined());
  if (request.ids_size() != 1)
    return tl::unexpected(Fault("ids", "history is of one record", "missing", {"ids"}));
  const auto id = find(phone, request.ids(0), 1);
  if (!id) return tl::unexpected(id.error());
  const auto layers = phone.layers(*id);
  if (!layers) return tl::unexpected(Fault(layers.error()));
  const auto rows = phone.history(*id);
  if (!rows) return tl::unexpected(Fault(rows.error()));
  const auto entries = entries_of(*layers, *rows);
  if (!entries) return tl::unexpected(Fault(entries.error()));
  v1::HistoryReply reply;
  reply.set_id(request.ids(0));
  for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) {
    v1::HistoryReply::Version& version = *reply.add_versions();
    version.set_field(field_name(entry->field, *phone.catalogue()));
    version.set_value(field_text(entry->field, entry->node, *phone.catalogue()));
    version.set_at(format_time(entry->at));
    const DeviceId& by = entry->node.version.device;
    version.set_by(by == phone.identity().device ? "me" : by.hex());
    version.set_rank(std::string(rank_name(rank_of(entry->node.version.counts))));
    version.set_status(entry->status);
  }
  return reply;
}

Outcome<v1::StatusReply> status(Phone& phone) {
  v1::StatusReply reply;
  std::optional<WallTime> oldest;
  const auto visited = phone.for_each([&](const Phone::Shown& shown) -> Result<void> {
    count(shown, reply);
    if (shown.stage != Stage::kSaved) return {};
    const auto& unsent =
        shown.layers.own && own_shows(shown.layers) ? shown.layers.own : shown.layers.pending;
    if (unsent && unsent->logged_at && (!oldest || *unsent->logged_at < *oldest)) oldest = unsent->logged_at;
    return {};
  });
  if (!visited) return tl::unexpected(Fault(visited.error()));
  const auto state = phone.sync_state();
  if (!state) return tl::unexpected(Fault(state.error()));
  reply.set_unsent_batches(state->unsent_batches);
  if (oldest) {
    const auto days = std::chrono::duration_cast<std::chrono::days>(phone.clock().wall() - *oldest).count();
    reply.set_unsent_days(days > 0 ? static_cast<std::uint32_t>(days) : 0);
  }
  if (state->oldest_handed_at) {
    const auto days =
        std::chrono::duration_cast<std::chrono::days>(phone.clock().wall() - *state->oldest_handed_at)
            .count();
    reply.set_handed_over_days(days > 0 ? static_cast<std::uint32_t>(days) : 0);
  }
  reply.set_carried_bundles(state->carried_bundles);
  reply.set_receipts_to_return(state->receipts_to_return);
  reply.set_vouches_left(state->vouches_left);
  if (state->last_sync) reply.set_last_sync(format_time(*state->last_sync));
  reply.set_last_error(state->last_error);
  reply.set_forked(state->forked);
  if (state->revoked_at) reply.set_revoked_since(format_time(*state->revoked_at));
  const Identity& identity = phone.identity();
  reply.set_joined(identity.is_joined);
  reply.set_device(identity.device.hex());
  if (identity.is_joined) {
    reply.set_organisation(identity.organisation_name);
    reply.set_unit(identity.unit);
    reply.set_role(std::string(rank_name(identity.rank)));
    reply.set_server(identity.url);
    reply.set_catalogue_revision(phone.catalogue_revision());
  }
  return reply;
}

Outcome<v1::ClientTotalsReply> totals(Phone& phone, const v1::TotalsRequest& request) {
  if (phone.catalogue() == nullptr) return tl::unexpected(not_joined());
  v1::ClientTotalsReply reply;
  if (auto done = compute_totals(phone, request, reply); !done) return tl::unexpected(done.error());
  return reply;
}

}  // namespace phusa::method
