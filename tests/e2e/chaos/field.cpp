#include "tests/e2e/chaos/field.hpp"

namespace phusa::test {

Trees Field::all_saved(const std::vector<FieldPhone*>& phones) {
  Trees out;
  for (const FieldPhone* phone : phones) {
    for (const auto& [id, trees] : phone->saved) {
      const auto [at, is_new] = out.emplace(id, trees);
      EXPECT_EQ(at->second, trees) << id << " was saved by two, who mean different things";
    }
  }
  return out;
}

void Field::expect_laws(const std::vector<FieldPhone*>& phones, const PhoneProcess& office) const {
  // From what was said alone: what is listed is held against it, and adds nothing but what is in doubt.
  Trees all = all_saved(phones);
  for (const FieldPhone* phone : phones) {
    drain(phone->device);
    const Trees there = shown(phone->device);
    for (const auto& [id, trees] : phone->saved)
      EXPECT_TRUE(there.contains(id)) << id << " was said to be saved at " << phone->device.store();
    std::multiset<std::int64_t> in_doubt = phone->in_doubt;
    for (const auto& [id, trees] : there) {
      if (const auto known = all.find(id); known != all.end()) {
        EXPECT_EQ(trees, known->second) << id << " at " << phone->device.store();
      } else if (const auto act = in_doubt.find(trees); act != in_doubt.end()) {
        in_doubt.erase(act);
        all[id] = trees;
      } else {
        ADD_FAILURE() << id << " with " << trees << " trees is at " << phone->device.store()
                      << ", and nobody saved it";
      }
    }
  }
  drain(office);
  EXPECT_EQ(shown(office), all) << "the office sees every record of every phone, and no other";
  const std::string sum = std::to_string(sum_of(all));
  EXPECT_EQ(server_total(), sum);
  const std::string at_office = office.total("trees");
  EXPECT_EQ(at_office.empty() ? "0" : at_office, sum);
  expect_verified();
}

}  // namespace phusa::test
