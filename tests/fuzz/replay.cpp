// Every kept input of one fuzz target as a test: what crashed once must not crash again, with any compiler.
#include "tests/fuzz/target.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#define PHUSA_TEXT_OF(name) #name
#define PHUSA_TEXT(name) PHUSA_TEXT_OF(name)
#define PHUSA_REPLAY(name) TEST(FuzzReplay, name)

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> inputs_in(const fs::path& folder) {
  std::vector<fs::path> out;
  if (!fs::exists(folder)) return out;
  for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

void replay(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  const std::string input = bytes.str();
  // Shown by the test's output when the target ends the process.
  std::fprintf(stderr, "%s\n", path.c_str());
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

PHUSA_REPLAY(PHUSA_FUZZ_TARGET) {
  const fs::path kept = PHUSA_FUZZ_INPUTS;
  const auto corpus = inputs_in(kept / "corpus" / PHUSA_TEXT(PHUSA_FUZZ_TARGET));
  EXPECT_FALSE(corpus.empty()) << "no seeds; run fuzz_seeds";
  for (const fs::path& path : corpus) replay(path);
  for (const fs::path& path : inputs_in(kept / "crashers" / PHUSA_TEXT(PHUSA_FUZZ_TARGET))) replay(path);
}

}  // namespace
