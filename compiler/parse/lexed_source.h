// One text as ANTLR tokens, with places in bytes. Private to parse.
// In: a text of well-formed UTF-8. Out: the tokens the parser sees, numbered from 0 without comments, the last one EOF;
// their text and spans; the doc comment before one. ANTLR counts code points, everything else here counts bytes.
#pragma once

#include <antlr4-runtime.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "SdlLexer.h"
#include "compiler/source/source.h"

namespace streamc::parse {

class LexedSource {
 public:
  LexedSource(source::SourceId id, const source::SourceManager& sources);

  antlr4::CommonTokenStream& stream() { return *stream_; }
  source::SourceId id() const { return id_; }

  size_t count() const { return tokens_.size(); }
  // The last token for an index past the end.
  antlr4::Token* At(size_t index) const { return tokens_[std::min(index, tokens_.size() - 1)]; }
  // Number of a token that At can return.
  size_t IndexOf(const antlr4::Token* token) const { return numbers_[token->getTokenIndex()]; }

  std::string_view TextOf(const antlr4::Token* token) const;
  std::string_view TextOf(source::Span span) const { return text_.substr(span.begin, span.end - span.begin); }
  std::string_view TextAt(size_t index) const { return TextOf(At(index)); }
  // EOF stands directly behind the last token, not behind comments and white space.
  source::Span SpanOf(const antlr4::Token* token) const;
  source::Span SpanOf(const antlr4::ParserRuleContext* context) const;
  // True when only white space precedes it on its line.
  bool StartsLine(const antlr4::Token* token) const;
  // True when no byte lies between the two.
  bool Touches(const antlr4::Token* left, const antlr4::Token* right) const;

  // The lines of `///` directly before a token, slashes and one blank taken off, joined by line ends.
  std::string DocBefore(const antlr4::Token* token) const;

 private:
  uint32_t ByteOffset(size_t code_point_index) const;

  source::SourceId id_;
  std::string_view text_;
  // Byte offset of each code point and of the end; empty for pure ASCII, where both counts agree.
  std::vector<uint32_t> offsets_;
  std::unique_ptr<antlr4::ANTLRInputStream> input_;
  std::unique_ptr<SdlLexer> lexer_;
  std::unique_ptr<antlr4::CommonTokenStream> stream_;
  std::vector<antlr4::Token*> tokens_;
  std::vector<size_t> numbers_;  // by ANTLR's token index
};

}  // namespace streamc::parse
