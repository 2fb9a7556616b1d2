#include "tests/e2e/http/cases.hpp"

namespace phusa::test {
namespace {

const std::string kPost =
    "POST /v1/sync HTTP/1.1\r\nHost: phusa\r\nContent-Type: application/vnd.phusa.v1\r\n";
const std::string kSync = kPost + "Content-Length: {N}\r\n\r\n{SYNC}";
const std::string kGet = "GET /healthz HTTP/1.1\r\nHost: phusa\r\n";
/// A second request that only a confused reader sees.
const std::string kHidden = "GET /healthz HTTP/1.1\r\nHost: hidden\r\n\r\n";
const std::string kChunked = "Transfer-Encoding: chunked\r\n";
const std::string kEndOfChunks = "0\r\n\r\n";

std::string repeated(std::size_t count, const std::string& text) {
  std::string out;
  out.reserve(count * text.size());
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string with_nul(const std::string& before, const std::string& after) {
  return before + std::string(1, '\0') + after;
}

std::vector<HttpCase> smuggling() {
  const char* group = "two readings";
  const std::string tail = "\r\n" + kEndOfChunks + kHidden;
  return {
      {group, "a length, then chunks", kPost + "Content-Length: {N}\r\n" + kChunked + tail, "400, closed",
       "400"},
      {group, "chunks, then a length", kPost + kChunked + "Content-Length: 4\r\n" + tail, "400, closed",
       "400"},
      {group, "two lengths that differ",
       kPost + "Content-Length: {N}\r\nContent-Length: 3\r\n\r\n{SYNC}" + kHidden, "400, closed", "400"},
      {group, "the same length twice", kPost + "Content-Length: {N}\r\nContent-Length: {N}\r\n\r\n{SYNC}",
       "400, closed", "200"},
      {group, "a list of lengths", kPost + "Content-Length: {N}, {N}\r\n\r\n{SYNC}", "400, closed", "400"},
      {group, "chunks in an unknown coding", kPost + "Transfer-Encoding: xchunked\r\n" + tail, "501, closed",
       "411"},
      {group, "two codings", kPost + "Transfer-Encoding: gzip, chunked\r\n" + tail, "501, closed", "411"},
      {group, "chunks, then identity", kPost + "Transfer-Encoding: chunked, identity\r\n" + tail,
       "501, closed", "411"},
      {group, "two codings in two headers", kPost + kChunked + "Transfer-Encoding: identity\r\n" + tail,
       "400, closed", "411"},
      {group, "a coding behind a vertical tab",
       kPost +
           "Transfer-Encoding:\x0b"
           "chunked\r\n" +
           tail,
       "501, closed", "411"},
      {group, "a coding with a blank before the colon", kPost + "Transfer-Encoding : chunked\r\n" + tail,
       "400, closed", "411"},
      {group, "a coding on a continued line", kPost + "Transfer-Encoding:\r\n chunked\r\n" + tail,
       "400, closed", "400, closed"},
      {group, "a coding behind a bare line feed", kPost + "X: y\nTransfer-Encoding: chunked\r\n" + tail,
       "400, 200", "411"},
      {group, "chunks in HTTP/1.0", "POST /v1/sync HTTP/1.0\r\n" + kChunked + tail, "400, closed",
       "411, closed"},
      {group, "a second request as the body of a GET", kGet + "Content-Length: 39\r\n\r\n" + kHidden, "200",
       "200"},
  };
}

std::vector<HttpCase> lengths() {
  const char* group = "lengths";
  const auto length = [](const std::string& text) {
    return kPost + "Content-Length: " + text + "\r\n\r\n{SYNC}";
  };
  return {
      {group, "none", kPost + "\r\n", "411", "411"},
      {group, "empty", length(""), "400, closed", "411"},
      {group, "-1", length("-1"), "400, closed", "nothing"},
      {group, "+{N}", length("+{N}"), "400, closed", "400"},
      {group, "hexadecimal", length("0x10"), "400, closed", "400"},
      {group, "letters", length("many"), "400, closed", "400"},
      {group, "a number with something behind it", length("{N} bytes"), "400, closed", "400"},
      {group, "more than 64 bits", length("99999999999999999999"), "400, closed", "400"},
      {group, "over the limit, nothing sent", kPost + "Content-Length: 9000000\r\n\r\n", "413, closed",
       "nothing"},
      {group, "over the limit, all sent",
       kPost + "Content-Length: 9000000\r\n\r\n" + std::string(9'000'000, 'x'), "413, closed", "413"},
      {group, "shorter than the body",
       kPost + "Content-Length: 4\r\n\r\nPHS1 and more that nobody announced\r\n\r\n", "400, 400, closed",
       "400"},
      {group, "longer than the body, then an end", kPost + "Content-Length: 5000\r\n\r\n{SYNC}", "closed",
       "400", Then::kStopsSaying},
  };
}

std::vector<HttpCase> chunks() {
  const char* group = "chunks";
  const auto chunk = [](const std::string& size) {
    return kPost + kChunked + "\r\n" + size + "\r\n{SYNC}\r\n" + kEndOfChunks;
  };
  return {
      {group, "one that holds a whole sync", chunk("{X}"), "200", "411"},
      {group, "with an extension and a trailer",
       kPost + kChunked + "\r\n{X};name=value\r\n{SYNC}\r\n0\r\nX: y\r\n\r\n", "200", "411"},
      {group, "a size of -1", chunk("-1"), "400, closed", "ends"},
      {group, "a size of -5", chunk("-5"), "400, closed", "nothing"},
      {group, "a size of more than 64 bits", chunk("fffffffffffffffff"), "400, closed", "nothing"},
      {group, "a size of 2 GiB", chunk("7fffffff"), "413, closed", "nothing"},
      {group, "a size that is no number", chunk("zz"), "400, closed", "411"},
      {group, "an empty size", chunk(""), "400, closed", "411"},
      {group, "data longer than its size", chunk("2"), "400, closed", "411"},
      {group, "an extension of 64 KiB", chunk("{X};" + std::string(65'536, 'e')), "200", "nothing"},
      {group, "more than the limit in all",
       kPost + kChunked + "\r\n" + repeated(140, "10000\r\n" + std::string(65'536, 'x') + "\r\n") +
           kEndOfChunks,
       "413, closed", "411"},
      {group, "none at the end, then an end", kPost + kChunked + "\r\n{X}\r\n{SYNC}\r\n", "closed", "411",
       Then::kStopsSaying},
  };
}

std::vector<HttpCase> heads() {
  const char* group = "heads";
  return {
      {group, "a header of 64 KiB", kGet + "X: " + std::string(65'536, 'x') + "\r\n\r\n", "400, closed",
       "200"},
      {group, "5,000 headers", kGet + repeated(5'000, "X: y\r\n") + "\r\n", "400, closed", "200"},
      {group, "a path of 64 KiB", "GET /v1/" + std::string(65'536, 'x') + " HTTP/1.1\r\nHost: phusa\r\n\r\n",
       "414, closed", "404"},
      {group, "a line without a colon", kGet + "no colon here\r\n\r\n", "400, closed", "400, closed"},
      {group, "a blank before the colon", kGet + "X : y\r\n\r\n", "400, closed", "200"},
      {group, "an empty name", kGet + ": y\r\n\r\n", "400, closed", "400, closed"},
      {group, "a continued line", kGet + "X: a\r\n b\r\n\r\n", "400, closed", "400, closed"},
      {group, "bare line feeds", "GET /healthz HTTP/1.1\nHost: phusa\n\n", "200", "nothing"},
      {group, "a NUL in a header", with_nul(kGet + "X: a", "b\r\n\r\n"), "400, closed", "200"},
      {group, "a NUL in the path", with_nul("GET /healthz", " HTTP/1.1\r\nHost: phusa\r\n\r\n"),
       "400, closed", "200"},
      {group, "an empty line first", "\r\n" + kGet + "\r\n", "200", "200"},
      {group, "no Host", "GET /healthz HTTP/1.1\r\n\r\n", "400, closed", "200"},
      {group, "two Hosts", kGet + "Host: other\r\n\r\n", "400, closed", "200"},
      {group, "a Host with a blank in it", "GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", "400, closed",
       "200"},
      {group, "another's address in X-Forwarded-For", kGet + "X-Forwarded-For: 10.1.2.3\r\n\r\n", "200",
       "200"},
      {group, "a TLS greeting", with_nul(std::string("\x16\x03\x01", 3), "\x05\x01garbage\r\n\r\n"),
       "400, closed", "400, closed"},
      {group, "a path that climbs", "GET /v1/../../etc/passwd HTTP/1.1\r\nHost: phusa\r\n\r\n", "400, closed",
       "404"},
      {group, "a broken escape in the path", "GET /v1/%zz HTTP/1.1\r\nHost: phusa\r\n\r\n", "400, closed",
       "400"},
  };
}

std::vector<HttpCase> versions() {
  const char* group = "versions and methods";
  const auto bare = [](const std::string& line) { return line + "\r\nHost: phusa\r\n\r\n"; };
  return {
      {group, "HTTP/0.9", "GET /healthz\r\n", "bare, closed", "nothing"},
      {group, "HTTP/1.0", bare("GET /healthz HTTP/1.0"), "200, closed", "200, closed"},
      {group, "HTTP/9.9", bare("GET /healthz HTTP/9.9"), "505, closed", "200"},
      {group, "http/1.1", bare("GET /healthz http/1.1"), "400, closed", "200"},
      {group, "HTTP/2 without an agreement", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400, closed", "404"},
      {group, "an absolute address", bare("GET http://phusa/healthz HTTP/1.1"), "200", "200"},
      {group, "TRACE", bare("TRACE /healthz HTTP/1.1"), "405, closed", "405"},
      {group, "CONNECT", bare("CONNECT phusa:443 HTTP/1.1"), "400, closed", "404"},
      {group, "OPTIONS *", bare("OPTIONS * HTTP/1.1"), "400, closed", "404"},
      {group, "BREW", bare("BREW /healthz HTTP/1.1"), "405", "405"},
      {group, "no method", bare(" /healthz HTTP/1.1"), "400, closed", "400, closed"},
      {group, "HEAD", bare("HEAD /healthz HTTP/1.1"), "405", "405"},
      {group, "GET of the exchange", bare("GET /v1/sync HTTP/1.1"), "405", "405"},
      {group, "PUT of the exchange",
       "PUT /v1/sync HTTP/1.1\r\nHost: phusa\r\nContent-Length: {N}\r\n\r\n{SYNC}", "405", "405"},
      {group, "a way up to HTTP/2",
       kGet + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
       "200", "200"},
  };
}

std::vector<HttpCase> bodies() {
  const char* group = "bodies";
  return {
      {group, "another content type",
       "POST /v1/sync HTTP/1.1\r\nHost: phusa\r\nContent-Type: text/html\r\nContent-Length: "
       "{N}\r\n\r\n{SYNC}",
       "415", "415"},
      {group, "no content type", "POST /v1/sync HTTP/1.1\r\nHost: phusa\r\nContent-Length: {N}\r\n\r\n{SYNC}",
       "415", "415"},
      {group, "said to be gzip", kPost + "Content-Encoding: gzip\r\nContent-Length: {N}\r\n\r\n{SYNC}", "415",
       "415"},
      {group, "said to be deflate, and is",
       kPost + "Content-Encoding: deflate\r\nContent-Length: 12\r\n\r\n" +
           std::string("\x78\x9c\x0b\xf0\x08\x36\x04\x00\x02\x4d\x00\xfd", 12),
       "415", "415"},
      {group, "a body on a GET", kGet + "Content-Length: 3\r\n\r\nabc", "200", "200"},
      {group, "empty", kPost + "Content-Length: 0\r\n\r\n", "400", "400"},
      {group, "another page", kPost + "Content-Length: 6\r\n\r\n<html>", "400", "400"},
  };
}

std::vector<HttpCase> flows() {
  const char* group = "flow";
  const std::string get = kGet + "\r\n";
  return {
      {group, "a whole sync, a byte at a time", kSync, "200", "200", Then::kListens, true},
      {group, "Expect: 100-continue, and no waiting",
       kPost + "Expect: 100-continue\r\nContent-Length: {N}\r\n\r\n{SYNC}", "100, 200", "200"},
      {group, "Expect: 100-continue, and waiting",
       kPost + "Expect: 100-continue\r\nContent-Length: {N}\r\n\r\n", "100, 200", "nothing",
       Then::kContinues},
      {group, "Expect: miracles", kPost + "Expect: miracles\r\nContent-Length: {N}\r\n\r\n{SYNC}", "200",
       "200"},
      {group, "three requests at once", get + get + get, "200, 200, 200", "200"},
      {group, "one sync twice at once", kSync + kSync, "200, 200", "200, 400, closed"},
      {group, "another request after a 404", "GET /nothing HTTP/1.1\r\nHost: phusa\r\n\r\n" + get, "404, 200",
       "404"},
      // nginx gives up once it sees the close, which the answer may be in time for.
      {group, "a sync, then half a close", kSync, "closed", "200, closed", Then::kStopsSaying, false,
       "200, closed"},
      {group, "a sync, and gone", kSync, "nothing", "nothing", Then::kLeaves},
      {group, "a sync, and reset", kSync, "nothing", "nothing", Then::kResets},
      {group, "connected, and gone", "", "nothing", "nothing", Then::kLeaves},
      {group, "gone within the first line", "POST /v1/sy", "nothing", "nothing", Then::kLeaves},
      {group, "gone within the head", kPost, "nothing", "nothing", Then::kLeaves},
      {group, "gone after the head", kPost + "Content-Length: {N}\r\n\r\n", "nothing", "nothing",
       Then::kLeaves},
      {group, "gone within the body", kPost + "Content-Length: {N}\r\n\r\nPHS1", "nothing", "nothing",
       Then::kLeaves},
      {group, "reset within the body", kPost + "Content-Length: {N}\r\n\r\nPHS1", "nothing", "nothing",
       Then::kResets},
      {group, "gone within a chunk", kPost + kChunked + "\r\n100\r\nPHS1", "nothing", "nothing",
       Then::kLeaves},
      {group, "silent within the head", kPost, "closed", "nothing", Then::kStalls},
      {group, "silent within the body", kPost + "Content-Length: {N}\r\n\r\nPHS1", "closed", "nothing",
       Then::kStalls},
      {group, "silent within a chunk", kPost + kChunked + "\r\n100\r\nPHS1", "closed", "nothing",
       Then::kStalls},
      {group, "silent from the start", "", "closed", "nothing", Then::kStalls},
  };
}

}  // namespace

const std::vector<HttpCase>& http_cases() {
  static const std::vector<HttpCase> cases = [] {
    std::vector<HttpCase> all;
    for (auto group : {smuggling(), lengths(), chunks(), heads(), versions(), bodies(), flows()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    return all;
  }();
  return cases;
}

}  // namespace phusa::test
