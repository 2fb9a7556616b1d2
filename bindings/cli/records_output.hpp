#pragma once

#include "bindings/cli/shell.hpp"

#include <string>
#include <vector>

namespace phusa::cli {

/// A state of client.proto in the person's words; "retracted" goes before all of them.
std::string state_words(const Tongue& tongue, const v1::RecordView& record);

/// All records in the shell's format: a table, a JSON array, or CSV with one row per record.
std::string format_records(const Shell& shell, const std::vector<v1::RecordView>& records);
/// One record, field by field; as JSON an object.
std::string format_record(const Shell& shell, const v1::RecordView& record);
std::string format_history(const Shell& shell, const v1::HistoryReply& history);

/// "a;b"
std::string join_items(const google::protobuf::RepeatedPtrField<std::string>& items,
                       std::string_view separator);

}  // namespace phusa::cli
