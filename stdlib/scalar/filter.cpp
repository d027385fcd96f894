// filter: the elements for which `f` is true. Compiled in place, so it has no kernel.
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"filter([1, 2, 3, 4], x -> x % 2 == 0)", "[2, 4]"},
                                 {R"(filter(words("a bc d"), w -> length(w) > 1))", R"(["bc"])"}};
constexpr ScalarFn kVariants[] = {
    {.name = "filter",
     .family = "lists",
     .signature = "filter(xs: list<T>, f: T -> bool) -> list<T>",
     .kernel = "",
     .summary = "The elements for which `f` is true.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_filter{kVariants};

}  // namespace streamc::stdlib
