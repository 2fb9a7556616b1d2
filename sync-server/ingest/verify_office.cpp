#include "sync-server/ingest/verify_office.hpp"

#include "sync-server/ingest/world.hpp"

#include <map>

namespace phusa::ingest {
namespace {

/// What it is -> its canonical bytes, long ones by their hash.
using Rows = std::map<std::string, Bytes>;

template <class... Parts>
Bytes joined(const Parts&... parts) {
  Bytes out;
  (out.append(parts.view()), ...);
  return out;
}

std::string of_device(const DeviceId& device) {
  return " of device " + device.hex();
}

Result<void> add_devices(ledger::Snapshot& snapshot, Rows& rows) {
  PHUSA_ASSIGN(const auto devices, snapshot.devices());
  for (const ledger::DeviceRow& row : devices) {
    Bytes bytes = joined(row.key, row.person);
    put_u8(bytes, static_cast<std::uint8_t>(row.rank));
    put_u8(bytes, row.revoked ? 1 : 0);
    put_u64(bytes, static_cast<std::uint64_t>(row.enrolled_at.time_since_epoch().count()));
    rows.emplace("device " + row.id.hex(), bytes + row.unit);
  }
  return {};
}

Result<void> add_grants(ledger::Snapshot& snapshot, Rows& rows) {
  PHUSA_ASSIGN(const auto grants, snapshot.grants());
  Hasher order;
  for (const ledger::GrantRow& row : grants) {
    Bytes name(row.device.view());
    put_u32(name, row.serial);
    order.add(name);
    Bytes bytes;
    put_u64(bytes, row.position);
    rows.emplace("certificate " + std::to_string(row.serial) + of_device(row.device),
                 bytes + row.certificate);
  }
  rows.emplace("the order of the certificates", order.finish().view());
  return {};
}

Result<void> add_doubts(ledger::Snapshot& snapshot, Rows& rows) {
  PHUSA_ASSIGN(const auto doubts, snapshot.doubts());
  for (const ledger::DoubtRow& row : doubts) {
    Bytes bytes;
    put_u64(bytes, row.position);
    put_u8(bytes, static_cast<std::uint8_t>(row.reason));
    rows.emplace("the doubt about certificate " + std::to_string(row.serial) + of_device(row.device),
                 bytes + row.certificate);
  }
  return {};
}

Result<void> add_revocations(ledger::Snapshot& snapshot, Rows& rows) {
  PHUSA_ASSIGN(const auto revocations, snapshot.revocations());
  for (const ledger::RevocationRow& row : revocations) {
    rows.emplace("the revocation" + of_device(row.device) + " after batch " + row.last_good.hex() +
                     " of journal " + row.journal.hex(),
                 Bytes());
  }
  return {};
}

Result<void> add_catalogues(ledger::Snapshot& snapshot, Rows& rows) {
  PHUSA_ASSIGN(const auto catalogues, snapshot.catalogues());
  for (const ledger::CatalogueRow& row : catalogues) {
    rows.emplace("catalogue revision " + std::to_string(row.revision),
                 joined(hash_of(row.encoded), row.hash, row.signature));
  }
  PHUSA_ASSIGN(const auto accepted, snapshot.accepted_revisions());
  for (const ledger::AcceptedRevisionRow& row : accepted) {
    rows.emplace(
        "the acceptance of lost revision " + std::to_string(row.revision) + " of hash " + row.hash.hex(),
        Bytes());
  }
  return {};
}

Result<void> add_decisions(ledger::Snapshot& snapshot, Rows& rows) {
  PHUSA_ASSIGN(const auto decisions, snapshot.decisions());
  for (const ledger::DecisionRow& row : decisions) {
    rows.emplace("the decision on change " + std::to_string(row.index) + " of batch " + row.batch.hex(),
                 row.accepted ? "accepted" : "refused");
  }
  return {};
}

Result<Rows> rows_of(ledger::Snapshot& snapshot) {
  Rows rows;
  PHUSA_TRY(add_devices(snapshot, rows));
  PHUSA_TRY(add_grants(snapshot, rows));
  PHUSA_TRY(add_doubts(snapshot, rows));
  PHUSA_TRY(add_revocations(snapshot, rows));
  PHUSA_TRY(add_catalogues(snapshot, rows));
  PHUSA_TRY(add_decisions(snapshot, rows));
  PHUSA_ASSIGN(const auto day, snapshot.meta(kDayComeKey));
  if (day) rows.emplace("the day that has come", *day);
  return rows;
}

}  // namespace

Result<void> compare_office(ledger::Snapshot& stored, ledger::Snapshot& replayed,
                            const std::function<void(std::string)>& differ) {
  PHUSA_ASSIGN(const Rows there, rows_of(stored));
  PHUSA_ASSIGN(const Rows expected, rows_of(replayed));
  for (const auto& [name, bytes] : there) {
    const auto at = expected.find(name);
    if (at == expected.end()) {
      differ(name + " follows from no entry of the office");
    } else if (at->second != bytes) {
      differ(name + " is stored otherwise than the office's entries say");
    }
  }
  for (const auto& [name, bytes] : expected) {
    if (!there.contains(name)) differ(name + " is missing");
  }
  return {};
}

}  // namespace phusa::ingest
