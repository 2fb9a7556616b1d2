#include "tests/bench/bench_phone.hpp"

#include "core/base/limits.hpp"
#include "core/merge/merge.hpp"

#include <algorithm>
#include <deque>

namespace phusa::bench {
namespace {

std::uint32_t number_of(const std::map<std::string, std::uint32_t>& table, const std::string& code) {
  const auto at = table.find(code);
  return at == table.end() ? 0 : at->second;
}

template <class Row>
void read_codes(const std::vector<Row>& rows, std::map<std::string, std::uint32_t>& table) {
  for (std::uint32_t no = 0; no < rows.size(); ++no) table[rows[no].code] = no;
}

void sort_fields(Draft& draft) {
  std::sort(draft.begin(), draft.end(),
            [](const FieldValue& a, const FieldValue& b) { return a.field < b.field; });
}

}  // namespace

Result<HttpReply> fetch(Transport& transport, HttpRequest request) {
  if (request.reply_bytes_max == 0) request.reply_bytes_max = 64u << 20;
  request.connect_timeout = limits::kConnectTimeout;
  request.stall_timeout = limits::kStallTimeout;
  transport.start(std::move(request));
  for (;;) {
    for (HttpOutcome& outcome : transport.poll(std::chrono::milliseconds(1000))) {
      if (outcome.failure != HttpFailure::kNone) return fail(ErrorCode::kNetwork, outcome.failure_text);
      return std::move(outcome.reply);
    }
  }
}

Result<std::unique_ptr<BenchPhone>> BenchPhone::open(const std::filesystem::path& store,
                                                     const std::string& url, const std::string& ca_file) {
  std::unique_ptr<BenchPhone> out(new BenchPhone);
  out->path_ = store;
  out->url_ = url;
  out->clock_.now = SystemClock().wall();
  PhoneOptions options;
  options.path = store.string();
  PHUSA_ASSIGN(out->phone_, Phone::open(std::move(options), out->clock_, out->random_));
  PHUSA_ASSIGN(out->transport_, CurlTransport::create({ca_file}));
  return out;
}

Result<void> BenchPhone::join(const std::string& code) {
  PHUSA_ASSIGN(const journal::EnrolmentCode parsed, journal::parse_enrolment_code(code));
  PHUSA_ASSIGN(const wire::EnrolRequest request, phone_->prepare_enrolment(parsed, url_));
  PHUSA_ASSIGN(const HttpReply reply,
               fetch(*transport_, make_post(1, url_, "/v1/enrol", wire::encode_enrol_request(request))));
  std::uint32_t retry_after_s = 0;
  PHUSA_TRY(check_reply(reply, retry_after_s));
  PHUSA_ASSIGN(const wire::EnrolReply enrolled, wire::decode_enrol_reply(reply.body));
  PHUSA_TRY(phone_->accept_enrolment(parsed, url_, enrolled));
  return look_up_codes();
}

Result<void> BenchPhone::look_up_codes() {
  const Catalogue* catalogue = phone_->catalogue();
  if (catalogue == nullptr) return fail(ErrorCode::kInternal, "joined, but there is no catalogue");
  read_codes(catalogue->units, units_);
  read_codes(catalogue->kinds, kinds_);
  read_codes(catalogue->campaigns, campaigns_);
  read_codes(catalogue->indicators, indicators_);
  return {};
}

Draft BenchPhone::draft_of(const WorkloadRecord& record) const {
  Draft draft;
  draft.push_back({FieldKind::kUnit, value::of_number(number_of(units_, record.unit))});
  draft.push_back({FieldKind::kKind, value::of_number(number_of(kinds_, record.kind))});
  if (const auto day = parse_day(record.day)) draft.push_back({FieldKind::kDay, value::of_day(*day)});
  if (!record.campaign.empty()) {
    draft.push_back({FieldKind::kCampaigns, value::of_numbers({number_of(campaigns_, record.campaign)})});
  }
  if (!record.note.empty()) draft.push_back({FieldKind::kNote, record.note});
  for (const auto& [code, amount] : record.values) {
    draft.push_back({FieldKey::value_of(IndicatorNo{number_of(indicators_, code)}),
                     value::of_amount({amount, Qualifier::kExact})});
  }
  sort_fields(draft);
  return draft;
}

Result<void> BenchPhone::log(const std::vector<WorkloadRecord>& records, std::size_t first,
                             std::size_t count) {
  for (std::size_t i = first; i < std::min(records.size(), first + count); ++i) {
    const WorkloadRecord& record = records[i];
    clock_.now = record.at;
    const Draft draft = draft_of(record);
    PHUSA_ASSIGN(const std::vector<RecordId> ids, phone_->log({&draft, 1}));
    ids_[record.id] = ids.front();
    for (const auto& [code, amount] : record.values) value_codes_[record.id].push_back(code);
  }
  return {};
}

Result<void> BenchPhone::amend(const std::vector<WorkloadRecord>& amends) {
  for (const WorkloadRecord& amended : amends) {
    clock_.now = amended.at;
    Draft draft;
    for (const auto& [code, amount] : amended.values) {
      draft.push_back({FieldKey::value_of(IndicatorNo{number_of(indicators_, code)}),
                       value::of_amount({amount, Qualifier::kExact})});
    }
    for (const std::string& code : value_codes_[amended.id]) {
      const FieldKey field = FieldKey::value_of(IndicatorNo{number_of(indicators_, code)});
      const bool kept =
          std::any_of(draft.begin(), draft.end(), [&](const FieldValue& v) { return v.field == field; });
      if (!kept) draft.push_back({field, Bytes()});
    }
    sort_fields(draft);
    PHUSA_TRY(phone_->edit(ids_[amended.id], draft));
  }
  return {};
}

Result<void> BenchPhone::retract(const std::vector<std::pair<std::string, WallTime>>& deletes) {
  for (const auto& [id, at] : deletes) {
    clock_.now = at;
    PHUSA_TRY(phone_->retract({&ids_[id], 1}));
  }
  return {};
}

Result<SyncProgress> BenchPhone::sync(bool push_only) {
  SyncMachine machine({url_, push_only, false}, random_);
  std::deque<SyncAction> todo;
  Phone::Sent sent;
  const auto step = [&](SyncEvent event) {
    for (SyncAction& action : machine.step(std::move(event))) todo.push_back(std::move(action));
  };
  step(sync_event::Start{});
  while (!todo.empty()) {
    SyncAction action = std::move(todo.front());
    todo.pop_front();
    if (auto* load = std::get_if<sync_action::LoadOutbox>(&action)) {
      auto loaded = phone_->load_outbox(load->bytes_max, load->batches_max);
      if (!loaded) return fail(loaded.error());
      sent = *loaded;
      step(sync_event::OutboxLoaded{std::move(loaded->outbox)});
    } else if (auto* send = std::get_if<sync_action::SendHttp>(&action)) {
      const std::uint64_t id = send->request.id;
      PHUSA_ASSIGN(HttpReply reply, fetch(*transport_, std::move(send->request)));
      step(sync_event::HttpArrived{id, std::move(reply), {}});
    } else if (auto* apply = std::get_if<sync_action::ApplyReply>(&action)) {
      auto applied = phone_->apply_reply(apply->reply, sent);
      if (!applied) return fail(applied.error());
      step(sync_event::ReplyApplied{{},
                                    applied->acknowledged,
                                    applied->held,
                                    applied->records,
                                    applied->forked,
                                    applied->more_to_send});
    } else if (auto* finished = std::get_if<sync_action::Finished>(&action)) {
      if (finished->error) return fail(*finished->error);
      return finished->progress;
    }
  }
  return fail(ErrorCode::kInternal, "the exchange stopped without an end");
}

Result<void> BenchPhone::reopen() {
  phone_.reset();
  PhoneOptions options;
  options.path = path_.string();
  PHUSA_ASSIGN(phone_, Phone::open(std::move(options), clock_, random_));
  return {};
}

Result<std::uint64_t> BenchPhone::count_records() {
  std::uint64_t count = 0;
  PHUSA_TRY(phone_->for_each([&](const Phone::Shown& shown) -> Result<void> {
    if (!merge::is_retracted(shown.state)) ++count;
    return {};
  }));
  return count;
}

std::uint64_t BenchPhone::close_and_measure() {
  phone_.reset();
  std::uint64_t bytes = 0;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path_.string() + suffix, error);
    if (!error) bytes += size;
  }
  if (!reopen()) return 0;
  return bytes;
}

}  // namespace phusa::bench
