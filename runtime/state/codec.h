// State as bytes: rows and slots in a form that outlives the process, the build and the machine. README.md describes the format.
//
// Used for changelog records, snapshots and what crosses between instances. Equal rows give equal bytes, so a row may be the key of
// a compacted topic. Readers refuse what they do not know (false) and never read past the end of their input.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/batch/row.h"
#include "runtime/state/table.h"

namespace streamc::rt::state {

// Appends the row, with what its strings and lists point at.
void EncodeRow(const batch::RowShape& shape, const void* row, std::string* out);
// Takes a row off the front of `in` into `row` (shape.size() bytes, which may be uninitialised); strings and lists go to `arena`.
bool DecodeRow(const batch::RowShape& shape, std::string_view* in, void* row, ScArena* arena);

// A slot without its key: rows, last_time and the states.
void EncodeSlot(const TableShape& shape, const ScSlot* slot, std::string* out);
// Into a slot whose states are zeroed; all of `in` must be the slot. What the states keep goes to `arena`.
bool DecodeSlot(const TableShape& shape, std::string_view in, ScSlot* slot, ScArena* arena);

// An encoded slot as views, whatever its states are: `head` is what stands before them, each state has its size before it. One after
// the other they are the slot again. False when it is no slot.
bool SplitSlot(std::string_view slot, std::string_view* head, std::vector<std::string_view>* states);

}  // namespace streamc::rt::state
