#include "core/net/transport.hpp"

#include <algorithm>

namespace phusa {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

std::string_view host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  // Whatever stands before the last '@' is a user's name: "http://127.0.0.1@elsewhere/" goes elsewhere.
  if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (!url.empty() && url.front() == '[') {
    const auto close = url.find(']');
    return close == std::string_view::npos ? url : url.substr(0, close + 1);
  }
  return url.substr(0, url.find(':'));
}

bool is_dotted_127(std::string_view host) {
  return host.substr(0, 4) == "127." && std::count(host.begin(), host.end(), '.') == 3 &&
         std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace

std::string_view failure_name(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::kNone:
      return "none";
    case HttpFailure::kBadUrl:
      return "bad_url";
    case HttpFailure::kNameUnknown:
      return "name_unknown";
    case HttpFailure::kNoConnection:
      return "no_connection";
    case HttpFailure::kTimedOut:
      return "timed_out";
    case HttpFailure::kCertificate:
      return "certificate";
    case HttpFailure::kBroken:
      return "broken";
    case HttpFailure::kNotHttp:
      return "not_http";
    case HttpFailure::kTooLarge:
      return "too_large";
    case HttpFailure::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

bool is_loopback(std::string_view url) {
  const auto host = host_of(url);
  return (host.size() == 9 && starts_with_word(host, "localhost")) || host == "[::1]" || is_dotted_127(host);
}

bool is_unprotected(std::string_view url) {
  return starts_with_word(url, "http://") && !is_loopback(url);
}

}  // namespace phusa
