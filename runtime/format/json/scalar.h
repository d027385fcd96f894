// One scalar JSON value to a leaf: conversions of decode.h's list, with the common forms inline.
#pragma once

#include <cstring>

#include "runtime/format/json/plan.h"
#include "runtime/format/json/scan.h"

namespace streamc::rt::format::json {

struct ScalarReader {
  ScArena* arena = nullptr;
  bool quoted_numbers = false;

  // Reads the value at p (no null, no string for a string, not at the end) into *value (column layout); *code as the leaf's state.
  // `depth` as SkipValue's. Returns the position behind it, or null when the record is broken.
  const char* Read(const ValuePlan& plan, Scan& scan, const char* p, int depth, char* value, uint8_t* code) const {
    if (*p != '"') {
      if (plan.read == Read::Int || plan.read == Read::Millis) {
        if (const char* after = ReadShortInt(plan, scan, p, value); after != nullptr) [[likely]] return after;
      }
      return ReadUnquoted(plan, scan, p, depth, value, code);
    }
    ScStr text;
    p = ReadString(scan, p + 1, arena, reinterpret_cast<char*>(&text));
    if (p != nullptr) *code = FromText(plan, {text.ptr, static_cast<size_t>(text.len)}, value);
    return p;
  }

  // The same for a string without escapes that stands in the record and is followed by its quote.
  [[gnu::always_inline]] uint8_t ReadPlain(const ValuePlan& plan, const Scan& scan, const char* text, const char* quote,
                                           char* value) const {
    const int64_t size = quote - text;
    if (plan.read == Read::Enum && size <= 8 && scan.end - text >= 8) return ReadShortEnum(plan, text, size, value);
    if ((plan.read == Read::Int || plan.read == Read::Millis) && quoted_numbers && size >= 8 && size <= 15) {
      if (ReadDigits(plan, text, size, value)) [[likely]] return SC_OK;
    }
    return FromText(plan, {text, static_cast<size_t>(size)}, value);
  }

  // A string's meaning for any other type than string.
  uint8_t FromText(const ValuePlan& plan, std::string_view text, char* value) const;

 private:
  // A text of at most 8 bytes with 8 readable ones; without branches on the text, which nobody can predict.
  static uint8_t ReadShortEnum(const ValuePlan& plan, const char* text, int64_t size, char* value) {
    uint64_t head;
    std::memcpy(&head, text, sizeof head);
    // Shifted in two steps: by 64 bits at once is undefined.
    int unused = 4 * (8 - static_cast<int>(size));
    head = head << unused << unused >> unused >> unused;
    int64_t index = -1;
    for (size_t i = 0; i < plan.enum_texts.size(); ++i) {
      const EnumText& known = plan.enum_texts[i];
      const uint64_t difference = (known.head ^ head) | (known.size ^ static_cast<uint64_t>(size));
      index = difference == 0 ? static_cast<int64_t>(i) : index;
    }
    if (index < 0) return SC_ERR_ENUM;
    std::memcpy(value, &index, sizeof index);
    return SC_OK;
  }

  // 8 to 15 digits: the last eight and those before them, with zeros put before.
  static bool ReadDigits(const ValuePlan& plan, const char* text, int64_t size, char* value) {
    uint64_t head, tail;
    std::memcpy(&head, text, sizeof head);
    std::memcpy(&tail, text + size - 8, sizeof tail);
    // size - 8 digits of `head` are its own, shifted to the end of the word; half-steps, for a shift by 64 bits is undefined.
    const int unused = 4 * static_cast<int>(16 - size);
    head = head << unused << unused | kZeros >> (32 - unused) >> (32 - unused);
    int64_t high = 0, low = 0;
    if (!EightDigits(head, &high) || !EightDigits(tail, &low) || *text == '0') return false;
    int64_t number = high * 100'000'000 + low;
    if (plan.read == Read::Millis) number *= 1000;
    std::memcpy(value, &number, sizeof number);
    return true;
  }

  static constexpr uint64_t kZeros = 0x3030303030303030u;
  // Eight digits at once: pairs, then fours, then all are put together within one word.
  static bool EightDigits(uint64_t word, int64_t* number) {
    uint64_t digits = word - kZeros;
    if (((word | digits | (digits + 0x7676767676767676u)) & 0x8080808080808080u) != 0) return false;
    digits = digits * 10 + (digits >> 8);
    constexpr uint64_t kPairs = 0x000000FF000000FFu;
    digits = ((digits & kPairs) * (100 + (uint64_t{1000000} << 32)) + ((digits >> 16) & kPairs) * (1 + (uint64_t{10000} << 32))) >> 32;
    *number = static_cast<int64_t>(digits & 0xFFFFFFFFu);
    return true;
  }

  // An int of at most 18 digits that nothing makes fractional; null: look again the general way.
  static const char* ReadShortInt(const ValuePlan& plan, const Scan& scan, const char* p, char* value) {
    bool negative = p < scan.end && *p == '-';
    const char* first = p + (negative ? 1 : 0);
    const char* q = first;
    int64_t number = 0;
    if (scan.end - q >= 8) {
      uint64_t word;
      std::memcpy(&word, q, sizeof word);
      if (EightDigits(word, &number)) q += 8;
    }
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
