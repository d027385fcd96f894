// Single values as text, free of any format: numbers, decimals, base64, UUIDs; shared by the JSON decoder and encoder, record keys and
// the text forms of tables. Codes are ScErrors, 0 for success; nothing is written on failure. No locale, no allocation but in arenas
// and the strings appended to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/abi/abi.h"

namespace streamc::rt::format {

// The form of a number by the JSON grammar.
enum class NumberForm : uint8_t { None, Integer, Fractional };  // Fractional: with point or exponent
// Length of the longest JSON number at the start of [p, end), 0 when there is none.
int64_t ScanNumber(const char* p, const char* end, NumberForm* form);
// The whole text is one JSON number.
bool IsNumber(std::string_view text, NumberForm* form);

// Texts below are JSON numbers. SC_ERR_JSON_RANGE: out of range, or fractional; `1.0` and `1e3` are no ints.
uint8_t ParseInt(std::string_view number, int64_t* value);
// Nearest double; SC_ERR_JSON_RANGE when it would be infinite; too small ones become 0.
uint8_t ParseFloat(std::string_view number, double* value);
// Exact by value: `1.50` fits decimal(9, 1), `1.55` is SC_ERR_JSON_RANGE, as is a value of more than `precision` digits.
uint8_t ParseDecimal(std::string_view number, int precision, int scale, __int128* value);

// Shortest text that reads back the same; -0 is `-0`, at least JSON's grammar (`1`, `0.1`, `1e+30`). Not for NaN and infinities.
void AppendFloat(double value, std::string* out);
void AppendInt(int64_t value, std::string* out);
void AppendDecimal(__int128 value, int scale, std::string* out);

// Standard alphabet with padding. False: not base64.
bool ParseBase64(std::string_view text, ScArena* arena, ScStr* bytes);
void AppendBase64(std::string_view bytes, std::string* out);

// 8-4-4-4-12 hexadecimal digits; the result is lower case, a view when the text already is. False: not a UUID.
bool ParseUuid(std::string_view text, ScArena* arena, ScStr* uuid);

}  // namespace streamc::rt::format
