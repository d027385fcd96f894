// The optimizer: rewrites a logical plan by the rules of rules.def, in that order, once each.
//
// Every rule keeps the meaning of the plan, and part of the meaning is which records are bad and at which step: no rule moves
// what can reject a row, or drops rows before it. Each can be switched off by name, is timed, and, when asked for or in debug
// builds, is followed by the plan verifier. A plan that was not optimised runs too and gives the same rows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/plan/plan.h"

namespace streamc::optimize {

struct OptimizeOptions {
  bool enabled = true;                // false: no rule runs
  std::vector<std::string> disabled;  // names of rules that do not run
  std::vector<std::string> only;      // when not empty: no others run
#ifdef NDEBUG
  bool verify = false;
#else
  bool verify = true;
#endif
};

struct RuleReport {
  std::string_view name;
  bool changed = false;
  int64_t nanoseconds = 0;
};

// Rewrites `plan`; returns which rules ran. `faults` gets what the verifier found wrong after a rule, with the rule's name;
// anything there is a fault of the compiler.
std::vector<RuleReport> OptimizePlan(plan::Plan& plan, const OptimizeOptions& options = {},
                                     std::vector<std::string>* faults = nullptr);

// Names of all rules, in order: what `disabled` and `only` may hold.
std::vector<std::string> RuleNames();

}  // namespace streamc::optimize
