// The start of a durable job with keyed steps: is the state there one this program can go on with, and under which numbers?
//
// The manifest of the program that ran last stands in the changelog (group 0). An equal one: go. Else CompareManifests decides: a
// refusal ends the start with 65 and the text `streamc diff` shows; what can be taken over is taken over in one transaction of an id
// that only one start at a time can have, so no reader ever meets half of it, and no two programs undo each other's work.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi/manifest.h"
#include "runtime/connector/durable_log.h"

namespace streamc::rt::engine {

// Compares without changing anything. `log`: open, of this job. `known`: it has a manifest. Exit 65 when the program must not go on
// with the state.
Status CompareState(connector::DurableLog& log, const abi::Manifest& program, const std::vector<std::string>& reset,
                    abi::ManifestDiff* diff, bool* known);

// `log`: open, of this job. `connector` and `config`: what it was made from, to make the one that changes the manifest. `reset`: steps
// that begin anew. `numbered` becomes the manifest with the numbers of the steps. May wait until instances of an earlier
// program have left, when their state is to change (75 when they stay).
Status TakeStateOver(connector::DurableLog& log, std::string_view connector, const connector::DurableLogConfig& config,
                     const abi::Manifest& program, const std::vector<std::string>& reset, abi::Manifest* numbered);

}  // namespace streamc::rt::engine
