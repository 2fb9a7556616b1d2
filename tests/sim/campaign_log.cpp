#include "tests/sim/campaign_log.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace phusa::sim {
namespace {

constexpr std::size_t kDigestDigits = 16;

}  // namespace

std::string lines_of(const Summary& sum, const Block& block) {
  std::ostringstream out;
  for (const auto& [seed, what] : sum.failures) out << "F " << seed << ' ' << what << '\n';
  for (const auto& [name, count] : sum.faults) out << "T " << count << ' ' << name << '\n';
  for (const auto& [name, count] : sum.marks) out << "M " << count << ' ' << name << '\n';
  out << "P " << sum.phone_seconds << "\nC " << sum.crash_points << "\nU " << sum.processor_ms << '\n';
  out << "B " << block.first << ' ' << block.seeds << ' ' << sum.digests.at(block.first) << '\n';
  return out.str();
}

void read_lines(const std::string& lines, Summary& sum) {
  std::istringstream in(lines);
  char kind = 0;
  std::uint64_t number = 0;
  while (in >> kind >> number) {
    std::uint64_t seeds = 0;
    if (kind == 'B') in >> seeds;
    std::string rest;
    std::getline(in, rest);
    if (!rest.empty()) rest.erase(0, 1);
    switch (kind) {
      case 'F':
        sum.failures[number] = rest;
        break;
      case 'T':
        sum.faults[rest] += number;
        break;
      case 'M':
        sum.marks[rest] += number;
        break;
      case 'P':
        sum.phone_seconds += number;
        break;
      case 'C':
        sum.crash_points += number;
        break;
      case 'U':
        sum.processor_ms += number;
        break;
      case 'B':
        sum.seeds += seeds;
        sum.digests[number] = rest;
        break;
      default:
        break;
    }
  }
}

void add(const Summary& block, Summary& sum) {
  sum.seeds += block.seeds;
  sum.failures.insert(block.failures.begin(), block.failures.end());
  sum.digests.insert(block.digests.begin(), block.digests.end());
  for (const auto& [name, count] : block.faults) sum.faults[name] += count;
  for (const auto& [name, count] : block.marks) sum.marks[name] += count;
  sum.phone_seconds += block.phone_seconds;
  sum.crash_points += block.crash_points;
  sum.processor_ms += block.processor_ms;
}

CampaignLog::CampaignLog(const std::string& path, const std::string& worlds) {
  if (path.empty()) return;
  const std::string head = "phusa-sim campaign of worlds " + worlds;
  std::ifstream in(path);
  std::string line;
  const bool is_new = !in || !std::getline(in, line);
  if (!is_new && line != head)
    throw std::runtime_error(path + " begins with \"" + line + "\", not \"" + head + "\"; name another file");
  std::string block;
  while (std::getline(in, line)) {
    if (line.starts_with("== ")) {  // after a cut: what came before has no end
      block.clear();
      continue;
    }
    block += line + "\n";
    if (!line.starts_with("B ")) continue;
    Summary sum;
    read_lines(block, sum);
    if (sum.digests.empty()) continue;
    const auto [first, digest] = *sum.digests.begin();
    if (digest.size() == kDigestDigits) known_[first] = sum;
    block.clear();
  }
  file_.reset(std::fopen(path.c_str(), "a"));
  if (!file_) throw std::runtime_error(path + " cannot be written");
  append(is_new ? head + "\n" : "\n== resumed\n");  // the last line may have been cut
}

bool CampaignLog::take_known(const Block& block, Summary& sum) const {
  const auto at = known_.find(block.first);
  if (at == known_.end() || at->second.seeds != block.seeds) return false;
  add(at->second, sum);
  return true;
}

void CampaignLog::append(const std::string& lines) {
  if (!file_) return;
  std::fputs(lines.c_str(), file_.get());
  if (std::fflush(file_.get()) != 0) throw std::runtime_error("the campaign's log cannot be written");
}

}  // namespace phusa::sim
