// Writes the seed corpora: a few small inputs for each target, of every shape that honest programs make.
#include "core/base/limits.hpp"
#include "core/journal/bundle.hpp"
#include "core/journal/certificate.hpp"
#include "core/journal/enrolment_code.hpp"
#include "core/journal/office_journal.hpp"
#include "core/merge/merge.hpp"
#include "core/merge/state_codec.hpp"
#include "core/sync/hand_over_file.hpp"
#include "core/wire/page.hpp"
#include "tests/core/wire/samples.hpp"
#include "tests/fuzz/people.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace phusa;

namespace {

namespace fs = std::filesystem;
using wire::test::Samples;

constexpr std::uint64_t kSamplesEach = 12;

class Corpora {
 public:
  explicit Corpora(fs::path folder) : folder_(std::move(folder)) {}

  void add(const std::string& target, const std::string& name, const Bytes& input) {
    fs::create_directories(folder_ / target);
    std::ofstream(folder_ / target / name, std::ios::binary) << input;
    ++inputs_;
  }
  std::size_t inputs() const { return inputs_; }

 private:
  fs::path folder_;
  std::size_t inputs_ = 0;
};

Bytes with_first(unsigned char first, const Bytes& rest) {
  return Bytes(1, static_cast<char>(first)) + rest;
}

Bytes with_length(const Bytes& bytes) {
  Bytes out;
  if (bytes.size() < 255) {
    out.push_back(static_cast<char>(bytes.size()));
  } else {
    out = Bytes("\xff\0\0", 3);
    out.push_back(static_cast<char>(bytes.size() >> 8));
    out.push_back(static_cast<char>(bytes.size() & 255));
  }
  return out + bytes;
}

/// What the phones of the template would send next: new records, edits of each other's, reviews, retractions.
void add_real_work(Corpora& corpora) {
  std::vector<test::FakePhone> phones = fuzz::prepared().phones;
  for (std::size_t i = 0; i < phones.size(); ++i) {
    test::FakePhone& phone = phones[i];
    const std::string name = "phone" + std::to_string(i);
    corpora.add("request", name + "-nothing-new", with_first(0, wire::encode_sync_request(phone.request())));
    test::LogContent content;
    content.values = {{0, {3}}, {2, {1}}};
    content.note = "ghi";
    const RecordId fresh = phone.log(content);
    for (const auto& [record, state] : phone.base) {
      phone.edit(record, FieldKind::kNote, {}, "khác");
      phone.edit(record, FieldKey::value_of(IndicatorNo{1}), value::of_amount({4}));
      if (i == 1) phone.retract(record);
      if (i == 2) phone.review(record, ReviewState::kConfirmed);
    }
    phone.seal();
    phone.edit(fresh, FieldKind::kDay, value::of_day(day_from_number(20'540)));
    phone.seal();
    const wire::SyncRequest own = phone.request();
    corpora.add("request", name + "-own", with_first(0, wire::encode_sync_request(own)));
    corpora.add("request", name + "-healed",
                with_first(1 + static_cast<unsigned char>(i % 3), wire::encode_sync_request(own)));
    wire::SyncRequest carrier = phones[(i + 1) % phones.size()].request();
    carrier.carried = own.own;
    carrier.carried.front().device_key = phone.key();
    corpora.add("request", name + "-carried", with_first(1, wire::encode_sync_request(carrier)));
    corpora.add("batch", name, phone.sealed.back().whole);
    for (const auto& [record, state] : phone.base) {
      corpora.add("state", name + "-" + std::to_string(record.n), merge::encode_state(state));
      const wire::RecordDelta delta = wire::delta_of(state);
      corpora.add("page", name + "-" + std::to_string(record.n), *wire::pack_page({&delta, 1}));
    }
  }
}

/// Bundles of what the phones have, whole and taken apart, and what comes back for them.
void add_bundles(Corpora& corpora) {
  test::SeededRandom random(11);
  std::vector<test::FakePhone> phones = fuzz::prepared().phones;
  const journal::BoxKey box = test::test_box().public_key;
  std::vector<Bytes> bundles;
  wire::BundleContent all;
  for (std::size_t i = 0; i < phones.size(); ++i) {
    test::LogContent content;
    content.values = {{0, {5}}};
    content.note = "mang hộ";
    phones[i].log(content);
    phones[i].seal();
    wire::JournalUp journal;
    journal.device_key = phones[i].key();
    for (const test::SealedByPhone& batch : phones[i].sealed) journal.encoded_batches.push_back(batch.whole);
    wire::BundleContent one;
    const auto return_key = journal::box_key_of(phones[i].key());
    one.return_key = Bytes(return_key->view());
    one.journals.push_back(journal);
    all.return_key = one.return_key;
    all.journals.push_back(journal);
    const std::string name = "phone" + std::to_string(i);
    const Bytes inside = wire::encode_bundle_content(one);
    for (const unsigned char mode : {2, 5, 6, 7})
      corpora.add("bundle", name + "-content" + std::to_string(mode), with_first(mode, inside));
    bundles.push_back(*journal::seal_bundle(inside, {&box, 1}, random));
    corpora.add("bundle", name + "-sealed", with_first(0, bundles.back()));
  }
  corpora.add("bundle", "all-content", with_first(6, wire::encode_bundle_content(all)));
  corpora.add("bundle", "file", with_first(1, write_hand_over_file({bundles[0], bundles[1]})));
  wire::ReceiptParcel parcel;
  wire::Verdict verdict;
  verdict.point = {3, random.fixed<TransactionTag>()};
  parcel.journals.push_back(
      {phones[0].key(), {phones[0].sealed.back().hash}, {verdict}, random.fixed<Signature>()});
  const Bytes receipts = wire::encode_receipt_parcel(parcel);
  corpora.add("bundle", "parcel", with_first(3, receipts));
  const Bytes sealed = *journal::seal_parcel(receipts, box, random);
  corpora.add("bundle", "parcel-sealed", with_first(0, sealed));
  corpora.add("bundle", "receipts", with_first(1, write_receipts_file({{Bytes(16, 'i'), sealed}})));
  wire::Welcome welcome;
  welcome.certificates = fuzz::vouched_chain(phones[0].key());
  welcome.root_key = fuzz::people().root.public_key;
  welcome.catalogue = {1, wire::encode_catalogue(test::test_catalogue()), random.fixed<Signature>()};
  welcome.organisation_name = "Đoàn Khối";
  welcome.url = "http://127.0.0.1:1";
  corpora.add("bundle", "welcome", with_first(4, wire::encode_welcome(welcome)));
}

void add_samples(Corpora& corpora) {
  for (std::uint64_t seed = 1; seed <= kSamplesEach; ++seed) {
    Samples samples(seed);
    const std::string name = "sample" + std::to_string(seed);
    corpora.add("batch", name + "-batch", wire::encode_batch(samples.sealed_batch()));
    const DeviceId author = device_id_of(PublicKey{});
    const std::vector<Change> changes{samples.change(author), samples.change(author)};
    corpora.add("batch", name + "-facts", with_first(0, wire::pack_facts(changes, author)->facts));
    const std::vector<wire::RecordDelta> deltas{samples.delta(), samples.delta(), samples.delta()};
    corpora.add("page", name, *wire::pack_page(deltas));
    for (const wire::RecordDelta& delta : deltas) {
      if (!delta.gone) corpora.add("state", name, merge::encode_state(wire::state_of(delta)));
    }
    corpora.add("request", name, with_first(0, wire::encode_sync_request(samples.sync_request())));
    corpora.add("reply", name + "-sync", with_first(0, wire::encode_sync_reply(samples.sync_reply())));
    corpora.add("reply", name + "-enrol", with_first(1, wire::encode_enrol_reply(samples.enrol_reply())));
    corpora.add("reply", name + "-catalogue", with_first(3, wire::encode_catalogue(samples.catalogue())));
    const wire::EnrolRequest enrol = samples.enrol_request();
    corpora.add("reply", name + "-request", with_first(4, wire::encode_enrol_request(enrol)));
    corpora.add("enrol", name,
                with_first(static_cast<unsigned char>(seed % 8), wire::encode_enrol_request(enrol)));
    Bytes choices;
    for (std::size_t i = 0; i < 40 * seed; ++i) choices.push_back(static_cast<char>(samples.below(256)));
    corpora.add("changes", name, choices);
  }
  corpora.add("reply", "refusal", with_first(2, wire::encode_refusal({{ErrorCode::kBusy, "later"}, 30})));
}

void add_certificates(Corpora& corpora) {
  const fuzz::People& people = fuzz::people();
  Certificate server;
  server.subject = people.server.public_key;
  server.is_server = true;
  server.rank = Rank::kOffice;
  journal::sign_certificate(people.organisation, people.root, server);
  Certificate officer;
  officer.serial = 7;
  officer.subject = people.phones[2].public_key;
  officer.rank = Rank::kOfficer;
  officer.unit = "a";
  officer.uses = 20;
  officer.issued_at = WallTime(std::chrono::seconds(1'770'000'000));
  journal::sign_certificate(people.organisation, people.server, officer);
  Certificate volunteer;
  volunteer.subject = people.phones[0].public_key;
  volunteer.unit = "a1";
  volunteer.predecessor = people.phones[1].public_key;
  journal::sign_certificate(people.organisation, people.phones[2], volunteer);
  const Bytes top = with_length(journal::encode_certificate(server));
  const Bytes middle = with_length(journal::encode_certificate(officer));
  const Bytes leaf = with_length(journal::encode_certificate(volunteer));
  for (unsigned char sign = 0; sign < 2; ++sign) {
    const std::string name = sign == 0 ? "-as-sent" : "-signed-anew";
    corpora.add("certificate", "three" + name, with_first(sign, leaf + middle + top));
    corpora.add("certificate", "two" + name, with_first(sign, middle + top));
    corpora.add("certificate", "one" + name, with_first(sign, leaf));
  }
  const std::vector<std::pair<OfficeAct, Bytes>> acts = {
      {OfficeAct::kCatalogue, *ingest::catalogue_payload(test::test_keys(), test::test_catalogue())},
      {OfficeAct::kGrant, ingest::grant_payload(officer)},
      {OfficeAct::kRevoke, ingest::revoke_payload(device_id_of(officer.subject), {})},
      {OfficeAct::kDayCome, ingest::day_payload(day_from_number(20'520))},
      {OfficeAct::kAccept, ingest::decision_payload(hash_of("batch"), 1)},
      {OfficeAct::kRefuse, ingest::decision_payload(hash_of("batch"), 0)}};
  for (const auto& [act, payload] : acts) {
    OfficeEntry entry;
    entry.act = act;
    entry.number = 3;
    entry.payload = payload;
    journal::sign_office_entry(people.organisation, people.server, entry);
    const std::string name = "act" + std::to_string(static_cast<int>(act));
    for (unsigned char sign = 0; sign < 2; ++sign)
      corpora.add("office_entry", name + "-" + std::to_string(sign),
                  with_first(sign, journal::encode_office_entry(entry)));
  }
}

/// A phone that offers a restored server what it kept of the office's acts.
void add_offers(Corpora& corpora) {
  const fuzz::People& people = fuzz::people();
  wire::SyncRequest request = fuzz::prepared().phones[2].request();
  std::uint64_t number = 20;
  for (const auto& [act, payload] : std::initializer_list<std::pair<OfficeAct, Bytes>>{
           {OfficeAct::kRevoke, ingest::revoke_payload(device_id_of(people.phones[0].public_key), {})},
           {OfficeAct::kAccept, ingest::decision_payload(fuzz::prepared().phones[0].sealed.front().hash, 0)},
           {OfficeAct::kGrant, ingest::grant_payload(fuzz::officer_certificate())}}) {
    OfficeEntry entry;
    entry.act = act;
    entry.number = number++;
    entry.payload = payload;
    journal::sign_office_entry(people.organisation, people.server, entry);
    request.office_entries.push_back(journal::encode_office_entry(entry));
  }
  Catalogue catalogue = test::test_catalogue();
  catalogue.revision = 2;
  request.catalogues.push_back({2, wire::encode_catalogue(catalogue), {}});
  corpora.add("request", "offers", with_first(1, wire::encode_sync_request(request)));
  corpora.add("request", "offers-unsigned", with_first(0, wire::encode_sync_request(request)));
}

void add_typed_text(Corpora& corpora) {
  test::SeededRandom random(3);
  for (int i = 0; i < 3; ++i) {
    const journal::EnrolmentCode code{random.fixed<journal::EnrolmentSecret>(),
                                      random.fixed<journal::RootFingerprint>()};
    corpora.add("enrolment_code", "code" + std::to_string(i), journal::format_enrolment_code(code));
  }
  corpora.add("enrolment_code", "short", "abcde-fghij");
  const std::vector<std::string> queries = {
      "",
      "by=unit,indicator,campaign,kind,month,review,label:level",
      "by=unit&unit=a&indicator=trees&from=2026-01-01&to=31%2F12%2F2026",
      "campaign=spring&kind=planting&review=all",
      "by=campaign&as_of=3",
      "as_of=2.00112233aabbccdd",
      "after=1&limit=2",
      "review=confirmed&by=label%3Alevel",
      "unit=%E1%BB%8Da+b",
      "by=unit&by=unit"};
  for (std::size_t i = 0; i < queries.size(); ++i) {
    for (unsigned char path = 0; path < 2; ++path)
      corpora.add("query", "query" + std::to_string(i) + "-" + std::to_string(path),
                  with_first(static_cast<unsigned char>(path + 5 * (i % 2)), queries[i]));
  }
  const std::vector<std::string> sheets = {
      "ref,date,until,unit,kind,campaign,place,note,event,partners,labels,trees,gifts\nr1,2026-03-01,2026-03-"
      "02,cai_khe,tree_planting,cnx,Xóm 1,\"chữ, có phẩy\",,cum4;Hội "
      "A,khoi,1000,\nr2,5/3/2026,,,tree_planting,,,,r1,,,hơn 61,3\n",
      "\xef\xbb\xbfNgày;Đơn vị;Loại;Cây xanh trồng mới\n1/3/2026;Đoàn phường Cái Khế;Trồng "
      "cây;1.234,5\n;;;\n",
      "date\tunit\ttrees\n2026-03-01\tcai_khe\t>5\n", "trees\n\"1\n", "date,trees\n31/2/2026,x\n"};
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    for (unsigned char style = 0; style < 3; ++style)
      corpora.add("import_csv", "sheet" + std::to_string(i) + "-" + std::to_string(style),
                  with_first(style, sheets[i]));
  }
}

void add_organisations(Corpora& corpora) {
  const std::string units =
      "=== units\ncode,name,kind,parent,from,until,successors,contact\nkhoi,Khối,block,,,,,\ny_te,Sở Y "
      "tế,co_so,khoi,2020-01-01,2025-12-31,moi,\nmoi,Mới,co_so,khoi,1/1/2026,,,\n";
  const std::string rest =
      "=== clusters\ncluster,unit,from,until\ncum,y_te,,\ncum,moi,2026-01-01,\n"
      "=== campaigns\ncode,name,parents,series,from,until\nxanh,Xanh,,x,2026-01-01,2026-12-31\nx1,Đợt "
      "1,xanh,x,5/3/2026,5/3/2026\n"
      "=== "
      "indicators\ncode,name,unit,decimals,maximum,nature,parents,per_event,section,year_starts\ntrees,Cây,"
      "cây,0,100,flow,,sum,s,\nroad,Đường,km,1,10.5,stock,trees,once,s,11-01\n"
      "=== labels\ncode,name,group\ncap,Cấp,level\n"
      "=== kinds\ncode,name,indicators,labels,section\nplanting,Trồng,*trees;road,*cap,s\n"
      "=== unit_figures\nunit,figure,period,value,source\ny_te,members,2026,40,registered\n"
      "=== "
      "targets\ncode,measure,indicators,over,each,share,op,threshold,scope,labels,campaign,from,until,weight,"
      "text\nt1,sum,trees|road,,co_so,,>=,10,,cap,xanh,,,1,Chữ\n"
      "=== calendar\ncode,name,cycle,campaign,cutoff,due,before_or_at\nw,Tuần,week,xanh,,FRI 10:00,at\n"
      "=== calendar_exceptions\ncode,date,new_due\nw,2026-03-06,2026-03-05 10:00\n";
  corpora.add("organisation_csv", "units", units);
  corpora.add("organisation_csv", "all", units + rest);
  corpora.add("organisation_csv", "cycle", "=== units\ncode,name,kind,parent\na,A,k,b\nb,B,k,a\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
    return 2;
  }
  Corpora corpora(argv[1]);
  add_real_work(corpora);
  add_bundles(corpora);
  add_samples(corpora);
  add_certificates(corpora);
  add_offers(corpora);
  add_typed_text(corpora);
  add_organisations(corpora);
  std::printf("%zu inputs\n", corpora.inputs());
}
