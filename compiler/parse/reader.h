// The generated parser, set up for speed and for good messages. Private to parse.
// In: a lexed source and the number of a token to start at. Out: a parse tree, or nothing, and then where it stopped.
// It predicts with SLL only and gives up at the first error; it remembers where it stood behind the last token it took,
// so that the message can be worked out afterwards at no cost to texts without errors.
#pragma once

#include <optional>
#include <vector>

#include "SdlParser.h"
#include "compiler/parse/lexed_source.h"
#include "compiler/parse/scan.h"
#include "compiler/parse/syntax_error.h"

namespace streamc::parse {

class Reader : public SdlParser {
 public:
  Reader(LexedSource& source, const std::vector<DeclarationStart>& starts);

  // Parses from token `begin` with one of the generated rule functions. `outer` is where the rule returns to, innermost
  // first. The tree lives until the next call. nullptr: it failed.
  template <typename Context>
  Context* Read(size_t begin, size_t rule, std::vector<antlr4::atn::ATNState*> outer, Context* (SdlParser::*parse)()) {
    Start(begin, rule, std::move(outer));
    try {
      Context* context = (this->*parse)();
      return context;
    } catch (const antlr4::RuntimeException&) {
      return nullptr;
    }
  }

  // Number of the token behind the last one taken.
  size_t next() const { return last_.next; }
  // Why the last Read failed, or why what follows it does not fit.
  Failure Describe() const;
  // Number of a token inside the last Read that surely starts another declaration, though it was taken as a name.
  std::optional<size_t> overrun() const;

  antlr4::Token* consume() override;

 private:
  struct Frame {
    size_t invoking_state;
    antlr4::ParserRuleContext* context;
  };
  // A moment between two tokens, cheap to take: the frames are only resolved for a message.
  struct Moment {
    size_t next = 0;
    size_t state = 0;
    size_t taken_type = 0;
    std::vector<Frame> frames;
  };

  void Start(size_t begin, size_t rule, std::vector<antlr4::atn::ATNState*> outer);
  Position PositionAt(const Moment& moment) const;

  LexedSource& source_;
  const std::vector<DeclarationStart>& starts_;
  size_t begin_ = 0;
  size_t rule_ = 0;
  std::vector<antlr4::atn::ATNState*> outer_;
  Moment last_;
  Moment before_overrun_;
  bool has_overrun_ = false;
};

}  // namespace streamc::parse
