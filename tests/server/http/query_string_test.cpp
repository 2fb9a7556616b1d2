#include "sync-server/http/query_string.hpp"

#include <gtest/gtest.h>

namespace phusa::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(QueryString, DecodesNamesAndValuesInOrder) {
  EXPECT_EQ(*parse_query_string("by=unit%2Cindicator&unit=a+b&&x"),
            (Pairs{{"by", "unit,indicator"}, {"unit", "a b"}, {"x", ""}}));
  EXPECT_EQ(*parse_query_string(""), Pairs());
  EXPECT_EQ(*parse_query_string("unit=s%E1%BB%9F"), (Pairs{{"unit", "sở"}}));
  EXPECT_EQ(*parse_query_string("a=b=c"), (Pairs{{"a", "b=c"}}));
}

TEST(QueryString, RefusesBrokenEscapesAndBytesThatAreNoText) {
  for (const char* query : {"a=%", "a=%2", "a=%zz", "%=1", "a=%ff", "a=%00"})
    EXPECT_FALSE(parse_query_string(query)) << query;
}

TEST(QueryString, IsBounded) {
  std::string query;
  for (int i = 0; i < 1000; ++i) query += "a=1&";
  EXPECT_FALSE(parse_query_string(query));
}

}  // namespace
}  // namespace phusa::http
