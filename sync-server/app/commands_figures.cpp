#include "core/base/limits.hpp"
#include "core/model/catalogue_rows.hpp"
#include "sync-server/app/commands.hpp"
#include "sync-server/app/file_io.hpp"
#include "sync-server/app/listing.hpp"
#include "sync-server/http/held_list.hpp"
#include "sync-server/http/office_json.hpp"
#include "sync-server/http/totals_request.hpp"
#include "sync-server/ingest/verify.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"

#include <algorithm>
#include <filesystem>

namespace phusa::app {
namespace {

constexpr std::size_t kLinesPerPage = 5'000;
constexpr std::size_t kShortDevice = 8;

std::string name_in(Language language, const Entry& entry) {
  return language == Language::kEnglish && !entry.name_en.empty() ? entry.name_en : entry.name;
}

Listing totals_listing(const totals::Table& table, const totals::Query& query, const Catalogue& catalogue,
                       const Options& options) {
  const bool for_people = options.format == Format::kTable;
  Listing listing;
  listing.columns.push_back({"indicator"});
  if (for_people) listing.columns.push_back({"name"});
  const auto add_column = [&](bool asked, const char* name) {
    if (asked) listing.columns.push_back({name});
  };
  add_column(query.by_unit, "unit");
  add_column(query.by_campaign, "campaign");
  add_column(query.by_kind, "kind");
  add_column(query.by_label_group.has_value(), "label");
  add_column(query.by_month, "month");
  add_column(query.by_review, "review");
  for (const char* name : {"total", "qualifier", "records", "more", "nearly"}) {
    listing.columns.push_back({name, std::string_view(name) != "qualifier"});
  }
  for (const totals::Row& row : table.rows) {
    const Indicator indicator = row_of(catalogue.indicators, row.indicator_no.value);
    std::vector<std::string> cells{row.indicator};
    if (for_people) cells.push_back(name_in(options.language, indicator));
    if (query.by_unit) cells.push_back(row.unit);
    if (query.by_campaign) cells.push_back(row.campaign);
    if (query.by_kind) cells.push_back(row.kind);
    if (query.by_label_group) cells.push_back(row.label);
    if (query.by_month) cells.push_back(row.month);
    if (query.by_review) cells.push_back(row.review);
    cells.push_back(format_decimal(row.figures.sum, indicator.decimals));
    cells.emplace_back(totals::qualifier_of(row.figures));
    cells.push_back(std::to_string(row.figures.records));
    cells.push_back(std::to_string(row.figures.more));
    cells.push_back(std::to_string(row.figures.nearly));
    listing.rows.push_back(std::move(cells));
  }
  return listing;
}

Result<totals::LinesPage> all_lines(ledger::Snapshot& snapshot, const Catalogue& catalogue,
                                    const totals::Query& query) {
  totals::LinesPage all;
  do {
    PHUSA_ASSIGN(auto page, totals::lines(snapshot, catalogue, query, all.next, kLinesPerPage));
    all.lines.insert(all.lines.end(), page.lines.begin(), page.lines.end());
    all.next = page.next;
    if (all.lines.size() > limits::kTotalsRowsMax) {
      return fail(ErrorCode::kLimitExceeded,
                  "more than " + std::to_string(limits::kTotalsRowsMax) +
                      " lines; narrow it with --unit, --indicator, --from and --to");
    }
  } while (all.next != 0);
  return all;
}

Result<Listing> lines_listing(ledger::Snapshot& snapshot, const Catalogue& catalogue,
                              const std::vector<totals::Line>& lines) {
  Listing listing;
  listing.columns = {{"record"}, {"indicator"}, {"amount", true}, {"qualifier"},   {"unit"},       {"kind"},
                     {"day"},    {"device"},    {"logged_at"},    {"received_at"}, {"not_counted"}};
  for (const totals::Line& line : lines) {
    PHUSA_ASSIGN(std::string ref, http::record_ref(snapshot, line.record));
    const Indicator indicator = row_of(catalogue.indicators, line.indicator.value);
    const std::string why = line.counted                     ? ""
                            : line.hold == HoldReason::kNone ? "once_per_event"
                                                             : std::string(hold_name(line.hold));
    listing.rows.push_back(
        {std::move(ref), indicator.code, format_decimal(line.amount.value, indicator.decimals),
         std::string(qualifier_name(line.amount.qualifier)), code_of(catalogue.units, line.unit.value),
         code_of(catalogue.kinds, line.kind.value), format_day(line.day),
         line.device.hex().substr(0, kShortDevice), line.logged_at ? format_time(*line.logged_at) : "",
         format_time(line.received_at), why});
  }
  return listing;
}

Result<std::string> lines_text(const Options& options, ledger::Snapshot& snapshot, const Catalogue& catalogue,
                               const totals::Query& query) {
  PHUSA_ASSIGN(const auto page, all_lines(snapshot, catalogue, query));
  if (options.format == Format::kJson) {
    PHUSA_ASSIGN(std::string json, http::lines_json(snapshot, page, catalogue));
    return json + "\n";
  }
  PHUSA_ASSIGN(const Listing listing, lines_listing(snapshot, catalogue, page.lines));
  return rendered(listing, options.format, options.language);
}

Result<std::string> totals_text(const Options& options, Installation& installation) {
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  PHUSA_ASSIGN(const auto catalogue, installation.engine().catalogue_of(*snapshot));
  PHUSA_ASSIGN(const auto query, http::resolve(options.totals, *catalogue, std::nullopt, *snapshot));
  if (options.lines) return lines_text(options, *snapshot, *catalogue, query);
  PHUSA_ASSIGN(const auto table, totals::query(*snapshot, *catalogue, query));
  if (options.format == Format::kJson) return http::totals_json(table, query, *catalogue) + "\n";
  const Listing listing = totals_listing(table, query, *catalogue, options);
  if (options.format == Format::kCsv) return as_csv(listing);
  const std::string as_of = say(options.language, Say::kAsOf, http::format_point(table.as_of));
  return (table.rows.empty() ? say(options.language, Say::kNoFigures) : as_table(listing, options.language)) +
         as_of;
}

Result<std::string> held_text(const Options& options, Installation& installation) {
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  PHUSA_ASSIGN(const auto catalogue, installation.engine().catalogue_of(*snapshot));
  PHUSA_ASSIGN(const auto items, http::list_held(*snapshot, *catalogue, std::nullopt));
  if (options.format == Format::kJson) return http::held_json(items) + "\n";
  if (options.format == Format::kTable && items.empty()) return say(options.language, Say::kNothingHeld);
  Listing listing;
  listing.columns = {{"what"},        {"reason"}, {"record"},      {"unit"},         {"device"},
                     {"received_at"}, {"batch"},  {"index", true}, {"changes", true}};
  for (const http::HeldItem& item : items) {
    const bool is_change = item.what == http::HeldItem::What::kChange;
    listing.rows.push_back({std::string(http::held_what_name(item.what)), std::string(hold_name(item.reason)),
                            item.record, item.unit, item.device.hex().substr(0, kShortDevice),
                            format_time(item.received_at), item.batch.is_zero() ? "" : item.batch.hex(),
                            is_change ? std::to_string(item.index) : "",
                            item.what == http::HeldItem::What::kBatch ? std::to_string(item.changes) : ""});
  }
  return rendered(listing, options.format, options.language);
}

Result<void> decide(const Options& options, Installation& installation) {
  PHUSA_ASSIGN(const Bytes raw, from_hex(options.batch));
  PHUSA_ASSIGN(const Hash batch, Hash::from(raw));
  const OfficeAct act = options.command == Command::kHeldAccept ? OfficeAct::kAccept : OfficeAct::kRefuse;
  return installation.engine().write([&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(const auto entry, transaction.entry_by_hash(batch));
    if (!entry) return fail(ErrorCode::kNotFound, "no batch has this hash; see phusa-server held");
    PHUSA_ASSIGN(const auto held, transaction.held_changes_at(entry->point.position));
    const bool is_held =
        std::any_of(held.begin(), held.end(), [&](const auto& c) { return c.index == options.index; });
    if (!is_held) return fail(ErrorCode::kNotFound, "this change is not held; see phusa-server held");
    PHUSA_TRY(installation.engine().append_office(transaction, act,
                                                  ingest::decision_payload(batch, options.index)));
    return {};
  });
}

Result<ingest::VerifyReport> verify(Installation& installation) {
  PHUSA_ASSIGN(const WorkFolder work,
               WorkFolder::make(installation.data(), WorkFolder::kVerify, installation.random()));
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  ledger::SqliteOptions where;
  where.path = (work.path() / "replay.sqlite").string();
  where.durable = false;
  PHUSA_ASSIGN(const auto scratch, ledger::open_sqlite_ledger(where, installation.random()));
  return ingest::verify(installation.engine_options(), *snapshot, *scratch);
}

Outcome outcome_of(const Options& options, Result<std::string> text) {
  if (!text) return failed(options.language, text.error());
  return {0, *std::move(text), "", ""};
}

}  // namespace

Outcome run_totals(const Options& options, Installation& installation) {
  return outcome_of(options, totals_text(options, installation));
}

Outcome run_held_list(const Options& options, Installation& installation) {
  return outcome_of(options, held_text(options, installation));
}

Outcome run_held_decide(const Options& options, Installation& installation) {
  const auto decided = decide(options, installation);
  if (!decided) return failed(options.language, decided.error());
  const Say what = options.command == Command::kHeldAccept ? Say::kAccepted : Say::kRefused;
  return {0, say(options.language, what), "", ""};
}

Outcome run_verify(const Options& options, Installation& installation) {
  const auto report = verify(installation);
  if (!report) return failed(options.language, report.error());
  if (report->differences_found == 0) {
    return {0, say(options.language, Say::kVerified, report->entries, report->records), "", ""};
  }
  Outcome out{1, "", "", ""};
  for (const std::string& difference : report->differences) out.out += difference + "\n";
  out.err = "phusa-server: " + say(options.language, Say::kDifferences, report->differences_found) + "\n";
  return out;
}

}  // namespace phusa::app
