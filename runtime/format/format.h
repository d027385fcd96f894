// Decoders and encoders: bytes of a record to leaves of a column batch, and back. One folder per format.
//
// A Decoder is made once per source from the declared record type and the set of leaves the program uses; it checks the whole
// record's syntax, decodes only needed leaves, and never fails as a whole for one field: the leaf's state byte tells. Both are used by
// one thread at a time and allocate only in the batch arena.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/abi/job_spec.h"
#include "runtime/batch/status.h"

namespace streamc::rt::format {

// Options as text after parameters; `schema` is the whole record; `needed` has one entry per leaf of FlattenType(schema, true).
struct DecoderConfig {
  const abi::TypeSpec* schema = nullptr;
  std::vector<bool> needed;
  std::vector<abi::ScanPredicate> predicates;
  std::map<std::string, std::string> options;  // json: strict, quoted_numbers, depth, max_string, max_record
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  // Decodes records [0, n) into rows first_row.. of `leaves` (one ScColumn per leaf of the schema; not needed leaves have data null;
  // every needed leaf has room and a state array). result[i]: 0 a row, or an ScError: the record as a whole is bad (its row's
  // content is then unspecified), or kDropped: a predicate failed. Strings are views into the record or in the arena.
  // null values must be handled by the caller (value[i] is never null here).
  virtual void Decode(const char* const* value, const int64_t* len, int64_t n, int64_t first_row, ScColumn* leaves, ScArena* arena,
                      uint8_t* result) = 0;
};
inline constexpr uint8_t kDropped = 255;

Status MakeDecoder(std::string_view format, const DecoderConfig& config, std::unique_ptr<Decoder>* decoder);

// Text of one scalar leaf to its value for record keys and tables' text forms; false when the text is not of the type.
bool DecodeScalarText(const abi::TypeSpec& type, std::string_view text, ScArena* arena, void* value);

struct EncoderConfig {
  const abi::TypeSpec* record = nullptr;
  std::map<std::string, std::string> options;
};
class Encoder {
 public:
  virtual ~Encoder() = default;
  // Appends the encoded record of row `row` to `out`. `leaves`: the leaves of the record in order (FlattenType(record)); a leaf's
  // state may be null (no state). Returns 0 or SC_ERR_ENCODE (then `out` is as before).
  virtual uint8_t Encode(const ScColumn* leaves, int64_t row, std::string* out) = 0;
};
Status MakeEncoder(std::string_view format, const EncoderConfig& config, std::unique_ptr<Encoder>* encoder);

// A scalar as key text: strings as they are, numbers in decimal, timestamps RFC 3339, ...
void EncodeScalarText(const abi::TypeSpec& type, const void* value, std::string* out);
// Any value (leaves starting at `leaves`, one per leaf of FlattenType(type)) as JSON: test reports, dead letters, the REPL.
void EncodeJsonValue(const abi::TypeSpec& type, const ScColumn* leaves, int64_t row, std::string* out);

}  // namespace streamc::rt::format
