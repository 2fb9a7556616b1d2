#include "core/journal/personal.hpp"

namespace phusa::journal {

Leaf leaf_of(const BatchSalt& salt, std::uint32_t index, std::string_view text) {
  Bytes salted(salt.view());
  put_u32(salted, index);
  const Hash own_salt = hash_of(salted);
  const Hash hash = Hasher().add(BytesView("phusa/leaf/1\0", 13)).add(own_salt.view()).add(text).finish();
  return *Leaf::from(hash.view().substr(0, Leaf::kSize));
}

std::vector<Leaf> leaves_of(const BatchSalt& salt, std::span<const std::string> texts) {
  std::vector<Leaf> leaves;
  leaves.reserve(texts.size());
  for (std::uint32_t i = 0; i < texts.size(); ++i) leaves.push_back(leaf_of(salt, i, texts[i]));
  return leaves;
}

Hash personal_hash(std::span<const Leaf> leaves) {
  Bytes message("phusa/personal/1\0", 17);
  put_u32(message, static_cast<std::uint32_t>(leaves.size()));
  for (const Leaf& leaf : leaves) message.append(leaf.view());
  return hash_of(message);
}

}  // namespace phusa::journal
