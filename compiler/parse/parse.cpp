#include "compiler/parse/parse.h"

#include <algorithm>

#include "compiler/parse/reader.h"
#include "compiler/parse/tree_builder.h"
#include "compiler/support/text.h"

namespace streamc::parse {
namespace {

using antlr4::Token;
using antlr4::atn::ATNState;
using diag::DiagId;
using diag::Diagnostics;
using source::SourceId;
using source::SourceManager;

// What must hold before the lexer may see the text.
bool CheckText(SourceId id, const SourceManager& sources, Diagnostics& diags) {
  const std::string_view text = sources.Text(id);
  if (text.size() > kMaxSourceBytes) {
    diags.Report(DiagId::FileTooLarge, {id, 0, 0}, sources.DisplayName(id), text.size(), kMaxSourceBytes)
        .Help("split it into files and read them with `use`; rows belong into data files, not into the program");
    return false;
  }
  if (const auto offset = support::FindInvalidUtf8(text)) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(text[*offset]);
    const auto begin = static_cast<uint32_t>(*offset);
    diags.Report(DiagId::InvalidUtf8, {id, begin, begin + 1}, std::string{kHex[byte >> 4], kHex[byte & 15]})
        .Help("save the file as UTF-8");
    return false;
  }
  return true;
}

class Session {
 public:
  Session(SourceId id, const SourceManager& sources, Diagnostics& diags)
      : source_(id, sources),
        diags_(diags),
        builder_(source_, diags),
        starts_(FindDeclarationStarts(source_)),
        reader_(source_, starts_) {
    program_.source = id;
    MarkBadNumbers(source_);
  }

  bool CheckDepth() { return CheckNesting(source_, diags_); }

  // Declarations up to the end.
  ast::Program ReadProgram() {
    size_t at = 0;
    while (!IsEnd(at)) at = ReadDeclaration(at);
    return std::move(program_);
  }

  bool StartsWithDeclaration() const {
    const size_t type = source_.At(1)->getType();
    return IsDeclarationWord(source_.TextAt(0)) &&
           (IsNameLike(source_.TextAt(1)) || type == SdlParser::STRING || type == SdlParser::RAW_STRING);
  }

  std::optional<ast::Pipeline> ReadPipelineCell() {
    const std::vector<ATNState*> outer{FindReturn(reader_.getATN(), SdlParser::RuleCell, SdlParser::RulePipeline)};
    P::PipelineContext* context = reader_.Read(0, SdlParser::RulePipeline, outer, &SdlParser::pipeline);
    const size_t end = AfterSemicolon(reader_.next());
    if (context == nullptr || !IsEnd(end)) {
      Report(reader_.Describe());
      return std::nullopt;
    }
    return builder_.BuildPipeline(context);
  }

  bool is_empty() const { return IsEnd(0); }
  bool is_incomplete() const { return is_incomplete_; }

 private:
  bool IsEnd(size_t token) const { return source_.At(token)->getType() == Token::EOF; }
  size_t AfterSemicolon(size_t token) const { return source_.TextAt(token) == ";" ? token + 1 : token; }

  std::vector<ATNState*> OuterOfDeclaration() const {
    return {FindReturn(reader_.getATN(), SdlParser::RuleProgram, SdlParser::RuleDecl)};
  }

  // Reads the declaration at a token, or reports that there is none; returns where to go on.
  size_t ReadDeclaration(size_t at) {
    if (!IsDeclarationWord(source_.TextAt(at))) return ReportNoDeclaration(at);
    P::DeclContext* context = reader_.Read(at, SdlParser::RuleDecl, OuterOfDeclaration(), &SdlParser::decl);
    const size_t next = AfterSemicolon(reader_.next());
    const bool complete = context != nullptr && (IsEnd(next) || IsDeclarationWord(source_.TextAt(next)));
    if (complete) {
      program_.decls.push_back(builder_.BuildDecl(context));
      return next;
    }
    RememberBroken(at);
    Failure failure = reader_.Describe();
    // A `;` behind a complete declaration was taken above; the message is about what follows it.
    if (context != nullptr && next != reader_.next() && !failure.next_declaration) return ReportNoDeclaration(next);
    return Recover(failure, at);
  }

  size_t ReportNoDeclaration(size_t at) {
    Failure failure;
    failure.position = AtRuleStart(reader_.getATN(), SdlParser::RuleProgram, {});
    failure.first = at;
    failure.begin = at;
    return FindResumption(Report(failure));
  }

  void RememberBroken(size_t at) {
    program_.job_broken |= source_.TextAt(at) == "job";
    const std::string_view name = source_.TextAt(at + 1);
    const bool named = source_.TextAt(at) != "test" && source_.TextAt(at) != "use" && source_.TextAt(at) != "sink";
    if (!named || !IsNameLike(name) || IsEnd(at + 1)) return;
    const bool quoted = name.starts_with('`') && name.size() > 2;
    program_.broken.push_back(
        {std::string(quoted ? name.substr(1, name.size() - 2) : name), source_.SpanOf(source_.At(at + 1)), quoted});
  }

  size_t Recover(Failure& failure, size_t begin) {
    const FailureReport report = Report(failure);
    const size_t resume = FindResumption(report);
    if (source_.TextAt(begin) == "stream" && report.is_closed) ReadRemainingSteps(report.token, resume);
    return resume;
  }

  FailureReport Report(Failure failure) {
    if (!failure.next_declaration) {
      const size_t token = FindExpectation(reader_, failure.position, source_, failure.first, source_.count()).token;
      if (token > failure.begin && token < starts_.size() && starts_[token] != DeclarationStart::No) {
        failure.next_declaration = token;
      }
    }
    const bool first = !diags_.has_errors();
    const FailureReport report = ReportSyntaxError(reader_, source_, failure, diags_);
    // Only the first error tells: those behind it may well be consequences.
    if (first) is_incomplete_ = IsEnd(report.token) || OpensToTheEnd(report);
    return report;
  }

  bool OpensToTheEnd(const FailureReport& report) const {
    const std::string_view text = source_.TextAt(report.token);
    return !report.is_closed && (text == "/" || text == "r");
  }

  // The next line that may start a declaration, at or behind the token an error is about.
  size_t FindResumption(const FailureReport& report) const {
    if (OpensToTheEnd(report)) return source_.count() - 1;
    size_t at = report.token;
    while (!IsEnd(at) && starts_[at] == DeclarationStart::No) ++at;
    return at;
  }

  // Further mistakes in the steps behind a broken one, up to the next declaration.
  void ReadRemainingSteps(size_t at, size_t resume) {
    const antlr4::atn::ATN& atn = reader_.getATN();
    std::vector<ATNState*> outer{FindReturn(atn, SdlParser::RulePipeline, SdlParser::RuleStep),
                                 FindReturn(atn, SdlParser::RuleStreamDecl, SdlParser::RulePipeline),
                                 FindReturn(atn, SdlParser::RuleDecl, SdlParser::RuleStreamDecl)};
    for (ATNState* state : OuterOfDeclaration()) outer.push_back(state);
    while (at < resume) {
      if (source_.TextAt(at) != "|>") {
        ++at;
        continue;
      }
      const bool read = reader_.Read(at + 1, SdlParser::RuleStep, outer, &SdlParser::step) != nullptr;
      const size_t next = reader_.next();
      if (read && (source_.TextAt(next) == "|>" || AfterSemicolon(next) >= resume)) {
        at = next;
        continue;
      }
      const FailureReport report = Report(reader_.Describe());
      if (!report.is_closed) return;
      at = std::max(at + 1, report.token);
    }
  }

  LexedSource source_;
  Diagnostics& diags_;
  TreeBuilder builder_;
  std::vector<DeclarationStart> starts_;
  Reader reader_;
  ast::Program program_;
  bool is_incomplete_ = false;
};

// Hears of every decision that SLL prediction alone could not take.
class ConflictListener : public antlr4::BaseErrorListener {
 public:
  void reportAmbiguity(antlr4::Parser* parser, const antlr4::dfa::DFA& dfa, size_t, size_t, bool, const antlrcpp::BitSet&,
                       antlr4::atn::ATNConfigSet*) override {
    Add(parser, dfa, "ambiguous");
  }
  void reportAttemptingFullContext(antlr4::Parser* parser, const antlr4::dfa::DFA& dfa, size_t, size_t, const antlrcpp::BitSet&,
                                   antlr4::atn::ATNConfigSet*) override {
    Add(parser, dfa, "needs full context");
  }
  void syntaxError(antlr4::Recognizer*, Token* token, size_t, size_t, const std::string&, std::exception_ptr) override {
    conflicts_.push_back("does not parse at token " + std::to_string(token->getTokenIndex()));
  }

  std::vector<std::string> conflicts() const { return conflicts_; }

 private:
  void Add(antlr4::Parser* parser, const antlr4::dfa::DFA& dfa, std::string_view what) {
    conflicts_.push_back(parser->getRuleNames()[dfa.atnStartState->ruleIndex] + ": " + std::string(what));
  }

  std::vector<std::string> conflicts_;
};

}  // namespace

ast::Program ParseProgram(SourceId id, const SourceManager& sources, Diagnostics& diags) {
  if (!CheckText(id, sources, diags)) return {id, {}, {}};
  Session session(id, sources, diags);
  if (!session.CheckDepth()) return {id, {}, {}};
  return session.ReadProgram();
}

Cell ParseCell(SourceId id, const SourceManager& sources, Diagnostics& diags) {
  Cell cell;
  cell.program.source = id;
  if (!CheckText(id, sources, diags)) return cell;
  Session session(id, sources, diags);
  if (session.is_empty() || !session.CheckDepth()) return cell;
  if (session.StartsWithDeclaration()) {
    cell.program = session.ReadProgram();
  } else {
    cell.pipeline = session.ReadPipelineCell();
  }
  cell.is_incomplete = session.is_incomplete();
  return cell;
}

std::string PrintTokens(SourceId id, const SourceManager& sources, Diagnostics& diags) {
  if (!CheckText(id, sources, diags)) return {};
  const LexedSource source(id, sources);
  const SdlParser parser(nullptr);
  std::string out;
  for (size_t i = 0; i < source.count(); ++i) {
    const Token* token = source.At(i);
    const source::LineColumn place = sources.Locate(id, source.SpanOf(token).begin);
    // Words and signs are their own kind.
    const std::string kind = token->getType() == Token::EOF ? "END" : parser.getVocabulary().getSymbolicName(token->getType());
    out += std::to_string(place.line) + ":" + std::to_string(place.column) + " " + (kind.empty() ? "WORD" : kind);
    if (token->getType() != Token::EOF) out += " " + std::string(source.TextOf(token));
    out += "\n";
  }
  return out;
}

std::vector<std::string> FindGrammarConflicts(SourceId id, const SourceManager& sources) {
  LexedSource source(id, sources);
  SdlParser parser(&source.stream());
  ConflictListener listener;
  parser.removeErrorListeners();
  parser.addErrorListener(&listener);
  parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(
      antlr4::atn::PredictionMode::LL_EXACT_AMBIG_DETECTION);
  parser.program();
  return listener.conflicts();
}

}  // namespace streamc::parse
