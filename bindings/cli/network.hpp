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

/// Curl, with PHUSA_CA_FILE where it is set.
Answer<std::unique_ptr<Transport>> make_transport();

}  // namespace phusa::cli
