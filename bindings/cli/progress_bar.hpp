#pragma once

#include "bindings/cli/language.hpp"
#include "proto/phusa/v1/client.pb.h"

#include <string>

namespace phusa::cli {

/// One line on stderr, drawn over itself, gone when it ends. On anything but a terminal it stays silent.
class ProgressBar {
 public:
  ProgressBar(bool on_terminal, const Tongue& tongue) : on_terminal_(on_terminal), tongue_(tongue) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const v1::Progress& progress);
  void show(const std::string& text);
  void clear();

 private:
  bool on_terminal_;
  const Tongue& tongue_;
  bool drawn_ = false;
};

}  // namespace phusa::cli
