// Writes the results of job.sdl as the model sees them, with one mistake, for the test of the verifier.
//
// In: a source topic with events and the output topics, empty. Out: outputs, offsets of the group, a changelog.
#pragma once

#include <string>
#include <vector>

#include "test/chaos/state.h"
#include "test/chaos/verify.h"

namespace streamc::chaos {

struct Mistake {
  const char* name;
  const char* what;
  const char* caught_by;  // how the check that must see it begins; null: nothing is wrong
};
const std::vector<Mistake>& Mistakes();

// Throws std::runtime_error for an unknown name. Leaves the process with a transaction open where that is the mistake.
void Plant(const Subject& subject, const std::string& mistake);
// Makes the group's changelog; what its state would have been, live.
std::vector<LiveDigest> PlantState(const Subject& subject, const std::string& mistake);

}  // namespace streamc::chaos
