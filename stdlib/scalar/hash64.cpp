// hash64: a fast hash.
// Inlined from the header: librdkafka's archive brings another version of the library under the same names into jobs.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdint>

extern "C" int64_t streamc_fn_hash64(const char* s, int64_t n) noexcept {
  return static_cast<int64_t>(XXH3_64bits(s, static_cast<size_t>(n)));
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(hash64(""))", "3244421341483603138"}, {R"(hash64("a") == hash64("a"))", "true"}};
constexpr ScalarFn kVariants[] = {
    {.name = "hash64",
     .family = "hashing",
     .signature = "hash64(s: T) -> int",
     .for_types = "string bytes uuid",
     .kernel = "streamc_fn_hash64",
     .summary = "XXH3, 64 bits: fast, well spread, the same on every machine and in every version; not for secrets.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_hash64{kVariants};

}  // namespace streamc::stdlib
#endif
