// The JSON decoder behind format::Decoder: one pass over each record, checking every byte, converting needed leaves only.
//
// What is read as what (state of the leaf otherwise):
//   int         a number without point or exponent in 64 bits; `1.0`, `1e3`, larger: json.range
//   float       any number; too large for a double: json.range
//   decimal     a number exact by value: `1.50` fits one decimal, `1.55` is json.range
//   string      text; views into the record unless it holds escapes
//   bytes       base64 text          uuid   canonical text, made lower case          (other text: json.type)
//   timestamp   RFC 3339 text; (ms), (s): an int; a pattern: text of that form       (other text: time.format)
//   date        `yyyy-MM-dd` text    duration   text as `1m30s`, or an int of microseconds
//   rest        the undeclared fields of its record as the text of an object without blanks; one of them twice: json.duplicate
//   enum        one of its texts     list, record   array, object; a broken element makes its list bad
// Another JSON type: json.type. null and missing: the default, SC_NULL for optional fields, else `missing`. A needed key twice in
// one object: json.duplicate. With quoted_numbers, numbers are read from strings too. An absent optional record has
// presence 0 and null leaves; every leaf of a bad record has its code.
// As a whole bad (Decode's result): json.syntax (also a lone surrogate, an object followed by something, no object), json.depth,
// too_large, utf8; with `strict` the first bad leaf.
#pragma once

#include <memory>

#include "runtime/format/format.h"

namespace streamc::rt::format::json {

Status MakeJsonDecoder(const DecoderConfig& config, std::unique_ptr<Decoder>* decoder);

}  // namespace streamc::rt::format::json
