#include "sync-server/http/query_string.hpp"

#include "core/base/bytes.hpp"
#include "core/base/text.hpp"

namespace phusa::http {
namespace {

constexpr std::size_t kParametersMax = 64;

Result<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const auto byte = i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : Result<Bytes>(Bytes());
      if (!byte || byte->size() != 1)
        return fail(ErrorCode::kInvalidArgument, "a percent sign without two digits");
      out += *byte;
      i += 2;
    }
  }
  return to_nfc(out);
}

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> parse_query_string(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    if (part.empty()) continue;
    if (out.size() == kParametersMax) return fail(ErrorCode::kInvalidArgument, "too many parameters");
    const std::string_view name = part.substr(0, part.find('='));
    PHUSA_ASSIGN(std::string key, decode(name));
    PHUSA_ASSIGN(std::string value, decode(part.substr(std::min(name.size() + 1, part.size()))));
    out.emplace_back(std::move(key), std::move(value));
  }
  return out;
}

}  // namespace phusa::http
