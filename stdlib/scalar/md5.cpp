// md5: an old digest.
#include "stdlib/text/digest.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_md5(ScArena* arena, const char* s, int64_t n) noexcept { return HexDigest(arena, "MD5", s, n); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(md5("abc"))", R"("900150983cd24fb0d6963f7d28e17f72")"},
                                 {R"(md5(""))", R"("d41d8cd98f00b204e9800998ecf8427e")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "md5",
     .family = "hashing",
     .signature = "md5(s: T) -> string",
     .for_types = "string bytes",
     .kernel = "streamc_fn_md5",
     .allocates = true,
     .summary = "The MD5 digest as 32 hexadecimal digits, for systems that still ask for it; it withstands no attack.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_md5{kVariants};

}  // namespace streamc::stdlib
#endif
