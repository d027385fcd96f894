// every: is it true for all rows?
#include <cstdint>

namespace {
struct State {
  int64_t misses;
};
}  // namespace

extern "C" void streamc_agg_every_add(State* s, uint8_t x) { s->misses += 1 - x; }
extern "C" void streamc_agg_every_remove(State* s, uint8_t x) { s->misses -= 1 - x; }
extern "C" void streamc_agg_every_merge(State* into, const State* from) { into->misses += from->misses; }
extern "C" uint8_t streamc_agg_every_result(const State* s, uint8_t* out) {
  *out = s->misses <= 0;
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"every([true, true])", "true"}, {"every([true, false])", "false"}};
constexpr AggregateFn kVariants[] = {
    {.name = "every",
     .signature = "every(x: bool) -> bool",
     .state_size = sizeof(State),
     .add = "streamc_agg_every_add",
     .remove = "streamc_agg_every_remove",
     .merge = "streamc_agg_every_merge",
     .result = "streamc_agg_every_result",
     .always_value = true,
     .summary = "Whether `x` is true for all rows; true of no rows.",
     .examples = kExamples},
};
extern const std::span<const AggregateFn> aggregate_every{kVariants};

}  // namespace streamc::stdlib
#endif
