// One value inside a JSON text, found by a path without building anything. Native only.
//
// Only what the path leads through is looked at closely; what it skips is checked for matching brackets (at most 64 deep) and
// closed strings. The first of two equal keys wins.
#pragma once

#include <string>
#include <string_view>

#include "stdlib/text/number_text.h"
#include "stdlib/text/read_int.h"
#include "stdlib/text/text.h"

namespace streamc::stdlib {

// The text of a value as it stands in the JSON, strings with their quotes.
struct JsonValue {
  const char* text;
  int64_t size;
};

bool FindJson(const char* json, int64_t size, const char* path, int64_t path_size, JsonValue* out) noexcept;

// False when the value is of another kind.
bool ReadJsonString(ScArena* arena, const JsonValue& value, ScStr* out) noexcept;
bool ReadJsonFloat(const JsonValue& value, double* out) noexcept;
bool ReadJsonBool(const JsonValue& value, uint8_t* out) noexcept;

// What is wrong with a path, empty when nothing is.
std::string JsonPathError(std::string_view path);

}  // namespace streamc::stdlib
