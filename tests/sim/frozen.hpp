#pragma once

#include "core/model/batch.hpp"

#include <string>
#include <vector>

namespace phusa::sim {

/// A phone whose bytes (tests/sim/frozen/) were made when the protocol was first frozen, and must be read for
/// ever.
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
