// hopping: windows of one size that begin at regular, shorter steps.
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr WindowParam kParams[] = {
    {.name = "size", .required = true}, {.name = "every", .required = true}, {.name = "offset"}};
extern const WindowDesc window_hopping{
    .name = "hopping",
    .params = kParams,
    .summary = "Windows of `size`, one beginning at each `every`, so a row is in several. `every` need not divide `size`: windows are "
               "cut into slices of the greatest common divisor. Aligned to 1970-01-01 UTC plus `offset`.",
    .example = "aggregate n = count() by user window hopping(1h, every: 5m)"};

}  // namespace streamc::stdlib
