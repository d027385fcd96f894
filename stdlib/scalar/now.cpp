// now: the clock.
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"now() >= @2020-01-01T00:00:00Z or now() < @2020-01-01T00:00:00Z", "true"},
                                 {"now() - now()", "0s"}};
constexpr ScalarFn kVariants[] = {
    {.name = "now",
     .family = "time",
     .signature = "now() -> timestamp",
     .kernel = "",
     .pure = false,
     .summary = "The wall clock when the batch is worked on; in tests the test's clock. The same for all rows of a batch.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_now{kVariants};

}  // namespace streamc::stdlib
