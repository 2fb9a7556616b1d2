#pragma once

#include "core/model/batch.hpp"

#include <string>
#include <vector>

namespace phusa::sim {

/// A phone whose bytes were recorded once (tests/sim/frozen/) and must be understood for ever.
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

/// Records them anew, for a new version of the protocol beside the old one.
void write_frozen(const std::string& folder);

}  // namespace phusa::sim
