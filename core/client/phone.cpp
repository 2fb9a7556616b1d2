#include "core/client/phone.hpp"

#include "core/base/limits.hpp"
#include "core/client/meta_keys.hpp"
#include "core/journal/certificate.hpp"

#include <algorithm>
#include <tuple>

namespace phusa {

Phone::Phone(std::unique_ptr<store::Store> store, PhoneOptions options, Clock& clock, Random& random)
    : store_(std::move(store)), options_(std::move(options)), clock_(clock), random_(random) {}

Result<std::unique_ptr<Phone>> Phone::open(PhoneOptions options, Clock& clock, Random& random) {
  store::StoreOptions how;
  how.path = options.path;
  how.read_only = options.read_only;
  how.wait = options.wait;
  PHUSA_ASSIGN(auto store, store::Store::open(std::move(how)));
  std::unique_ptr<Phone> phone(new Phone(std::move(store), std::move(options), clock, random));
  PHUSA_TRY(phone->load_key());
  PHUSA_TRY(phone->store_->changed_elsewhere());
  PHUSA_TRY(phone->load_identity());
  PHUSA_TRY(phone->load_catalogue());
  phone->is_stale_ = false;
  return phone;
}

Result<void> Phone::load_key() {
  std::optional<KeySeed> seed = options_.seed;
  if (!seed) {
    PHUSA_ASSIGN(auto kept, store_->get(meta::kSeed));
    if (!kept) {
      PHUSA_ASSIGN(auto transaction, store_->begin_write());
      PHUSA_ASSIGN(kept, store_->get(meta::kSeed));  // another process may have been first
      if (!kept) {
        kept = Bytes(random_.fixed<KeySeed>().view());
        PHUSA_TRY(store_->put(meta::kSeed, *kept));
      }
      PHUSA_TRY(transaction.commit());
    }
    PHUSA_ASSIGN(seed, KeySeed::from(*kept));
  }
  identity_.key = journal::key_pair_from(*seed);
  identity_.device = device_id_of(identity_.key.public_key);
  return {};
}

Result<std::vector<Bytes>> Phone::read_chain(BytesView kept) {
  std::vector<Bytes> out;
  ByteReader in(kept);
  while (in.ok() && !in.at_end()) out.emplace_back(in.bytes(limits::kRequestBytesMax));
  if (!in.ok()) return fail(ErrorCode::kCorrupt, "the store's certificates are damaged");
  return out;
}

Result<void> Phone::load_identity() {
  Identity fresh;  // the old one stands until all of this is read
  fresh.key = identity_.key;
  fresh.device = device_id_of(fresh.key.public_key);
  PHUSA_ASSIGN(const auto chain_bytes, store_->get(meta::kChain));
  if (!chain_bytes) {
    identity_ = std::move(fresh);
    return {};
  }
  fresh.is_joined = true;
  std::vector<Certificate> chain;
  PHUSA_ASSIGN(fresh.chain, read_chain(*chain_bytes));
  for (const Bytes& link : fresh.chain) {
    PHUSA_ASSIGN(Certificate certificate, journal::decode_certificate(link));
    chain.push_back(std::move(certificate));
  }
  PHUSA_ASSIGN(const auto root, store_->get(meta::kRoot));
  if (chain.empty() || !root) return fail(ErrorCode::kCorrupt, "the store's certificates are damaged");
  if (chain.front().subject != fresh.key.public_key) {
    return fail(ErrorCode::kConflict, "the key handed in is not the one this store joined with");
  }
  PHUSA_ASSIGN(fresh.root, PublicKey::from(*root));
  fresh.organisation = organisation_id_of(fresh.root);
  fresh.server = chain.back().subject;
  fresh.certificate = chain.front().serial;
  fresh.rank = chain.front().rank;
  fresh.unit = chain.front().unit;
  fresh.person = chain.front().person;
  fresh.uses = chain.front().uses;
  if (chain.size() > 2) fresh.officer = chain[1].subject;
  if (chain.front().predecessor) fresh.predecessor = journal::predecessor_id(*chain.front().predecessor);
  PHUSA_ASSIGN(const auto name, store_->get(meta::kOrganisationName));
  PHUSA_ASSIGN(const auto url, store_->get(meta::kUrl));
  PHUSA_ASSIGN(const auto token, store_->get(meta::kToken));
  fresh.organisation_name = name.value_or("");
  fresh.url = url.value_or("");
  fresh.token = token.value_or("");
  identity_ = std::move(fresh);
  return {};
}

Result<void> Phone::load_catalogue() {
  PHUSA_ASSIGN(auto row, store_->newest_catalogue());
  if (!row) {
    catalogue_.reset();
    catalogue_row_ = {};
    return {};
  }
  if (catalogue_ && row->revision == catalogue_row_.revision && row->hash == catalogue_row_.hash) return {};
  PHUSA_ASSIGN(Catalogue catalogue, wire::decode_catalogue(row->encoded));
  catalogue_ = std::make_unique<Catalogue>(std::move(catalogue));
  row->encoded.clear();
  catalogue_row_ = std::move(*row);
  return {};
}

Result<void> Phone::reload() {
  is_stale_ = true;
  PHUSA_TRY(load_key());  // another one, where the organisation was left
  PHUSA_TRY(load_identity());
  PHUSA_TRY(load_catalogue());
  is_stale_ = false;
  return {};
}

Result<void> Phone::refresh() {
  PHUSA_ASSIGN(const bool changed, store_->changed_elsewhere());
  return changed || is_stale_ ? reload() : Result<void>();
}

/// After a commit that changed identity or catalogue. It is done, whether it can be read back now or not; if
/// not, the next call reads it first.
void Phone::take_up() {
  std::ignore = reload();
}

Result<void> Phone::require_joined() {
  if (is_stale_) PHUSA_TRY(reload());
  if (identity_.is_joined && catalogue_) return {};
  return fail(ErrorCode::kConflict,
              "this phone has not joined an organisation yet: join with the code from the office");
}

Result<store::Store::Transaction> Phone::begin_write() {
  const DeviceId device = identity_.device;
  const bool was_joined = identity_.is_joined;
  for (;;) {
    {
      PHUSA_ASSIGN(auto transaction, store_->begin_write());
      PHUSA_ASSIGN(const bool changed, store_->changed_elsewhere());
      is_stale_ |= changed;
      if (!is_stale_ && identity_.device == device && identity_.is_joined == was_joined) return transaction;
      if (!is_stale_) {
        return fail(ErrorCode::kBusy,
                    "another program has joined or left an organisation with this phone meanwhile: try again");
      }
    }
    PHUSA_TRY(reload());  // not under the lock: it may have to make a key
  }
}

Result<void> Phone::set_url(const std::string& url) {
  PHUSA_ASSIGN(auto transaction, begin_write());
  PHUSA_TRY(store_->put(meta::kUrl, url));
  PHUSA_TRY(transaction.commit());
  identity_.url = url;
  return {};
}

Result<void> Phone::note_error(const std::string& message) {
  PHUSA_ASSIGN(auto transaction, begin_write());
  PHUSA_TRY(message.empty() ? store_->drop(meta::kLastError) : store_->put(meta::kLastError, message));
  return transaction.commit();
}

Result<RecordId> Phone::find(const RecordRef& ref) {
  PHUSA_ASSIGN(const auto id, store_->find_ref(ref));
  if (!id) return fail(ErrorCode::kNotFound, "no record " + format_ref(ref) + " on this phone");
  PHUSA_TRY(layers(*id));
  return *id;
}

Result<Layers> Phone::layers(const RecordId& id) {
  PHUSA_ASSIGN(const auto row, store_->find_row(id));
  if (!row) return fail(ErrorCode::kNotFound, "no record " + format_ref(ref_of(id)) + " on this phone");
  PHUSA_ASSIGN(Layers out, layers_of(*row, id));
  if (!out.base && !out.own && !out.pending) {
    return fail(ErrorCode::kNotFound, "no record " + format_ref(ref_of(id)) + " on this phone");
  }
  return out;
}

Result<Layers> Phone::layers_of(store::RowId row, const RecordId& id) {
  PHUSA_ASSIGN(const auto base, store_->base(row));
  PHUSA_ASSIGN(const auto own, store_->own(row));
  PHUSA_ASSIGN(const auto pending, store_->pending(row));
  store::RecordRows rows;
  rows.id = row;
  rows.base = base ? &*base : nullptr;
  rows.own = own ? &*own : nullptr;
  rows.pending = pending ? &*pending : nullptr;
  return decode_layers(id, rows);
}

Result<Delivery> Phone::delivery_of(std::int64_t batch) {
  PHUSA_ASSIGN(const auto row, store_->batch(batch));
  if (row && row->state == store::BatchState::kAcknowledged) return Delivery::kAcknowledged;
  return row && row->handed_at ? Delivery::kHandedOver : Delivery::kSealed;
}

bool Phone::is_mine(const RecordId& id) const {
  return identity_.rank == Rank::kVolunteer || id.device == identity_.device ||
         id.device == identity_.predecessor;
}

Result<void> Phone::for_each(const std::function<Result<void>(const Shown&)>& visit) {
  PHUSA_ASSIGN(auto snapshot, store_->begin_read());
  std::optional<std::pair<std::int64_t, Delivery>> last_batch;  // neighbours share their batch
  return store_->for_each_record([&](const store::RecordRows& rows) -> Result<void> {
    PHUSA_ASSIGN(const RecordId id, store_->id_of(rows.id));
    PHUSA_ASSIGN(const Layers layers, decode_layers(id, rows));
    Delivery delivery = Delivery::kAcknowledged;
    if (layers.own) {
      if (!last_batch || last_batch->first != layers.own_batch) {
        PHUSA_ASSIGN(const Delivery of, delivery_of(layers.own_batch));
        last_batch = {layers.own_batch, of};
      }
      delivery = last_batch->second;
    }
    Shown shown{layers, displayed(layers), Stage::kSaved, static_cast<std::uint64_t>(rows.id)};
    shown.stage = stage_of(layers, shown.state, delivery);
    return visit(shown);
  });
}

Result<std::vector<Bytes>> Phone::chain_of(std::uint32_t certificate) {
  if (certificate == identity_.certificate) return identity_.chain;
  PHUSA_ASSIGN(const auto kept, store_->chain(certificate));
  return kept ? read_chain(*kept) : Result<std::vector<Bytes>>(identity_.chain);
}

Result<std::vector<store::HistoryRow>> Phone::history(const RecordId& id) {
  PHUSA_ASSIGN(const auto row, store_->find_row(id));
  if (!row) return fail(ErrorCode::kNotFound, "no record " + format_ref(ref_of(id)) + " on this phone");
  return store_->history(*row);
}

}  // namespace phusa
