#include "core/base/limits.hpp"
#include "core/client/meta_keys.hpp"
#include "core/client/phone.hpp"
#include "core/client/point.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/sealing.hpp"
#include "core/merge/state_codec.hpp"
#include "core/wire/facts.hpp"

namespace phusa {

/// The batch of a row, with its header made whole again from what the store knows; nullopt: its bytes do not
/// give its hash any more. Only bytes that were read tell that: a store that cannot be read is an error.
Result<std::optional<SealedBatch>> Phone::read_sealed(const store::BatchRow& row) {
  const std::optional<SealedBatch> damaged;
  auto on_wire = wire::decode_batch(row.encoded);
  if (!on_wire) return damaged;
  BatchHeader& header = on_wire->batch.header;
  if (on_wire->previous_is_short && row.number > 1) {
    PHUSA_ASSIGN(const auto previous, store_->batch_numbered(row.journal, row.number - 1));
    if (!previous) return damaged;
    header.previous = previous->hash;
  }
  std::vector<Hash> catalogues{header.catalogue_hash};
  if (on_wire->catalogue_is_short) {
    PHUSA_ASSIGN(catalogues, store_->catalogue_hashes(row.catalogue_revision));
  }
  const auto personal = wire::unpack_personal(on_wire->batch.personal);
  if (!personal) return damaged;
  const std::vector<Leaf> leaves = journal::leaves_of(personal->salt, personal->texts);
  for (const Hash& catalogue : catalogues) {
    header.catalogue_hash = catalogue;
    const auto hash =
        journal::verify_batch(identity_.organisation, identity_.key.public_key, on_wire->batch, leaves);
    if (hash && *hash == row.hash) return std::optional(std::move(on_wire->batch));
  }
  return damaged;
}

/// A batch that the disk has damaged cannot be sent, but what was in it still lies in the own layer: that
/// becomes pending again and goes into a new batch. Where the old one had arrived after all, the versions are
/// the same ones and count once.
Result<void> Phone::seal_again(const store::BatchRow& damaged) {
  for (std::int64_t seq = damaged.seq;; ++seq) {
    PHUSA_ASSIGN(const auto batch, store_->batch(seq));
    if (!batch) break;
    PHUSA_ASSIGN(const auto rows, store_->own_of_batch(seq));
    for (const auto& [row, own] : rows) {
      PHUSA_ASSIGN(const RecordId id, store_->id_of(row));
      PHUSA_ASSIGN(RecordState state, merge::decode_state(id, own.state));
      for (Register& reg : state.registers) {
        if (reg.field.is_personal() && !reg.nodes.empty()) reg.nodes.front().version.value.clear();
      }
      PHUSA_ASSIGN(const auto pending, store_->pending(row));
      if (pending) {
        PHUSA_ASSIGN(const RecordState later, merge::decode_state(id, *pending));
        for (const Register& reg : later.registers) state.at(reg.field) = reg;
      }
      PHUSA_TRY(store_->put_pending(row, merge::encode_state(state)));
      PHUSA_TRY(store_->drop_own(row));
    }
  }
  store::BatchRow row = damaged;
  row.state = store::BatchState::kDamaged;
  PHUSA_TRY(store_->update_batch(row));
  return seal_pending();
}

Result<void> Phone::for_each_unacknowledged(
    const std::function<Result<bool>(store::BatchRow& row, const SealedBatch& whole)>& take) {
  for (std::int64_t after = 0;;) {
    PHUSA_ASSIGN(auto row, store_->next_unacknowledged(after));
    if (!row) return {};
    after = row->seq;
    PHUSA_ASSIGN(const auto whole, read_sealed(*row));
    if (!whole) {
      PHUSA_TRY(seal_again(*row));
      continue;
    }
    PHUSA_ASSIGN(const bool on, take(*row, *whole));
    if (!on) return {};
  }
}

Result<Phone::Loaded> Phone::load_outbox(std::size_t bytes_max, std::size_t batches_max,
                                         const std::set<std::int64_t>& passed_over) {
  PHUSA_ASSIGN(auto transaction, begin_write());
  PHUSA_TRY(require_joined());
  PHUSA_TRY(seal_pending());
  Loaded out;
  std::size_t bytes = 0;
  std::uint64_t changes_passed_over = 0;
  PHUSA_TRY(for_each_unacknowledged([&](store::BatchRow& row, const SealedBatch& whole) -> Result<bool> {
    if (passed_over.contains(row.seq)) {
      changes_passed_over += row.changes;
      return true;
    }
    Outbox::Item item{
        row.send_whole ? wire::encode_batch(whole, wire::HashForm::kWhole) : std::move(row.encoded),
        row.journal,
        row.changes,
        {}};
    if (row.send_chain) {
      PHUSA_ASSIGN(item.certificates, chain_of(whole.header.certificate));
    }
    bytes += item.encoded.size();
    if (!out.batches.empty() && bytes > bytes_max) return false;
    out.outbox.batches.push_back(std::move(item));
    out.batches.push_back(row.seq);
    return out.batches.size() < batches_max;
  }));
  PHUSA_TRY(load_extras(bytes < bytes_max ? bytes_max - bytes : 0, out));
  PHUSA_ASSIGN(const auto counts, store_->unacknowledged());
  PHUSA_ASSIGN(const auto cursor, store_->get(meta::kCursor));
  PHUSA_ASSIGN(const auto furthest, store_->get(meta::kFurthest));
  PHUSA_ASSIGN(const auto by_hand, store_->get(meta::kPointsByHand));
  PHUSA_ASSIGN(const auto introduce, store_->get(meta::kIntroduce));
  if (introduce) {
    PHUSA_ASSIGN(out.outbox.introduction, introduction());
  }
  PHUSA_TRY(transaction.commit());
  out.device = identity_.device;
  out.outbox.device_key = identity_.key.public_key;
  out.outbox.token = identity_.token;
  out.outbox.changes_left = counts.changes - std::min(counts.changes, changes_passed_over);
  out.outbox.cursor = cursor.value_or("");
  const auto point = furthest ? read_point(*furthest) : std::nullopt;
  const auto reached = cursor ? read_point(*cursor) : std::nullopt;
  if (point && (!reached || reached->position < point->position)) out.outbox.furthest = point;
  out.outbox.seen = read_points(by_hand.value_or(""));
  out.asked_about = out.outbox.seen;
  out.outbox.catalogue_revision = catalogue_row_.revision;
  out.outbox.catalogue_start = ByteReader(catalogue_row_.hash.view()).u32();
  return out;
}

}  // namespace phusa
