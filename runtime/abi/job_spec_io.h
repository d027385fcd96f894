// JobSpec to bytes and back: the block a compiled job carries in ScJob::spec.
//
// In and out: abi::JobSpec (job_spec.h) and a little-endian binary block: magic, format number, then the members in the order
// they are declared; integers of fixed width, lengths as 32-bit counts. One description per struct serves both directions, so
// writing and reading cannot disagree. Compiler (writes) and runtime (reads) may call it.
#pragma once

#include <string>
#include <string_view>

#include "runtime/abi/job_spec.h"

namespace streamc::abi {

// The block for `spec`; the same spec always gives the same bytes.
std::string WriteJobSpec(const JobSpec& spec);

// Reads a block. False when it is not one, is of another format, is cut short or has bytes left over, or holds a value no
// writer makes (an unknown enumerator, a bool beside 0 and 1, types or constants nested deeper than 64); `spec` is then
// unspecified. Never reads outside `bytes` and never allocates more than a multiple of its size.
bool ReadJobSpec(std::string_view bytes, JobSpec* spec);

}  // namespace streamc::abi
