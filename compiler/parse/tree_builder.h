// Builds the syntax tree of one declaration or pipeline from ANTLR's parse tree. Private to parse.
// In: a parse tree without errors. Out: ast:: values, literals decoded. Reports what the grammar cannot see: literals out
// of range, bad escapes, clauses given twice (the first stays). After a report the tree is still whole, so building never
// fails. One file per part of the tree: build_type, build_expr, build_step, build_decl, build_test.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "SdlParser.h"
#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "compiler/parse/lexed_source.h"

namespace streamc::parse {

using P = SdlParser;

class TreeBuilder {
 public:
  TreeBuilder(const LexedSource& source, diag::Diagnostics& diags) : source_(source), diags_(diags) {}

  ast::Decl BuildDecl(P::DeclContext* context);
  ast::Pipeline BuildPipeline(P::PipelineContext* context);

 private:
  // Clauses seen in one declaration or step, to report the second of a kind.
  class ClauseGuard {
   public:
    explicit ClauseGuard(TreeBuilder& builder) : builder_(builder) {}
    // True the first time `word` is given.
    bool First(const std::string& word, source::Span span);

   private:
    TreeBuilder& builder_;
    std::map<std::string, source::Span> seen_;
  };

  // ---- places, words and names
  source::Span SpanOf(const antlr4::ParserRuleContext* context) const { return source_.SpanOf(context); }
  // Text and span of a child that is a token; empty for one that is a rule.
  std::string_view WordAt(const antlr4::ParserRuleContext* context, size_t child) const;
  source::Span WordSpan(const antlr4::ParserRuleContext* context, size_t child) const;
  // True when the token `word` is a child of the context.
  bool HasWord(const antlr4::ParserRuleContext* context, std::string_view word) const;
  source::Span FirstWord(const antlr4::ParserRuleContext* context) const { return source_.SpanOf(context->start); }
  // The first two words of a clause, such as `on bad`.
  source::Span FirstTwoWords(const antlr4::ParserRuleContext* context) const;

  ast::Name BuildNameToken(const antlr4::ParserRuleContext* context) const;
  ast::Name BuildName(P::NameContext* context) const { return BuildNameToken(context); }
  ast::Name BuildFieldName(P::FieldNameContext* context) const { return BuildNameToken(context); }
  ast::Name BuildOptionName(P::OptionNameContext* context) const;
  std::optional<ast::Name> BuildLabel(P::LabelContext* context) const;
  ast::Path BuildPath(P::PathContext* context) const;

  // ---- types
  ast::Type BuildType(P::TypeContext* context);
  ast::NamedType BuildNamedType(P::NamedTypeContext* context);
  ast::EnumType BuildEnumType(P::EnumTypeContext* context);
  ast::RecordType BuildRecordType(P::RecordTypeContext* context);
  ast::Field BuildField(P::FieldContext* context);

  // ---- expressions
  ast::Expr BuildExpr(P::ExprContext* context);
  ast::Expr BuildComparison(P::ComparisonContext* context);
  ast::Expr BuildValue(P::ValueContext* context);
  ast::Expr BuildNegation(P::ValueContext* context);
  ast::Expr BuildPrimary(P::PrimaryContext* context);
  ast::Expr BuildLiteral(P::LiteralContext* context, bool negative = false);
  ast::Expr BuildString(P::StringContext* context);
  ast::Expr BuildIf(P::IfExprContext* context);
  ast::Expr BuildMatch(P::MatchExprContext* context);
  ast::Expr BuildLambda(P::LambdaContext* context);
  ast::Expr BuildRecord(P::RecordContext* context);
  ast::Expr BuildList(P::ListContext* context);
  ast::Expr BuildBinary(ast::Expr lhs, ast::BinaryOp op, source::Span op_span, ast::Expr rhs);
  ast::ExprPtr BuildExprPtr(P::ExprContext* context);
  ast::ExprPtr BuildValuePtr(P::ValueContext* context);
  std::vector<ast::Expr> BuildExprs(const std::vector<P::ExprContext*>& contexts);
  std::vector<ast::Expr> BuildValues(const std::vector<P::ValueContext*>& contexts);
  ast::Call BuildCall(P::CallContext* context);
  ast::Call BuildCallOrName(P::CallOrNameContext* context);
  ast::Arg BuildArg(P::ArgContext* context);
  ast::Let BuildLet(P::LetContext* context);
  ast::Block BuildBlock(P::BlockContext* context);
  ast::Block BlockOf(ast::Expr result);
  // A string that takes no columns; reports those it has.
  ast::Text BuildText(P::StringContext* context);
  int64_t BuildCount(antlr4::tree::TerminalNode* digits);
  void ReportStringProblems(source::Span token, const std::vector<struct StringProblem>& problems);
  int64_t Fits(std::optional<int64_t> value, source::Span span);

  // ---- steps
  ast::Step BuildStep(P::StepContext* context);
  ast::SetStep BuildSet(P::SetStepContext* context);
  ast::SelectStep BuildSelect(P::SelectStepContext* context);
  ast::DropStep BuildDrop(P::DropStepContext* context);
  ast::RenameStep BuildRename(P::RenameStepContext* context);
  ast::ExpandStep BuildExpand(P::ExpandStepContext* context);
  ast::AggregateStep BuildAggregate(P::AggregateStepContext* context);
  ast::RollingStep BuildRolling(P::RollingStepContext* context);
  ast::TopStep BuildTop(P::TopStepContext* context);
  ast::DedupStep BuildDedup(P::DedupStepContext* context);
  ast::LatestStep BuildLatest(P::LatestStepContext* context);
  ast::JoinStep BuildJoin(P::JoinStepContext* context);
  ast::LookupStep BuildLookup(P::LookupStepContext* context);
  ast::FoldStep BuildFold(P::FoldStepContext* context);
  ast::PatternStep BuildPattern(P::PatternStepContext* context);
  ast::RouteStep BuildRoute(P::RouteStepContext* context);
  ast::TapStep BuildTap(P::TapStepContext* context);
  ast::Assign BuildAssign(P::AssignContext* context);
  std::vector<ast::Assign> BuildItems(P::ItemsContext* context);
  ast::Item BuildItem(P::ItemContext* context);
  std::vector<ast::Item> BuildItemList(const std::vector<P::ItemContext*>& contexts);
  std::vector<ast::Text> BuildWas(P::WasContext* context);
  std::vector<ast::Key> BuildBy(P::ByContext* context);
  ast::Order BuildOrder(P::OrderContext* context);
  std::optional<ast::Bound> BuildBound(P::BoundContext* context);
  std::optional<ast::Keep> BuildKeep(P::KeepContext* context);
  ast::Emit BuildEmit(P::EmitContext* context);
  ast::Action BuildAction(P::ActionContext* context);
  ast::ActionClause BuildOnLate(P::OnLateContext* context);
  std::optional<ast::Name> BuildAlias(P::AliasContext* context);
  ast::Handler BuildHandler(P::HandlerContext* context);
  ast::Body BuildBody(P::BodyContext* context);
  ast::Stmt BuildStmt(P::StmtContext* context);
  ast::Stmt BuildIfStmt(P::IfStmtContext* context);
  ast::AssignStmt BuildAssignStmt(P::AssignStmtContext* context);

  // ---- declarations
  ast::JobDecl BuildJob(P::JobDeclContext* context);
  ast::SourceDecl BuildSource(P::SourceDeclContext* context);
  ast::TableDecl BuildTable(P::TableDeclContext* context);
  ast::SinkDecl BuildSink(P::SinkDeclContext* context);
  ast::MirrorDecl BuildMirror(P::MirrorDeclContext* context);
  ast::FnDecl BuildFn(P::FnDeclContext* context);
  ast::AggDecl BuildAgg(P::AggDeclContext* context);
  ast::Setting BuildSetting(P::SettingContext* context);
  ast::Param BuildParam(P::FnParamContext* context);
  ast::Block BuildFnBody(P::FnBodyContext* context);
  ast::ActionClause BuildOnBad(P::OnBadContext* context);
  void BuildSourceClause(P::SourceClauseContext* context, ClauseGuard& guard, ast::SourceClauses& clauses);
  void BuildTableClause(P::TableClauseContext* context, ClauseGuard& guard, ast::SourceClauses& clauses);
  void BuildSinkClause(P::SinkClauseContext* context, ClauseGuard& guard, ast::SinkDecl& sink);

  // ---- tests
  ast::TestDecl BuildTest(P::TestDeclContext* context);
  ast::TestStmt BuildTestStmt(P::TestStmtContext* context);
  ast::TestFeed BuildFeed(P::FeedStmtContext* context);
  ast::TestExpect BuildExpect(P::ExpectStmtContext* context);
  ast::Rows BuildRows(P::FeedRowsContext* context);
  ast::Instant BuildInstant(P::InstantContext* context);

  const LexedSource& source_;
  diag::Diagnostics& diags_;
};

}  // namespace streamc::parse
