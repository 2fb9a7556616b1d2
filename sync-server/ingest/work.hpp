#pragma once

#include "core/merge/merge.hpp"
#include "sync-server/ingest/admission.hpp"

namespace phusa::ingest {

/// One record between being read and being written.
struct Admission::Work {
  ledger::RecordRow row;  ///< as stored; its state bytes are stale while `state` is at work
  RecordState state;
  std::optional<RecordState> counted;  ///< what the totals hold of it now
  bool is_new = false;
  bool learnt = false;
  HoldReason held_change = HoldReason::kNone;  ///< least reason of its held changes
  bool others_joined = false;                  ///< held changes of other batches were admitted on the way
};

}  // namespace phusa::ingest
