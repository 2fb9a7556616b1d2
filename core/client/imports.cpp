#include "core/client/imports.hpp"

#include "core/base/hash.hpp"
#include "core/client/meta_keys.hpp"
#include "core/journal/certificate.hpp"
#include "core/merge/merge.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>

namespace phusa {
namespace {

/// The first 8 bytes of a hash of what a line or a record says.
using Said = std::uint64_t;

std::uint64_t short_hash(BytesView message) {
  return ByteReader(hash_of(message).view()).u64();
}

std::uint64_t block_of(const DeviceId& device, BytesView file_key) {
  Bytes message("phusa/import/1\0", 15);
  message.append(device.view());
  message.append(file_key);
  return short_hash(message);
}

/// What a line of a file can say.
bool can_be_said(FieldKey field) {
  switch (field.kind()) {
    case FieldKind::kUnit:
    case FieldKind::kKind:
    case FieldKind::kDay:
    case FieldKind::kLastDay:
    case FieldKind::kCampaigns:
    case FieldKind::kLabels:
    case FieldKind::kPartners:
    case FieldKind::kEvent:
    case FieldKind::kEventHeader:
    case FieldKind::kPlace:
    case FieldKind::kNote:
    case FieldKind::kValue:
      return true;
    case FieldKind::kMembers:
    case FieldKind::kHighlight:
    case FieldKind::kPhotos:
    case FieldKind::kRetracted:
    case FieldKind::kReview:
      return false;
  }
  return false;
}

/// Which parts of what is said are compared.
struct Parts {
  bool day = true;
  bool unit = true;
  bool words = true;  ///< else only that there are some: of a record whose words were erased
};

using Fields = std::map<FieldKey, BytesView>;

Said said_by(const Fields& fields, Parts parts) {
  Bytes message(parts.day ? "said on its day" : "said of any day");
  if (!parts.unit) message += " in any unit";
  if (!parts.words) message += " in any words";
  for (const auto& [field, value] : fields) {
    if (value.empty() || !can_be_said(field)) continue;
    if ((field == FieldKind::kDay && !parts.day) || (field == FieldKind::kUnit && !parts.unit)) continue;
    const BytesView compared = field.is_personal() && !parts.words ? BytesView("some") : value;
    put_u32(message, field.code);
    put_u32(message, static_cast<std::uint32_t>(compared.size()));
    message.append(compared);
  }
  return short_hash(message);
}

Fields fields_of(const Draft& draft) {
  Fields fields;
  for (const FieldValue& field : draft) fields.emplace(field.field, field.value);
  return fields;
}

/// What a line says, as it is remembered.
Said said_by(const ImportLine& line) {
  return said_by(fields_of(line.draft), {.day = line.has_day});
}

/// All ways in which a record may say what the line says, those first that leave less open.
std::vector<Said> ways_to_say(const ImportLine& line) {
  const Fields fields = fields_of(line.draft);
  std::vector<Said> ways;
  for (const bool words : {true, false}) {
    ways.push_back(said_by(fields, {line.has_day, true, words}));
    if (!line.has_unit) ways.push_back(said_by(fields, {line.has_day, false, words}));
  }
  return ways;
}

struct RecordFields {
  Fields fields;
  bool has_all_words = true;  ///< none was erased; else its leaf stands for it here
};

RecordFields fields_of(const RecordState& record) {
  RecordFields out;
  for (const Register& reg : record.registers) {
    const Node* node = merge::winner(record, reg.field);
    if (node == nullptr) continue;
    const bool is_erased = reg.field.is_personal() && node->text.empty() && !node->version.value.empty();
    if (is_erased) out.has_all_words = false;
    out.fields.emplace(reg.field, reg.field.is_personal() && !is_erased ? node->text : node->version.value);
  }
  return out;
}

FieldValue* event_of(Draft& draft) {
  for (FieldValue& field : draft) {
    if (field.field == FieldKind::kEvent) return &field;
  }
  return nullptr;
}

/// What is here, by what it says. Of records that say the same each stands for one line.
class RecordsHere {
 public:
  /// `is_mine`: of one's own person, who may have belonged to another unit.
  void add(const RecordId& id, const RecordState& record, bool is_mine) {
    is_retracted_[id] = merge::is_retracted(record);
    blocks_.insert({id.device, id.block});
    const RecordFields said = fields_of(record);
    for (const bool day : {true, false}) {
      add(id, said_by(said.fields, {day, true, said.has_all_words}));
      if (is_mine) add(id, said_by(said.fields, {day, false, said.has_all_words}));
    }
  }
  /// What it said when it was imported. Nothing where the record is not here.
  void add_said(const RecordId& id, Said said) {
    if (has(id)) add(id, said);
  }
  bool has(const RecordId& id) const { return is_retracted_.contains(id); }
  /// Devices with records here that they logged from this very file.
  std::vector<DeviceId> importers_of(BytesView file_key) const {
    std::vector<DeviceId> out;
    std::optional<std::pair<DeviceId, std::uint64_t>> last;
    for (const auto& [device, block] : blocks_) {
      if (!last || last->first != device) last = {device, block_of(device, file_key)};
      if (block == last->second) out.push_back(device);
    }
    return out;
  }
  bool is_retracted(const RecordId& id) const { return is_retracted_.at(id); }
  void take(const RecordId& id) { taken_.insert(id); }
  /// Takes one that says so; a retracted one last.
  std::optional<RecordId> take(Said said) {
    for (auto* by_said : {&good_, &retracted_}) {
      for (auto& ids = (*by_said)[said]; !ids.empty();) {
        const RecordId id = ids.front();
        ids.pop_front();
        if (taken_.insert(id).second) return id;
      }
    }
    return std::nullopt;
  }

 private:
  using BySaid = std::map<Said, std::deque<RecordId>>;

  void add(const RecordId& id, Said said) { (is_retracted(id) ? retracted_ : good_)[said].push_back(id); }

  std::map<RecordId, bool> is_retracted_;
  std::set<std::pair<DeviceId, std::uint64_t>> blocks_;
  std::set<RecordId> taken_;  ///< a line says it already
  BySaid good_, retracted_;
};

/// What an imported file's lines said, as it is kept: the block of their ids, then line and words of each.
Bytes kept_of(std::uint64_t block, std::span<const ImportLine> logged) {
  Bytes out;
  put_u64(out, block);
  for (const ImportLine& line : logged) {
    put_u32(out, line.line);
    put_u64(out, said_by(line));
  }
  return out;
}

/// `givers`: who may have given the ids; a block belongs to one of them.
void recall(BytesView kept, std::span<const DeviceId> givers, RecordsHere& here) {
  ByteReader in(kept);
  const std::uint64_t block = in.u64();
  while (in.ok() && in.remaining() > 0) {
    const std::uint32_t line = in.u32();
    const Said said = in.u64();
    for (const DeviceId& giver : givers) here.add_said({giver, block, line}, said);
  }
}

constexpr std::size_t kFileNameBytes = 8;

std::string meta_key_of(BytesView file_name) {
  return std::string(meta::kImportedPrefix) + to_hex(file_name);
}

/// `names`: of the files imported before.
Result<RecordsHere> load_records(store::Store& store, std::span<const DeviceId> givers, BytesView names,
                                 const std::function<bool(const DeviceId&)>& is_mine) {
  RecordsHere here;
  PHUSA_TRY(store.for_each_record([&](const store::RecordRows& rows) -> Result<void> {
    PHUSA_ASSIGN(const RecordId id, store.id_of(rows.id));
    PHUSA_ASSIGN(const Layers layers, decode_layers(id, rows));
    here.add(id, displayed(layers), is_mine(id.device));
    return {};
  }));
  for (; names.size() >= kFileNameBytes; names.remove_prefix(kFileNameBytes)) {
    PHUSA_ASSIGN(const auto file, store.get(meta_key_of(names.substr(0, kFileNameBytes))));
    if (file) recall(*file, givers, here);
  }
  return here;
}

/// Finds for each line the record that it is, in the order of who names whom as event.
class Matching {
 public:
  struct Match {
    RecordId id;
    bool is_here = false;
    bool is_alike = false;  ///< by what it says, or by somebody else's import: not surely the same
  };

  /// The ids that a line may have here.
  struct Ids {
    std::vector<RecordId> own;  ///< the one to give, then ones to know it by
    std::vector<RecordId> of_others;
  };

  Matching(std::vector<ImportLine>& lines, std::vector<Ids> ids, RecordsHere& here, bool others)
      : lines_(lines), ids_(std::move(ids)), here_(here), others_(others), matches_(lines.size()) {
    for (std::size_t i = 0; i < lines_.size(); ++i) index_.emplace(ids_[i].own.front(), i);
  }

  std::vector<std::optional<Match>> find_all() {
    for (std::size_t i = 0; i < lines_.size(); ++i) take(i, ids_[i].own, false);
    for (std::size_t i = 0; i < lines_.size() && !others_; ++i) take(i, ids_[i].of_others, true);
    for (bool goes_on = true; goes_on;) {
      goes_on = false;
      for (std::size_t i = 0; i < lines_.size(); ++i) {
        if (!matches_[i] && knows_event(i)) {
          find(i);
          goes_on = true;
        }
      }
    }
    // What is left names itself in a circle.
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!matches_[i]) find(i);
    }
    return std::move(matches_);
  }

 private:
  void take(std::size_t i, const std::vector<RecordId>& ids, bool is_alike) {
    for (const RecordId& id : ids) {
      if (matches_[i] || !here_.has(id)) continue;
      here_.take(id);
      matches_[i] = Match{id, true, is_alike};
    }
  }

  /// Whether the line's event, if it has one, is found; then the line names that.
  bool knows_event(std::size_t i) {
    FieldValue* event = event_of(lines_[i].draft);
    if (event == nullptr || event->value.empty()) return true;
    const auto id = value::record(event->value);
    const auto at = id ? index_.find(*id) : index_.end();
    if (at == index_.end()) return true;
    if (!matches_[at->second]) return false;
    event->value = value::of_record(matches_[at->second]->id);
    return true;
  }

  void find(std::size_t i) {
    std::optional<RecordId> alike;
    if (!others_) {
      for (const Said said : ways_to_say(lines_[i])) {
        if (!alike) alike = here_.take(said);
      }
    }
    matches_[i] = alike ? Match{*alike, true, true} : Match{ids_[i].own.front(), false, false};
  }

  std::vector<ImportLine>& lines_;
  const std::vector<Ids> ids_;
  RecordsHere& here_;
  const bool others_;
  std::map<RecordId, std::size_t> index_;
  std::vector<std::optional<Match>> matches_;
};

}  // namespace

Imports::Imports(Phone& phone) : phone_(phone), giver_(phone.identity_.device) {}

Result<Imports> Imports::of(Phone& phone) {
  Imports out(phone);
  const auto take = [&](const std::vector<Bytes>& chain) -> Result<void> {
    if (chain.empty() || out.predecessor_) return {};
    PHUSA_ASSIGN(const Certificate own, journal::decode_certificate(chain.front()));
    if (!own.predecessor) return {};
    out.predecessor_ = journal::predecessor_id(*own.predecessor);
    // Whom an officer vouched for may replace a phone that the server does not know yet, and until it does
    // holds what is logged under that one's ids.
    if (own.issuer == phone.identity_.server) out.giver_ = *out.predecessor_;
    return {};
  };
  PHUSA_TRY(take(phone.identity_.chain));
  // Who was moved or certified anew has a certificate that names none, and others from before.
  PHUSA_ASSIGN(const auto earlier, phone.store_->chains());
  for (const Bytes& kept : earlier) {
    PHUSA_ASSIGN(const auto chain, Phone::read_chain(kept));
    PHUSA_TRY(take(chain));
  }
  return out;
}

bool Imports::is_mine(const DeviceId& device) const {
  return phone_.is_mine({device, 0, 0}) || device == predecessor_;
}

RecordId Imports::id_of_line(BytesView file_key, std::uint32_t line) const {
  return {giver_, block_of(giver_, file_key), line};
}

Result<bool> Imports::must_sync_first() const {
  PHUSA_ASSIGN(const auto last_sync, phone_.store_->get(meta::kLastSync));
  return predecessor_.has_value() && !last_sync;
}

Result<Imported> Imports::import(BytesView file_key, std::vector<ImportLine> lines, Alike alike,
                                 bool check_only) const {
  PHUSA_ASSIGN(auto transaction, phone_.begin_write());
  PHUSA_TRY(phone_.require_joined());
  store::Store& store = *phone_.store_;
  const Bytes file_name(hash_of(file_key).view().substr(0, kFileNameBytes));
  Imported out;
  PHUSA_ASSIGN(const auto kept, store.get(meta_key_of(file_name)));
  out.was_imported_before = kept.has_value();
  std::vector<DeviceId> givers{giver_};
  for (const auto& other : {std::optional(phone_.identity_.device), predecessor_})
    if (other && *other != givers.front()) givers.push_back(*other);
  PHUSA_ASSIGN(const auto kept_names, store.get(meta::kImports));
  Bytes names = kept_names.value_or(Bytes());
  PHUSA_ASSIGN(RecordsHere here, load_records(store, givers, names,
                                              [this](const DeviceId& device) { return is_mine(device); }));
  std::vector<DeviceId> others_givers;
  for (const DeviceId& importer : here.importers_of(file_key)) {
    if (std::find(givers.begin(), givers.end(), importer) != givers.end()) continue;
    (is_mine(importer) ? givers : others_givers).push_back(importer);
  }
  std::vector<Matching::Ids> ids;
  for (const ImportLine& line : lines) {
    Matching::Ids& of_line = ids.emplace_back();
    for (const DeviceId& giver : givers) of_line.own.push_back({giver, block_of(giver, file_key), line.line});
    for (const DeviceId& giver : others_givers)
      of_line.of_others.push_back({giver, block_of(giver, file_key), line.line});
  }
  const bool others = alike == Alike::kOthers && !out.was_imported_before;
  const auto matches = Matching(lines, std::move(ids), here, others).find_all();
  std::vector<ImportLine> fresh;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Matching::Match& match = *matches[i];
    out.ids.push_back(match.id);
    if (match.is_here) out.alike.push_back({i, match.id, here.is_retracted(match.id)});
    if (match.is_alike && alike == Alike::kAsk) out.is_in_doubt = true;
    if (!match.is_here) fresh.push_back(std::move(lines[i]));
  }
  if (out.was_imported_before) out.is_in_doubt = false;
  if (out.was_imported_before || out.is_in_doubt || check_only || fresh.empty()) return out;

  const WallTime at = phone_.clock_.wall();
  for (const ImportLine& line : fresh) {
    bool is_new = false;
    PHUSA_TRY(phone_.log_one(id_of_line(file_key, line.line), line.draft, at, is_new));
    if (!is_new) return fail(ErrorCode::kInternal, "a new record's id is taken");
  }
  out.logged = static_cast<std::uint32_t>(fresh.size());
  PHUSA_TRY(store.put(meta_key_of(file_name), kept_of(block_of(givers.front(), file_key), fresh)));
  names.append(file_name);
  PHUSA_TRY(store.put(meta::kImports, names));
  PHUSA_TRY(transaction.commit());
  return out;
}

}  // namespace phusa
