#pragma once

#include "tests/sim/campaign.hpp"

#include <cstdio>
#include <map>
#include <memory>
#include <string>

namespace phusa::sim {

struct Block {
  std::uint64_t first = 0;
  std::uint64_t seeds = 0;
};

/// What a block came to, as lines of text, a letter and a number first: F seed and the law it broke, T how
/// often a fault, M how often a mark, P phone-seconds, C crash points, U ms of processor time, and at last B
/// with its first seed, their number and its digest. Lines without their B are of a block that did not end.
std::string lines_of(const Summary& sum, const Block& block);
void read_lines(const std::string& lines, Summary& sum);
void add(const Summary& block, Summary& sum);

/// The finished blocks of a campaign in a file, so that it may end and go on.
class CampaignLog {
 public:
  /// `worlds` tells this program's worlds from others'. An empty path: nothing is kept.
  CampaignLog(const std::string& path, const std::string& worlds);

  /// Adds the block to `sum` when it stands in the file.
  bool take_known(const Block& block, Summary& sum) const;
  void append(const std::string& lines);

 private:
  struct Closer {
    void operator()(FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<FILE, Closer> file_;
  std::map<std::uint64_t, Summary> known_;  // by first seed
};

}  // namespace phusa::sim
