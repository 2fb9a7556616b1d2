#pragma once

#include "sync-server/access/enrolment.hpp"
#include "sync-server/http/http_server.hpp"

namespace phusa::http {

/// What answers each path. Thread-safe; never throws by itself.
///   POST /v1/sync, /v1/enrol     content type application/vnd.phusa.v1; a refusal is an encoded
///   wire::Refusal GET  /v1/totals, /v1/lines, /v1/held, /v1/status     JSON of office.proto, bearer token
///   GET  /                       the status page      GET /healthz    "ok"
class Routes {
 public:
  struct Parts {
    ingest::Engine& engine;
    ledger::Ledger& ledger;
    access::Enrolment& enrolment;
  };

  explicit Routes(const Parts& parts) : parts_(parts) {}

  Reply handle(const Request& request) const;

 private:
  Reply sync(const Request& request) const;
  Reply enrol(const Request& request) const;
  Reply json(const Request& request) const;
  Reply page(const Request& request) const;

  Parts parts_;
};

/// The HTTP status that goes with an error.
int http_status(ErrorCode code);

}  // namespace phusa::http
