#include "core/net/curl/curl_transport.hpp"

#include "core/base/clock.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <mutex>
#include <utility>

namespace phusa {
namespace {

struct HeaderListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct EasyFree {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using HeaderList = std::unique_ptr<curl_slist, HeaderListFree>;
using Easy = std::unique_ptr<CURL, EasyFree>;

/// A request under way. libcurl keeps pointers into it, so it never moves.
struct Transfer {
  HttpRequest request;
  HttpOutcome outcome;
  Easy easy;
  HeaderList headers;
  bool too_large = false;
  char error[CURL_ERROR_SIZE] = {};
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (size > transfer.request.reply_bytes_max - transfer.outcome.reply.body.size()) {
    transfer.too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  transfer.outcome.reply.body.append(data, size);
  return size;
}

/// The one place where libcurl shows every byte that goes out or comes in, headers and framing included:
/// CURLINFO_REQUEST_SIZE counts a part of the body or none, depending on how it was sent.
int on_traffic(CURL*, curl_infotype type, char*, std::size_t size, void* self) {
  auto& traffic = static_cast<Transfer*>(self)->outcome.traffic;
  if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT) traffic.up += size;
  if (type == CURLINFO_HEADER_IN || type == CURLINFO_DATA_IN) traffic.down += size;
  return 0;
}

HttpFailure failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return HttpFailure::kNone;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return HttpFailure::kBadUrl;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
      return HttpFailure::kNameUnknown;
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
      return HttpFailure::kNoConnection;
    case CURLE_OPERATION_TIMEDOUT:
      return HttpFailure::kTimedOut;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
      return HttpFailure::kCertificate;
    case CURLE_FILESIZE_EXCEEDED:
      return HttpFailure::kTooLarge;
    default:
      return HttpFailure::kBroken;  // libcurl's list is long and grows; all the rest broke on the way
  }
}

bool names_header(const std::vector<std::string>& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [name](std::string_view header) {
    return header.size() > name.size() && header[name.size()] == ':' &&
           std::equal(name.begin(), name.end(), header.begin(),
                      [](char a, char b) { return std::tolower(a) == std::tolower(b); });
  });
}

HeaderList header_list(const HttpRequest& request) {
  HeaderList list;
  const auto add = [&list](const char* header) {
    if (auto* head = curl_slist_append(list.get(), header)) {
      static_cast<void>(list.release());
      list.reset(head);
    }
  };
  for (const auto& header : request.headers) add(header.c_str());
  // A header with nothing behind its colon takes away what libcurl would send by itself. Bytes are counted,
  // and "Expect: 100-continue" costs a round trip that the server's library never answers.
  for (const char* name : {"Expect", "Accept", "User-Agent", "Content-Type"}) {
    if (!names_header(request.headers, name)) add((std::string(name) + ":").c_str());
  }
  return list;
}

}  // namespace

struct CurlTransport::Impl {
  ~Impl() {
    for (auto& [id, transfer] : transfers) curl_multi_remove_handle(multi, transfer->easy.get());
    transfers.clear();
    if (multi != nullptr) curl_multi_cleanup(multi);
    spare.reset();
    if (share != nullptr) curl_share_cleanup(share);
  }

  void set_up(Transfer& transfer);
  void finish(std::uint64_t id, CURLcode code);
  void fail_now(HttpRequest request, HttpFailure failure, std::string text);
  bool take_cancelled();  // whether somebody woke the poll
  void take_finished();

  Options options;
  CURLM* multi = nullptr;
  CURLSH* share = nullptr;  // TLS sessions; used by the polling thread alone, so it needs no locks
  Easy spare;
  std::map<std::uint64_t, std::unique_ptr<Transfer>> transfers;
  std::vector<HttpOutcome> answered;
  std::mutex mutex;  // guards the two below
  std::vector<std::uint64_t> cancelled;
  bool woken = false;
};

Result<std::unique_ptr<CurlTransport>> CurlTransport::create(Options options) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return fail(ErrorCode::kInternal, "libcurl cannot start");
  if (!options.ca_file.empty()) {
    std::FILE* file = std::fopen(options.ca_file.c_str(), "rb");
    if (file == nullptr) {
      return fail(ErrorCode::kIo,
                  "the file of certificate authorities '" + options.ca_file + "' cannot be read");
    }
    std::fclose(file);
  }
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->multi = curl_multi_init();
  impl->share = curl_share_init();
  if (impl->multi == nullptr || impl->share == nullptr)
    return fail(ErrorCode::kInternal, "libcurl has no memory");
  curl_share_setopt(impl->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  curl_share_setopt(impl->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_multi_setopt(impl->multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  return std::unique_ptr<CurlTransport>(new CurlTransport(std::move(impl)));
}

CurlTransport::CurlTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CurlTransport::~CurlTransport() = default;

void CurlTransport::Impl::set_up(Transfer& transfer) {
  CURL* easy = transfer.easy.get();
  const auto& request = transfer.request;
  curl_easy_setopt(easy, CURLOPT_SHARE, share);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>(std::chrono::ceil<std::chrono::seconds>(request.stall_timeout).count()));
  curl_easy_setopt(easy, CURLOPT_SSL_OPTIONS, static_cast<long>(CURLSSLOPT_NATIVE_CA));
  if (!options.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  if (is_loopback(request.url)) curl_easy_setopt(easy, CURLOPT_PROXY, "");

  transfer.headers = header_list(request);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
  if (request.method == "GET") {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    if (request.method != "POST") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.reply_bytes_max));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_traffic);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, &transfer);
}

void CurlTransport::Impl::fail_now(HttpRequest request, HttpFailure failure, std::string text) {
  HttpOutcome outcome;
  outcome.id = request.id;
  outcome.failure = failure;
  outcome.failure_text = std::move(text);
  answered.push_back(std::move(outcome));
}

void CurlTransport::start(HttpRequest request) {
  if (impl_->transfers.contains(request.id)) {
    return impl_->fail_now(std::move(request), HttpFailure::kBroken, "this request is under way already");
  }
  auto transfer = std::make_unique<Transfer>();
  transfer->easy = impl_->spare ? std::move(impl_->spare) : Easy(curl_easy_init());
  if (!transfer->easy) {
    return impl_->fail_now(std::move(request), HttpFailure::kBroken, "libcurl has no memory");
  }
  transfer->outcome.id = request.id;
  transfer->request = std::move(request);
  impl_->set_up(*transfer);
  if (const auto code = curl_multi_add_handle(impl_->multi, transfer->easy.get()); code != CURLM_OK) {
    return impl_->fail_now(std::move(transfer->request), HttpFailure::kBroken, curl_multi_strerror(code));
  }
  const auto id = transfer->outcome.id;
  impl_->transfers.emplace(id, std::move(transfer));
}

void CurlTransport::Impl::finish(std::uint64_t id, CURLcode code) {
  auto node = transfers.extract(id);
  auto& transfer = *node.mapped();
  CURL* easy = transfer.easy.get();
  auto outcome = std::move(transfer.outcome);
  outcome.failure = transfer.too_large ? HttpFailure::kTooLarge : failure_of(code);
  // "Received HTTP/0.9" goes under the same code as an address that is not http.
  if (outcome.failure == HttpFailure::kBadUrl && outcome.traffic.up > 0)
    outcome.failure = HttpFailure::kNotHttp;
  if (code == CURLE_ABORTED_BY_CALLBACK) outcome.failure = HttpFailure::kCancelled;
  if (outcome.failure == HttpFailure::kNone) {
    long status = 0;
    const char* type = nullptr;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    outcome.reply.status = static_cast<std::uint32_t>(status);
    if (type != nullptr) outcome.reply.content_type = type;
  } else {
    outcome.reply = {};
    outcome.failure_text = transfer.too_large          ? "the reply is longer than is allowed"
                           : transfer.error[0] != '\0' ? transfer.error
                                                       : curl_easy_strerror(code);
  }
  curl_multi_remove_handle(multi, easy);
  curl_easy_reset(easy);
  spare = std::move(transfer.easy);
  answered.push_back(std::move(outcome));
}

bool CurlTransport::Impl::take_cancelled() {
  std::vector<std::uint64_t> ids;
  bool was_woken = false;
  {
    const std::lock_guard lock(mutex);
    ids.swap(cancelled);
    was_woken = std::exchange(woken, false);
  }
  for (const auto id : ids) {
    if (transfers.contains(id)) finish(id, CURLE_ABORTED_BY_CALLBACK);
  }
  return was_woken;
}

void CurlTransport::Impl::take_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto code = message->data.result;  // `message` is gone once its handle is removed
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    finish(transfer->outcome.id, code);
  }
}

std::vector<HttpOutcome> CurlTransport::poll(std::chrono::milliseconds timeout) {
  const SystemClock clock;
  const auto deadline = clock.monotonic() + timeout;
  for (;;) {
    const bool woken = impl_->take_cancelled();
    int running = 0;
    curl_multi_perform(impl_->multi, &running);
    impl_->take_finished();
    const auto rest = deadline - clock.monotonic();
    if (!impl_->answered.empty() || woken || rest.count() <= 0) return std::exchange(impl_->answered, {});
    const auto wait = std::min<std::chrono::milliseconds>(rest, std::chrono::minutes(1));
    curl_multi_poll(impl_->multi, nullptr, 0, static_cast<int>(wait.count()), nullptr);
  }
}

void CurlTransport::cancel(std::uint64_t id) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->cancelled.push_back(id);
    impl_->woken = true;
  }
  curl_multi_wakeup(impl_->multi);
}

void CurlTransport::wake() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->woken = true;
  }
  curl_multi_wakeup(impl_->multi);
}

std::size_t CurlTransport::under_way() const {
  return impl_->transfers.size() + impl_->answered.size();
}

}  // namespace phusa
