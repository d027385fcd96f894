// tumbling: windows side by side.
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr WindowParam kParams[] = {{.name = "size", .required = true}, {.name = "offset"}};
extern const WindowDesc window_tumbling{
    .name = "tumbling",
    .params = kParams,
    .summary = "Windows of `size` side by side, each row in one, aligned to 1970-01-01 UTC plus `offset`.",
    .example = "aggregate n = count() by user window tumbling(1m)"};

}  // namespace streamc::stdlib
