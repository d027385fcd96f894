#include "stdlib/text/digest.h"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>

#include "stdlib/text/hex.h"

namespace streamc::stdlib {

ScStr HexDigest(ScArena* arena, const char* name, const char* text, int64_t size) noexcept {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  const EVP_MD* method = EVP_get_digestbyname(name);
  // A machine in FIPS mode has no MD5: going on would give every row the same digest.
  if (method == nullptr || EVP_Digest(text, static_cast<size_t>(size), digest, &length, method, nullptr) != 1) {
    std::fprintf(stderr, "the digest %s is not available on this machine\n", name);
    std::abort();
  }
  char* out = AllocateText(arena, 2 * static_cast<int64_t>(length));
  WriteHex(reinterpret_cast<const char*>(digest), length, out);
  return View(out, 2 * static_cast<int64_t>(length));
}

}  // namespace streamc::stdlib
