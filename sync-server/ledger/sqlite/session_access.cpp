#include "sync-server/ledger/sqlite/session.hpp"

namespace phusa::ledger {
namespace {

#define PHUSA_DEVICE_COLUMNS \
  "devices.id, key, person_numbers.id, person_no, rank, unit, token_hash, enrolled_at, last_seen, revoked "
#define PHUSA_DEVICE_TABLES "FROM devices JOIN person_numbers ON person_numbers.no = person_no "

DeviceRow device_at(const Statement& s) {
  DeviceRow row;
  row.id = s.fixed<DeviceId>(0);
  row.key = s.fixed<PublicKey>(1);
  row.person = s.fixed<PersonId>(2);
  row.person_no = static_cast<PersonNo>(s.integer(3));
  row.rank = static_cast<Rank>(s.integer(4));
  row.unit = std::string(s.bytes(5));
  row.token_hash = s.fixed<Hash>(6);
  row.enrolled_at = time_of(s.integer(7));
  row.last_seen = time_of(s.integer(8));
  row.revoked = s.integer(9) != 0;
  return row;
}

GrantRow grant_at(const Statement& s) {
  return {s.fixed<DeviceId>(0), static_cast<std::uint32_t>(s.integer(1)),
          static_cast<std::uint64_t>(s.integer(2)), Bytes(s.bytes(3))};
}

RevocationRow revocation_at(const Statement& s) {
  return {s.fixed<DeviceId>(0), s.fixed<JournalId>(1), s.fixed<Hash>(2)};
}

DoubtRow doubt_at(const Statement& s) {
  return {s.fixed<DeviceId>(0), static_cast<std::uint32_t>(s.integer(1)),
          static_cast<std::uint64_t>(s.integer(2)), static_cast<HoldReason>(s.integer(3)), Bytes(s.bytes(4))};
}

PersonRow person_at(const Statement& s) {
  return {s.fixed<PersonId>(0), std::string(s.bytes(1)), std::string(s.bytes(2))};
}

EnrolmentCodeRow code_at(const Statement& s) {
  EnrolmentCodeRow row;
  row.code_hash = s.fixed<Hash>(0);
  row.unit = std::string(s.bytes(1));
  row.rank = static_cast<Rank>(s.integer(2));
  row.uses_left = static_cast<std::uint32_t>(s.integer(3));
  row.expires_at = time_of(s.integer(4));
  row.made_at = time_of(s.integer(5));
  if (!s.bytes(6).empty()) row.replaces = s.fixed<PublicKey>(6);
  row.vouches = static_cast<std::uint32_t>(s.integer(7));
  return row;
}

ApiTokenRow token_at(const Statement& s) {
  ApiTokenRow row{s.fixed<Hash>(0), std::string(s.bytes(1)), std::nullopt, time_of(s.integer(3)),
                  s.integer(4) != 0};
  if (!s.is_null(2)) row.unit = std::string(s.bytes(2));
  return row;
}

template <class Row>
Result<std::vector<Row>> all(Statement& s, Row (*read)(const Statement&)) {
  std::vector<Row> rows;
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return rows;
    rows.push_back(read(s));
  }
}

template <class Row>
Result<std::optional<Row>> one(Statement& s, Row (*read)(const Statement&)) {
  PHUSA_ASSIGN(const bool found, s.step());
  if (!found) return std::optional<Row>();
  return std::optional<Row>(read(s));
}

Result<PersonNo> person_no_of(Connection& connection, const PersonId& id) {
  PHUSA_ASSIGN(auto s, connection.lend("SELECT no FROM person_numbers WHERE id = ?"));
  s.with(id.view());
  PHUSA_ASSIGN(const bool found, s.step());
  if (found) return static_cast<PersonNo>(s.integer(0));
  PHUSA_ASSIGN(const std::int64_t newest,
               connection.integer("SELECT coalesce(max(no), 0) FROM person_numbers"));
  PHUSA_ASSIGN(auto add, connection.lend("INSERT INTO person_numbers(no, id) VALUES(?,?)"));
  PHUSA_TRY(add.with(newest + 1).with(id.view()).run());
  return static_cast<PersonNo>(newest + 1);
}

}  // namespace

Result<std::vector<DeviceRow>> Session::devices() {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT " PHUSA_DEVICE_COLUMNS PHUSA_DEVICE_TABLES
                                        "ORDER BY enrolled_at, devices.id"));
  return all(s, device_at);
}

Result<std::optional<DeviceRow>> Session::device(const DeviceId& id) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("SELECT " PHUSA_DEVICE_COLUMNS PHUSA_DEVICE_TABLES "WHERE devices.id = ?"));
  s.with(id.view());
  return one(s, device_at);
}

Result<std::vector<GrantRow>> Session::grants() {
  PHUSA_ASSIGN(auto s,
               connection_.lend("SELECT device, serial, position, certificate FROM grants ORDER BY no"));
  return all(s, grant_at);
}

Result<std::vector<GrantRow>> Session::grants_of(const DeviceId& device) {
  PHUSA_ASSIGN(auto s,
               connection_.lend(
                   "SELECT device, serial, position, certificate FROM grants WHERE device = ? ORDER BY no"));
  s.with(device.view());
  return all(s, grant_at);
}

Result<std::vector<RevocationRow>> Session::revocations() {
  PHUSA_ASSIGN(auto s, connection_.lend(
                           "SELECT device, journal, last_good FROM revocations ORDER BY device, journal"));
  return all(s, revocation_at);
}

Result<std::vector<DoubtRow>> Session::doubts() {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT device, serial, position, reason, certificate FROM doubts "
                                        "ORDER BY device, serial"));
  return all(s, doubt_at);
}

Result<std::optional<PersonRow>> Session::person(const PersonId& id) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT id, name, phone FROM persons WHERE id = ?"));
  s.with(id.view());
  return one(s, person_at);
}

Result<std::vector<PersonRow>> Session::persons() {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT id, name, phone FROM persons ORDER BY id"));
  return all(s, person_at);
}

Result<std::vector<EnrolmentCodeRow>> Session::enrolment_codes() {
  PHUSA_ASSIGN(
      auto s,
      connection_.lend(
          "SELECT code_hash, unit, rank, uses_left, expires_at, made_at, replaces, vouches FROM enrolment_codes "
          "ORDER BY made_at, code_hash"));
  return all(s, code_at);
}

Result<std::optional<EnrolmentCodeRow>> Session::enrolment_code(const Hash& code_hash) {
  PHUSA_ASSIGN(
      auto s,
      connection_.lend(
          "SELECT code_hash, unit, rank, uses_left, expires_at, made_at, replaces, vouches FROM enrolment_codes "
          "WHERE code_hash = ?"));
  s.with(code_hash.view());
  return one(s, code_at);
}

Result<bool> Session::has_redeemed(const Hash& code_hash, const PublicKey& device) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT 1 FROM redemptions WHERE code_hash = ? AND device = ?"));
  return s.with(code_hash.view()).with(device.view()).step();
}

Result<std::vector<ApiTokenRow>> Session::api_tokens() {
  PHUSA_ASSIGN(auto s,
               connection_.lend(
                   "SELECT token_hash, name, unit, made_at, revoked FROM api_tokens ORDER BY made_at, name"));
  return all(s, token_at);
}

Result<std::optional<ApiTokenRow>> Session::api_token(const Hash& token_hash) {
  PHUSA_ASSIGN(auto s,
               connection_.lend(
                   "SELECT token_hash, name, unit, made_at, revoked FROM api_tokens WHERE token_hash = ?"));
  s.with(token_hash.view());
  return one(s, token_at);
}

Result<std::optional<Bytes>> Session::meta(std::string_view key) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT value FROM meta WHERE key = ?"));
  s.with(key);
  PHUSA_ASSIGN(const bool found, s.step());
  if (!found) return std::optional<Bytes>();
  return std::optional<Bytes>(Bytes(s.bytes(0)));
}

Result<void> Session::put_device(DeviceRow& row) {
  PHUSA_ASSIGN(row.person_no, person_no_of(connection_, row.person));
  PHUSA_ASSIGN(
      auto s,
      connection_.lend(
          "INSERT INTO devices(id, key, person_no, rank, unit, token_hash, enrolled_at, last_seen, "
          "revoked) VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET person_no = excluded.person_no, "
          "rank = excluded.rank, unit = excluded.unit"));
  s.with(row.id.view())
      .with(row.key.view())
      .with(std::int64_t{row.person_no})
      .with(static_cast<std::int64_t>(row.rank));
  s.with(BytesView(row.unit))
      .with(row.token_hash.view())
      .with(seconds_of(row.enrolled_at))
      .with(seconds_of(row.last_seen));
  return s.with(std::int64_t{row.revoked}).run();
}

Result<void> Session::set_device_token(const DeviceId& id, const Hash& token_hash) {
  PHUSA_ASSIGN(auto s, connection_.lend("UPDATE devices SET token_hash = ? WHERE id = ?"));
  return s.with(token_hash.view()).with(id.view()).run();
}

Result<void> Session::set_device_seen(const DeviceId& id, WallTime at) {
  PHUSA_ASSIGN(auto s, connection_.lend("UPDATE devices SET last_seen = ? WHERE id = ?"));
  return s.with(seconds_of(at)).with(id.view()).run();
}

Result<void> Session::set_device_revoked(const DeviceId& id) {
  PHUSA_ASSIGN(auto s, connection_.lend("UPDATE devices SET revoked = 1 WHERE id = ?"));
  return s.with(id.view()).run();
}

Result<void> Session::add_grant(const GrantRow& row) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("INSERT INTO grants(device, serial, position, certificate) VALUES(?,?,?,?)"));
  s.with(row.device.view()).with(std::int64_t{row.serial}).with(static_cast<std::int64_t>(row.position));
  return s.with(BytesView(row.certificate)).run();
}

Result<void> Session::put_revocation(const RevocationRow& row) {
  PHUSA_ASSIGN(auto s, connection_.lend(
                           "INSERT OR REPLACE INTO revocations(device, journal, last_good) VALUES(?,?,?)"));
  return s.with(row.device.view()).with(row.journal.view()).with(row.last_good.view()).run();
}

Result<void> Session::put_doubt(const DoubtRow& row) {
  PHUSA_ASSIGN(
      auto s,
      connection_.lend("INSERT OR REPLACE INTO doubts(device, serial, position, reason, certificate) "
                       "VALUES(?,?,?,?,?)"));
  s.with(row.device.view()).with(std::int64_t{row.serial}).with(static_cast<std::int64_t>(row.position));
  return s.with(static_cast<std::int64_t>(row.reason)).with(BytesView(row.certificate)).run();
}

Result<void> Session::erase_doubt(const DeviceId& device, std::uint32_t serial) {
  PHUSA_ASSIGN(auto s, connection_.lend("DELETE FROM doubts WHERE device = ? AND serial = ?"));
  return s.with(device.view()).with(std::int64_t{serial}).run();
}

Result<void> Session::put_person(const PersonRow& row) {
  PHUSA_ASSIGN(auto s, connection_.lend("INSERT OR REPLACE INTO persons(id, name, phone) VALUES(?,?,?)"));
  return s.with(row.id.view()).with(BytesView(row.name)).with(BytesView(row.phone)).run();
}

Result<void> Session::erase_person(const PersonId& id) {
  PHUSA_ASSIGN(auto s, connection_.lend("DELETE FROM persons WHERE id = ?"));
  return s.with(id.view()).run();
}

Result<void> Session::put_enrolment_code(const EnrolmentCodeRow& row) {
  PHUSA_ASSIGN(
      auto s,
      connection_.lend(
          "INSERT OR REPLACE INTO enrolment_codes(code_hash, unit, rank, uses_left, expires_at, made_at, "
          "replaces, vouches) VALUES(?,?,?,?,?,?,?,?)"));
  s.with(row.code_hash.view()).with(BytesView(row.unit)).with(static_cast<std::int64_t>(row.rank));
  return s.with(std::int64_t{row.uses_left})
      .with(seconds_of(row.expires_at))
      .with(seconds_of(row.made_at))
      .with(row.replaces ? row.replaces->view() : BytesView())
      .with(std::int64_t{row.vouches})
      .run();
}

Result<void> Session::redeem(const Hash& code_hash, const PublicKey& device) {
  PHUSA_ASSIGN(const auto code, enrolment_code(code_hash));
  if (!code) return fail(ErrorCode::kNotFound, "no such enrolment code");
  if (code->uses_left == 0) return fail(ErrorCode::kForbidden, "the enrolment code has been used up");
  PHUSA_ASSIGN(auto take,
               connection_.lend("UPDATE enrolment_codes SET uses_left = uses_left - 1 WHERE code_hash = ?"));
  PHUSA_TRY(take.with(code_hash.view()).run());
  PHUSA_ASSIGN(auto s, connection_.lend("INSERT INTO redemptions(code_hash, device) VALUES(?,?)"));
  return s.with(code_hash.view()).with(device.view()).run();
}

Result<void> Session::put_api_token(const ApiTokenRow& row) {
  PHUSA_ASSIGN(
      auto s,
      connection_.lend(
          "INSERT OR REPLACE INTO api_tokens(token_hash, name, unit, made_at, revoked) VALUES(?,?,?,?,?)"));
  s.with(row.token_hash.view()).with(BytesView(row.name));
  if (row.unit) {
    s.with(BytesView(*row.unit));
  } else {
    s.with_null();
  }
  return s.with(seconds_of(row.made_at)).with(std::int64_t{row.revoked}).run();
}

Result<void> Session::put_meta(std::string_view key, BytesView value) {
  PHUSA_ASSIGN(auto s, connection_.lend("INSERT OR REPLACE INTO meta(key, value) VALUES(?,?)"));
  return s.with(key).with(value).run();
}

}  // namespace phusa::ledger
