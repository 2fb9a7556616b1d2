#include "core/journal/certificate.hpp"
#include "core/merge/merge.hpp"
#include "tests/server/ingest/vouching.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace phusa::test {
namespace {

/// A phone whose role and unit the office changes while it reads in small pages.
struct Reader {
  FakePhone phone;
  std::uint64_t person = 0;
  Rank rank = Rank::kOfficer;
  std::uint32_t unit = 1;
  std::uint32_t serial = 0;
};

class Office {
 public:
  Office() {
    writer.rank = Rank::kOffice;
    writer.unit = 0;
    grant(writer);
  }

  void grant(Reader& reader) {
    ++reader.serial;
    const Voucher voucher{
        .unit = kUnits[reader.unit],
        .rank = reader.rank,
        .serial = reader.serial,
        .issued_at = WallTime(Day(std::chrono::year(2026) / 3 / 1)) + std::chrono::minutes(reader.serial),
        .person = reader.person};
    RC_ASSERT(*introduce(server, reader.phone, chain({granted(reader.phone, voucher)})) == HoldReason::kNone);
    reader.phone.use_certificate(reader.serial);
  }

  void put_a1_below(std::uint32_t parent) {
    Catalogue catalogue = *server.engine().catalogue();
    ++catalogue.revision;
    catalogue.units[2].parent = UnitNo{parent};
    server.publish(catalogue);
  }

  std::uint32_t unit_of(const RecordId& record) {
    return *value::number(merge::winning_value(writer.phone.displayed(record), FieldKind::kUnit));
  }

  bool may_read(const Reader& reader, const RecordId& record) {
    if (record.device == reader.phone.id() || reader.rank == Rank::kOffice) return true;
    const auto catalogue = server.engine().catalogue();
    return reader.rank == Rank::kOfficer &&
           catalogue->is_within(UnitNo{unit_of(record)}, UnitNo{reader.unit});
  }

  /// One exchange; whether there is more. Nothing comes down that the reader may not read at that moment.
  bool exchange(Reader& reader) {
    reader.phone.seal();
    const wire::SyncRequest request = reader.phone.request();
    const auto body = server.engine().sync(wire::encode_sync_request(request));
    RC_ASSERT(body.has_value());
    const wire::SyncReply reply = *wire::decode_sync_reply(*body);
    if (!reply.page.empty()) {
      const auto deltas = wire::unpack_page(reply.page);
      RC_ASSERT(deltas.has_value());
      for (const wire::RecordDelta& delta : *deltas) RC_ASSERT(delta.gone || may_read(reader, delta.id));
    }
    if (reply.reset) reader.phone.base.clear();
    reader.phone.take(request, reply);
    return reply.more;
  }

  static constexpr const char* kUnits[] = {"root", "a", "a1", "b"};
  TestServer server;
  Reader writer{FakePhone(30, Rank::kOffice, "root"), 30};
};

/// Laws 10 and 11 while scopes move under the reader's feet.
RC_GTEST_PROP(ScopeFeed, AReaderEndsWithWhatItMayReadAndNeverGotMore, ()) {
  Office office;
  std::vector<Reader> readers;
  for (std::uint64_t i = 0; i < 2; ++i) {
    readers.push_back({FakePhone(40 + i, Rank::kOfficer, "a"), 40 + i});
    readers.back().phone.page_bytes_max = 60;
    office.grant(readers.back());
  }
  std::vector<RecordId> records;
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(0, 7), rc::gen::inRange(0, 40), rc::gen::inRange(0, 4)));
  for (const auto& [what, which, unit] : steps) {
    Reader& reader = readers[static_cast<std::size_t>(which) % readers.size()];
    const auto no = static_cast<std::uint32_t>(unit);
    if (what == 0 || records.empty()) {
      for (int i = 0; i <= which % 5; ++i) records.push_back(office.writer.phone.log(trees(which, no)));
      while (office.exchange(office.writer)) continue;
    } else if (what == 1) {
      const RecordId& record = records[static_cast<std::size_t>(which) % records.size()];
      office.writer.phone.edit(record, FieldKind::kUnit, value::of_number(no));
      while (office.exchange(office.writer)) continue;
    } else if (what == 2) {
      reader.rank = which % 3 == 0 ? Rank::kVolunteer : Rank::kOfficer;
      reader.unit = no;
      office.grant(reader);
    } else if (what == 3) {
      office.put_a1_below(no == 2 ? 0 : no);
    } else {
      office.exchange(reader);
    }
  }
  for (Reader& reader : readers) {
    std::size_t exchanges = 0;
    while (office.exchange(reader)) RC_ASSERT(++exchanges < 4 * records.size() + 8);
    std::set<RecordId> expected;
    for (const RecordId& record : records) {
      if (office.may_read(reader, record)) expected.insert(record);
    }
    std::set<RecordId> seen;
    for (const auto& [record, state] : reader.phone.base) seen.insert(record);
    RC_ASSERT(seen == expected);
  }
}

}  // namespace
}  // namespace phusa::test
