#pragma once

#include "core/model/batch.hpp"

#include <string>
#include <vector>

namespace phusa::sim {

/// A phone whose requests (tests/sim/frozen/) were written in the protocol's first frame, and must be read
/// for ever. They were made by hand once that frame was no longer the latest; those that the first release's
/// own programs sent are in tests/e2e/first_release.
struct FrozenPhone {
  struct Paper {
    Bytes encoded;
    DeviceId subject_id;
    std::string unit;
    PersonId person;
  } certificate;
  Bytes token;
  std::vector<Bytes> requests;
};
const FrozenPhone& frozen_phone();

}  // namespace phusa::sim
