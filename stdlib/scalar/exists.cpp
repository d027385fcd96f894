// exists: whether `f` is true for at least one element. Compiled in place, so it has no kernel.
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"exists([1, 2, 3], x -> x > 2)", "true"},
                                 {R"(exists(words(""), w -> true))", "false"}};
constexpr ScalarFn kVariants[] = {
    {.name = "exists",
     .family = "lists",
     .signature = "exists(xs: list<T>, f: T -> bool) -> bool",
     .kernel = "",
     .summary = "Whether `f` is true for at least one element; false for an empty list.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_exists{kVariants};

}  // namespace streamc::stdlib
