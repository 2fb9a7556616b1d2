#include "core/base/limits.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/sealing.hpp"
#include "core/merge/merge.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/facts.hpp"
#include "core/wire/page.hpp"
#include "tests/bench/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>

/// What workload W costs on the wire and in time, without HTTP: `wire_sizes FOLDER`, where gen.mjs wrote
/// dev-*.json. Times are beside a yardstick of the same run: a deep copy of the same rows in memory.
namespace phusa::bench {
namespace {

constexpr std::array kCampaigns = {"MHX-2025",  "XTN-2025",  "TNTN-2025", "CNX-2025",
                                   "HMTN-2025", "TSMT-2025", "TX-2025",   "NCH-2025"};
constexpr std::array kIndicators = {"blood_units", "trees",  "value_vnd", "participants",
                                    "gifts",       "houses", "road_m",    "hours"};

template <class Table>
std::uint32_t number_of(const Table& table, const std::string& code) {
  return static_cast<std::uint32_t>(std::find(table.begin(), table.end(), code) - table.begin());
}

std::uint32_t digits_of(const std::string& code) {
  return static_cast<std::uint32_t>(std::stoul(code.substr(1)));
}

struct Writer {
  journal::KeyPair key;
  DeviceId device;
  BatchSalt salt;
  std::uint64_t block = 0;
  std::uint32_t texts = 0;

  explicit Writer(std::uint8_t no) {
    KeySeed seed;
    seed.bytes.fill(no);
    key = journal::key_pair_from(seed);
    device = device_id_of(key.public_key);
    salt.bytes.fill(no);
    block = ByteReader(hash_of(device.view()).view()).u64();
  }

  FieldEdit edit(FieldKey field, Bytes value, std::string text = {}) {
    FieldEdit out;
    out.field = field;
    out.node.version = Version{Counts{0, 0, 1}, device, std::move(value)};
    if (!text.empty()) out.node.version.value = Bytes(journal::leaf_of(salt, texts++, text).view());
    out.node.text = std::move(text);
    return out;
  }
};

std::vector<FieldEdit> values_of(Writer& writer, const WorkloadRecord& record) {
  std::vector<FieldEdit> out;
  for (const auto& [code, value] : record.values) {
    out.push_back(writer.edit(FieldKey::value_of(IndicatorNo{number_of(kIndicators, code)}),
                              value::of_amount({value, Qualifier::kExact})));
  }
  std::sort(out.begin(), out.end(), [](const FieldEdit& a, const FieldEdit& b) { return a.field < b.field; });
  return out;
}

Change change_of(Writer& writer, const WorkloadRecord& record, std::uint32_t n, bool notes) {
  Change out;
  out.record = {writer.device, writer.block, n};
  out.logged_at = record.at;
  out.edits.push_back(writer.edit(FieldKind::kUnit, value::of_number(digits_of(record.unit))));
  out.edits.push_back(writer.edit(FieldKind::kKind, value::of_number(digits_of(record.kind) - 1)));
  out.edits.push_back(writer.edit(FieldKind::kDay, value::of_day(*parse_day(record.day))));
  if (!record.campaign.empty()) {
    out.edits.push_back(
        writer.edit(FieldKind::kCampaigns, value::of_numbers({number_of(kCampaigns, record.campaign)})));
  }
  if (notes && !record.note.empty()) out.edits.push_back(writer.edit(FieldKind::kNote, {}, record.note));
  for (FieldEdit& edit : values_of(writer, record)) out.edits.push_back(std::move(edit));
  return out;
}

/// What the edit names is what stood there.
void follow(FieldEdit& edit, const Register* reg) {
  if (reg == nullptr) return;
  edit.node.names = {name_of(edit.field, reg->nodes.front().version)};
  edit.node.version.counts = reg->nodes.front().version.counts;
  ++edit.node.version.counts.volunteer;
}

/// The changes of one device, and the states they lead to.
struct Journal {
  Writer writer;
  std::vector<Change> created;
  std::vector<Change> later;  ///< amendments and retractions
  std::vector<RecordState> states;

  explicit Journal(std::uint8_t no) : writer(no) {}
};

RecordState state_after(const Change& change) {
  RecordState state;
  state.id = change.record;
  merge::join(state, change);
  return state;
}

void amend(Journal& journal, RecordState& state, const WorkloadRecord& record) {
  Change change;
  change.record = state.id;
  change.logged_at = record.at;
  std::vector<FieldEdit> values = values_of(journal.writer, record);
  for (const Register& reg : state.registers) {  // what is no longer there becomes blank
    const auto same = [&](const FieldEdit& edit) { return edit.field == reg.field; };
    if (reg.field.is_value() && std::none_of(values.begin(), values.end(), same)) {
      values.push_back(journal.writer.edit(reg.field, {}));
    }
  }
  std::sort(values.begin(), values.end(),
            [](const FieldEdit& a, const FieldEdit& b) { return a.field < b.field; });
  for (FieldEdit& edit : values) {
    if (merge::winning_value(state, edit.field) == edit.node.version.value) continue;
    follow(edit, state.find(edit.field));
    change.edits.push_back(std::move(edit));
  }
  merge::join(state, change);
  journal.later.push_back(std::move(change));
}

Journal journal_of(const WorkloadDevice& device, std::uint8_t no, bool notes) {
  Journal out(no);
  for (const WorkloadRecord& record : device.records) {
    out.created.push_back(
        change_of(out.writer, record, static_cast<std::uint32_t>(out.created.size() + 1), notes));
    out.states.push_back(state_after(out.created.back()));
  }
  const auto place_of = [&](const std::string& id) {
    return static_cast<std::size_t>(std::find_if(device.records.begin(), device.records.end(),
                                                 [&](const WorkloadRecord& r) { return r.id == id; }) -
                                    device.records.begin());
  };
  for (const WorkloadRecord& record : device.amends) amend(out, out.states[place_of(record.id)], record);
  for (const auto& [id, at] : device.deletes) {
    RecordState& state = out.states[place_of(id)];
    Change change{state.id, at, {}};
    change.edits.push_back(
        out.writer.edit(FieldKind::kRetracted, value::of_retraction({merge::content_digest(state)})));
    merge::join(state, change);
    out.later.push_back(std::move(change));
  }
  return out;
}

[[noreturn]] void give_up(const Error& error) {
  fmt::print(stderr, "wire_sizes: {}\n", error.context);
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) give_up(result.error());
  return std::move(*result);
}

struct Sealed {
  SealedBatch batch;
  std::vector<Leaf> leaves;
  std::vector<std::string> texts;
};

Sealed seal(const Writer& writer, std::span<const Change> changes, std::uint32_t number) {
  Sealed out;
  wire::PackedFacts packed = must(wire::pack_facts(changes, writer.device));
  out.texts = std::move(packed.texts);
  const PersonalPart personal{writer.salt, out.texts, {}};
  out.leaves = journal::leaves_of(writer.salt, out.texts);
  out.batch.header.number = number;
  out.batch.header.previous = hash_of("previous");
  out.batch.header.certificate = 1000;
  out.batch.header.catalogue_revision = 1;
  out.batch.header.catalogue_hash = hash_of("catalogue");
  out.batch.header.changes = static_cast<std::uint32_t>(changes.size());
  out.batch.header.facts_plain_bytes = packed.plain_bytes;
  out.batch.header.personal_plain_bytes = wire::personal_plain_bytes(personal);
  out.batch.facts = std::move(packed.facts);
  out.batch.personal = wire::pack_personal(personal);
  journal::seal(OrganisationId{}, writer.key, out.batch, out.leaves);
  return out;
}

/// Whole batches of `size`, the last of a device as small as it is.
double batch_bytes_per_change(const std::vector<Journal>& journals, std::size_t size, bool with_later) {
  std::size_t bytes = 0;
  std::size_t records = 0;
  for (const Journal& journal : journals) {
    std::vector<Change> changes = journal.created;
    if (with_later) changes.insert(changes.end(), journal.later.begin(), journal.later.end());
    std::uint32_t number = 2;
    for (std::size_t at = 0; at < changes.size(); at += size) {
      const std::span<const Change> part(changes.data() + at, std::min(size, changes.size() - at));
      bytes += wire::encode_batch(seal(journal.writer, part, number++).batch).size();
    }
    records += journal.created.size();
  }
  return static_cast<double>(bytes) / static_cast<double>(records);
}

using Deltas = std::vector<wire::RecordDelta>;

std::vector<Deltas> pages_of(const std::vector<Journal>& journals) {
  std::vector<Deltas> pages(1);
  std::size_t plain = 0;
  for (const Journal& journal : journals) {
    for (const RecordState& state : journal.states) {
      wire::RecordDelta delta = wire::delta_of(state);
      plain += wire::plain_bytes_of(delta);
      if (pages.back().size() == limits::kPageRecordsMax || plain > limits::kPagePlainBytesMax) {
        pages.emplace_back();
        plain = wire::plain_bytes_of(delta);
      }
      pages.back().push_back(std::move(delta));
    }
  }
  return pages;
}

/// Microseconds of this process's CPU per record, of the fastest of several runs.
template <class Work>
double fastest_us(std::size_t records, const Work& work) {
  double fastest = 1e9;
  for (int run = 0; run < 5; ++run) {
    const std::clock_t start = std::clock();
    work();
    const double took_us = static_cast<double>(std::clock() - start) * (1e6 / CLOCKS_PER_SEC);
    fastest = std::min(fastest, took_us / static_cast<double>(records));
  }
  return fastest;
}

void print_time(std::string_view what, double us, double yardstick_us) {
  fmt::print("{:<44}{:>8.2f} us {:>8.1f} x copy\n", what, us, us / yardstick_us);
}

void print_facts_times(const std::vector<Journal>& journals, std::size_t records) {
  std::vector<Sealed> batches;
  for (const Journal& journal : journals) batches.push_back(seal(journal.writer, journal.created, 2));
  std::size_t seen = 0;
  const double copy = fastest_us(records, [&] {
    for (const Journal& journal : journals) seen += std::vector<Change>(journal.created).size();
  });
  const double pack = fastest_us(records, [&] {
    for (const Journal& j : journals) seen += must(wire::pack_facts(j.created, j.writer.device)).facts.size();
  });
  const double unpack = fastest_us(records, [&] {
    for (std::size_t i = 0; i < batches.size(); ++i) {
      seen += must(wire::unpack_facts(batches[i].batch.facts, journals[i].writer.device, batches[i].leaves,
                                      batches[i].texts))
                  .size();
    }
  });
  const double personal = fastest_us(records, [&] {
    for (const Sealed& sealed : batches)
      seen += must(wire::unpack_personal(sealed.batch.personal)).texts.size();
  });
  print_time("copy changes", copy, copy);
  print_time("pack_facts (2,000)", pack, copy);
  print_time("unpack_facts (2,000)", unpack, copy);
  print_time("unpack_personal (2,000)", personal, copy);
  if (seen == 0) fmt::print("nothing was done\n");
}

void print_page_times(const std::vector<Deltas>& pages, std::size_t records) {
  std::vector<Bytes> packed;
  std::size_t bytes = 0;
  for (const Deltas& page : pages) packed.push_back(must(wire::pack_page(page)));
  for (const Bytes& page : packed) bytes += page.size();
  std::size_t seen = 0;
  const double copy = fastest_us(records, [&] {
    for (const Deltas& page : pages) seen += Deltas(page).size();
  });
  const double pack = fastest_us(records, [&] {
    for (const Deltas& page : pages) seen += must(wire::pack_page(page)).size();
  });
  const double unpack = fastest_us(records, [&] {
    for (const Bytes& page : packed) seen += must(wire::unpack_page(page)).size();
  });
  fmt::print("{:<44}{:>8.2f} bytes a record ({} pages)\n", "pages down, with notes",
             static_cast<double>(bytes) / static_cast<double>(records), pages.size());
  print_time("copy deltas", copy, copy);
  print_time("pack_page", pack, copy);
  print_time("unpack_page", unpack, copy);
  if (seen == 0) fmt::print("nothing was done\n");
}

int run(const std::string& folder) {
  const std::vector<WorkloadDevice> devices = must(read_workload(folder, 100));
  std::vector<Journal> bare;
  std::vector<Journal> whole;
  std::size_t records = 0;
  for (const WorkloadDevice& device : devices) {
    const auto no = static_cast<std::uint8_t>(bare.size() + 1);
    bare.push_back(journal_of(device, no, false));
    whole.push_back(journal_of(device, no, true));
    records += device.records.size();
  }
  for (const std::size_t size : {std::size_t{20}, std::size_t{100}, limits::kChangesPerBatchMax}) {
    fmt::print("{:<44}{:>8.2f} bytes a change\n", fmt::format("batches of {}, new records, no notes", size),
               batch_bytes_per_change(bare, size, false));
    fmt::print("{:<44}{:>8.2f} bytes a change\n", fmt::format("batches of {}, new records, with notes", size),
               batch_bytes_per_change(whole, size, false));
  }
  fmt::print("{:<44}{:>8.2f} bytes a record\n", "first push: notes, amended, retracted",
             batch_bytes_per_change(whole, limits::kChangesPerBatchMax, true));
  print_facts_times(whole, records);
  print_page_times(pages_of(whole), records);
  return 0;
}

}  // namespace
}  // namespace phusa::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: wire_sizes FOLDER   (node gen.mjs FOLDER 20 2000 fills it)\n");
    return 2;
  }
  return phusa::bench::run(argv[1]);
}
