// reduce: starts with `start` and takes each element in turn. Compiled in place, so it has no kernel.
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"reduce([1, 2, 3], 0, (sum, x) -> sum + x)", "6"},
                                 {R"(reduce(words("a b"), 0, (n, w) -> n + length(w)))", "2"}};
constexpr ScalarFn kVariants[] = {
    {.name = "reduce",
     .family = "lists",
     .signature = "reduce(xs: list<T>, start: U, f: (U, T) -> U) -> U",
     .kernel = "",
     .summary = "Starts with `start` and takes each element in turn: the value so far and the element give the next value.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_reduce{kVariants};

}  // namespace streamc::stdlib
