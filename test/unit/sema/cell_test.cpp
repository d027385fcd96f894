// REPL cells: expressions and pipelines over the declarations before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/sema/harness.h"

namespace streamc::sema {
namespace {

class Cells : public testing::Test {
 protected:
  void Declare(const std::string& text) {
    declared_.push_back(std::make_unique<ast::Program>(parse::ParseProgram(sources_.Add("cell", text), sources_, diags_)));
  }
  std::optional<CheckedCell> Run(const std::string& text) {
    diags_.Clear();
    const parse::Cell cell = parse::ParseCell(sources_.Add("cell", text), sources_, diags_);
    if (!cell.pipeline) return std::nullopt;
    std::vector<const ast::Program*> declarations;
    for (const auto& each : declared_) declarations.push_back(each.get());
    return CheckCell(declarations, *cell.pipeline, sources_, diags_);
  }

  source::SourceManager sources_;
  diag::Diagnostics diags_;
  std::vector<std::unique_ptr<ast::Program>> declared_;
};

TEST_F(Cells, ExpressionsHaveAType) {
  const auto cell = Run("@2026-01-01T00:00:00Z + 90m");
  ASSERT_TRUE(cell);
  EXPECT_TRUE(cell->is_expression);
  EXPECT_EQ(types::ToString(*cell->expression->type), "timestamp");
}

TEST_F(Cells, ExpressionsSeeParametersAndFunctions) {
  Declare("param n: int = 3\nfn twice(x: int) -> int = x * 2\n");
  const auto cell = Run("twice(n) + 1");
  ASSERT_TRUE(cell);
  EXPECT_EQ(PrintExpr(*cell->expression), "((param n * 2) + 1)");
  EXPECT_TRUE(Run("n")->is_expression);
}

TEST_F(Cells, PipelinesBecomeAStream) {
  Declare("source s: { id: int } from file(\"s.jsonl\") on bad drop\n");
  const auto cell = Run("s |> where id > 3");
  ASSERT_TRUE(cell);
  EXPECT_FALSE(cell->is_expression);
  EXPECT_EQ(cell->program.streams.back().name, kCellStream);
  EXPECT_EQ(cell->program.streams.back().steps.size(), 1U);
  EXPECT_FALSE(Run("s")->is_expression);
}

TEST_F(Cells, LaterDeclarationsReplaceEarlierOnes) {
  Declare("fn f(x: int) -> int = x\n");
  Declare("fn f(x: int) -> string = to_string(x)\n");
  const auto cell = Run("f(1)");
  ASSERT_TRUE(cell);
  EXPECT_EQ(types::ToString(*cell->expression->type), "string");
}

TEST_F(Cells, WrongOnesAreReported) {
  EXPECT_FALSE(Run("length(nosuch)"));
  EXPECT_TRUE(diags_.has_errors());
  EXPECT_FALSE(Run("nosuch |> where true"));
}

}  // namespace
}  // namespace streamc::sema
