// What keyed steps keep, as canonical texts (runtime/abi/job_spec.h: StateSpec). Internal to physical/.
#pragma once

#include <string>
#include <vector>

#include "compiler/sema/typed.h"
#include "runtime/abi/job_spec.h"

namespace streamc::physical {

// The step as the program has it, before any rule. For typed::Aggregate and typed::Top; the step must be there.
template <typename Step>
const Step& FindStep(const typed::Program& program, const std::string& stream, const std::string& label);

// `calls` and `items` are those a plan has left of the step's. Puts the calls into the order of their texts, which is the order of their
// states, and numbers the items' references to them anew: results may change names and places without a change of state.
abi::StateSpec StateOf(const typed::Aggregate& step, std::vector<typed::AggCall>* calls, std::vector<typed::Computed>* items,
                       const typed::Program& program);
// Without fields: those are the columns of the rows it holds.
abi::StateSpec StateOf(const typed::Top& step, const typed::Program& program);
// A column of the rows a `top` holds. `read_later`: its value matters once the row is held; otherwise any will do.
abi::StateField RowField(const typed::Column& column, bool read_later, const typed::Program& program);

// How the job runs on several instances: delivery, where state is, what crosses (explain.cpp). All of the spec's nodes must be there.
std::string ExplainRun(const abi::JobSpec& spec);

}  // namespace streamc::physical
