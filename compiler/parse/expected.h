// What could have come where parsing stopped. Private to parse.
// In: where the parser stood after the last token it took (a grammar state and the rules around it), and the tokens from
// there on. Out: the first token that no continuation accepts, the tokens that would have been accepted in its place, and
// the same as phrases for a person. It walks ANTLR's transition network with full context, so the answer is exact
// even where the parser predicted over several tokens.
#pragma once

#include <antlr4-runtime.h>

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "SdlParser.h"
#include "compiler/parse/lexed_source.h"

namespace streamc::parse {

// Where a parser stands: a state of the network and the states to return to, innermost first.
struct Position {
  antlr4::atn::ATNState* state = nullptr;
  std::vector<antlr4::atn::ATNState*> returns;
};

struct Expectation {
  size_t token = 0;                  // number of the first token that does not fit
  std::set<size_t> types;            // token types that would
  std::vector<std::string> phrases;  // "a name", "`by`": what to tell, without continuations that go without saying
};

// The position at the start of `rule`, to be left into `outer`.
Position AtRuleStart(const antlr4::atn::ATN& atn, size_t rule, std::vector<antlr4::atn::ATNState*> outer);

// The state in `caller` behind its first use of `callee`. Precondition: there is one.
antlr4::atn::ATNState* FindReturn(const antlr4::atn::ATN& atn, size_t caller, size_t callee);

// `from` is where the parser stood in front of token `first`. Looks no further than token `limit`, fitting or not.
Expectation FindExpectation(SdlParser& parser, const Position& from, const LexedSource& source, size_t first, size_t limit);

}  // namespace streamc::parse
