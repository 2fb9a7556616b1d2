#include "core/net/curl/curl_transport.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/tiny_server.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <csignal>
#include <fstream>

namespace phusa {
namespace {

/// A TLS server whose certificate, for "127.0.0.1" alone, nobody signed but itself.
class TlsServer {
 public:
  TlsServer()
      : key_(EVP_EC_gen("P-256")), certificate_(X509_new()), context_(SSL_CTX_new(TLS_server_method())) {
    // OpenSSL writes to a line that a client which does not trust it has just closed. As our programs do.
    std::signal(SIGPIPE, SIG_IGN);
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    auto* name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1,
                               -1, 0);
    X509_set_issuer_name(certificate_, name);
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate_, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate_, key_, EVP_sha256());
    SSL_CTX_use_certificate(context_, certificate_);
    SSL_CTX_use_PrivateKey(context_, key_);
    server_ = std::make_unique<test::TinyServer>(
        [this](test::TinyConnection& connection) { serve(connection.socket()); });
  }
  ~TlsServer() {
    server_.reset();
    SSL_CTX_free(context_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }

  std::string url(const char* host = "127.0.0.1") const {
    return "https://" + std::string(host) + ":" + std::to_string(server_->port()) + "/";
  }
  int requests() const { return requests_; }
  int resumed() const { return resumed_; }
  void write_certificate(const std::filesystem::path& path) const {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    PEM_write_X509(file, certificate_);
    std::fclose(file);
  }

 private:
  /// One request a connection, so that the next one has to shake hands again.
  void serve(int socket) {
    SSL* ssl = SSL_new(context_);
    SSL_set_fd(ssl, socket);
    if (SSL_accept(ssl) == 1) {
      resumed_ += SSL_session_reused(ssl);
      char bytes[4096];
      if (SSL_read(ssl, bytes, sizeof bytes) > 0) {
        ++requests_;
        const auto reply = test::http_ok("text/plain", "ok");
        SSL_write(ssl, reply.data(), static_cast<int>(reply.size()));
        SSL_shutdown(ssl);
      }
    }
    SSL_free(ssl);
  }

  EVP_PKEY* key_;
  X509* certificate_;
  SSL_CTX* context_;
  std::atomic<int> requests_{0};
  std::atomic<int> resumed_{0};
  std::unique_ptr<test::TinyServer> server_;
};

HttpOutcome get(CurlTransport& transport, const std::string& url) {
  HttpRequest request;
  request.id = 1;
  request.method = "GET";
  request.url = url;
  request.reply_bytes_max = 1024;
  request.connect_timeout = std::chrono::seconds(60);
  request.stall_timeout = std::chrono::seconds(60);
  transport.start(std::move(request));
  for (;;) {
    auto outcomes = transport.poll(std::chrono::seconds(60));
    if (!outcomes.empty()) return std::move(outcomes.front());
  }
}

TEST(CurlTransportTls, AServerNobodyVouchesForGetsNothing) {
  TlsServer server;
  auto transport = CurlTransport::create({});
  ASSERT_TRUE(transport.has_value());
  EXPECT_EQ(get(**transport, server.url()).failure, HttpFailure::kCertificate);
  EXPECT_EQ(server.requests(), 0);
}

TEST(CurlTransportTls, AGivenAuthorityIsTrustedForItsOwnNameOnly) {
  const test::TemporaryFolder folder;
  TlsServer server;
  server.write_certificate(folder.path() / "ca.pem");
  auto transport = CurlTransport::create({.ca_file = (folder.path() / "ca.pem").string()});
  ASSERT_TRUE(transport.has_value());
  const auto outcome = get(**transport, server.url());
  EXPECT_EQ(outcome.failure, HttpFailure::kNone) << outcome.failure_text;
  EXPECT_EQ(outcome.reply.body, "ok");
  EXPECT_EQ(get(**transport, server.url("localhost")).failure, HttpFailure::kCertificate);
  EXPECT_EQ(server.requests(), 1);
}

TEST(CurlTransportTls, ASecondHandshakeResumesTheFirst) {
  const test::TemporaryFolder folder;
  TlsServer server;
  server.write_certificate(folder.path() / "ca.pem");
  auto transport = CurlTransport::create({.ca_file = (folder.path() / "ca.pem").string()});
  ASSERT_TRUE(transport.has_value());
  for (int i = 0; i < 3; ++i) {
    const auto outcome = get(**transport, server.url());
    EXPECT_EQ(outcome.failure, HttpFailure::kNone) << outcome.failure_text;
  }
  EXPECT_EQ(server.requests(), 3);
  EXPECT_EQ(server.resumed(), 2);
}

}  // namespace
}  // namespace phusa
