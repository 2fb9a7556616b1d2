#include "core/store/store_impl.hpp"

namespace phusa::store {
namespace {

constexpr int kCountBits = 32;

RowId row_from(std::int64_t ref, std::uint32_t n) {
  return (ref << kCountBits) | n;
}

}  // namespace

Result<void> Store::Impl::load_blocks() {
  PHUSA_ASSIGN(auto* blocks, statement("SELECT ref, device, block FROM blocks WHERE ref > ? ORDER BY ref"));
  sqlite::Reading reading(*blocks);
  reading->bind(1, cache.last_ref);
  for (;;) {
    PHUSA_ASSIGN(const bool row, reading->step());
    if (!row) return {};
    const std::int64_t no = reading->integer(1);
    if (!cache.devices.contains(no)) {
      PHUSA_ASSIGN(auto* devices, statement("SELECT id FROM devices WHERE no = ?"));
      sqlite::Reading device(*devices);
      device->bind(1, no);
      PHUSA_ASSIGN(const bool found, device->step());
      if (!found) return fail(ErrorCode::kCorrupt, "the store's list of devices is damaged");
      PHUSA_ASSIGN(const DeviceId id, DeviceId::from(device->blob(0)));
      cache.devices.emplace(no, id);
    }
    const BlockCache::Key key{cache.devices.at(no), static_cast<std::uint64_t>(reading->integer(2))};
    cache.last_ref = reading->integer(0);
    cache.refs.emplace(key, cache.last_ref);
    cache.blocks.emplace(cache.last_ref, key);
  }
}

Result<std::optional<RowId>> Store::find_row(const RecordId& id) {
  const BlockCache::Key key{id.device, id.block};
  auto at = impl_->cache.refs.find(key);
  if (at == impl_->cache.refs.end()) {
    PHUSA_TRY(impl_->load_blocks());
    at = impl_->cache.refs.find(key);
  }
  if (at == impl_->cache.refs.end()) return std::optional<RowId>();
  return std::optional<RowId>(row_from(at->second, id.n));
}

Result<RowId> Store::row_of(const RecordId& id) {
  PHUSA_ASSIGN(const auto found, find_row(id));
  if (found) return *found;
  BlockCache& cache = impl_->cache;
  std::int64_t no = 0;
  for (const auto& [known_no, device] : cache.devices) {
    if (device == id.device) no = known_no;
  }
  if (no == 0) {
    no = cache.devices.empty() ? 1 : cache.devices.rbegin()->first + 1;
    PHUSA_STATEMENT(insert, "INSERT INTO devices(no, id) VALUES(?, ?)");
    insert->bind(1, no).bind_blob(2, id.device.view());
    PHUSA_TRY(insert->run());
    cache.devices.emplace(no, id.device);
  }
  const std::int64_t ref = cache.last_ref + 1;
  if (ref >= (std::int64_t{1} << 31))
    return fail(ErrorCode::kLimitExceeded, "the store has no room for more blocks");
  PHUSA_STATEMENT(insert, "INSERT INTO blocks(ref, device, block) VALUES(?, ?, ?)");
  insert->bind(1, ref).bind(2, no).bind(3, static_cast<std::int64_t>(id.block));
  PHUSA_TRY(insert->run());
  cache.last_ref = ref;
  cache.refs.emplace(BlockCache::Key{id.device, id.block}, ref);
  cache.blocks.emplace(ref, BlockCache::Key{id.device, id.block});
  return row_from(ref, id.n);
}

Result<std::optional<RecordId>> Store::find_ref(const RecordRef& ref) {
  PHUSA_TRY(impl_->load_blocks());
  std::optional<RecordId> found;
  for (const auto& [no, key] : impl_->cache.blocks) {
    if (block_hash_of(key.device, key.block) != ref.block_hash) continue;
    if (found) return fail(ErrorCode::kConflict, "two blocks have this id; name the record otherwise");
    found = RecordId{key.device, key.block, ref.n};
  }
  return found;
}

Result<RecordId> Store::id_of(RowId row) {
  const std::int64_t ref = row >> kCountBits;
  auto at = impl_->cache.blocks.find(ref);
  if (at == impl_->cache.blocks.end()) {
    PHUSA_TRY(impl_->load_blocks());
    at = impl_->cache.blocks.find(ref);
  }
  if (at == impl_->cache.blocks.end())
    return fail(ErrorCode::kCorrupt, "a stored record belongs to no block");
  return RecordId{at->second.device, at->second.block, static_cast<std::uint32_t>(row & 0xffffffff)};
}

}  // namespace phusa::store
