#include "compiler/optimize/optimize.h"

#include <algorithm>
#include <chrono>

#include "compiler/optimize/rule.h"

namespace streamc::optimize {
namespace {

struct Rule {
  bool (*run)(plan::Plan* plan);
  std::string_view name;
};
constexpr Rule kRules[] = {
#define OPTIMIZE_RULE(function, name) {function, name},
#include "compiler/optimize/rules.def"
#undef OPTIMIZE_RULE
};

bool Holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Runs(const OptimizeOptions& options, std::string_view name) {
  if (!options.enabled || Holds(options.disabled, name)) return false;
  return options.only.empty() || Holds(options.only, name);
}

}  // namespace

std::vector<RuleReport> OptimizePlan(plan::Plan& plan, const OptimizeOptions& options, std::vector<std::string>* faults) {
  using Clock = std::chrono::steady_clock;
  std::vector<RuleReport> reports;
  for (const Rule& rule : kRules) {
    if (!Runs(options, rule.name)) continue;
    const Clock::time_point start = Clock::now();
    const bool changed = rule.run(&plan);
    const std::chrono::nanoseconds taken = Clock::now() - start;
    reports.push_back({rule.name, changed, taken.count()});
    if (!options.verify || !faults || !changed) continue;
    for (const std::string& fault : plan::VerifyPlan(plan)) faults->push_back(std::string(rule.name) + ": " + fault);
  }
  return reports;
}

std::vector<std::string> RuleNames() {
  std::vector<std::string> names;
  for (const Rule& rule : kRules) names.emplace_back(rule.name);
  return names;
}

}  // namespace streamc::optimize
