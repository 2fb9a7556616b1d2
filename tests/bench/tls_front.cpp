#include "tests/bench/tls_front.hpp"

#include <fstream>

namespace phusa::bench {

std::optional<TlsFront> TlsFront::start(const std::filesystem::path& folder, int server_port) {
  std::filesystem::create_directories(folder);
  const std::string key = (folder / "key.pem").string();
  const std::string certificate = (folder / "certificate.pem").string();
  const test::Outcome made =
      test::run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                 "-keyout", key, "-out", certificate});
  if (made.status != 0 || test::run({"nginx", "-v"}).status != 0) return std::nullopt;

  const int port = test::free_port();
  const std::string at = folder.string();
  std::ofstream config(folder / "nginx.conf");
  config << "daemon off; worker_processes 1; pid " << at << "/pid; error_log " << at << "/error.log;\n"
         << "events { worker_connections 64; }\n"
         << "http { access_log off; server_tokens off; client_body_temp_path " << at
         << "/body; proxy_temp_path " << at << "/proxy; fastcgi_temp_path " << at << "/f; uwsgi_temp_path "
         << at << "/u; scgi_temp_path " << at << "/s;\n  server { listen 127.0.0.1:" << port
         << " ssl; ssl_certificate " << certificate << "; ssl_certificate_key " << key
         << "; client_max_body_size 1m;\n"
         << "    location / { proxy_pass http://127.0.0.1:" << server_port
         << "; proxy_http_version 1.0; } } }\n";
  config.close();
  auto nginx = test::Process::start({"nginx", "-p", at, "-c", at + "/nginx.conf"}, folder / "nginx.log");
  if (!nginx) return std::nullopt;
  return TlsFront(std::move(*nginx), port, certificate);
}

}  // namespace phusa::bench
