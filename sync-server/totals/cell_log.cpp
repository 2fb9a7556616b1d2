#include "sync-server/totals/cell_log.hpp"

#include "core/base/day.hpp"

#include <algorithm>

namespace phusa::totals {
namespace {

using ledger::CellKey;
using ledger::CoarseKey;
using ledger::Figures;

template <class Key>
void combine_all(std::vector<CellChange<Key>>& changes) {
  std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < changes.size();) {
    CellChange<Key> sum = changes[i];
    for (++i; i < changes.size() && changes[i].key == sum.key; ++i) sum.figures += changes[i].figures;
    if (!sum.figures.is_zero()) changes[kept++] = sum;
  }
  changes.erase(changes.begin() + static_cast<std::ptrdiff_t>(kept), changes.end());
}

void put_figures(Bytes& out, const Figures& figures) {
  put_signed_varint(out, figures.records);
  put_signed_varint(out, figures.more);
  put_signed_varint(out, figures.nearly);
  put_signed_varint(out, static_cast<std::int64_t>(figures.sum >> 32));
  put_varint(out, static_cast<std::uint64_t>(figures.sum & 0xffffffff));
}

Figures read_figures(ByteReader& in) {
  Figures figures;
  figures.records = in.signed_varint();
  figures.more = in.signed_varint();
  figures.nearly = in.signed_varint();
  figures.sum = static_cast<Int128>(in.signed_varint()) * (Int128{1} << 32);
  figures.sum += static_cast<Int128>(in.varint_up_to(UINT32_MAX));
  return figures;
}

std::uint32_t read_number(ByteReader& in) {
  return static_cast<std::uint32_t>(in.varint_up_to(UINT32_MAX));
}

ReviewState read_review(ByteReader& in) {
  return static_cast<ReviewState>(in.varint_up_to(2));
}

}  // namespace

void combine(std::vector<FineChange>& changes) {
  combine_all(changes);
}
void combine(std::vector<CoarseChange>& changes) {
  combine_all(changes);
}

Bytes pack(const std::vector<FineChange>& changes) {
  Bytes out;
  out.reserve(changes.size() * 16);
  for (const FineChange& change : changes) {
    put_varint(out, change.key.indicator.value);
    put_varint(out, change.key.unit.value);
    put_signed_varint(out, change.key.day);
    put_varint(out, change.key.kind.value);
    put_varint(out, change.key.campaigns);
    put_varint(out, change.key.labels);
    put_varint(out, static_cast<std::uint64_t>(change.key.review));
    put_figures(out, change.figures);
  }
  return out;
}

Bytes pack(const std::vector<CoarseChange>& changes) {
  Bytes out;
  for (const CoarseChange& change : changes) {
    put_varint(out, change.key.indicator.value);
    put_varint(out, change.key.unit.value);
    put_signed_varint(out, change.key.month);
    put_varint(out, static_cast<std::uint64_t>(change.key.review));
    put_figures(out, change.figures);
  }
  return out;
}

Result<std::vector<FineChange>> unpack_fine(BytesView packed) {
  std::vector<FineChange> changes;
  ByteReader in(packed);
  while (in.ok() && !in.at_end()) {
    FineChange change;
    change.key.indicator.value = read_number(in);
    change.key.unit.value = read_number(in);
    change.key.day = static_cast<std::int32_t>(in.signed_varint());
    change.key.kind.value = read_number(in);
    change.key.campaigns = read_number(in);
    change.key.labels = read_number(in);
    change.key.review = read_review(in);
    change.figures = read_figures(in);
    changes.push_back(change);
  }
  if (!in.ok()) return fail(ErrorCode::kCorrupt, "the log of totals cannot be read");
  return changes;
}

Result<std::vector<CoarseChange>> unpack_coarse(BytesView packed) {
  std::vector<CoarseChange> changes;
  ByteReader in(packed);
  while (in.ok() && !in.at_end()) {
    CoarseChange change;
    change.key.indicator.value = read_number(in);
    change.key.unit.value = read_number(in);
    change.key.month = static_cast<std::int32_t>(in.signed_varint());
    change.key.review = read_review(in);
    change.figures = read_figures(in);
    changes.push_back(change);
  }
  if (!in.ok()) return fail(ErrorCode::kCorrupt, "the coarse log of totals cannot be read");
  return changes;
}

std::int32_t month_of(std::int32_t day) {
  const std::chrono::year_month_day date(day_from_number(day));
  return static_cast<std::int32_t>(static_cast<int>(date.year()) * 12 +
                                   static_cast<int>(static_cast<unsigned>(date.month())) - 1);
}

CoarseKey coarse_of(const CellKey& key) {
  return {key.indicator, key.unit, month_of(key.day), key.review};
}

}  // namespace phusa::totals
