#pragma once

#include "sync-server/access/catalogue_draft.hpp"
#include "tests/support/temporary_folder.hpp"

#include <map>
#include <string>

namespace phusa::test {

/// A small organisation as files, to be broken one at a time.
class Organisation {
 public:
  Organisation();

  /// Replaces a file; empty text removes it.
  void write(const std::string& name, const std::string& text);
  access::CatalogueDraft draft(const Catalogue* previous = nullptr,
                               const std::string& today = "2023-06-01") const;
  /// The draft's problems as lines `file:line: text`.
  std::vector<std::string> problems(const Catalogue* previous = nullptr) const;
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

Day day_of(const std::string& text);

}  // namespace phusa::test
