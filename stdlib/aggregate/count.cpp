// count: how many rows.
#include <cstdint>

namespace {
struct State {
  int64_t rows;
};
}  // namespace

extern "C" void streamc_agg_count_add(State* s) { ++s->rows; }
extern "C" void streamc_agg_count_remove(State* s) { --s->rows; }
extern "C" void streamc_agg_count_merge(State* into, const State* from) { into->rows += from->rows; }
extern "C" uint8_t streamc_agg_count_result(const State* s, int64_t* out) {
  *out = s->rows;
  return 1;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(count(["a", "b", "a"]))", "3"}, {"count([7])", "1"}};
constexpr AggregateFn kVariants[] = {
    {.name = "count",
     .signature = "count() -> int",
     .state_size = sizeof(State),
     .add = "streamc_agg_count_add",
     .remove = "streamc_agg_count_remove",
     .merge = "streamc_agg_count_merge",
     .result = "streamc_agg_count_result",
     .always_value = true,
     .summary = "The number of rows; with `where`, of those that pass.",
     .examples = kExamples},
};
extern const std::span<const AggregateFn> aggregate_count{kVariants};

}  // namespace streamc::stdlib
#endif
