// What people type for an enrolment code.
#include "core/journal/enrolment_code.hpp"

#include "tests/fuzz/target.hpp"

using namespace phusa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto code = journal::parse_enrolment_code(fuzz::view_of(data, size));
  if (!code) return 0;
  const auto again = journal::parse_enrolment_code(journal::format_enrolment_code(*code));
  fuzz::expect(again.has_value() && *again == *code, "a code that was understood is understood as printed");
  return 0;
}
