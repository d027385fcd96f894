// for_all: whether `f` is true for every element. Compiled in place, so it has no kernel.
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"for_all([1, 2, 3], x -> x > 0)", "true"},
                                 {"for_all([1, 2, 3], x -> x > 1)", "false"}};
constexpr ScalarFn kVariants[] = {
    {.name = "for_all",
     .family = "lists",
     .signature = "for_all(xs: list<T>, f: T -> bool) -> bool",
     .kernel = "",
     .summary = "Whether `f` is true for every element; true for an empty list.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_for_all{kVariants};

}  // namespace streamc::stdlib
