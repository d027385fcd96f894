// sha256: a cryptographic digest.
#include "stdlib/text/digest.h"

using namespace streamc::stdlib;

extern "C" ScStr streamc_fn_sha256(ScArena* arena, const char* s, int64_t n) noexcept { return HexDigest(arena, "SHA256", s, n); }

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(sha256("abc"))", R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")"},
                                 {R"(substring(sha256(""), 0, 8))", R"("e3b0c442")"}};
constexpr ScalarFn kVariants[] = {
    {.name = "sha256",
     .family = "hashing",
     .signature = "sha256(s: T) -> string",
     .for_types = "string bytes",
     .kernel = "streamc_fn_sha256",
     .allocates = true,
     .summary = "The SHA-256 digest as 64 hexadecimal digits.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_sha256{kVariants};

}  // namespace streamc::stdlib
#endif
