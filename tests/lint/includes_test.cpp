#include "tests/lint/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

/// The arrows between rooms, written out, held against every #include of the tree.
namespace phusa::lint {
namespace {

using Rooms = std::set<std::string>;

/// Which rooms a room may include. A room may always include itself; what is not written here is not allowed.
/// base <- model <- {merge, journal, wire, store, net} <- sync <- client <- bindings; siblings in braces stay
/// apart, but that the store keeps merged states and so knows their codec. Of core the server sees the five
/// rooms that say what a record is and when it counts, never those that make a phone.
const std::map<std::string, Rooms>& allowed_rooms() {
  static const std::map<std::string, Rooms> table = {
      {"core/base", {}},
      {"core/model", {"core/base"}},
      {"core/merge", {"core/base", "core/model"}},
      {"core/journal", {"core/base", "core/model"}},
      {"core/wire", {"core/base", "core/model"}},
      {"core/store", {"core/base", "core/model", "core/merge"}},
      {"core/net", {"core/base", "core/model"}},
      {"core/sync",
       {"core/base", "core/model", "core/merge", "core/journal", "core/wire", "core/store", "core/net"}},
      {"core/client",
       {"core/base", "core/model", "core/merge", "core/journal", "core/wire", "core/store", "core/net",
        "core/sync"}},

      {"core/net/curl", {"core/base", "core/net"}},

      // ledger <- totals <- ingest <- access <- http <- app; pages are drawn from plain values.
      {"sync-server/ledger", {"core/base", "core/model"}},
      {"sync-server/ledger/sqlite", {"core/base", "core/model", "sync-server/ledger"}},
      {"sync-server/totals", {"core/base", "core/model", "core/merge", "sync-server/ledger"}},
      {"sync-server/ingest",
       {"core/base", "core/model", "core/merge", "core/journal", "core/wire", "sync-server/ledger",
        "sync-server/totals"}},
      {"sync-server/access",
       {"core/base", "core/model", "core/journal", "core/wire", "sync-server/ledger", "sync-server/ingest"}},
      {"sync-server/web", {"core/base"}},
      {"sync-server/http",
       {"core/base", "core/model", "core/journal", "core/wire", "sync-server/ledger", "sync-server/totals",
        "sync-server/ingest", "sync-server/access", "sync-server/web"}},
      {"sync-server/app",
       {"core/base", "core/model", "core/journal", "core/wire", "sync-server/ledger",
        "sync-server/ledger/sqlite", "sync-server/totals", "sync-server/ingest", "sync-server/access",
        "sync-server/http", "sync-server/web"}},

      {"bindings/c", {"core/base", "core/client"}},
      {"bindings/cli", {"bindings/c", "core/base", "core/net", "core/net/curl"}},
  };
  return table;
}

/// Which rooms may include a third-party or generated header, by prefix of its path.
const std::map<std::string, Rooms>& owners() {
  static const std::map<std::string, Rooms> table = {
      {"sqlite3.h", {"core/store", "sync-server/ledger/sqlite"}},
      {"libpq-fe.h", {"sync-server/ledger/postgres"}},
      {"sodium.h", {"core/base", "core/journal"}},
      {"utf8proc.h", {"core/base", "bindings/cli"}},
      {"zstd.h", {"core/wire"}},
      {"curl/", {"core/net/curl"}},
      {"csv.h", {"bindings/cli", "sync-server/access"}},
      {"CLI/", {"bindings/cli", "sync-server/app"}},
      {"fmt/", {"sync-server/app"}},
      {"spdlog/", {"sync-server/app"}},
      {"qrencode.h", {"sync-server/app"}},
      {"nlohmann/", {"bindings/cli", "sync-server/app", "sync-server/http"}},
      {"google/protobuf/", {"core/wire", "core/client", "bindings/c", "bindings/cli", "sync-server/http"}},
      {"cpprest/", {"sync-server/http"}},
      {"pplx/", {"sync-server/http"}},
      {"proto/phusa/v1/wire.pb.h", {"core/wire"}},
      {"proto/phusa/v1/sync.pb.h", {"core/wire"}},
      {"proto/phusa/v1/catalogue.pb.h", {"core/wire"}},
      {"proto/phusa/v1/client.pb.h", {"core/client", "bindings/c", "bindings/cli"}},
  };
  return table;
}

bool is_project_path(const std::string& path) {
  return path.starts_with("core/") || path.starts_with("sync-server/") || path.starts_with("bindings/");
}

std::string room_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::string where(const SourceFile& file, const Include& include) {
  return file.path + ":" + std::to_string(include.line) + " includes " + include.path;
}

TEST(Includes, FollowTheTableOfArrows) {
  for (const auto& file : sources()) {
    const auto row = allowed_rooms().find(file.room);
    if (row == allowed_rooms().end()) {
      ADD_FAILURE() << file.path << ": the room " << file.room << " is not in the table of arrows";
      continue;
    }
    for (const auto& include : file.includes) {
      if (!is_project_path(include.path)) continue;
      const auto room = room_of(include.path);
      EXPECT_TRUE(room == file.room || row->second.contains(room)) << where(file, include);
    }
  }
}

TEST(Includes, OfTheProjectAreRootedAndExist) {
  for (const auto& file : sources()) {
    for (const auto& include : file.includes) {
      const bool generated = include.path.starts_with("proto/");
      if (include.angled) {
        EXPECT_FALSE(is_project_path(include.path) || generated)
            << where(file, include) << " in angle brackets";
      } else if (!generated) {
        EXPECT_NE(find_source(include.path), nullptr)
            << where(file, include) << ", which is no file of the tree";
      }
    }
  }
}

TEST(Includes, OfThirdPartiesStayInsideTheRoomThatOwnsThem) {
  for (const auto& file : sources()) {
    for (const auto& include : file.includes) {
      for (const auto& [prefix, rooms] : owners()) {
        if (!include.path.starts_with(prefix)) continue;
        EXPECT_TRUE(rooms.contains(file.room)) << where(file, include);
      }
    }
  }
}

/// With the rule that every header either comes first in its own source file or is compiled alone by this
/// folder's CMakeLists.txt, all headers are known to compile alone.
TEST(Includes, StartWithTheFilesOwnHeader) {
  for (const auto& file : sources()) {
    if (file.is_header()) continue;
    const auto own = file.path.substr(0, file.path.rfind('.')) + ".hpp";
    if (find_source(own) == nullptr) continue;
    ASSERT_FALSE(file.includes.empty()) << file.path;
    EXPECT_EQ(file.includes.front().path, own) << file.path;
  }
}

TEST(Includes, TheTableNamesNoRoomThatIsGone) {
  Rooms present;
  for (const auto& file : sources()) present.insert(file.room);
  for (const auto& [room, allowed] : allowed_rooms()) EXPECT_TRUE(present.contains(room)) << room;
}

}  // namespace
}  // namespace phusa::lint
