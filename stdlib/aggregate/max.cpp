// max: the greatest value.
#include "stdlib/aggregate/extreme.h"

using namespace streamc::stdlib;

extern "C" void streamc_agg_max_add(Extreme<int64_t>* s, int64_t x) { Offer<-1>(s, x); }
extern "C" void streamc_agg_max_merge(Extreme<int64_t>* into, const Extreme<int64_t>* from) { Merge<-1>(into, from); }
extern "C" uint8_t streamc_agg_max_result(const Extreme<int64_t>* s, int64_t* out) { return Best(s, out); }

extern "C" void streamc_agg_max_add_float(Extreme<double>* s, double x) { Offer<-1>(s, x); }
extern "C" void streamc_agg_max_merge_float(Extreme<double>* into, const Extreme<double>* from) { Merge<-1>(into, from); }
extern "C" uint8_t streamc_agg_max_result_float(const Extreme<double>* s, double* out) { return Best(s, out); }

extern "C" void streamc_agg_max_add_decimal(Extreme<__int128>* s, __int128 x, int64_t) { Offer<-1>(s, x); }
extern "C" void streamc_agg_max_merge_decimal(Extreme<__int128>* into, const Extreme<__int128>* from) { Merge<-1>(into, from); }
extern "C" uint8_t streamc_agg_max_result_decimal(const Extreme<__int128>* s, __int128* out) { return Best(s, out); }

extern "C" void streamc_agg_max_add_string(ScArena* arena, ExtremeText* s, const char* x, int64_t n) { Offer<-1>(arena, s, x, n); }
extern "C" void streamc_agg_max_merge_string(ScArena* arena, ExtremeText* into, const ExtremeText* from) { Merge<-1>(arena, into, from); }
extern "C" uint8_t streamc_agg_max_result_string(ScArena*, const ExtremeText* s, ScStr* out) { return Best(s, out); }
extern "C" void streamc_agg_max_save_string(const ExtremeText* s, ScBytes* out) { Save(s, out); }
extern "C" int32_t streamc_agg_max_load_string(ScArena* arena, ExtremeText* s, const char* data, int64_t size) {
  return Load(arena, s, {data, size});
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kInt[] = {{"max([3, 1, 2])", "3"}, {"max([2m, 90s])", "2m"}};
constexpr Example kFloat[] = {{"max([0.5, 0.25])", "0.5"}, {"max([-1.0])", "-1.0"}};
constexpr Example kDecimal[] = {{R"x(max([to_decimal!("0.5"), to_decimal!("0.25")]))x", R"x(to_decimal!("0.5"))x"},
                                {R"x(max([to_decimal!("1")]))x", R"x(to_decimal!("1"))x"}};
constexpr Example kString[] = {{R"(max(["b", "a", "ab"]))", R"("b")"}, {R"(max(["x"]))", R"("x")"}};
constexpr AggregateFn kVariants[] = {
    {.name = "max",
     .signature = "max(x: T) -> T",
     .for_types = "int timestamp date duration",
     .state_size = sizeof(Extreme<int64_t>),
     .add = "streamc_agg_max_add",
     .merge = "streamc_agg_max_merge",
     .result = "streamc_agg_max_result",
     .summary = "The greatest value.",
     .examples = kInt},
    {.name = "max",
     .signature = "max(x: float) -> float",
     .state_size = sizeof(Extreme<double>),
     .add = "streamc_agg_max_add_float",
     .merge = "streamc_agg_max_merge_float",
     .result = "streamc_agg_max_result_float",
     .summary = "The greatest value.",
     .examples = kFloat},
    {.name = "max",
     .signature = "max(x: decimal) -> decimal",
     .state_size = sizeof(Extreme<__int128>),
     .add = "streamc_agg_max_add_decimal",
     .merge = "streamc_agg_max_merge_decimal",
     .result = "streamc_agg_max_result_decimal",
     .summary = "The greatest value.",
     .examples = kDecimal},
    {.name = "max",
     .signature = "max(x: T) -> T",
     .for_types = "string bytes uuid",
     .state_size = sizeof(ExtremeText),
     .add = "streamc_agg_max_add_string",
     .merge = "streamc_agg_max_merge_string",
     .result = "streamc_agg_max_result_string",
     .save = "streamc_agg_max_save_string",
     .load = "streamc_agg_max_load_string",
     .allocates = true,
     .summary = "The greatest value in the order of its bytes, which for strings is the order of code points.",
     .examples = kString},
};
extern const std::span<const AggregateFn> aggregate_max{kVariants};

}  // namespace streamc::stdlib
#endif
