// Compares what a job has written with what it owes.
//
// In: outputs read as a reader of committed records sees them, and Expected. Out: one Check per rule. Beside the topics
// themselves only `Verify` needs a broker; it is what the tool's `verify` runs.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "test/chaos/model.h"
#include "test/integration/harness.h"

namespace streamc::chaos {

struct Check {
  std::string name;
  int64_t expected = 0, seen = 0;
  int64_t missing = 0;  // may still come
  int64_t wrong = 0;    // will stay wrong
  std::vector<std::string> examples = {};  // the first few

  void Missing(const std::string& what);
  void Wrong(const std::string& what);
};

// What verify looks at. Output topics are <prefix>.<sink>.
struct Subject {
  std::string prefix;
  std::string events;  // source topic
  std::string group;
};

// The sinks of job.sdl, dead letters included.
const std::vector<std::string>& Sinks();

// `outputs`: records of each sink's topic, by partition and offset.
std::vector<Check> Compare(const Expected& expected, const std::map<std::string, std::vector<test::Record>>& outputs);

// A line per check, examples of what is wrong, and the sum. `partial`: of a job that has stopped midway, what is missing is no
// violation. Exit code: 0 if every check holds.
int Report(const std::vector<Check>& checks, bool partial);

// Waits until the group has read everything, no transaction is open and nothing is missing, at most `limit`; reports.
int Verify(const Subject& subject, std::chrono::milliseconds limit, bool partial);

}  // namespace streamc::chaos
