// Tests. See tree_builder.h.
#include "compiler/parse/literal.h"
#include "compiler/parse/tree_builder.h"

namespace streamc::parse {

ast::TestDecl TreeBuilder::BuildTest(P::TestDeclContext* context) {
  ast::TestDecl test{BuildText(context->string()), {}};
  for (P::TestStmtContext* stmt : context->testStmt()) test.stmts.push_back(BuildTestStmt(stmt));
  return test;
}

ast::TestStmt TreeBuilder::BuildTestStmt(P::TestStmtContext* context) {
  ast::TestStmt stmt;
  stmt.span = SpanOf(context);
  if (auto* param = context->paramStmt()) {
    stmt.node = ast::TestParam{BuildName(param->name()), BuildExprPtr(param->expr())};
  } else if (auto* start = context->startStmt()) {
    stmt.node = ast::TestStart{BuildInstant(start->instant())};
  } else if (auto* feed = context->feedStmt()) {
    stmt.node = BuildFeed(feed);
  } else if (auto* wait = context->waitStmt()) {
    stmt.node = ast::TestWait{BuildValuePtr(wait->value())};
  } else if (auto* restart = context->restartStmt()) {
    ast::TestRestart node;
    if (restart->INT() != nullptr) node.instances = BuildCount(restart->INT());
    stmt.node = node;
  } else if (auto* expect = context->expectStmt()) {
    stmt.node = BuildExpect(expect);
  } else {
    stmt.node = ast::TestCrash{};
  }
  return stmt;
}

ast::Instant TreeBuilder::BuildInstant(P::InstantContext* context) {
  const source::Span span = SpanOf(context);
  const std::string_view text = source_.TextOf(span);
  if (context->DURATION() != nullptr) return {span, true, Fits(DecodeDuration(text), span)};
  const DecodedTimestamp decoded = DecodeTimestamp(text);
  if (!decoded.problem.empty()) {
    diags_.Report(diag::DiagId::BadTimestamp, span, decoded.problem)
        .Help("a timestamp is `@2026-01-31` or `@2026-01-31T10:00:00Z`");
  }
  return {span, false, decoded.micros};
}

ast::TestFeed TreeBuilder::BuildFeed(P::FeedStmtContext* context) {
  ast::TestFeed feed;
  feed.source = BuildName(context->name());
  ClauseGuard guard(*this);
  for (P::FeedOptContext* option : context->feedOpt()) {
    if (!guard.First(std::string(WordAt(option, 0)), FirstWord(option))) continue;
    if (option->INT() != nullptr) feed.partition = BuildCount(option->INT());
    if (option->instant() != nullptr) feed.at = BuildInstant(option->instant());
    if (option->literal() != nullptr) feed.key = std::make_unique<ast::Expr>(BuildLiteral(option->literal()));
    if (option->record() != nullptr) feed.headers = std::make_unique<ast::Expr>(BuildRecord(option->record()));
  }
  feed.rows = BuildRows(context->feedRows());
  return feed;
}

ast::Rows TreeBuilder::BuildRows(P::FeedRowsContext* context) {
  ast::Rows rows;
  rows.span = SpanOf(context);
  if (context->record() != nullptr) {
    rows.rows.push_back(BuildRecord(context->record()));
  } else if (context->list() != nullptr) {
    rows.rows = BuildExprs(context->list()->expr());
  } else if (context->string() != nullptr) {
    rows.kind = WordAt(context, 0) == "raw" ? ast::Rows::Kind::Raw : ast::Rows::Kind::File;
    rows.text = BuildText(context->string());
  } else {
    rows.kind = ast::Rows::Kind::Null;
  }
  return rows;
}

ast::TestExpect TreeBuilder::BuildExpect(P::ExpectStmtContext* context) {
  ast::TestExpect expect;
  expect.stream = BuildName(context->name());
  if (P::ExpectModeContext* mode = context->expectMode()) {
    const std::string_view word = WordAt(mode, 0);
    expect.mode = word == "in"        ? ast::TestExpect::Mode::InOrder
                  : word == "now"     ? ast::TestExpect::Mode::Now
                  : word == "deleted" ? ast::TestExpect::Mode::Deleted
                  : word == "late"    ? ast::TestExpect::Mode::Late
                                      : ast::TestExpect::Mode::Bad;
  }
  if (context->feedRows() != nullptr) {
    expect.rows = BuildRows(context->feedRows());
  } else {
    expect.rows.kind = ast::Rows::Kind::None;
    expect.rows.span = WordSpan(context, context->children.size() - 1);
  }
  return expect;
}

}  // namespace streamc::parse
