#include "core/merge/edit.hpp"

#include "core/base/limits.hpp"

#include <algorithm>

namespace phusa::merge {

Result<Node> make_edit(FieldKey field, Rank rank, const DeviceId& author, const EditBase& base, Bytes value,
                       std::string text) {
  Node node;
  node.text = std::move(text);
  node.version.device = author;
  node.version.value = std::move(value);

  if (base.displayed != nullptr && base.displayed_is_known) node.names.push_back(name_of(field, base.displayed->version));
  if (base.pending != nullptr) {
    node.names.insert(node.names.end(), base.pending->names.begin(), base.pending->names.end());
  }
  if (base.last_sealed) node.names.push_back(*base.last_sealed);
  std::sort(node.names.begin(), node.names.end());
  node.names.erase(std::unique(node.names.begin(), node.names.end()), node.names.end());

  if (node.names.size() > limits::kNamesPerEditMax) {
    return fail(ErrorCode::kLimitExceeded, "too many versions seen since the last sealing");
  }

  // A restored server may show less than the author's own last sealed version: the edit must beat that, too.
  Counts counts = base.displayed != nullptr ? base.displayed->version.counts : Counts{};
  if (!node.names.empty()) counts = std::max(counts, node.names.back().counts);
  if (rank >= Rank::kOfficer) counts.volunteer = 0;
  if (rank >= Rank::kOffice) counts.officer = 0;
  const std::uint32_t seen = counts.of(rank);
  const std::uint32_t named = node.names.empty() ? 0 : node.names.back().counts.of(rank);
  if (seen >= limits::kCountMax) {
    return fail(ErrorCode::kLimitExceeded, "this field has been edited too often");
  }
  if (seen + 1 > named && seen + 1 - named > limits::kOwnCountStepMax) {
    return fail(ErrorCode::kLimitExceeded, "too many edits since the last sealing");
  }
  counts.of(rank) = seen + 1;
  node.version.counts = counts;
  return node;
}

}  // namespace phusa::merge
