// crc32: a check sum.
#include <cstdint>

namespace {

struct Table {
  uint32_t values[256];
};

constexpr Table MakeTable() {
  Table table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xEDB88320u : 0);
    table.values[i] = value;
  }
  return table;
}

constexpr Table kTable = MakeTable();

}  // namespace

extern "C" int64_t streamc_fn_crc32(const char* s, int64_t n) {
  uint32_t crc = 0xFFFFFFFFu;
  for (int64_t i = 0; i < n; ++i) crc = crc >> 8 ^ kTable.values[(crc ^ static_cast<uint8_t>(s[i])) & 0xFF];
  return crc ^ 0xFFFFFFFFu;
}

#ifndef STREAMC_BITCODE
#include "stdlib/descriptor.h"

namespace streamc::stdlib {

constexpr Example kExamples[] = {{R"(crc32("123456789"))", "3421780262"}, {R"(crc32(""))", "0"}};
constexpr ScalarFn kVariants[] = {
    {.name = "crc32",
     .family = "hashing",
     .signature = "crc32(s: T) -> int",
     .for_types = "string bytes",
     .kernel = "streamc_fn_crc32",
     .summary = "The CRC-32 of IEEE 802.3, as in zip and PNG files: 0 to 4294967295.",
     .examples = kExamples},
};
extern const std::span<const ScalarFn> scalar_crc32{kVariants};

}  // namespace streamc::stdlib
#endif
