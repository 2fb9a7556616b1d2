#include "core/base/limits.hpp"
#include "tests/core/wire/samples.hpp"

namespace phusa::wire::test {
namespace {

Validity some_validity(Samples& samples) {
  Validity out;
  if (samples.once_in(2))
    out.from = day_from_number(static_cast<std::int64_t>(samples.below(40'000)) - 10'000);
  if (samples.once_in(3)) out.until = day_from_number(30'000);
  return out;
}

void name(Samples& samples, Entry& entry, const char* prefix, std::size_t no) {
  entry.code = prefix + std::to_string(no);
  entry.name = samples.text(4);
  if (samples.once_in(2)) entry.name_en = "in English";
}

template <class No>
std::vector<No> some_before(Samples& samples, std::size_t no) {
  std::vector<No> out;
  if (no > 0 && samples.once_in(2)) out.push_back(No{static_cast<std::uint32_t>(samples.below(no))});
  return out;
}

Bytes some_bytes(Samples& samples, std::size_t size) {
  Bytes out;
  while (out.size() < size) out.push_back(static_cast<char>(samples.below(256)));
  return out;
}

LedgerPoint some_point(Samples& samples) {
  return {1 + samples.below(1'000'000), samples.fixed<TransactionTag>()};
}

CatalogueSnapshot some_snapshot(Samples& samples) {
  return {static_cast<std::uint32_t>(1 + samples.below(9)), encode_catalogue(samples.catalogue()),
          samples.fixed<Signature>()};
}

// As the wire shows it: hashes cut to their first bytes.
BatchOnWire cut_short(SealedBatch batch) {
  const auto cut = [](Hash& hash) {
    for (std::size_t i = 4; i < Hash::kSize; ++i) hash.bytes[i] = 0;
  };
  cut(batch.header.previous);
  cut(batch.header.catalogue_hash);
  BatchOnWire out{std::move(batch), true, true};
  out.previous_is_short = out.batch.header.number > 1;
  return out;
}

JournalUp some_journal(Samples& samples, bool carried) {
  JournalUp out;
  if (carried) out.device_key = samples.fixed<PublicKey>();
  for (std::size_t left = samples.below(4); left > 0; --left)
    out.batches.push_back(cut_short(samples.sealed_batch()));
  for (std::size_t left = samples.below(3); left > 0; --left)
    out.certificates.push_back(some_bytes(samples, 150));
  return out;
}

Verdict some_verdict(Samples& samples, const TransactionTag& tag) {
  Verdict out;
  out.status = static_cast<VerdictStatus>(samples.below(6));
  if (out.is_durable()) {
    out.point = some_point(samples);
    if (samples.once_in(2)) out.point.tag = tag;
  }
  if (samples.once_in(4)) out.reason = static_cast<HoldReason>(1 + samples.below(4));
  std::uint32_t index = 0;
  for (std::size_t left = samples.once_in(3) ? samples.below(5) : 0; left > 0; --left) {
    out.held.push_back({index, static_cast<HoldReason>(5 + samples.below(5))});
    index += 1 + static_cast<std::uint32_t>(samples.below(100));
  }
  out.fork = samples.once_in(5);
  out.gap = samples.once_in(5);
  out.settled = samples.once_in(2);
  return out;
}

}  // namespace

Catalogue Samples::catalogue() {
  Catalogue out;
  out.revision = static_cast<std::uint32_t>(1 + below(9));
  const auto rows = [this](auto& table, const char* prefix, const auto& fill) {
    for (std::size_t no = 0, end = 1 + below(6); no < end; ++no) {
      auto& row = table.emplace_back();
      name(*this, row, prefix, no);
      fill(row, no);
    }
  };
  rows(out.units, "U", [this](Unit& unit, std::size_t no) {
    unit.kind = "branch";
    if (no > 0) unit.parent = UnitNo{static_cast<std::uint32_t>(below(no))};
    unit.validity = some_validity(*this);
    unit.successors = some_before<UnitNo>(*this, no);
    unit.contact = once_in(2) ? "0292 000 000" : "";
  });
  rows(out.clusters, "C", [&](Cluster& cluster, std::size_t) {
    cluster.members.push_back(
        {UnitNo{static_cast<std::uint32_t>(below(out.units.size()))}, some_validity(*this)});
  });
  rows(out.campaigns, "M", [this](Campaign& campaign, std::size_t no) {
    campaign.parents = some_before<CampaignNo>(*this, no);
    campaign.series = once_in(2) ? "MHX" : "";
    campaign.validity = some_validity(*this);
  });
  rows(out.indicators, "I", [this](Indicator& indicator, std::size_t no) {
    indicator.unit = "cây";
    indicator.decimals = static_cast<std::uint8_t>(below(4));
    if (once_in(2)) indicator.maximum = static_cast<std::int64_t>(below(1'000'000'000)) - 5;
    indicator.nature = once_in(3) ? Nature::kStock : Nature::kFlow;
    indicator.parents = some_before<IndicatorNo>(*this, no);
    indicator.per_event = once_in(3) ? PerEvent::kOnce : PerEvent::kSum;
    indicator.section = "II";
    indicator.year_starts = once_in(3) ? "11-01" : "";
  });
  rows(out.labels, "L", [](Label& label, std::size_t) { label.group = "level"; });
  rows(out.kinds, "K", [&](Kind& kind, std::size_t) {
    kind.indicators.push_back(
        {IndicatorNo{static_cast<std::uint32_t>(below(out.indicators.size()))}, once_in(2)});
    kind.labels.push_back({LabelNo{static_cast<std::uint32_t>(below(out.labels.size()))}, once_in(2)});
    kind.section = "II";
  });
  if (once_in(2)) out.box_key = some_bytes(*this, 32);
  out.office_tables.push_back({"targets", {"code", "measure"}, {{"t1", "sum"}, {"t2", ""}}});
  return out;
}

SealedBatch Samples::sealed_batch() {
  SealedBatch out;
  if (once_in(3)) out.header.journal = fixed<JournalId>();
  out.header.number = static_cast<std::uint32_t>(1 + below(5));
  if (out.header.number > 1) out.header.previous = fixed<Hash>();
  out.header.certificate = static_cast<std::uint32_t>(below(5'000));
  out.header.catalogue_revision = static_cast<std::uint32_t>(1 + below(20));
  out.header.catalogue_hash = fixed<Hash>();
  out.header.changes = static_cast<std::uint32_t>(below(limits::kChangesPerBatchMax + 1));
  out.header.facts_plain_bytes = static_cast<std::uint32_t>(below(limits::kBatchPlainBytesMax + 1));
  out.header.personal_plain_bytes = static_cast<std::uint32_t>(below(limits::kBatchPlainBytesMax + 1));
  out.facts = some_bytes(*this, below(50));
  out.personal = some_bytes(*this, below(50));
  for (std::size_t left = once_in(4) ? below(4) : 0; left > 0; --left) {
    out.sections.push_back({static_cast<std::uint32_t>(below(5)), some_bytes(*this, below(10))});
  }
  out.signature = fixed<Signature>();
  return out;
}

SyncRequest Samples::sync_request() {
  SyncRequest out;
  out.device_key = fixed<PublicKey>();
  out.token = some_bytes(*this, 32);
  for (std::size_t left = below(3); left > 0; --left) out.own.push_back(some_journal(*this, false));
  for (std::size_t left = below(3); left > 0; --left) out.carried.push_back(some_journal(*this, true));
  if (once_in(2)) out.cursor = some_bytes(*this, 20);
  if (once_in(2)) out.furthest = some_point(*this);
  if (once_in(4)) out.seen = {some_point(*this), some_point(*this)};
  out.catalogue_revision = static_cast<std::uint32_t>(below(4));
  out.catalogue_start = static_cast<std::uint32_t>(engine_());
  out.page_bytes_max = once_in(2) ? 65'536 : 0;
  out.push_only = once_in(4);
  for (std::size_t left = below(3); left > 0; --left) out.bundles.push_back(some_bytes(*this, 300));
  for (std::size_t left = below(3); left > 0; --left) out.office_entries.push_back(some_bytes(*this, 120));
  if (once_in(4)) out.catalogues.push_back(some_snapshot(*this));
  return out;
}

SyncReply Samples::sync_reply() {
  SyncReply out;
  if (!once_in(4)) out.tag = fixed<TransactionTag>();
  for (std::size_t left = below(5); left > 0; --left) out.verdicts.push_back(some_verdict(*this, out.tag));
  for (std::size_t left = below(3); left > 0; --left) {
    out.receipts.push_back(
        {once_in(2) ? std::optional(fixed<PublicKey>()) : std::nullopt, fixed<Signature>()});
  }
  const std::vector<RecordDelta> deltas{delta(), delta(), delta()};
  if (once_in(2)) out.page = *pack_page(deltas);
  out.cursor = some_bytes(*this, below(30));
  out.more = once_in(2);
  if (once_in(2)) out.catalogue = some_snapshot(*this);
  out.retry_after_s = static_cast<std::uint32_t>(below(3) * 30);
  out.reset = once_in(4);
  for (std::size_t left = below(3); left > 0; --left) out.office_entries.push_back(some_bytes(*this, 120));
  for (std::size_t left = below(3); left > 0; --left)
    out.bundles.push_back({static_cast<BundleStatus>(below(3)), some_bytes(*this, 100)});
  out.introduce = once_in(4);
  for (std::size_t left = below(3); left > 0; --left) out.certificates.push_back(some_bytes(*this, 150));
  return out;
}

EnrolRequest Samples::enrol_request() {
  EnrolRequest out;
  out.code = some_bytes(*this, 16);
  out.device_key = fixed<PublicKey>();
  out.token_hash = fixed<Hash>();
  out.signature = fixed<Signature>();
  out.name = once_in(2) ? "Nguyễn Văn A" : "";
  out.phone = once_in(2) ? "0900000000" : "";
  if (once_in(2)) out.predecessor = fixed<PublicKey>();
  for (std::size_t left = below(4); left > 0; --left) out.certificates.push_back(some_bytes(*this, 150));
  return out;
}

EnrolReply Samples::enrol_reply() {
  EnrolReply out;
  for (std::size_t left = 1 + below(3); left > 0; --left) out.certificates.push_back(some_bytes(*this, 150));
  out.root_key = fixed<PublicKey>();
  out.box_key = some_bytes(*this, 32);
  out.catalogue = some_snapshot(*this);
  out.organisation_name = text(5);
  return out;
}

}  // namespace phusa::wire::test
