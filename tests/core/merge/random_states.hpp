#pragma once

#include "core/merge/merge.hpp"

#include <rapidcheck.h>

/// Random versions out of so small a world that equal ones meet often.
namespace phusa::merge::test {

DeviceId device(std::uint8_t n);
/// A 16-byte leaf: equal for equal salt and text.
Bytes leaf(std::uint8_t salt, std::string_view text);

std::vector<FieldKey> some_fields();
rc::Gen<Version> any_version(FieldKey field);
/// A node with up to three names; a personal field's text goes with its leaf.
rc::Gen<Node> any_node(FieldKey field);
/// A change of one author to one or more fields of `record()`.
rc::Gen<Change> any_change();
rc::Gen<std::vector<Change>> any_changes();

RecordId record();
RecordState joined(const std::vector<Change>& changes);

}  // namespace phusa::merge::test
