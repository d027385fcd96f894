#include "compiler/parse/reader.h"

namespace streamc::parse {

using antlr4::Token;
using antlr4::atn::ATNState;

Reader::Reader(LexedSource& source, const std::vector<DeclarationStart>& starts)
    : SdlParser(&source.stream()), source_(source), starts_(starts) {
  removeErrorListeners();
  setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
  getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(antlr4::atn::PredictionMode::SLL);
}

void Reader::Start(size_t begin, size_t rule, std::vector<ATNState*> outer) {
  reset();
  source_.stream().seek(source_.At(begin)->getTokenIndex());
  setState(ATNState::INVALID_STATE_NUMBER);
  begin_ = begin;
  rule_ = rule;
  outer_ = std::move(outer);
  last_.next = begin;
  last_.frames.clear();
  has_overrun_ = false;
}

Token* Reader::consume() {
  Token* token = getCurrentToken();
  const size_t index = source_.IndexOf(token);
  if (index > begin_ && starts_[index] == DeclarationStart::Sure && !has_overrun_) {
    has_overrun_ = true;
    before_overrun_ = last_;
  }
  last_.next = index + 1;
  last_.state = getState();
  last_.taken_type = token->getType();
  last_.frames.clear();
  // The chain is copied: left recursion turns contexts round after this.
  for (auto* context = _ctx; context != nullptr; context = static_cast<antlr4::ParserRuleContext*>(context->parent)) {
    last_.frames.push_back({context->invokingState, context});
  }
  return SdlParser::consume();
}

std::optional<size_t> Reader::overrun() const {
  return has_overrun_ ? std::optional<size_t>(before_overrun_.next) : std::nullopt;
}

Position Reader::PositionAt(const Moment& moment) const {
  const antlr4::atn::ATN& atn = getATN();
  if (moment.frames.empty()) return AtRuleStart(atn, rule_, outer_);
  Position position;
  for (const auto* transition : atn.states[moment.state]->transitions) {
    if (!transition->isEpsilon() && transition->matches(moment.taken_type, 0, atn.maxTokenType)) {
      position.state = transition->target;
    }
  }
  // The outermost frame is the rule that was asked for; nobody invoked it.
  for (size_t i = 0; i + 1 < moment.frames.size(); ++i) {
    const auto* call =
        static_cast<const antlr4::atn::RuleTransition*>(atn.states[moment.frames[i].invoking_state]->transitions[0]);
    position.returns.push_back(call->followState);
  }
  position.returns.insert(position.returns.end(), outer_.begin(), outer_.end());
  return position;
}

Failure Reader::Describe() const {
  const Moment& moment = has_overrun_ ? before_overrun_ : last_;
  Failure failure;
  failure.position = PositionAt(moment);
  failure.first = moment.next;
  failure.begin = begin_;
  failure.next_declaration = overrun();
  if (rule_ == SdlParser::RuleStep) failure.step = begin_;
  for (const Frame& frame : moment.frames) {
    const size_t rule = frame.context->getRuleIndex();
    if (rule == SdlParser::RuleComparison) failure.in_comparison = true;
    if (rule != SdlParser::RuleStep) continue;
    failure.step = source_.IndexOf(frame.context->start);
    break;
  }
  return failure;
}

}  // namespace streamc::parse
