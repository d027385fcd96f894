// The undeclared fields of a record (`...rest`): collected while it is read as the text of a JSON object, written back from it.
//
// The text keeps numbers, escapes and the order of fields as they came; blanks between them go, so it has no line ends. Fields
// that were not valid JSON made the whole record bad before. Used by the decoder and the encoder, each by one thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi/abi.h"

namespace streamc::rt::format::json {

// A stack of fields, because records with undeclared fields may stand in one another.
class RestReader {
 public:
  size_t size() const { return fields_.size(); }
  void Clear() { fields_.clear(); }
  // A field from its key's opening quote, or what separates it from the one before, to behind its value.
  void Add(const char* begin, const char* end);
  // Takes the fields from the `bottom`th on. *text: an object with them, in the arena. False: it has one twice.
  bool Take(size_t bottom, ScArena* arena, ScStr* text);

 private:
  struct Field { const char* begin; const char* end; };
  std::vector<Field> fields_;
  std::vector<std::string_view> keys_;
};

using Keys = std::set<std::string, std::less<>>;

// Appends the fields of the object `text` whose keys are not in `taken`: each behind a comma, the first behind a brace while *any is
// false. `seen`, unless null, is what was written of other such texts; it gains these keys. False: `text` is no JSON object; then
// `out` and *any are as before.
bool AppendRest(std::string_view text, const Keys& taken, Keys* seen, bool* any, std::string* out);

}  // namespace streamc::rt::format::json
