// The values of literals. Private to parse; knows nothing of ANTLR or the tree.
// In: the text of one token, as the lexer took it. Out: its value, or what is wrong with it, with byte offsets into that text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamc::parse {

// Digits with `_` between them; nullopt when the value does not fit.
std::optional<int64_t> DecodeInt(std::string_view text, bool negative);

// nullopt when it is not finite.
std::optional<double> DecodeFloat(std::string_view text);

// `1h30m` in microseconds; nullopt when it does not fit.
std::optional<int64_t> DecodeDuration(std::string_view text);

// `64MB` in bytes (1 KB = 1024); nullopt when it does not fit.
std::optional<int64_t> DecodeSize(std::string_view text);

// `@2026-01-31` or `@2026-01-31T10:00:00.5+02:00`.
struct DecodedTimestamp {
  int64_t micros = 0;        // since 1970-01-01T00:00:00Z
  std::string_view problem;  // empty when it is one
};
DecodedTimestamp DecodeTimestamp(std::string_view text);

// A piece of a string: literal text, or the names of a path.
struct StringPiece {
  size_t begin = 0;  // bytes of the token it comes from
  size_t end = 0;
  std::string text;
  struct PathName {
    size_t begin;
    size_t end;
    std::string text;
    bool quoted;
  };
  std::vector<PathName> path;  // empty: literal text
};
struct StringProblem {
  enum class Kind : uint8_t { Escape, UnclosedBrace, NotAPath };
  Kind kind;
  size_t begin;
  size_t end;
};
struct DecodedString {
  bool raw = false;
  std::vector<StringPiece> pieces;  // no two literal texts in a row; none for ""
  std::vector<StringProblem> problems;
};
// Takes the token with its quotes, plain or raw.
DecodedString DecodeString(std::string_view token);

}  // namespace streamc::parse
