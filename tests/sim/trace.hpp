#pragma once

#include "core/base/hash.hpp"

#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>

namespace phusa::sim {

/// A law does not hold in this world.
class LawBroken : public std::runtime_error {
 public:
  LawBroken(int law_number, const std::string& what)
      : std::runtime_error("law " + std::to_string(law_number) + ": " + what), law(law_number) {}
  int law;
};

/// How often something happened: faults by kind, and marks on branches that are rarely taken.
using Tally = std::map<std::string, std::uint64_t>;

/// Everything that happens in a world, as lines. Their hash says whether two runs were the same run.
class Trace {
 public:
  explicit Trace(bool print) : print_(print) {}
  void line(const std::string& text) {
    hasher_.add(text).add("\n");
    if (print_) std::printf("%s\n", text.c_str());
  }
  /// For those who read along: not part of the run.
  void remark(const std::string& text) const {
    if (print_) std::printf("    %s\n", text.c_str());
  }
  bool prints() const { return print_; }
  std::string digest() { return hasher_.finish().hex().substr(0, 16); }

  void fault(const std::string& kind) { ++faults[kind]; }
  void mark(const std::string& branch) { ++marks[branch]; }
  Tally faults;
  Tally marks;

 private:
  bool print_;
  Hasher hasher_;
};

}  // namespace phusa::sim
