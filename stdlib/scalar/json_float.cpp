// json_float: a value inside a JSON text.
#include "stdlib/text/json_path.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_json_float(const char* json, int64_t n, const char* path, int64_t path_size, double* out) noexcept {
  JsonValue value;
  return FindJson(json, n, path, path_size, &value) && ReadJsonFloat(value, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(json_float(r#"[1, 2.5]"#, "[1]") ?? 0.0)", "2.5"},
                                 {R"(json_float(r#"["x"]"#, "[0]") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "json_float",
     .family = "json",
     .signature = "json_float(json: string, path: string) -> float?",
     .kernel = "streamc_fn_json_float",
     .result = Result::Optional,
     .summary = "The number at a place in a JSON text. Missing when there is no such place, the value is of another "
                "kind, or the text before it is not JSON. `path` is a literal: names joined by points, `[n]` for the "
                "element of an array from 0, `[\"any name\"]` for names with other characters.",
     .examples = kExamples,
     .constant_args = "path"},
};
extern const std::span<const ScalarFn> scalar_json_float{kVariants};

}  // namespace streamc::stdlib
#endif
