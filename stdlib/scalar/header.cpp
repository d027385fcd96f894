// header: a header of the record.
#include "stdlib/text/utf8.h"

using namespace streamc::stdlib;

namespace {

// One element of a record's headers in row layout: { string key, bytes value? }.
struct Header {
  ScStr key;
  int64_t value_state;
  ScStr value;
};

}  // namespace

extern "C" uint8_t streamc_fn_header(const void* headers, int64_t count, const char* name, int64_t name_size, ScStr* out) {
  const Header* header = static_cast<const Header*>(headers);
  for (int64_t i = count - 1; i >= 0; --i) {
    if (!SameText(header[i].key.ptr, header[i].key.len, name, name_size)) continue;
    *out = header[i].value;
    return header[i].value_state == SC_VALUE && IsUtf8(out->ptr, out->len);
  }
  return 0;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(header("trace-id") ?? "none")", R"("none")"},
                                 {R"(header("trace-id") is null)", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "header",
     .family = "records",
     .signature = "header(name: string) -> string?",
     .kernel = "streamc_fn_header",
     .result = Result::Optional,
     .summary = "The value of the record's last header of that name; missing when there is none, it is null or not "
                "UTF-8. The headers themselves are the first, hidden argument.",
     .examples = kExamples,
     .constant_args = "name"},
};
extern const std::span<const ScalarFn> scalar_header{kVariants};

}  // namespace streamc::stdlib
#endif
