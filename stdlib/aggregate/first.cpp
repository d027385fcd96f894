// first: the value of the earliest row.
#include "stdlib/aggregate/edge.h"

using namespace streamc::stdlib;

extern "C" void streamc_agg_first_add(Edge<int64_t>* s, int64_t x, int64_t time, int64_t order) { AddEdge<1>(s, x, time, order); }
extern "C" void streamc_agg_first_merge(Edge<int64_t>* into, const Edge<int64_t>* from) { MergeEdge<1>(into, from); }
extern "C" uint8_t streamc_agg_first_result(const Edge<int64_t>* s, int64_t* out) { return EdgeValue(s, out); }

extern "C" void streamc_agg_first_add_float(Edge<double>* s, double x, int64_t time, int64_t order) { AddEdge<1>(s, x, time, order); }
extern "C" void streamc_agg_first_merge_float(Edge<double>* into, const Edge<double>* from) { MergeEdge<1>(into, from); }
extern "C" uint8_t streamc_agg_first_result_float(const Edge<double>* s, double* out) { return EdgeValue(s, out); }

extern "C" void streamc_agg_first_add_bool(Edge<uint8_t>* s, uint8_t x, int64_t time, int64_t order) { AddEdge<1>(s, x, time, order); }
extern "C" void streamc_agg_first_merge_bool(Edge<uint8_t>* into, const Edge<uint8_t>* from) { MergeEdge<1>(into, from); }
extern "C" uint8_t streamc_agg_first_result_bool(const Edge<uint8_t>* s, uint8_t* out) { return EdgeValue(s, out); }

extern "C" void streamc_agg_first_add_decimal(Edge<__int128>* s, __int128 x, int64_t, int64_t time, int64_t order) {
  AddEdge<1>(s, x, time, order);
}
extern "C" void streamc_agg_first_merge_decimal(Edge<__int128>* into, const Edge<__int128>* from) { MergeEdge<1>(into, from); }
extern "C" uint8_t streamc_agg_first_result_decimal(const Edge<__int128>* s, __int128* out) { return EdgeValue(s, out); }

extern "C" void streamc_agg_first_add_string(ScArena* arena, EdgeText* s, const char* x, int64_t n, int64_t time, int64_t order) {
  AddEdge<1>(arena, s, x, n, time, order);
}
extern "C" void streamc_agg_first_merge_string(ScArena* arena, EdgeText* into, const EdgeText* from) { MergeEdge<1>(arena, into, from); }
extern "C" uint8_t streamc_agg_first_result_string(ScArena*, const EdgeText* s, ScStr* out) { return EdgeValue(s, out); }
extern "C" void streamc_agg_first_save_string(const EdgeText* s, ScBytes* out) { Save(s, out); }
extern "C" int32_t streamc_agg_first_load_string(ScArena* arena, EdgeText* s, const char* data, int64_t size) {
  return Load(arena, s, {data, size});
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr std::string_view kSummary = "The value of the earliest row: by event time, then by the order of the records.";
constexpr Example kInt[] = {{"first([7, 8, 9])", "7"}, {"first([5m])", "5m"}};
constexpr Example kFloat[] = {{"first([0.5, 1.5])", "0.5"}, {"first([2.0])", "2.0"}};
constexpr Example kBool[] = {{"first([true, false])", "true"}, {"first([true])", "true"}};
constexpr Example kDecimal[] = {{R"x(first([to_decimal!("0.5"), to_decimal!("1.5")]))x", R"x(to_decimal!("0.5"))x"},
                                {R"x(first([to_decimal!("2")]))x", R"x(to_decimal!("2"))x"}};
constexpr Example kString[] = {{R"(first(["a", "b"]))", R"("a")"}, {R"(first(["x"]))", R"("x")"}};
constexpr AggregateFn kVariants[] = {
    {.name = "first",
     .signature = "first(x: T) -> T",
     .for_types = "int timestamp date duration enum",
     .state_size = sizeof(Edge<int64_t>),
     .add = "streamc_agg_first_add",
     .merge = "streamc_agg_first_merge",
     .result = "streamc_agg_first_result",
     .ordered = true,
     .summary = kSummary,
     .examples = kInt},
    {.name = "first",
     .signature = "first(x: float) -> float",
     .state_size = sizeof(Edge<double>),
     .add = "streamc_agg_first_add_float",
     .merge = "streamc_agg_first_merge_float",
     .result = "streamc_agg_first_result_float",
     .ordered = true,
     .summary = kSummary,
     .examples = kFloat},
    {.name = "first",
     .signature = "first(x: bool) -> bool",
     .state_size = sizeof(Edge<uint8_t>),
     .add = "streamc_agg_first_add_bool",
     .merge = "streamc_agg_first_merge_bool",
     .result = "streamc_agg_first_result_bool",
     .ordered = true,
     .summary = kSummary,
     .examples = kBool},
    {.name = "first",
     .signature = "first(x: decimal) -> decimal",
     .state_size = sizeof(Edge<__int128>),
     .add = "streamc_agg_first_add_decimal",
     .merge = "streamc_agg_first_merge_decimal",
     .result = "streamc_agg_first_result_decimal",
     .ordered = true,
     .summary = kSummary,
     .examples = kDecimal},
    {.name = "first",
     .signature = "first(x: T) -> T",
     .for_types = "string bytes uuid",
     .state_size = sizeof(EdgeText),
     .add = "streamc_agg_first_add_string",
     .merge = "streamc_agg_first_merge_string",
     .result = "streamc_agg_first_result_string",
     .save = "streamc_agg_first_save_string",
     .load = "streamc_agg_first_load_string",
     .allocates = true,
     .ordered = true,
     .summary = kSummary,
     .examples = kString},
};
extern const std::span<const AggregateFn> aggregate_first{kVariants};

}  // namespace streamc::stdlib
#endif
