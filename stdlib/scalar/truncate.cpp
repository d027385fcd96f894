// truncate: the beginning of the interval an instant lies in.
#include <cstdint>

extern "C" uint8_t streamc_fn_truncate(int64_t at, int64_t unit, int64_t* out) {
  if (unit <= 0) return 0;
  int64_t over = at % unit;
  if (over < 0) over += unit;
  return !__builtin_sub_overflow(at, over, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{"truncate(@2026-03-08T09:05:07Z, 1h)", "@2026-03-08T09:00:00Z"},
                                 {"truncate(@1969-12-31T23:59:59Z, 1m)", "@1969-12-31T23:59:00Z"}};
constexpr ScalarFn kVariants[] = {
    {.name = "truncate",
     .family = "time",
     .signature = "truncate(at: timestamp, unit: duration) -> timestamp",
     .kernel = "streamc_fn_truncate",
     .result = Result::Rejects,
     .reject_code = "overflow",
     .summary = "The greatest multiple of `unit` since 1970-01-01 UTC that is not after `at`, as tumbling windows are "
                "cut. A unit that is not positive rejects the record.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_truncate{kVariants};

}  // namespace streamc::stdlib
#endif
