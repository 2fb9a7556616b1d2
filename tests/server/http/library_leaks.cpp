/// The HTTP library's threads outlive its listener, so a connection that ends with the process may still be
/// theirs. The server leaves by _exit; a test binary ends with the leak check, which must not take the
/// library's for ours.
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions() {
  return "leak:libcpprest\n";
}
