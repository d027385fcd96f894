// json_int: a value inside a JSON text.
#include "stdlib/text/json_path.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_json_int(const char* json, int64_t n, const char* path, int64_t path_size, int64_t* out) noexcept {
  JsonValue value;
  return FindJson(json, n, path, path_size, &value) && ReadInt(value.text, value.size, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(json_int(r#"{"id": 9007199254740993}"#, "id") ?? 0)", "9007199254740993"},
                                 {R"(json_int(r#"{"id": 1.5}"#, "id") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "json_int",
     .family = "json",
     .signature = "json_int(json: string, path: string) -> int?",
     .kernel = "streamc_fn_json_int",
     .result = Result::Optional,
     .summary = "The whole number at a place in a JSON text; one written with a point or exponent is no `int`. "
                "Missing when there is no such place, the value is of another kind, or the text before it is not "
                "JSON. `path` is a literal: names joined by points, `[n]` for the element of an array from 0, `[\"any "
                "name\"]` for names with other characters.",
     .examples = kExamples,
     .constant_args = "path"},
};
extern const std::span<const ScalarFn> scalar_json_int{kVariants};

}  // namespace streamc::stdlib
#endif
