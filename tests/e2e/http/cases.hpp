#pragma once

#include <string>
#include <vector>

namespace phusa::test {

/// What the client does once its bytes are on their way.
enum class Then {
  kListens,      ///< and nothing else
  kStopsSaying,  ///< shuts its sending half
  kLeaves,       ///< closes without having read anything
  kResets,       ///< and the peer sees a reset
  kContinues,    ///< sends the body once it hears 100
  kStalls,       ///< neither sends the rest nor leaves
};

/// One way to speak HTTP, mostly badly, and what comes of it. docs/http.md shows the table.
struct HttpCase {
  const char* group;
  const char* name;
  /// `{SYNC}` stands for the body of a valid POST /v1/sync with a batch in it, `{N}` for its size.
  std::string bytes;
  const char* through_nginx;  ///< as Line::heard says it
  const char* direct;         ///< the same at the listener itself; "ends": the process does
  Then then = Then::kListens;
  bool drips = false;  ///< each byte in a packet of its own
  /// What else may come of it through nginx, where that depends on who is first.
  const char* or_else = nullptr;
};

const std::vector<HttpCase>& http_cases();

}  // namespace phusa::test
