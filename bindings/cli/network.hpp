#pragma once

#include "bindings/cli/door.hpp"
#include "bindings/cli/shell.hpp"
#include "core/net/transport.hpp"

namespace phusa::cli {

/// How a sync or a join ended, and the last thing the network said, which tells a person more than "no
/// network".
struct NetworkOutcome {
  v1::Finished finished;
  HttpFailure last_failure = HttpFailure::kNone;
};

/// Does what the door asks for until it says Finished: requests through `transport`, waits, progress on a
/// terminal. Ctrl-C ends it as cancelled; a second one ends the program. One at a time per process.
Answer<NetworkOutcome> run_network(Door& door, Transport& transport, const Shell& shell);

/// Why the network did not carry it, in the person's words: what the transport saw says more than "no
/// network".
std::string network_sentence(const Shell& shell, const NetworkOutcome& outcome);

/// Says so when `url` is plain http beyond this machine.
void warn_if_unprotected(const Shell& shell, const std::string& url);

/// METHOD_STATUS
Answer<v1::StatusReply> status_of(Door& door);

/// Curl, with PHUSA_CA_FILE where it is set.
Answer<std::unique_ptr<Transport>> make_transport();

}  // namespace phusa::cli
