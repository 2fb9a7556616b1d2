#include "core/base/limits.hpp"
#include "core/client/content.hpp"
#include "core/client/imports.hpp"
#include "core/client/methods.hpp"
#include "core/merge/merge.hpp"
#include "core/model/figure.hpp"
#include "core/net/transport.hpp"

namespace phusa::method {
namespace {

ContentContext context_of(Phone& phone) {
  return {*phone.catalogue(), phone.identity().unit, phone.today(),
          [&phone](const RecordRef& ref) { return phone.find(ref); }};
}

void write_fault(const Fault& fault, v1::ErrorReply& out) {
  out.set_code(static_cast<std::uint32_t>(fault.error.code));
  out.set_message(fault.error.context);
  out.set_field(fault.field);
  out.set_item(fault.item);
  out.set_key(fault.key);
  for (const std::string& arg : fault.args) out.add_args(arg);
}

Outcome<std::vector<RecordId>> find_all(Phone& phone,
                                        const google::protobuf::RepeatedPtrField<std::string>& typed) {
  std::vector<RecordId> out;
  for (const std::string& text : typed) {
    auto id = find(phone, text, static_cast<std::uint32_t>(out.size() + 1));
    if (!id) return tl::unexpected(id.error());
    out.push_back(*id);
  }
  return out;
}

Outcome<v1::RecordsReply> shown(Phone& phone, const google::protobuf::RepeatedPtrField<std::string>& ids) {
  v1::RecordRefs refs;
  *refs.mutable_ids() = ids;
  return show(phone, refs);
}

Alike alike_of(const v1::LogRequest& request) {
  if (request.alike() == v1::ALIKE_SAME) return Alike::kSame;
  return request.alike() == v1::ALIKE_OTHERS ? Alike::kOthers : Alike::kAsk;
}

Outcome<void> check_import(const Imports& imports, const v1::LogRequest& request) {
  if (request.lines_size() != request.items_size())
    return tl::unexpected(Fault("lines", "an import gives the line of each item", "missing", {"lines"}));
  const auto must_sync = imports.must_sync_first();
  if (!must_sync) return tl::unexpected(Fault(must_sync.error()));
  if (!*must_sync || request.alike() == v1::ALIKE_OTHERS) return {};
  Fault fault(
      Error{ErrorCode::kConflict,
            "this phone takes the place of another and has not heard what that one logged: sync first, "
            "or a list that it imported would count twice"});
  fault.key = "import.sync_first";
  return tl::unexpected(fault);
}

Outcome<v1::LogReply> import(const Imports& imports, const v1::LogRequest& request,
                             std::vector<Draft> drafts) {
  std::vector<ImportLine> lines;
  for (int i = 0; i < request.items_size(); ++i)
    lines.push_back({request.lines(i), std::move(drafts[static_cast<std::size_t>(i)]),
                     request.items(i).has_day(), request.items(i).has_unit()});
  const auto imported =
      imports.import(request.import_key(), std::move(lines), alike_of(request), request.check_only());
  if (!imported) return tl::unexpected(Fault(imported.error()));
  v1::LogReply reply;
  for (const Imported::AlikeLine& line : imported->alike) {
    v1::AlikeItem& alike = *reply.add_alike();
    alike.set_item(static_cast<std::uint32_t>(line.index) + 1);
    alike.set_id(format_ref(ref_of(line.record)));
    alike.set_retracted(line.is_retracted);
  }
  reply.set_in_doubt(imported->is_in_doubt);
  reply.set_imported_before(imported->was_imported_before);
  if (imported->is_in_doubt || request.check_only()) return reply;
  for (const RecordId& id : imported->ids) reply.add_ids(format_ref(ref_of(id)));
  reply.set_logged(imported->logged);
  return reply;
}

}  // namespace

Fault not_joined() {
  Fault fault(Error{ErrorCode::kConflict,
                    "this phone has not joined an organisation yet: join with the code from the office"});
  fault.key = "not_joined";
  return fault;
}

Outcome<void> check_address(const std::string& url) {
  if (url.starts_with("http://") || url.starts_with("https://")) return {};
  return tl::unexpected(
      Fault("url", "the address must start with https:// (or http://)", "not_an_address", {url}));
}

Outcome<void> check_protected(Phone& phone, const std::string& url, bool allowed) {
  const auto may_send = phone.may_send_to(url);
  if (!may_send) return tl::unexpected(Fault(may_send.error()));
  if (*may_send) return {};
  if (allowed) {
    if (const auto kept = phone.allow_insecure(url); !kept) return tl::unexpected(Fault(kept.error()));
    return {};
  }
  Fault fault("url",
              url +
                  " is plain http: everybody on the way could read this phone's token, code and records; use "
                  "https, or say explicitly that it may be insecure",
              "insecure_address", {url});
  fault.error.code = ErrorCode::kForbidden;
  return tl::unexpected(fault);
}

Outcome<RecordId> find(Phone& phone, const std::string& typed, std::uint32_t item) {
  const auto ref = parse_ref(typed);
  const auto id = ref ? phone.find(*ref) : Result<RecordId>(tl::unexpected<Error>(ref.error()));
  if (id) return *id;
  Fault fault(id.error());
  fault.field = "ids";
  fault.item = item;
  if (ref && id.error().code != ErrorCode::kNotFound) return tl::unexpected(fault);  // who knows
  fault.key = ref ? "unknown_record" : "not_a_record_id";
  fault.args = {typed};
  return tl::unexpected(fault);
}

Outcome<v1::LogReply> log(Phone& phone, const v1::LogRequest& request) {
  if (!phone.identity().is_joined || phone.catalogue() == nullptr) return tl::unexpected(not_joined());
  std::optional<Imports> imports;
  if (!request.import_key().empty()) {
    auto found = Imports::of(phone);
    if (!found) return tl::unexpected(Fault(found.error()));
    if (const auto good = check_import(*found, request); !good) return tl::unexpected(good.error());
    imports.emplace(*std::move(found));
  }
  if (static_cast<std::size_t>(request.items_size()) > limits::kImportLinesMax) {
    return tl::unexpected(
        Fault(Error{ErrorCode::kLimitExceeded,
                    "at most " + std::to_string(limits::kImportLinesMax) + " records in one call"}));
  }
  v1::LogReply reply;
  std::vector<Draft> drafts(static_cast<std::size_t>(request.items_size()));
  ContentContext context = context_of(phone);
  context.item = [&](std::uint32_t n) -> std::optional<RecordId> {
    if (n > drafts.size()) return std::nullopt;
    if (!imports) return phone.id_of_draft(n);
    return imports->id_of_line(request.import_key(), request.lines(static_cast<int>(n) - 1));
  };
  for (std::uint32_t i = 0; i < drafts.size(); ++i) {
    for (Fault& fault : read_new(request.items(static_cast<int>(i)), context, drafts[i])) {
      fault.item = i + 1;
      if (static_cast<std::size_t>(reply.errors_size()) < limits::kImportErrorsShownMax)
        write_fault(fault, *reply.add_errors());
    }
  }
  if (reply.errors_size() > 0) return reply;
  if (imports) return import(*imports, request, std::move(drafts));
  if (request.check_only()) return reply;
  const auto logged = phone.log(drafts);
  if (!logged) return tl::unexpected(Fault(logged.error()));
  for (const RecordId& id : *logged) reply.add_ids(format_ref(ref_of(id)));
  reply.set_logged(static_cast<std::uint32_t>(logged->size()));
  return reply;
}

Outcome<v1::RecordView> edit(Phone& phone, const v1::EditRequest& request) {
  if (phone.catalogue() == nullptr) return tl::unexpected(not_joined());
  const auto id = find(phone, request.id(), 0);
  if (!id) return tl::unexpected(id.error());
  const auto known = phone.layers(*id);
  if (!known) return tl::unexpected(Fault(known.error()));
  Draft draft;
  const std::vector<Fault> faults = read_edit(request.content(), context_of(phone), displayed(*known), draft);
  if (!faults.empty()) return tl::unexpected(faults.front());
  if (const auto edited = phone.edit(*id, draft); !edited) return tl::unexpected(Fault(edited.error()));
  if (request.content().has_unit()) {
    if (const auto agreed = phone.agree_to_unit({{*id}}); !agreed)
      return tl::unexpected(Fault(agreed.error()));
  }
  v1::RecordRefs refs;
  refs.add_ids(request.id());
  auto reply = show(phone, refs);
  if (!reply) return tl::unexpected(reply.error());
  return std::move(*reply->mutable_records(0));
}

Outcome<v1::RecordsReply> retract(Phone& phone, const v1::RecordRefs& request) {
  const auto ids = find_all(phone, request.ids());
  if (!ids) return tl::unexpected(ids.error());
  if (const auto done = phone.retract(*ids); !done) return tl::unexpected(Fault(done.error()));
  return shown(phone, request.ids());
}

Outcome<v1::RecordsReply> restore(Phone& phone, const v1::RecordRefs& request) {
  const auto ids = find_all(phone, request.ids());
  if (!ids) return tl::unexpected(ids.error());
  if (const auto done = phone.restore(*ids); !done) return tl::unexpected(Fault(done.error()));
  return shown(phone, request.ids());
}

Outcome<v1::RecordsReply> review(Phone& phone, const v1::ReviewRequest& request) {
  std::optional<ReviewState> state;
  for (const ReviewState candidate :
       {ReviewState::kAwaiting, ReviewState::kConfirmed, ReviewState::kReturned}) {
    if (request.state() == review_name(candidate)) state = candidate;
  }
  if (!state) {
    return tl::unexpected(Fault("state",
                                "'" + request.state() + "' is not one of confirmed, returned, awaiting",
                                "unknown_review", {request.state()}));
  }
  if (*state == ReviewState::kReturned && request.reason().empty()) {
    return tl::unexpected(Fault("reason", "returning a record needs a reason for the one who logged it",
                                "missing", {"reason"}));
  }
  const auto ids = find_all(phone, request.ids());
  if (!ids) return tl::unexpected(ids.error());
  if (*state == ReviewState::kConfirmed && phone.identity().rank > Rank::kVolunteer) {
    if (const auto agreed = phone.agree_to_unit(*ids); !agreed) return tl::unexpected(Fault(agreed.error()));
  }
  if (const auto done = phone.review(*ids, *state, request.reason()); !done) {
    Fault fault(done.error());
    if (done.error().code == ErrorCode::kForbidden && phone.identity().rank == Rank::kVolunteer)
      fault.key = "officers_only";
    return tl::unexpected(fault);
  }
  return shown(phone, request.ids());
}

Outcome<v1::Settings> settings(Phone& phone, const v1::Settings& request) {
  if (!request.url().empty()) {
    if (const auto address = check_address(request.url()); !address) return tl::unexpected(address.error());
    if (const auto safe = check_protected(phone, request.url(), request.insecure()); !safe)
      return tl::unexpected(safe.error());
    if (const auto done = phone.set_url(request.url()); !done) return tl::unexpected(Fault(done.error()));
  }
  v1::Settings reply;
  const std::string& url = phone.identity().url;
  reply.set_url(url);
  reply.set_insecure(is_unprotected(url) && phone.may_send_to(url).value_or(false));
  return reply;
}

}  // namespace phusa::method
