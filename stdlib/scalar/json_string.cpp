// json_string: a value inside a JSON text.
#include "stdlib/text/json_path.h"

using namespace streamc::stdlib;

extern "C" uint8_t streamc_fn_json_string(ScArena* arena, const char* json, int64_t n, const char* path, int64_t path_size, ScStr* out) noexcept {
  JsonValue value;
  return FindJson(json, n, path, path_size, &value) && ReadJsonString(arena, value, out);
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(json_string(r#"{"a": {"b": ["x", "y"]}}"#, "a.b[1]") ?? "")", R"("y")"},
                                 {R"(json_string(r#"{"a": 1}"#, "a") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "json_string",
     .family = "json",
     .signature = "json_string(json: string, path: string) -> string?",
     .kernel = "streamc_fn_json_string",
     .result = Result::Optional,
     .allocates = true,
     .summary = "The string at a place in a JSON text. Missing when there is no such place, the value is of another "
                "kind, or the text before it is not JSON. `path` is a literal: names joined by points, `[n]` for the "
                "element of an array from 0, `[\"any name\"]` for names with other characters.",
     .examples = kExamples,
     .constant_args = "path"},
};
extern const std::span<const ScalarFn> scalar_json_string{kVariants};

}  // namespace streamc::stdlib
#endif
