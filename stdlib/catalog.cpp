// The three lists of descriptors, put together from the .def files.
#include <vector>

#include "stdlib/descriptor.h"

namespace streamc::stdlib {

#define STREAMC_SCALAR(name) extern const std::span<const ScalarFn> scalar_##name;
#include "stdlib/scalar/scalar.def"
#undef STREAMC_SCALAR
#define STREAMC_AGGREGATE(name) extern const std::span<const AggregateFn> aggregate_##name;
#include "stdlib/aggregate/aggregate.def"
#undef STREAMC_AGGREGATE
#define STREAMC_WINDOW(name) extern const WindowDesc window_##name;
#include "stdlib/window/window.def"
#undef STREAMC_WINDOW

namespace {

template <typename T>
std::vector<const T*> Flatten(std::initializer_list<const std::span<const T>*> groups) {
  std::vector<const T*> all;
  for (const std::span<const T>* group : groups)
    for (const T& descriptor : *group) all.push_back(&descriptor);
  return all;
}

}  // namespace

std::span<const ScalarFn* const> ScalarFunctions() {
  static const std::vector<const ScalarFn*> all = Flatten<ScalarFn>({
#define STREAMC_SCALAR(name) &scalar_##name,
#include "stdlib/scalar/scalar.def"
#undef STREAMC_SCALAR
  });
  return all;
}

std::span<const AggregateFn* const> Aggregates() {
  static const std::vector<const AggregateFn*> all = Flatten<AggregateFn>({
#define STREAMC_AGGREGATE(name) &aggregate_##name,
#include "stdlib/aggregate/aggregate.def"
#undef STREAMC_AGGREGATE
  });
  return all;
}

std::span<const WindowDesc* const> Windows() {
  static const WindowDesc* const all[] = {
#define STREAMC_WINDOW(name) &window_##name,
#include "stdlib/window/window.def"
#undef STREAMC_WINDOW
  };
  return all;
}

}  // namespace streamc::stdlib
