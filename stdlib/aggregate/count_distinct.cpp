// count_distinct: how many different values. Exact: the state keeps every value with its count.
#include <bit>
#include <new>

#include "stdlib/aggregate/distinct_set.h"

using namespace streamc::stdlib;

namespace {

struct State {
  DistinctSet* set;
};

DistinctSet* SetOf(State* s) {
  if (s->set == nullptr) s->set = new DistinctSet;
  return s->set;
}

// Equal floats have equal words: there are two zeros, and no NaN gets here.
uint64_t WordOf(double x) { return std::bit_cast<uint64_t>(x == 0 ? 0.0 : x); }

}  // namespace

extern "C" void streamc_agg_count_distinct_add(State* s, int64_t x) noexcept { SetOf(s)->Add(static_cast<uint64_t>(x), 1); }
extern "C" void streamc_agg_count_distinct_remove(State* s, int64_t x) noexcept { SetOf(s)->Add(static_cast<uint64_t>(x), -1); }

extern "C" void streamc_agg_count_distinct_add_bool(State* s, uint8_t x) noexcept { SetOf(s)->Add(x, 1); }
extern "C" void streamc_agg_count_distinct_remove_bool(State* s, uint8_t x) noexcept { SetOf(s)->Add(x, -1); }

extern "C" void streamc_agg_count_distinct_add_float(State* s, double x) noexcept { SetOf(s)->Add(WordOf(x), 1); }
extern "C" void streamc_agg_count_distinct_remove_float(State* s, double x) noexcept { SetOf(s)->Add(WordOf(x), -1); }

extern "C" void streamc_agg_count_distinct_add_decimal(State* s, __int128 x, int64_t) noexcept {
  SetOf(s)->Add(reinterpret_cast<const char*>(&x), sizeof x, 1);
}
extern "C" void streamc_agg_count_distinct_remove_decimal(State* s, __int128 x, int64_t) noexcept {
  SetOf(s)->Add(reinterpret_cast<const char*>(&x), sizeof x, -1);
}

extern "C" void streamc_agg_count_distinct_add_string(State* s, const char* x, int64_t n) noexcept { SetOf(s)->Add(x, n, 1); }
extern "C" void streamc_agg_count_distinct_remove_string(State* s, const char* x, int64_t n) noexcept { SetOf(s)->Add(x, n, -1); }

extern "C" void streamc_agg_count_distinct_merge(State* into, const State* from) noexcept {
  if (from->set != nullptr) SetOf(into)->AddAll(*from->set);
}

extern "C" uint8_t streamc_agg_count_distinct_result(const State* s, int64_t* out) noexcept {
  *out = s->set == nullptr ? 0 : s->set->size();
  return 1;
}

extern "C" void streamc_agg_count_distinct_destroy(State* s) noexcept {
  delete s->set;
  s->set = nullptr;
}

extern "C" void streamc_agg_count_distinct_save(const State* s, ScBytes* out) noexcept {
  if (s->set != nullptr) s->set->Save(out);
}
extern "C" int32_t streamc_agg_count_distinct_load(State* s, const char* data, int64_t size) noexcept {
  if (size == 0) return 0;
  return SetOf(s)->Load({data, size}) ? 0 : 1;
}

#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr std::string_view kSummary =
    "The number of different values, exactly. The state holds each of them, so its memory grows with their number.";
constexpr Example kInt[] = {{"count_distinct([1, 2, 1])", "2"}, {"count_distinct([1s, 1000ms])", "1"}};
constexpr Example kFloat[] = {{"count_distinct([0.5, 1.5])", "2"}, {"count_distinct([0.0, -0.0])", "1"}};
constexpr Example kBool[] = {{"count_distinct([true, true])", "1"}, {"count_distinct([true, false])", "2"}};
constexpr Example kDecimal[] = {{R"x(count_distinct([to_decimal!("1.5"), to_decimal!("1.50")]))x", "1"},
                                {R"x(count_distinct([to_decimal!("1.5"), to_decimal!("1.51")]))x", "2"}};
constexpr Example kString[] = {{R"(count_distinct(["a", "b", "a"]))", "2"}, {R"(count_distinct([""]))", "1"}};
constexpr AggregateFn Variant(std::string_view signature, std::string_view for_types, std::string_view add, std::string_view remove,
                              std::span<const Example> examples) {
  return {.name = "count_distinct",
          .signature = signature,
          .for_types = for_types,
          .state_size = sizeof(State),
          .add = add,
          .remove = remove,
          .merge = "streamc_agg_count_distinct_merge",
          .result = "streamc_agg_count_distinct_result",
          .destroy = "streamc_agg_count_distinct_destroy",
          .save = "streamc_agg_count_distinct_save",
          .load = "streamc_agg_count_distinct_load",
          .always_value = true,
          .summary = kSummary,
          .examples = examples};
}
constexpr AggregateFn kVariants[] = {
    Variant("count_distinct(x: T) -> int", "int timestamp date duration enum", "streamc_agg_count_distinct_add",
            "streamc_agg_count_distinct_remove", kInt),
    Variant("count_distinct(x: bool) -> int", "", "streamc_agg_count_distinct_add_bool", "streamc_agg_count_distinct_remove_bool", kBool),
    Variant("count_distinct(x: float) -> int", "", "streamc_agg_count_distinct_add_float", "streamc_agg_count_distinct_remove_float",
            kFloat),
    Variant("count_distinct(x: decimal) -> int", "", "streamc_agg_count_distinct_add_decimal",
            "streamc_agg_count_distinct_remove_decimal", kDecimal),
    Variant("count_distinct(x: T) -> int", "string bytes uuid", "streamc_agg_count_distinct_add_string",
            "streamc_agg_count_distinct_remove_string", kString),
};
extern const std::span<const AggregateFn> aggregate_count_distinct{kVariants};

}  // namespace streamc::stdlib
