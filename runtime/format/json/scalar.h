// One scalar JSON value to a leaf: conversions of decode.h's list, with the common forms inline.
#pragma once

#include <cstring>

#include "runtime/format/json/plan.h"
#include "runtime/format/json/scan.h"

namespace streamc::rt::format::json {

struct ScalarReader {
  ScArena* arena = nullptr;
  bool quoted_numbers = false;

  // Reads the value at p (no null, not at the end) into *value (column layout); *code as the leaf's state. `depth` as SkipValue's.
  // Returns the position behind it, or null when the record is broken.
  const char* Read(const ValuePlan& plan, Scan& scan, const char* p, int depth, char* value, uint8_t* code) const {
    if (*p != '"') {
      if (plan.read == Read::Int || plan.read == Read::Millis) {
        if (const char* after = ReadShortInt(plan, scan, p, value); after != nullptr) [[likely]] return after;
      }
      return ReadUnquoted(plan, scan, p, depth, value, code);
    }
    ScStr text;
    p = ReadString(scan, p + 1, arena, &text);
    if (p == nullptr) [[unlikely]] return nullptr;
    if (plan.read == Read::String) [[likely]] {
      std::memcpy(value, &text, sizeof text);
      return p;
    }
    *code = FromText(plan, {text.ptr, static_cast<size_t>(text.len)}, value);
    return p;
  }

  // A string's meaning for any other type than string.
  uint8_t FromText(const ValuePlan& plan, std::string_view text, char* value) const;

 private:
  // An int of at most 18 digits that nothing makes fractional; null: look again the general way.
  static const char* ReadShortInt(const ValuePlan& plan, const Scan& scan, const char* p, char* value) {
    bool negative = *p == '-';
    const char* first = p + (negative ? 1 : 0);
    const char* q = first;
    int64_t number = 0;
    for (; q < scan.end && IsDigit(*q); ++q) number = static_cast<int64_t>(static_cast<uint64_t>(number) * 10 + static_cast<uint64_t>(*q - '0'));
    int64_t digits = q - first;
    if (digits == 0 || digits > (plan.read == Read::Int ? 18 : 15) || (digits > 1 && *first == '0')) return nullptr;
    if (q < scan.end && (*q == '.' || (*q | 0x20) == 'e')) return nullptr;
    if (negative) number = -number;
    if (plan.read == Read::Millis) number *= 1000;
    std::memcpy(value, &number, sizeof number);
    return q;
  }

  const char* ReadUnquoted(const ValuePlan& plan, Scan& scan, const char* p, int depth, char* value, uint8_t* code) const;
  static uint8_t FromNumber(const ValuePlan& plan, std::string_view number, char* value);
};

}  // namespace streamc::rt::format::json
