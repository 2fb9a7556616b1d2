#include "core/client/file_contents.hpp"

namespace phusa {
namespace {

constexpr std::size_t kEntryBytes = 8 + Hash::kSize;

}  // namespace

void add_content(Bytes& contents, std::int64_t seq, const Hash& hash) {
  put_u64(contents, static_cast<std::uint64_t>(seq));
  contents += hash.view();
}

Result<void> for_each_content(BytesView contents,
                              const std::function<Result<void>(std::int64_t seq, const Hash& hash)>& visit) {
  if (contents.size() % kEntryBytes != 0)
    return fail(ErrorCode::kInvalidArgument, "these are not the contents of a file that was given");
  for (ByteReader reader(contents); reader.remaining() > 0;) {
    const auto seq = static_cast<std::int64_t>(reader.u64());
    PHUSA_ASSIGN(const Hash hash, Hash::from(reader.take(Hash::kSize)));
    PHUSA_TRY(visit(seq, hash));
  }
  return {};
}

}  // namespace phusa
