#pragma once

#include "core/base/random.hpp"
#include "core/journal/bundle.hpp"

#include <functional>
#include <span>

/// What is too large for memory, sealed to one key: a backup.
///
///   "PHF1" ‖ format u8 ‖ box key id 8 ‖ sealed content key 80 ‖ stream header 24 ‖ chunks
///
/// The content key is sealed as a bundle's is. Chunks hold 65,536 plain bytes, the last one fewer or as many,
/// each 17 bytes longer once encrypted, as by libsodium's secretstream (XChaCha20-Poly1305): none can be
/// altered, left out, moved or added, and the last one is marked, so that a stream cut short is told from a
/// whole one. Everything before the stream header is associated data of the first chunk.
namespace phusa::journal {

/// Gives up to `bytes_max` bytes, fewer only at the end.
using Source = std::function<Result<Bytes>(std::size_t bytes_max)>;
using Sink = std::function<Result<void>(BytesView)>;

/// Errors are those of source and sink; kInvalidArgument: `to` is no key.
Result<void> seal_stream(const Source& plain, const BoxKey& to, Random& random, const Sink& sealed);

/// Chunk by chunk: what has come out before an error is not to be used. kNotFound: sealed to another key;
/// kCorrupt: altered, cut, or nothing of ours; kUnsupportedVersion.
Result<void> open_stream(const Source& sealed, std::span<const OpeningKey> keys, const Sink& plain);

}  // namespace phusa::journal
