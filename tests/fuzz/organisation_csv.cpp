// The office's folder of CSV files, all of them in one input: a line `=== name` starts the file of that name.
#include "core/wire/codec.hpp"
#include "sync-server/access/catalogue_draft.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/temporary_folder.hpp"

#include <array>
#include <fstream>

using namespace phusa;

namespace {

constexpr std::array<std::string_view, 10> kFiles = {
    "units", "clusters",     "campaigns", "indicators", "labels",
    "kinds", "unit_figures", "targets",   "calendar",   "calendar_exceptions"};
constexpr std::string_view kMark = "=== ";

void write_files(BytesView text, const std::filesystem::path& folder) {
  std::ofstream out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const BytesView line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    if (!line.starts_with(kMark)) {
      if (out.is_open()) out << line;
      continue;
    }
    out.close();
    for (const std::string_view name : kFiles) {
      if (line.substr(kMark.size()).starts_with(name))
        out.open(folder / (std::string(name) + ".csv"), std::ios::binary);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView text = fuzz::view_of(data, size);
  (void)access::parse_csv("units.csv", text);
  const test::FolderInMemory folder;
  write_files(text, folder.path());
  const Day today = Day(std::chrono::year(2026) / 3 / 15);
  const auto first = access::draft_catalogue(folder.path(), nullptr, today);
  for (const access::Problem& problem : first.problems)
    fuzz::expect(!access::format_problem(problem).empty(), "a problem has words");
  if (!first.problems.empty()) return 0;
  const auto sent = wire::decode_catalogue(wire::encode_catalogue(first.catalogue));
  fuzz::expect(sent.has_value(), "a phone can read a catalogue that was accepted");
  const auto again = access::draft_catalogue(folder.path(), &first.catalogue, today);
  fuzz::expect(again.problems.empty() && !again.differs(), "the same folder again changes nothing");
  return 0;
}
