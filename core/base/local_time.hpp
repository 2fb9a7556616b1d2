#pragma once

#include <string>

namespace phusa {

/// `yyyy-mm-ddThh:mm:ssZ` as a clock in Việt Nam shows it, `yyyy-mm-dd hh:mm`; anything else stays as it is.
std::string local_time(const std::string& utc);

}  // namespace phusa
