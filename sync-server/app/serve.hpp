#pragma once

#include "sync-server/app/commands.hpp"

namespace phusa::app {

/// `serve`: until SIGTERM or SIGINT, then answers what it took and returns. To be called before any thread is
/// started, for it blocks those signals in all of them.
Outcome run_serve(const Options& options, const Clock& clock, Random& random);

}  // namespace phusa::app
