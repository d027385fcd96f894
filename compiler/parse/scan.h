// Looks over the tokens before the parser does. Private to parse.
// In: a lexed source. Out: where declarations may start (so that parsing can go on after an error), numbers with a
// foreign unit marked as unreadable, and a refusal of nesting that would exhaust the stack of parser or checker.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diag.h"
#include "compiler/parse/lexed_source.h"

namespace streamc::parse {

// Open brackets at one place, and operators chained without a comma, bracket or clause between them.
inline constexpr size_t kMaxOpenBrackets = 200;
inline constexpr size_t kMaxChainedOperators = 1000;

// The words that lead declarations and steps, in the order of the reference.
const std::vector<std::string>& DeclarationWords();
const std::vector<std::string>& StepWords();

bool IsDeclarationWord(std::string_view text);

// A word or a name in back-ticks: something that could name a thing.
bool IsNameLike(std::string_view text);
bool IsOpenBracket(std::string_view text);
bool IsCloseBracket(std::string_view text);

// How surely a token begins a declaration, from the words around it. All such words are soft, so this is a guess.
enum class DeclarationStart : uint8_t {
  No,
  Likely,  // starts its line, and a name follows: parsing may resume here after an error
  Sure,    // and the token after the name fits too: nothing before it can have meant it as its own
};
// One for each token.
std::vector<DeclarationStart> FindDeclarationStarts(const LexedSource& source);

// Turns `5min` and the like into tokens the parser cannot take, so that it stops right there.
void MarkBadNumbers(const LexedSource& source);

// Reports the first place that is too deep; false if there is one, and then the source must not be parsed.
bool CheckNesting(const LexedSource& source, diag::Diagnostics& diags);

}  // namespace streamc::parse
