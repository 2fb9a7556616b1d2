#include "sync-server/ingest/feed.hpp"

#include "core/base/limits.hpp"
#include "core/merge/state_codec.hpp"
#include "core/wire/page.hpp"
#include "sync-server/ingest/erasure.hpp"
#include "sync-server/ingest/office_feed.hpp"

#include <unordered_map>

namespace phusa::ingest {
namespace {

/// Out-of-scope rows a reader may pass again and again before it is worth the bytes to move its cursor.
constexpr std::size_t kRowsPassedFree = 64;

using Place = std::pair<std::uint64_t, std::uint64_t>;  // position, key

class PageBuilder {
 public:
  PageBuilder(ledger::Snapshot& snapshot, const World& world, const Scope& scope, const FeedRequest& request,
              bool reset)
      : snapshot_(snapshot), world_(world), scope_(scope), request_(request), reset_(reset) {
    bytes_max_ = request.page_bytes_max == 0 ? limits::kPagePlainBytesMax
                                             : std::min(request.page_bytes_max, limits::kPagePlainBytesMax);
  }

  Result<FeedPage> build(const Cursor& from) {
    // With the whole position read, its greatest possible key has been read.
    const ledger::RecordKey key = from.key.value_or(ledger::RecordKey{INT64_MAX});
    if (scope_.rank == Rank::kOfficer) PHUSA_TRY(read_departures(from.point.position, key));
    Result<void> trouble;
    PHUSA_TRY(snapshot_.for_each_changed(
        from.point.position, key,
        [&](const ledger::RecordRow& row) {
          ++passed_;
          return scope_.sees(row) && (reset_ || !request_.settled.contains(row.last_position));
        },
        [&](const ledger::RecordRow& row) {
          trouble = add_record(row);
          return trouble.has_value() && !full_;
        }));
    PHUSA_TRY(trouble);
    if (!full_) PHUSA_TRY(add_departures_before({UINT64_MAX, UINT64_MAX}));
    return finish(from);
  }

 private:
  Result<void> read_departures(std::uint64_t position, ledger::RecordKey key) {
    return snapshot_.for_each_departure(position, key, [&](const ledger::DepartureRow& row) {
      if (scope_.sees(row.unit)) departures_.push_back({row.position, row.key.value});
      return true;
    });
  }

  Result<void> add_departures_before(Place place) {
    while (!full_ && next_departure_ < departures_.size() && departures_[next_departure_] < place) {
      const Place departure = departures_[next_departure_++];
      if (departure == last_) continue;
      const ledger::RecordKey key{departure.second};
      PHUSA_ASSIGN(const auto row, snapshot_.record(key));
      if (row && scope_.sees(*row)) continue;  // it came back, or another unit of the scope has it
      wire::RecordDelta delta;
      PHUSA_ASSIGN(delta.id, id_of(key));
      delta.gone = true;
      add(std::move(delta), 32, departure);
    }
    return {};
  }

  Result<void> add_record(const ledger::RecordRow& row) {
    const Place place{row.last_position, row.key.value};
    PHUSA_TRY(add_departures_before(place));
    if (full_) return {};
    PHUSA_ASSIGN(const RecordId id, id_of(row.key));
    PHUSA_ASSIGN(const RecordState state, merge::decode_state(id, row.state));
    wire::RecordDelta delta;
    if (state.registers.empty() && row.held_change == HoldReason::kNone) {
      delta.id = id;  // nothing of it counts any more: its author's batches were revoked
      delta.gone = true;
    } else {
      delta = wire::delta_of(state);
      delta.hold = row.hold;
      delta.held_change = row.held_change;
    }
    const std::size_t bytes = wire::plain_bytes_of(delta);
    // A page holds at least one record, however small the reader wants it.
    if (!deltas_.empty() && bytes_ + bytes > bytes_max_) {
      full_ = true;
      return {};
    }
    add(std::move(delta), bytes, place);
    return {};
  }

  void add(wire::RecordDelta delta, std::size_t bytes, Place place) {
    deltas_.push_back(std::move(delta));
    bytes_ += bytes;
    last_ = place;
    full_ = deltas_.size() >= limits::kPageRecordsMax || bytes_ >= bytes_max_;
  }

  Result<RecordId> id_of(ledger::RecordKey key) {
    auto known = blocks_.find(key.block_no());
    if (known == blocks_.end()) {
      PHUSA_ASSIGN(const auto block, snapshot_.block_by_no(key.block_no()));
      if (!block) return fail(ErrorCode::kCorrupt, "a record's block is not in the ledger");
      known = blocks_.emplace(key.block_no(), *block).first;
    }
    return RecordId{known->second.device, known->second.block, key.n()};
  }

  Result<FeedPage> finish(const Cursor& from) {
    FeedPage page;
    page.reset = reset_;
    page.more = full_;
    if (!deltas_.empty()) {
      PHUSA_ASSIGN(page.page, wire::pack_page(deltas_));
    }
    PHUSA_ASSIGN(const LedgerPoint head, snapshot_.head());
    PHUSA_ASSIGN(OfficePage office, office_entries_after(snapshot_, world_, scope_, from.office));
    page.office_entries = std::move(office.entries);
    page.more |= office.more;
    Cursor to{head, std::nullopt, scope_.revision, office.read};
    if (full_) {
      PHUSA_ASSIGN(const auto point, snapshot_.point(last_.first));
      if (!point) return fail(ErrorCode::kCorrupt, "a record's last position is not in the ledger");
      to.point = *point;
      to.key = ledger::RecordKey{last_.second};
      if (head != to.point) to.read_at = head;
    }
    // Whoever learns of something must be able to miss it in a ledger that was restored to before: then the
    // cursor has to lie beyond it.
    const bool learns = !deltas_.empty() || !request_.settled.empty() || office.passed != 0 ||
                        request_.tells_more || from.key.has_value();
    const bool worth_it = learns || reset_ || passed_ > kRowsPassedFree;
    const bool moved = to.point != from.point || to.key != from.key || to.office != from.office;
    if (worth_it && (moved || reset_)) page.cursor = encode_cursor(to);
    return page;
  }

  ledger::Snapshot& snapshot_;
  const World& world_;
  const Scope& scope_;
  const FeedRequest& request_;
  const bool reset_;
  std::size_t bytes_max_ = 0;
  std::vector<Place> departures_;
  std::size_t next_departure_ = 0;
  std::vector<wire::RecordDelta> deltas_;
  std::size_t bytes_ = 0;
  std::size_t passed_ = 0;
  Place last_{};
  bool full_ = false;
  std::unordered_map<std::uint32_t, ledger::BlockRow> blocks_;
};

/// Where to go on, or nothing when the reader must start again.
Result<std::optional<Cursor>> usable_cursor(ledger::Snapshot& snapshot, const Scope& scope,
                                            const FeedRequest& request) {
  PHUSA_ASSIGN(const bool held, holds_seen(snapshot, request.cursor, request.seen));
  if (!held) return std::optional<Cursor>();
  if (request.cursor.empty()) return std::optional<Cursor>(Cursor{});
  const auto cursor = decode_cursor(request.cursor);
  return cursor && cursor->scope == scope.revision ? std::optional<Cursor>(*cursor) : std::optional<Cursor>();
}

/// A cursor from before words were erased is of another scope: its reader drops what it has and reads anew.
Result<Scope> with_erasures(ledger::Snapshot& snapshot, const Scope& given) {
  PHUSA_ASSIGN(const std::uint32_t mark, erasure_mark(snapshot));
  Scope scope = given;
  // Two marks by chance differ in the sum as they do by themselves, and a ledger without erasures keeps the
  // cursors that it gave.
  scope.revision += mark;
  return scope;
}

}  // namespace

bool Scope::sees(const ledger::RecordRow& row) const {
  if (rank == Rank::kOffice || (person != 0 && row.person == person)) return true;
  return rank == Rank::kOfficer && ((row.unit && sees(*row.unit)) || (row.home_unit && sees(*row.home_unit)));
}

Scope scope_of(const KnownDevice& device, const World& world) {
  Scope scope;
  const KnownDevice::Grant* newest = device.newest();
  if (newest == nullptr) return scope;
  const KnownDevice::Grant& grant = *newest;
  scope.rank = grant.rank;
  scope.person = world.person_of(device_id_of(device.key));
  if (grant.rank == Rank::kOfficer) {
    scope.units.resize(world.newest()->units.size(), false);
    if (const auto root = world.newest()->unit(grant.unit)) {
      for (const UnitNo unit : world.newest()->subtree(*root)) scope.units[unit.value] = true;
    }
  }
  Bytes message;
  put_u8(message, static_cast<std::uint8_t>(scope.rank));
  put_u32(message, scope.person);
  put_bytes(message, grant.unit);
  put_u32(message, grant.rank == Rank::kOfficer ? world.tree_revision() : 0);
  // A new certificate starts the feed again even where it lets the device read the same: with the reset comes
  // its chain, which the device needs to seal under it.
  if (device.grants.size() > 1) put_u32(message, grant.serial);
  scope.revision = short_hash_of(message);
  return scope;
}

Bytes encode_cursor(const Cursor& cursor) {
  Bytes out;
  put_varint(out, cursor.point.position);
  out.append(cursor.point.tag.view());
  put_u32(out, cursor.scope);
  const bool has_office = cursor.office != 0 || cursor.read_at;
  if (cursor.key || has_office) put_varint(out, cursor.key ? cursor.key->value : 0);
  if (has_office) put_varint(out, cursor.office);
  if (!cursor.read_at) return out;
  put_varint(out, cursor.read_at->position);
  out.append(cursor.read_at->tag.view());
  return out;
}

Result<Cursor> decode_cursor(BytesView bytes) {
  ByteReader in(bytes);
  Cursor cursor;
  cursor.point.position = in.varint_up_to(INT64_MAX);
  const auto tag = TransactionTag::from(in.take(TransactionTag::kSize));
  cursor.scope = in.u32();
  if (in.ok() && !in.at_end()) {
    const std::uint64_t key = in.varint_up_to(INT64_MAX);
    if (key != 0) cursor.key = ledger::RecordKey{key};
  }
  if (in.ok() && !in.at_end()) cursor.office = in.varint_up_to(INT64_MAX);
  if (in.ok() && !in.at_end()) {
    const std::uint64_t position = in.varint_up_to(INT64_MAX);
    const auto head = TransactionTag::from(in.take(TransactionTag::kSize));
    if (head) cursor.read_at = LedgerPoint{position, *head};
  }
  if (!in.done() || !tag) return fail(ErrorCode::kCorrupt, "not a cursor");
  cursor.point.tag = *tag;
  return cursor;
}

std::vector<LedgerPoint> seen_by(const wire::SyncRequest& request) {
  std::vector<LedgerPoint> seen = request.seen;
  if (request.furthest) seen.push_back(*request.furthest);
  return seen;
}

Result<bool> holds_seen(ledger::Snapshot& snapshot, BytesView cursor, std::vector<LedgerPoint> seen) {
  if (!cursor.empty()) {
    const auto read = decode_cursor(cursor);
    if (!read) return false;
    seen.push_back(read->point);
    if (read->read_at) seen.push_back(*read->read_at);
  }
  for (const LedgerPoint& point : seen) {
    if (point.position == 0) continue;
    PHUSA_ASSIGN(const auto here, snapshot.point(point.position));
    if (!here || *here != point) return false;
  }
  return true;
}

Result<FeedPage> next_page(ledger::Snapshot& snapshot, const World& world, const Scope& given,
                           const FeedRequest& request) {
  PHUSA_ASSIGN(const Scope scope, with_erasures(snapshot, given));
  PHUSA_ASSIGN(const auto cursor, usable_cursor(snapshot, scope, request));
  // A reader that has read nothing starts at the beginning anyway.
  const bool reset = !cursor && (!request.cursor.empty() || !request.seen.empty());
  PageBuilder builder(snapshot, world, scope, request, reset);
  return builder.build(cursor.value_or(Cursor{}));
}

}  // namespace phusa::ingest
