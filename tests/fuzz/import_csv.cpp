// A file that a person imports on a phone: from bytes to a plan of records. The first byte picks how figures
// are written.
#include "bindings/cli/import_plan.hpp"
#include "core/base/limits.hpp"
#include "tests/fuzz/target.hpp"

using namespace phusa;

namespace {

v1::CatalogueReply make_catalogue() {
  v1::CatalogueReply reply;
  const auto add = [](google::protobuf::RepeatedPtrField<v1::CatalogueReply::Item>& items, const char* code,
                      const char* name) {
    auto& item = *items.Add();
    item.set_code(code);
    item.set_name(name);
  };
  add(*reply.mutable_indicators(), "trees", "Cây xanh trồng mới");
  add(*reply.mutable_indicators(), "gifts", "Phần quà");
  add(*reply.mutable_units(), "cai_khe", "Đoàn phường Cái Khế");
  add(*reply.mutable_kinds(), "tree_planting", "Trồng cây");
  add(*reply.mutable_campaigns(), "cnx", "Ngày Chủ nhật xanh");
  add(*reply.mutable_clusters(), "cum4", "Cụm 4");
  add(*reply.mutable_labels(), "khoi", "Cấp Khối");
  return reply;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const v1::CatalogueReply catalogue = make_catalogue();
  const BytesView text = fuzz::view_of(data + 1, size - 1);
  const auto file = cli::parse_csv(text);
  if (!file) return 0;
  for (const cli::CsvRow& row : file->rows)
    fuzz::expect(row.cells.size() == file->header.size(), "a row has the header's cells");
  const auto plan = cli::plan_import(*file, text, catalogue, static_cast<cli::NumberStyle>(data[0] % 3));
  if (!plan) {
    fuzz::expect(!plan.error().empty(), "a plan that failed says why");
    return 0;
  }
  fuzz::expect(static_cast<std::size_t>(plan->request.items_size()) == file->rows.size(),
               "every row is a record");
  fuzz::expect(plan->request.items_size() == plan->request.lines_size(), "every record has its line");
  return 0;
}
