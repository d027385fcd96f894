#include "compiler/parse/lexed_source.h"

#include <algorithm>

namespace streamc::parse {

using antlr4::Token;
using source::Span;

LexedSource::LexedSource(source::SourceId id, const source::SourceManager& sources) : id_(id), text_(sources.Text(id)) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  // A byte order mark is no part of the program; ANTLR would not count it either.
  const size_t begin = text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  if (!std::all_of(text_.begin(), text_.end(), is_ascii)) {
    for (size_t i = begin; i < text_.size(); ++i) {
      if (!continues(text_[i])) offsets_.push_back(static_cast<uint32_t>(i));
    }
    offsets_.push_back(static_cast<uint32_t>(text_.size()));
  }
  input_ = std::make_unique<antlr4::ANTLRInputStream>(text_.data() + begin, text_.size() - begin);
  lexer_ = std::make_unique<SdlLexer>(input_.get());
  lexer_->removeErrorListeners();
  stream_ = std::make_unique<antlr4::CommonTokenStream>(lexer_.get());
  stream_->fill();
  for (Token* token : stream_->getTokens()) {
    numbers_.push_back(tokens_.size());
    if (token->getChannel() == Token::DEFAULT_CHANNEL) tokens_.push_back(token);
  }
}

uint32_t LexedSource::ByteOffset(size_t code_point_index) const {
  if (offsets_.empty()) return static_cast<uint32_t>(std::min(code_point_index, text_.size()));
  return offsets_[std::min(code_point_index, offsets_.size() - 1)];
}

std::string_view LexedSource::TextOf(const Token* token) const {
  if (token->getType() == Token::EOF) return {};
  const Span span = SpanOf(token);
  return text_.substr(span.begin, span.end - span.begin);
}

Span LexedSource::SpanOf(const Token* token) const {
  if (token->getType() != Token::EOF) {
    return {id_, ByteOffset(token->getStartIndex()), ByteOffset(token->getStopIndex() + 1)};
  }
  const uint32_t end = tokens_.size() < 2 ? 0 : ByteOffset(tokens_[tokens_.size() - 2]->getStopIndex() + 1);
  return {id_, end, end};
}

Span LexedSource::SpanOf(const antlr4::ParserRuleContext* context) const {
  const Span first = SpanOf(context->start);
  // A rule that matched nothing stops before it starts.
  if (context->stop == nullptr || context->stop->getTokenIndex() < context->start->getTokenIndex()) {
    return {id_, first.begin, first.begin};
  }
  return source::Join(first, SpanOf(context->stop));
}

bool LexedSource::StartsLine(const Token* token) const {
  uint32_t i = SpanOf(token).begin;
  while (i > 0 && (text_[i - 1] == ' ' || text_[i - 1] == '\t')) --i;
  return i == 0 || text_[i - 1] == '\n' || text_[i - 1] == '\r';
}

bool LexedSource::Touches(const Token* left, const Token* right) const {
  return left->getStopIndex() + 1 == right->getStartIndex();
}

std::string LexedSource::DocBefore(const Token* token) const {
  std::vector<std::string_view> lines;
  for (size_t i = token->getTokenIndex(); i > 0; --i) {
    const Token* before = stream_->get(i - 1);
    if (before->getChannel() == Token::DEFAULT_CHANNEL) break;
    // A `///` behind code on the same line does not speak of what follows.
    if (before->getType() != SdlLexer::DOC || !StartsLine(before)) continue;
    std::string_view line = TextOf(before).substr(3);
    if (line.starts_with(' ')) line.remove_prefix(1);
    lines.push_back(line);
  }
  std::string doc;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (!doc.empty()) doc += '\n';
    doc += *line;
  }
  return doc;
}

}  // namespace streamc::parse
