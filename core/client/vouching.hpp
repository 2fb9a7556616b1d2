#pragma once

#include "core/client/phone.hpp"

namespace phusa {

/// Letting a phone in without a network: the new phone writes a request, an officer's phone vouches for it,
/// the new phone joins with the welcome it gets. Acts on one phone's store, one transaction a call. The
/// office judges when it first hears of the device (core/README.md, law 10): what was logged meanwhile waits
/// for that, and is never lost.
class Vouching {
 public:
  explicit Vouching(Phone& phone) : phone_(phone) {}

  /// A request file. Of one store always with the same key and token, so that the last one made counts as
  /// well as the first. kConflict: joined already.
  Result<Bytes> request(const Applicant& applicant);

  struct Offer {
    std::string unit;      ///< code; empty: the officer's own
    std::string replaces;  ///< hex of a device, or nothing
    bool check_only = false;
  };
  struct Vouched {
    Bytes welcome;
    DeviceId device;
    std::string name;
    std::string unit;
    std::uint32_t left = 0;
  };
  /// Signs a volunteer's certificate. The same request for the same unit gives the same certificate and uses
  /// nothing up. kForbidden: not an officer, or a unit of others; kLimitExceeded: as many as the office
  /// allowed; kNotFound: no such unit; kUnauthorized: not signed by the device it names; kConflict: it names
  /// a device whose place it takes, and the offer does not; kCorrupt: not a request.
  Result<Vouched> vouch(BytesView request, const Offer& offer);
  /// The device whose place a request says that it takes.
  static std::optional<DeviceId> named_predecessor(BytesView request);

  /// Joins with a welcome, whole or not at all; the first sync introduces the device. kUnauthorized: for
  /// another phone, or not of one piece up to the root; kConflict: joined already; kCorrupt: not a welcome.
  Result<void> join(BytesView welcome);

 private:
  Result<std::string> check_unit(const std::string& code) const;
  Result<std::optional<PublicKey>> predecessor(const std::string& typed,
                                               const std::vector<store::VouchedRow>& vouched) const;
  Result<Bytes> certify(const PublicKey& subject, const std::string& unit,
                        const std::optional<PublicKey>& replaced);
  Result<Bytes> welcome_for(const Bytes& certificate);

  Phone& phone_;
};

}  // namespace phusa
