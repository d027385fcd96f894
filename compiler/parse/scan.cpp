#include "compiler/parse/scan.h"

#include <algorithm>
#include <array>

namespace streamc::parse {
namespace {

using diag::DiagId;

template <size_t N>
bool IsOneOf(std::string_view text, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool IsString(const LexedSource& source, size_t token) {
  const size_t type = source.At(token)->getType();
  return type == SdlLexer::STRING || type == SdlLexer::RAW_STRING;
}

// Each of these makes the tree one level deeper.
bool DeepensTree(std::string_view text) {
  static constexpr std::array<std::string_view, 24> kDeepening = {"not", "and", "or", "if", "else", "in", "-",  "+",
                                                                  "*",   "/",   "%",  "??", ".",    "?.", "->", "<",
                                                                  ">",   "<=",  ">=", "==", "!=",   "[",  "is", "match"};
  return IsOneOf(text, kDeepening);
}

// After one of these a new expression starts beside the last one, not inside it.
bool EndsChain(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kEnding = {",", ";", "|>", ":", "=", "+=", "-="};
  return IsOneOf(text, kEnding);
}

// What stands behind the name of a declaration, by its leading word.
bool FitsBehindName(std::string_view word, std::string_view text) {
  if (word == "job" || word == "schema" || word == "cluster") return text == "{";
  if (word == "stream") return text == "=";
  if (word == "sink") return text == "to" || text == "@" || text == ":";
  if (word == "mirror") return text == "from";
  if (word == "fn" || word == "agg") return text == "(";
  return text == ":";
}

DeclarationStart ClassifyStart(const LexedSource& source, size_t token) {
  const std::string_view word = source.TextAt(token);
  if (word == "use" || word == "test") return IsString(source, token + 1) ? DeclarationStart::Sure : DeclarationStart::No;
  if (IsString(source, token + 1) || !IsNameLike(source.TextAt(token + 1))) return DeclarationStart::No;
  if (FitsBehindName(word, source.TextAt(token + 2))) return DeclarationStart::Sure;
  // A test sets parameters with `param p = v`, which no declaration looks like.
  const bool sets_in_test = word == "param" && source.TextAt(token + 2) == "=";
  return sets_in_test ? DeclarationStart::No : DeclarationStart::Likely;
}

}  // namespace

bool IsDeclarationWord(std::string_view text) {
  const auto& words = DeclarationWords();
  return std::find(words.begin(), words.end(), text) != words.end();
}

const std::vector<std::string>& DeclarationWords() {
  static const std::vector<std::string> kWords = {"use",    "job",  "param",  "cluster", "schema", "source", "table",
                                                  "stream", "sink", "mirror", "fn",      "agg",    "test"};
  return kWords;
}

const std::vector<std::string>& StepWords() {
  static const std::vector<std::string> kWords = {
      "where", "set",  "select", "drop", "rename", "expand", "check", "aggregate", "rolling", "top", "dedup", "latest",
      "join",  "left", "full",   "semi", "anti",   "lookup", "fold",  "pattern",   "route",   "as",  "tap"};
  return kWords;
}

bool IsNameLike(std::string_view text) {
  return !text.empty() && (IsWordStart(text[0]) || text[0] == '`');
}
bool IsOpenBracket(std::string_view text) {
  return text == "(" || text == "[" || text == "{";
}
bool IsCloseBracket(std::string_view text) {
  return text == ")" || text == "]" || text == "}";
}

std::vector<DeclarationStart> FindDeclarationStarts(const LexedSource& source) {
  std::vector<DeclarationStart> starts(source.count(), DeclarationStart::No);
  for (size_t i = 0; i + 1 < source.count(); ++i) {
    if (IsDeclarationWord(source.TextAt(i)) && source.StartsLine(source.At(i))) starts[i] = ClassifyStart(source, i);
  }
  return starts;
}

void MarkBadNumbers(const LexedSource& source) {
  for (size_t i = 0; i + 2 < source.count(); ++i) {
    antlr4::Token* token = source.At(i);
    const antlr4::Token* next = source.At(i + 1);
    const size_t type = token->getType();
    const bool number = type == SdlLexer::INT || type == SdlLexer::FLOAT || type == SdlLexer::DURATION ||
                        type == SdlLexer::SIZE || type == SdlLexer::TIMESTAMP;
    if (!number || !source.Touches(token, next)) continue;
    const char c = source.TextOf(next)[0];
    if (IsWordStart(c) || (c >= '0' && c <= '9')) static_cast<antlr4::CommonToken*>(token)->setType(SdlLexer::UNKNOWN);
  }
}

bool CheckNesting(const LexedSource& source, diag::Diagnostics& diags) {
  const std::vector<DeclarationStart> starts = FindDeclarationStarts(source);
  // Per open bracket, the operators chained so far around it.
  std::vector<size_t> chains{0};
  size_t chained = 0;
  const auto end_chain = [&] {
    chained -= chains.back();
    chains.back() = 0;
  };
  for (size_t i = 0; i < source.count(); ++i) {
    const std::string_view text = source.TextAt(i);
    if (EndsChain(text)) end_chain();
    if (chains.size() == 1 && starts[i] != DeclarationStart::No) end_chain();
    if (DeepensTree(text)) {
      ++chains.back();
      ++chained;
    }
    if (chained > kMaxChainedOperators) {
      diags.Report(DiagId::ExpressionTooLong, source.SpanOf(source.At(i)), kMaxChainedOperators)
          .Help("name parts of it with `set`, or ask for a list of values with `in [...]`");
      return false;
    }
    if (IsOpenBracket(text)) chains.push_back(0);
    if (IsCloseBracket(text) && chains.size() > 1) {
      end_chain();
      chains.pop_back();
    }
    if (chains.size() > kMaxOpenBrackets + 1) {
      diags.Report(DiagId::NestingTooDeep, source.SpanOf(source.At(i)), kMaxOpenBrackets)
          .Help("name inner parts with `let` or `set`, or move them to an `fn`");
      return false;
    }
  }
  return true;
}

}  // namespace streamc::parse
