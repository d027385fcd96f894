// any: is it true for at least one row?
#include <cstdint>

namespace {
struct State {
  int64_t hits;
};
}  // namespace

extern "C" void streamc_agg_any_add(State* s, uint8_t x) { s->hits += x; }
extern "C" void streamc_agg_any_remove(State* s, uint8_t x) { s->hits -= x; }
extern "C" void streamc_agg_any_merge(State* into, const State* from) { into->hits += from->hits; }
extern "C" uint8_t streamc_agg_any_result(const State* s, uint8_t* out) {
  *out = s->hits > 0;
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"any([false, true])", "true"}, {"any([false])", "false"}};
constexpr AggregateFn kVariants[] = {
    {.name = "any",
     .signature = "any(x: bool) -> bool",
     .state_size = sizeof(State),
     .add = "streamc_agg_any_add",
     .remove = "streamc_agg_any_remove",
     .merge = "streamc_agg_any_merge",
     .result = "streamc_agg_any_result",
     .always_value = true,
     .summary = "Whether `x` is true for at least one row; false of no rows.",
     .examples = kExamples},
};
extern const std::span<const AggregateFn> aggregate_any{kVariants};

}  // namespace streamc::stdlib
#endif
