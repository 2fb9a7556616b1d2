#include "core/wire/codec.hpp"
#include "core/wire/compression.hpp"
#include "core/wire/facts.hpp"
#include "core/wire/page.hpp"
#include "tests/core/wire/samples.hpp"

#include <gtest/gtest.h>

#include <functional>

/// Every decoder meets flipped bits, cut ends and bytes of no sense. It may refuse or accept; what it accepts
/// it must also be able to write again, and under the sanitizers nothing else may happen.
namespace phusa::wire {
namespace {

using test::Samples;

constexpr int kRounds = 1'500;

Bytes mutated(Samples& samples, Bytes bytes) {
  switch (samples.below(4)) {
    case 0:
      bytes.resize(samples.below(bytes.size() + 1));
      return bytes;
    case 1:
      bytes.insert(samples.below(bytes.size() + 1), 1, static_cast<char>(samples.below(256)));
      return bytes;
    case 2: {
      Bytes noise(samples.below(200), '\0');
      for (char& byte : noise) byte = static_cast<char>(samples.below(256));
      return noise;
    }
    default:
      for (std::uint64_t left = 1 + samples.below(4); left > 0 && !bytes.empty(); --left) {
        char& byte = bytes[samples.below(bytes.size())];
        byte = static_cast<char>(byte ^ (1 << samples.below(8)));
      }
      return bytes;
  }
}

/// `make` gives sound bytes for a seed; `read` decodes, and encodes again what it took.
void survive(const std::function<Bytes(Samples&)>& make, const std::function<void(BytesView)>& read) {
  for (int round = 0; round < kRounds; ++round) {
    Samples samples(static_cast<std::uint64_t>(round));
    SCOPED_TRACE(round);
    const Bytes bytes = make(samples);
    read(bytes);
    // A copy of its own size, so that the sanitizer sees one byte too many.
    const Bytes broken = mutated(samples, bytes);
    const std::vector<char> exact(broken.begin(), broken.end());
    read(BytesView(exact.data(), exact.size()));
  }
}

TEST(Mutation, Facts) {
  const DeviceId author = Samples(1).fixed<DeviceId>();
  std::vector<std::string> texts;
  survive(
      [&](Samples& samples) {
        std::vector<Change> changes;
        for (std::uint64_t left = samples.below(8); left > 0; --left)
          changes.push_back(samples.change(author));
        PackedFacts packed = *pack_facts(changes, author);
        texts = std::move(packed.texts);
        return std::move(packed.facts);
      },
      [&](BytesView bytes) {
        const auto changes = unpack_facts(bytes, author, test::leaves_of(texts), texts);
        if (!changes) return;
        EXPECT_TRUE(pack_facts(*changes, author).has_value());
      });
}

TEST(Mutation, Pages) {
  survive(
      [](Samples& samples) {
        std::vector<RecordDelta> deltas;
        for (std::uint64_t left = samples.below(8); left > 0; --left) deltas.push_back(samples.delta());
        return *pack_page(deltas);
      },
      [](BytesView bytes) {
        const auto deltas = unpack_page(bytes);
        if (!deltas) return;
        EXPECT_TRUE(pack_page(*deltas).has_value());
        for (const RecordDelta& delta : *deltas) delta_of(state_of(delta));
      });
}

TEST(Mutation, PersonalParts) {
  survive(
      [](Samples& samples) {
        PersonalPart part;
        for (std::uint64_t left = samples.below(8); left > 0; --left) part.texts.push_back(samples.text(40));
        if (samples.once_in(3)) {
          part.leaves = test::leaves_of(part.texts);
          part.texts.clear();
        }
        return pack_personal(part);
      },
      [](BytesView bytes) {
        if (const auto part = unpack_personal(bytes)) pack_personal(*part);
      });
}

TEST(Mutation, Batches) {
  survive([](Samples& samples) { return encode_batch(samples.sealed_batch()); },
          [](BytesView bytes) {
            if (const auto batch = decode_batch(bytes)) encode_batch(batch->batch);
          });
}

TEST(Mutation, Requests) {
  survive([](Samples& samples) { return encode_sync_request(samples.sync_request()); },
          [](BytesView bytes) {
            if (const auto request = decode_sync_request(bytes)) encode_sync_request(*request);
          });
}

TEST(Mutation, Replies) {
  survive([](Samples& samples) { return encode_sync_reply(samples.sync_reply()); },
          [](BytesView bytes) {
            if (const auto reply = decode_sync_reply(bytes)) encode_sync_reply(*reply);
          });
}

TEST(Mutation, Enrolments) {
  survive([](Samples& samples) { return encode_enrol_request(samples.enrol_request()); },
          [](BytesView bytes) {
            if (const auto request = decode_enrol_request(bytes)) encode_enrol_request(*request);
          });
  survive([](Samples& samples) { return encode_enrol_reply(samples.enrol_reply()); },
          [](BytesView bytes) {
            if (const auto reply = decode_enrol_reply(bytes)) encode_enrol_reply(*reply);
          });
}

TEST(Mutation, Catalogues) {
  survive([](Samples& samples) { return encode_catalogue(samples.catalogue()); },
          [](BytesView bytes) {
            if (const auto catalogue = decode_catalogue(bytes)) encode_catalogue(*catalogue);
          });
}

TEST(Mutation, Refusals) {
  survive(
      [](Samples&) {
        return encode_refusal({{ErrorCode::kBusy, "busy"}, 3});
      },
      [](BytesView bytes) {
        if (const auto refusal = decode_refusal(bytes)) encode_refusal(*refusal);
      });
}

}  // namespace
}  // namespace phusa::wire
