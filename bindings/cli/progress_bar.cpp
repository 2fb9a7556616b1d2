#include "bindings/cli/progress_bar.hpp"

#include <algorithm>
#include <cstdio>

namespace phusa::cli {

void ProgressBar::show(const v1::Progress& progress) {
  if (!on_terminal_) return;
  constexpr std::uint64_t kCells = 24;
  const auto whole = std::max<std::uint64_t>(progress.to_send(), progress.sent());
  const auto full = whole == 0 ? kCells : progress.sent() * kCells / whole;
  const std::string bar = std::string(full, '#') + std::string(kCells - full, '.');
  show("[" + bar + "] " +
       tongue_.say("progress", {std::to_string(progress.sent()), std::to_string(whole),
                                std::to_string(progress.received())}));
}

void ProgressBar::show(const std::string& text) {
  if (!on_terminal_) return;
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace phusa::cli
