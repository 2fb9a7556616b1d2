#pragma once

#include "core/wire/codec.hpp"
#include "proto/phusa/v1/sync.pb.h"

/// Journals and verdicts: parts of requests and replies, and of what bundles hold.
namespace phusa::wire {

/// `from` as field `field` of the message whose bytes are `out`.
void put_journal(const JournalUp& from, std::uint32_t field, Bytes& out);
Result<JournalUp> take_journal(v1::JournalUp& from);
/// Whether an encoded journal has no more parts than allowed, its batches added to `batches`: asked before it
/// is parsed.
bool has_journal_shape(BytesView bytes, std::size_t& batches);

/// A durable verdict carries its tag where it is not `tag`.
void fill_verdict(const Verdict& from, const TransactionTag& tag, v1::Verdict& to);
Result<Verdict> take_verdict(const v1::Verdict& from, const TransactionTag& tag);
bool has_verdict_shape(BytesView bytes);

}  // namespace phusa::wire
