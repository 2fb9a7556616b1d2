#pragma once

#include "core/merge/merge.hpp"
#include "tests/core/client/office.hpp"

#include <gtest/gtest.h>

namespace phusa::test {

class PhoneTest : public ::testing::Test {
 protected:
  PhoneTest() : phone_(open_phone(folder_.file("phone"), clock_, random_)) { office_.join(*phone_); }

  RecordId log(std::int64_t count, const std::string& note = "") {
    const Draft draft = trees(count, note);
    const auto ids = phone_->log({&draft, 1});
    EXPECT_TRUE(ids) << (ids ? "" : ids.error().context);
    return ids->front();
  }
  void edit(Phone& phone, const RecordId& id, std::int64_t count) {
    const auto done = phone.edit(id, {trees_value(count)});
    ASSERT_TRUE(done) << done.error().context;
  }
  std::vector<const Node*> conflicts(Phone& phone, const RecordId& id) {
    shown_ = displayed(*phone.layers(id));
    return merge::conflicts(*shown_.find(FieldKey::value_of(IndicatorNo{0})));
  }

  TemporaryFolder folder_;
  FixedClock clock_;
  SeededRandom random_{1};
  Office office_;
  std::unique_ptr<Phone> phone_;
  RecordState shown_;
};

}  // namespace phusa::test
