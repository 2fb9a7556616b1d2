#include "bindings/cli/system_words.hpp"

#include <cerrno>
#include <cstring>

namespace phusa::cli {
namespace {

const char* key_of(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return "system.no_room";
    case EROFS:
      return "system.read_only";
    case EACCES:
    case EPERM:
      return "system.not_allowed";
    case ENOENT:
      return "system.no_folder";
    case EIO:
      return "system.broken";
    case ENOTDIR:
      return "system.not_a_folder";
    case EISDIR:
      return "system.is_folder";
  }
  return nullptr;
}

}  // namespace

std::string system_words(const Tongue& tongue, int number) {
  const char* key = key_of(number);
  return key != nullptr ? tongue.say(key) : "[" + std::string(std::strerror(number)) + "]";
}

}  // namespace phusa::cli
