// map: the list of `f` of every element. Compiled in place, so it has no kernel.
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"map([1, 2, 3], x -> x * 2)", "[2, 4, 6]"},
                                 {R"(map(words("to be"), w -> length(w)))", "[2, 2]"}};
constexpr ScalarFn kVariants[] = {
    {.name = "map",
     .family = "lists",
     .signature = "map(xs: list<T>, f: T -> U) -> list<U>",
     .kernel = "",
     .summary = "The list of `f` of every element.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_map{kVariants};

}  // namespace streamc::stdlib
