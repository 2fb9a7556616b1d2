#pragma once

#include "tests/sim/verdict.hpp"

namespace phusa::sim {

/// The same plan with as few events, phones and network faults as still break the law.
Plan shrink(Plan plan, int law, const std::string& folder);

/// Branches that a campaign of any size should have reached, and this one did not.
std::vector<std::string> missing_marks(const Tally& reached);

}  // namespace phusa::sim
