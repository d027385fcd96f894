// Parameter values and everything of a job that is only known at start.
//
// In: the declared parameters and `name=value` texts of the command line. Out: the row generated code reads (ScCtx::params) and
// the values of ValueSpecs: constants, parameters, or text with parameters in it. A secret never comes from the command line
// itself:
// `--param name=env:VARIABLE` or `--param name=file:PATH` says where it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/abi/job_spec.h"
#include "runtime/batch/arena.h"
#include "runtime/batch/row.h"
#include "runtime/batch/status.h"

namespace streamc::rt::engine {

class Params {
 public:
  // `spec` must outlive the params; `values`: by number, before the texts. Usage errors: unknown or missing parameters, texts
  // that are not of the type.
  Status Resolve(const abi::JobSpec& spec, const std::map<std::string, std::string>& given,
                 const std::map<int32_t, abi::DatumSpec>& values = {});
  // The values in row layout, program order.
  const char* row() const { return row_.data(); }
  // The value of a parameter by number.
  const abi::DatumSpec& Datum(int32_t param) const { return values_[static_cast<size_t>(param)]; }

  // The value: a duration or number as it is, text through Text. Only for values that are set and of a fitting type.
  int64_t Int(const abi::ValueSpec& value, int64_t otherwise = 0) const;
  bool Bool(const abi::ValueSpec& value, bool otherwise = false) const;
  // Any value as text: options, topics, paths. Durations are written as 250ms, booleans as true and false.
  std::string Text(const abi::ValueSpec& value) const;

 private:
  std::string TextOf(const abi::DatumSpec& value, const abi::TypeSpec* type) const;

  const abi::JobSpec* spec_ = nullptr;
  std::vector<abi::DatumSpec> values_;
  std::vector<char> row_;
  batch::Arena arena_{256};
};

// The value of a text as the type writes it outside: numbers, true, RFC 3339, 10s, an enum's word. False: not of the type.
bool ParseDatum(const abi::TypeSpec& type, const std::string& text, abi::DatumSpec* value);
// Writes a datum of a type's leaves into row layout (strings go to the arena). False when the datum does not fit the type.
bool WriteDatum(const batch::RowShape& shape, size_t first_leaf, const abi::TypeSpec& type, const abi::DatumSpec& value,
                char* row, ScArena* arena);

}  // namespace streamc::rt::engine
