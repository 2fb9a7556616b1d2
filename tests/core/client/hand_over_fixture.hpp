#pragma once

#include "core/base/limits.hpp"
#include "core/client/hand_over.hpp"
#include "core/client/methods.hpp"
#include "core/client/receipts.hpp"
#include "tests/core/client/office.hpp"

#include <gtest/gtest.h>

#include <array>

namespace phusa::test {

using Given = HandOver::Given;

class HandOverTest : public ::testing::Test {
 protected:
  HandOverTest() {
    office_.join(*phone_);
    office_.join(*carrier_);
  }
  std::unique_ptr<Phone> open(const std::string& name) {
    randoms_.push_back(std::make_unique<SeededRandom>(randoms_.size() + 1));
    return open_phone(folder_.file(name), clock_, *randoms_.back());
  }
  RecordId log(std::int64_t count) {
    const auto ids = phone_->log(std::array{trees(count)});
    EXPECT_TRUE(ids);
    return ids->front();
  }
  static Bytes file_of(Phone& phone) {
    const auto given = HandOver(phone).give(false);
    EXPECT_TRUE(given) << (given ? "" : given.error().context);
    if (!given) return {};
    EXPECT_TRUE(HandOver(phone).note_given(given->contents));
    return given->file;
  }
  static HandOver::Taken carry(Phone& phone, const Bytes& file) {
    const auto taken = HandOver(phone).carry(file);
    EXPECT_TRUE(taken) << (taken ? "" : taken.error().context);
    return taken.value_or(HandOver::Taken{});
  }
  static Bytes receipts_of(Phone& phone) {
    const auto exported = Receipts(phone).give();
    EXPECT_TRUE(exported);
    if (!exported) return {};
    EXPECT_TRUE(Receipts(phone).note_given(exported->contents));
    return exported->file;
  }
  static Receipts::Imported take_receipts(Phone& phone, const Bytes& file) {
    const auto imported = Receipts(phone).take(file);
    EXPECT_TRUE(imported) << (imported ? "" : imported.error().context);
    return imported.value_or(Receipts::Imported{});
  }
  static v1::StatusReply status(Phone& phone) { return *method::status(phone); }
  static Phone::Loaded load(Phone& phone) {
    const auto loaded = phone.load_outbox(limits::kRequestTargetBytes, limits::kBatchesPerRequestMax);
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().context);
    return *loaded;
  }

  TemporaryFolder folder_;
  FixedClock clock_;
  std::vector<std::unique_ptr<SeededRandom>> randoms_;
  Office office_;
  std::unique_ptr<Phone> phone_ = open("phone");
  std::unique_ptr<Phone> carrier_ = open("carrier");
};

}  // namespace phusa::test
