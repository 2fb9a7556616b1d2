#include "core/client/point.hpp"

namespace phusa {

Bytes write_point(const LedgerPoint& point) {
  Bytes out;
  put_varint(out, point.position);
  out.append(point.tag.view());
  return out;
}

std::optional<LedgerPoint> read_point(BytesView bytes) {
  ByteReader in(bytes);
  LedgerPoint point;
  point.position = in.varint();
  const auto tag = TransactionTag::from(in.take(TransactionTag::kSize));
  if (!in.ok() || !tag) return std::nullopt;
  point.tag = *tag;
  return point;
}

Bytes write_points(std::span<const LedgerPoint> points) {
  Bytes out;
  for (const LedgerPoint& point : points) out += write_point(point);
  return out;
}

std::vector<LedgerPoint> read_points(BytesView bytes) {
  std::vector<LedgerPoint> out;
  while (const auto point = read_point(bytes)) {
    out.push_back(*point);
    bytes.remove_prefix(write_point(*point).size());
  }
  return out;
}

std::string format_point(const LedgerPoint& point) {
  return std::to_string(point.position) + "." + point.tag.hex();
}

}  // namespace phusa
