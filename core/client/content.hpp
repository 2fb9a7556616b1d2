#pragma once

#include "core/client/fault.hpp"
#include "core/client/phone.hpp"

#include <functional>

namespace phusa::v1 {
class Content;
class RecordView;
class Value;
}  // namespace phusa::v1

namespace phusa {

/// What reading a person's words needs to know.
struct ContentContext {
  const Catalogue& catalogue;
  std::string default_unit;  ///< the device's own
  Day today;
  /// A typed record id -> the record; for the `event` field.
  std::function<Result<RecordId>(const RecordRef&)> find;
  /// The id that item n (from 1) of the same request will have; for an `event` of `@n`.
  std::function<std::optional<RecordId>(std::uint32_t)> item = nullptr;
};

/// Content of a new record -> fields: defaults filled in, everything held against the catalogue.
/// All faults are reported, not just the first. Days may lie in the future: the centre holds them until they
/// come.
std::vector<Fault> read_new(const v1::Content& content, const ContentContext& context, Draft& draft);

/// Content of an edit: only what is present; `shown` is the record as it stands.
std::vector<Fault> read_edit(const v1::Content& content, const ContentContext& context,
                             const RecordState& shown, Draft& draft);

/// A record's state by codes.
void write_content(const RecordState& state, const Catalogue& catalogue, v1::Content& out);

/// The field's name in requests ("unit", "values.trees") and its value as a person reads it.
std::string field_name(FieldKey field, const Catalogue& catalogue);
std::string field_text(FieldKey field, const Node& node, const Catalogue& catalogue);

}  // namespace phusa
