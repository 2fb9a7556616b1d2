#include "tests/sim/frozen.hpp"

#include "core/journal/certificate.hpp"

#include <fstream>
#include <stdexcept>

namespace phusa::sim {
namespace {

constexpr const char* kFiles[] = {"certificate", "first_push", "edit", "all_again"};

Bytes read_hex(const std::string& name) {
  std::ifstream in(std::string(PHUSA_SIM_FROZEN_DIR) + "/" + name + ".hex");
  std::string hex;
  for (std::string line; std::getline(in, line);) hex += line;
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->empty()) throw std::runtime_error("no frozen bytes of " + name);
  return *bytes;
}

}  // namespace

const FrozenPhone& frozen_phone() {
  static const FrozenPhone phone = [] {
    FrozenPhone out;
    out.certificate.encoded = read_hex(kFiles[0]);
    const auto certificate = journal::decode_certificate(out.certificate.encoded);
    if (!certificate) throw std::runtime_error("the frozen certificate cannot be read");
    out.certificate.subject_id = device_id_of(certificate->subject);
    out.certificate.unit = certificate->unit;
    out.certificate.person = certificate->person;
    out.token = "a token of long ago, 32 bytes it is";
    for (int i = 1; i < 4; ++i) out.requests.push_back(read_hex(kFiles[i]));
    return out;
  }();
  return phone;
}

}  // namespace phusa::sim
