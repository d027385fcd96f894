#include "compiler/parse/expected.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "SdlParser.h"

namespace streamc::parse {
namespace {

using antlr4::Token;
using antlr4::atn::ATN;
using antlr4::atn::ATNState;
using antlr4::atn::Transition;

const char* PhraseOf(size_t rule) {
  switch (rule) {
#define PHRASE(rule_name, words) \
  case SdlParser::Rule##rule_name: return words;
#include "compiler/parse/phrase.def"
#undef PHRASE
    default: return nullptr;
  }
}

// Rules whose tokens only go on with something already complete: `a` may always become `a.b` or `a + 1`.
bool IsContinuation(size_t rule) {
  switch (rule) {
    case SdlParser::RuleExpr:
    case SdlParser::RuleComparison:
    case SdlParser::RuleCompareOp:
    case SdlParser::RuleValue:
    case SdlParser::RulePath:
    case SdlParser::RuleType:
    case SdlParser::RuleNamedType: return true;
    default: return false;
  }
}

// Return states as shared linked frames: equal stacks are one object, so visited configurations can be recognised.
struct Frame {
  ATNState* return_state;
  const Frame* parent;
};
using Config = std::pair<ATNState*, const Frame*>;
// An ordered set would order by address; the order of discovery is that of the grammar and therefore stable.
struct ConfigSet {
  std::vector<Config> order;
  std::set<Config> seen;

  bool Insert(const Config& config) {
    if (!seen.insert(config).second) return false;
    order.push_back(config);
    return true;
  }
};

class Walker {
 public:
  explicit Walker(const ATN& atn) : atn_(atn) {}

  const Frame* Push(ATNState* return_state, const Frame* parent) {
    auto [entry, added] = known_.try_emplace({return_state, parent}, nullptr);
    if (added) {
      frames_.push_back({return_state, parent});
      entry->second = &frames_.back();
    }
    return entry->second;
  }

  // All configurations reachable without taking a token.
  void Close(const Config& config, ConfigSet& out) {
    if (!out.Insert(config)) return;
    const auto [state, frame] = config;
    if (state->getStateType() == ATNState::RULE_STOP) {
      if (frame != nullptr) Close({frame->return_state, frame->parent}, out);
      return;
    }
    for (Transition* transition : state->transitions) {
      if (transition->getSerializationType() == Transition::RULE) {
        const auto* call = static_cast<antlr4::atn::RuleTransition*>(transition);
        Close({call->target, Push(call->followState, frame)}, out);
      } else if (transition->isEpsilon()) {
        Close({transition->target, frame}, out);
      }
    }
  }

  std::vector<Config> Take(const ConfigSet& from, size_t type) const {
    std::vector<Config> out;
    for (const auto& [state, frame] : from.order) {
      for (Transition* transition : state->transitions) {
        if (!transition->isEpsilon() && transition->matches(type, 0, atn_.maxTokenType)) {
          out.push_back({transition->target, frame});
        }
      }
    }
    return out;
  }

 private:
  const ATN& atn_;
  std::deque<Frame> frames_;
  std::map<std::pair<ATNState*, const Frame*>, const Frame*> known_;
};

// Collects phrases: like Walker::Close, but a rule with a phrase is named and not entered.
class PhraseCollector {
 public:
  PhraseCollector(Walker& walker, const antlr4::dfa::Vocabulary& vocabulary) : walker_(walker), vocabulary_(vocabulary) {}

  void Collect(const Config& config) {
    if (!seen_.Insert(config)) return;
    const auto [state, frame] = config;
    if (state->getStateType() == ATNState::RULE_STOP) {
      if (frame != nullptr) Collect({frame->return_state, frame->parent});
      return;
    }
    // Rules with a phrase are not entered below, so this is the rule the walk began with.
    if (state->getStateType() == ATNState::RULE_START && PhraseOf(state->ruleIndex) != nullptr) {
      return Add(phrases_, PhraseOf(state->ruleIndex));
    }
    for (Transition* transition : state->transitions) {
      if (transition->getSerializationType() == Transition::RULE) {
        CollectRule(static_cast<antlr4::atn::RuleTransition*>(transition), frame);
      } else if (transition->isEpsilon()) {
        Collect({transition->target, frame});
      } else {
        CollectTokens(*transition, state->ruleIndex);
      }
    }
  }

  std::vector<std::string> Finish() { return phrases_.empty() ? continuations_ : phrases_; }

 private:
  void CollectRule(const antlr4::atn::RuleTransition* call, const Frame* frame) {
    const size_t rule = call->target->ruleIndex;
    if (const char* phrase = PhraseOf(rule)) {
      Add(phrases_, phrase);
    } else {
      Collect({call->target, walker_.Push(call->followState, frame)});
    }
  }

  void CollectTokens(const Transition& transition, size_t rule) {
    for (const ssize_t type : transition.label().toList()) {
      Add(IsContinuation(rule) ? continuations_ : phrases_, TokenPhrase(static_cast<size_t>(type)));
    }
  }

  std::string TokenPhrase(size_t type) const {
    if (type == Token::EOF) return "the end";
    if (type == SdlParser::INT) return "a number";
    // A literal name comes in single quotes.
    const std::string literal = vocabulary_.getLiteralName(type);
    return "`" + literal.substr(1, literal.size() - 2) + "`";
  }

  static void Add(std::vector<std::string>& list, std::string phrase) {
    if (std::find(list.begin(), list.end(), phrase) == list.end()) list.push_back(std::move(phrase));
  }

  Walker& walker_;
  const antlr4::dfa::Vocabulary& vocabulary_;
  ConfigSet seen_;
  std::vector<std::string> phrases_;
  std::vector<std::string> continuations_;
};

void AddTokenTypes(const ConfigSet& configs, std::set<size_t>& types) {
  for (const auto& [state, frame] : configs.order) {
    for (Transition* transition : state->transitions) {
      if (transition->isEpsilon()) continue;
      for (const ssize_t type : transition->label().toList()) types.insert(static_cast<size_t>(type));
    }
  }
}

}  // namespace

Position AtRuleStart(const ATN& atn, size_t rule, std::vector<ATNState*> outer) {
  return {atn.ruleToStartState[rule], std::move(outer)};
}

ATNState* FindReturn(const ATN& atn, size_t caller, size_t callee) {
  for (const ATNState* state : atn.states) {
    if (state == nullptr || state->ruleIndex != caller) continue;
    for (const Transition* transition : state->transitions) {
      if (transition->getSerializationType() != Transition::RULE || transition->target->ruleIndex != callee) continue;
      return static_cast<const antlr4::atn::RuleTransition*>(transition)->followState;
    }
  }
  return nullptr;
}

Expectation FindExpectation(SdlParser& parser, const Position& from, const LexedSource& source, size_t first, size_t limit) {
  Walker walker(parser.getATN());
  const Frame* frame = nullptr;
  for (auto state = from.returns.rbegin(); state != from.returns.rend(); ++state) frame = walker.Push(*state, frame);

  std::vector<Config> here{{from.state, frame}};
  Expectation expectation{first, {}, {}};
  ConfigSet closed;
  while (true) {
    closed = {};
    for (const Config& config : here) walker.Close(config, closed);
    if (expectation.token == limit || expectation.token + 1 >= source.count()) break;
    std::vector<Config> next = walker.Take(closed, source.At(expectation.token)->getType());
    if (next.empty()) break;
    here = std::move(next);
    ++expectation.token;
  }
  AddTokenTypes(closed, expectation.types);
  PhraseCollector collector(walker, parser.getVocabulary());
  for (const Config& config : here) collector.Collect(config);
  expectation.phrases = collector.Finish();
  return expectation;
}

}  // namespace streamc::parse
