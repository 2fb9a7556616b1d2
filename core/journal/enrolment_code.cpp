#include "core/journal/enrolment_code.hpp"

#include "core/base/base32.hpp"

#include <algorithm>

namespace phusa::journal {
namespace {

constexpr std::size_t kBytes = EnrolmentSecret::kSize + RootFingerprint::kSize + 1;
constexpr std::size_t kDigits = kBytes * 8 / 5;
constexpr std::size_t kGroup = 5;
static_assert(kBytes * 8 == kDigits * 5);

char check_of(BytesView payload) {
  return hash_of(payload).view().front();
}

}  // namespace

RootFingerprint fingerprint_of(const OrganisationId& organisation) {
  RootFingerprint out;
  std::copy_n(organisation.bytes.begin(), out.bytes.size(), out.bytes.begin());
  return out;
}

std::string format_enrolment_code(const EnrolmentCode& code) {
  Bytes bytes(code.secret.view());
  bytes.append(code.root.view());
  bytes.push_back(check_of(bytes));
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t written = 0;
  for (const char byte : bytes) {
    bits = (bits << 8) | static_cast<std::uint8_t>(byte);
    for (held += 8; held >= 5;) {
      held -= 5;
      if (written != 0 && written % kGroup == 0) out.push_back('-');
      out.push_back(kBase32Digits[(bits >> held) & 31]);
      ++written;
    }
  }
  return out;
}

Result<EnrolmentCode> parse_enrolment_code(std::string_view text) {
  Bytes bytes;
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-' || c == ' ') continue;
    const auto digit = base32_value(c);
    if (!digit || ++digits > kDigits) {
      return fail(ErrorCode::kInvalidArgument,
                  "an enrolment code has 40 letters and digits, such as 7KQ3M-...; copy it whole");
    }
    bits = (bits << 5) | *digit;
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<char>((bits >> held) & 0xff));
    }
  }
  if (digits != kDigits) {
    return fail(ErrorCode::kInvalidArgument, "an enrolment code has 40 letters and digits; this has " +
                                                 std::to_string(digits) + ": copy it whole");
  }
  const BytesView payload = BytesView(bytes).substr(0, kBytes - 1);
  if (check_of(payload) != bytes.back()) {
    return fail(ErrorCode::kInvalidArgument,
                "the enrolment code has a mistyped letter: compare it with what the office gave");
  }
  EnrolmentCode out;
  out.secret = *EnrolmentSecret::from(payload.substr(0, EnrolmentSecret::kSize));
  out.root = *RootFingerprint::from(payload.substr(EnrolmentSecret::kSize));
  return out;
}

}  // namespace phusa::journal
