// last: the value of the latest row.
#include "stdlib/aggregate/edge.h"

using namespace streamc::stdlib;

extern "C" void streamc_agg_last_add(Edge<int64_t>* s, int64_t x, int64_t time, int64_t order) { AddEdge<-1>(s, x, time, order); }
extern "C" void streamc_agg_last_merge(Edge<int64_t>* into, const Edge<int64_t>* from) { MergeEdge<-1>(into, from); }
extern "C" uint8_t streamc_agg_last_result(const Edge<int64_t>* s, int64_t* out) { return EdgeValue(s, out); }

extern "C" void streamc_agg_last_add_float(Edge<double>* s, double x, int64_t time, int64_t order) { AddEdge<-1>(s, x, time, order); }
extern "C" void streamc_agg_last_merge_float(Edge<double>* into, const Edge<double>* from) { MergeEdge<-1>(into, from); }
extern "C" uint8_t streamc_agg_last_result_float(const Edge<double>* s, double* out) { return EdgeValue(s, out); }

extern "C" void streamc_agg_last_add_bool(Edge<uint8_t>* s, uint8_t x, int64_t time, int64_t order) { AddEdge<-1>(s, x, time, order); }
extern "C" void streamc_agg_last_merge_bool(Edge<uint8_t>* into, const Edge<uint8_t>* from) { MergeEdge<-1>(into, from); }
extern "C" uint8_t streamc_agg_last_result_bool(const Edge<uint8_t>* s, uint8_t* out) { return EdgeValue(s, out); }

extern "C" void streamc_agg_last_add_decimal(Edge<__int128>* s, __int128 x, int64_t, int64_t time, int64_t order) {
  AddEdge<-1>(s, x, time, order);
}
extern "C" void streamc_agg_last_merge_decimal(Edge<__int128>* into, const Edge<__int128>* from) { MergeEdge<-1>(into, from); }
extern "C" uint8_t streamc_agg_last_result_decimal(const Edge<__int128>* s, __int128* out) { return EdgeValue(s, out); }

extern "C" void streamc_agg_last_add_string(ScArena* arena, EdgeText* s, const char* x, int64_t n, int64_t time, int64_t order) {
  AddEdge<-1>(arena, s, x, n, time, order);
}
extern "C" void streamc_agg_last_merge_string(ScArena* arena, EdgeText* into, const EdgeText* from) { MergeEdge<-1>(arena, into, from); }
extern "C" uint8_t streamc_agg_last_result_string(ScArena*, const EdgeText* s, ScStr* out) { return EdgeValue(s, out); }
extern "C" void streamc_agg_last_save_string(const EdgeText* s, ScBytes* out) { Save(s, out); }
extern "C" int32_t streamc_agg_last_load_string(ScArena* arena, EdgeText* s, const char* data, int64_t size) {
  return Load(arena, s, {data, size});
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr std::string_view kSummary = "The value of the latest row: by event time, then by the order of the records.";
constexpr Example kInt[] = {{"last([7, 8, 9])", "9"}, {"last([5m])", "5m"}};
constexpr Example kFloat[] = {{"last([0.5, 1.5])", "1.5"}, {"last([2.0])", "2.0"}};
constexpr Example kBool[] = {{"last([true, false])", "false"}, {"last([true])", "true"}};
constexpr Example kDecimal[] = {{R"x(last([to_decimal!("0.5"), to_decimal!("1.5")]))x", R"x(to_decimal!("1.5"))x"},
                                {R"x(last([to_decimal!("2")]))x", R"x(to_decimal!("2"))x"}};
constexpr Example kString[] = {{R"(last(["a", "b"]))", R"("b")"}, {R"(last(["x"]))", R"("x")"}};
constexpr AggregateFn kVariants[] = {
    {.name = "last",
     .signature = "last(x: T) -> T",
     .for_types = "int timestamp date duration enum",
     .state_size = sizeof(Edge<int64_t>),
     .add = "streamc_agg_last_add",
     .merge = "streamc_agg_last_merge",
     .result = "streamc_agg_last_result",
     .ordered = true,
     .summary = kSummary,
     .examples = kInt},
    {.name = "last",
     .signature = "last(x: float) -> float",
     .state_size = sizeof(Edge<double>),
     .add = "streamc_agg_last_add_float",
     .merge = "streamc_agg_last_merge_float",
     .result = "streamc_agg_last_result_float",
     .ordered = true,
     .summary = kSummary,
     .examples = kFloat},
    {.name = "last",
     .signature = "last(x: bool) -> bool",
     .state_size = sizeof(Edge<uint8_t>),
     .add = "streamc_agg_last_add_bool",
     .merge = "streamc_agg_last_merge_bool",
     .result = "streamc_agg_last_result_bool",
     .ordered = true,
     .summary = kSummary,
     .examples = kBool},
    {.name = "last",
     .signature = "last(x: decimal) -> decimal",
     .state_size = sizeof(Edge<__int128>),
     .add = "streamc_agg_last_add_decimal",
     .merge = "streamc_agg_last_merge_decimal",
     .result = "streamc_agg_last_result_decimal",
     .ordered = true,
     .summary = kSummary,
     .examples = kDecimal},
    {.name = "last",
     .signature = "last(x: T) -> T",
     .for_types = "string bytes uuid",
     .state_size = sizeof(EdgeText),
     .add = "streamc_agg_last_add_string",
     .merge = "streamc_agg_last_merge_string",
     .result = "streamc_agg_last_result_string",
     .save = "streamc_agg_last_save_string",
     .load = "streamc_agg_last_load_string",
     .allocates = true,
     .ordered = true,
     .summary = kSummary,
     .examples = kString},
};
extern const std::span<const AggregateFn> aggregate_last{kVariants};

}  // namespace streamc::stdlib
#endif
