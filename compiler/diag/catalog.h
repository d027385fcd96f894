// The list of every message streamc can give, generated from catalog.def.
// Out: DiagId, and for each id its code, severity and format text. No behaviour: diag.h reports, render.h shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace streamc::diag {

enum class Severity : uint8_t { Error, Warning };

enum class DiagId : uint16_t {
#define DIAG(name, code, severity, format) name,
#include "compiler/diag/catalog.def"
#undef DIAG
};

struct CatalogEntry {
  DiagId id;
  std::string_view name;  // the identifier, e.g. "UnknownColumn"
  std::string_view code;  // e.g. "E0201"; never reused
  Severity severity;
  std::string_view format;  // each {} takes one argument, in order
};

inline constexpr CatalogEntry kCatalog[] = {
#define DIAG(name, code, severity, format) {DiagId::name, #name, #code, Severity::severity, format},
#include "compiler/diag/catalog.def"
#undef DIAG
};

inline constexpr size_t kCatalogSize = sizeof(kCatalog) / sizeof(kCatalog[0]);

constexpr const CatalogEntry& GetEntry(DiagId id) {
  return kCatalog[static_cast<size_t>(id)];
}

// True when no two entries share a code and codes agree with severities; checked at compile time in diag.cpp.
constexpr bool IsCatalogConsistent() {
  for (size_t i = 0; i < kCatalogSize; ++i) {
    const bool warning = kCatalog[i].code[0] == 'W';
    if (warning != (kCatalog[i].severity == Severity::Warning)) return false;
    for (size_t k = i + 1; k < kCatalogSize; ++k) {
      if (kCatalog[i].code == kCatalog[k].code) return false;
    }
  }
  return true;
}

}  // namespace streamc::diag
