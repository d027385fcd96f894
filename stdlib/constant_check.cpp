#include "stdlib/constant_check.h"

#include "stdlib/text/json_path.h"
#include "stdlib/text/regex.h"
#include "stdlib/text/time_text.h"
#include "stdlib/text/zone.h"

namespace streamc::stdlib {

std::string CheckConstant(const ScalarFn& function, std::string_view parameter, std::string_view text) {
  if (parameter == "pattern") return function.family == "time" ? TimePatternError(text) : RegexError(text);
  if (parameter == "path") return JsonPathError(text);
  if (parameter == "zone" && !IsZone(text)) return "this machine's time zone database has no `" + std::string(text) + "`";
  return {};
}

}  // namespace streamc::stdlib
