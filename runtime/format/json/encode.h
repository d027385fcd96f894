// The JSON encoder behind format::Encoder, and EncodeJsonValue.
//
// One line per record, no blanks: fields in order under their outside names, null for absent optional values and records, shortest
// text for floats, exactly `scale` decimals, timestamps in their declared form (RFC 3339 with Z by default; (ms) and (s) round down),
// bytes as base64, durations as `1m30s`, enums as their texts. NaN and infinities, a timestamp or date outside its form's
// years, an unknown enum index, a rest that is no object: SC_ERR_ENCODE. The fields of a rest stand behind the others, less those whose
// names are written already. Text is escaped where JSON demands it; other UTF-8 stays as it is.
#pragma once

#include <memory>

#include "runtime/format/format.h"

namespace streamc::rt::format::json {

Status MakeJsonEncoder(const EncoderConfig& config, std::unique_ptr<Encoder>* encoder);

// `text` as a JSON string with its quotes.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace streamc::rt::format::json
