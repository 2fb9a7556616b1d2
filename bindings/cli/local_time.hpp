#pragma once

#include <string>

namespace phusa::cli {

/// `yyyy-mm-ddThh:mm:ssZ` as a clock in Việt Nam shows it (UTC+7 all year), `yyyy-mm-dd hh:mm`; any other
/// text as it is.
std::string local_time(const std::string& utc);

}  // namespace phusa::cli
