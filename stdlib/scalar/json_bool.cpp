// json_bool: a value inside a JSON text.
#include "stdlib/text/json_path.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_json_bool(const char* json, int64_t n, const char* path, int64_t path_size, uint8_t* out) noexcept {
  JsonValue value;
  return FindJson(json, n, path, path_size, &value) && ReadJsonBool(value, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(json_bool(r#"{"a b": true}"#, r#"["a b"]"#) ?? false)", "true"},
                                 {R"(json_bool(r#"{"a": 0}"#, "a") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "json_bool",
     .family = "json",
     .signature = "json_bool(json: string, path: string) -> bool?",
     .kernel = "streamc_fn_json_bool",
     .result = Result::Optional,
     .summary = "The truth value at a place in a JSON text. Missing when there is no such place, the value is of "
                "another kind, or the text before it is not JSON. `path` is a literal: names joined by points, `[n]` "
                "for the element of an array from 0, `[\"any name\"]` for names with other characters.",
     .examples = kExamples,
     .constant_args = "path"},
};
extern const std::span<const ScalarFn> scalar_json_bool{kVariants};

}  // namespace streamc::stdlib
#endif
