#include "compiler/plan/expr.h"

#include "test/unit/plan/compile_text.h"

namespace streamc::plan {
namespace {

using streamc::testing::CompiledText;
using streamc::testing::kTweets;

// The expression of `select x = ...` over tweets.
class ExprOf {
 public:
  explicit ExprOf(const std::string& source)
      : text_(kTweets + "stream s = tweets |> select x = " + source + "\nsink s to kafka(\"s\")\n"), plan_(text_.Plan()) {
    for (const Op& op : plan_.ops) {
      if (const auto* project = As<Project>(op)) expr_ = project->computed.at(0).expr;
    }
  }
  const Expr& operator*() const { return *expr_; }
  const ExprPtr& pointer() const { return expr_; }
  std::string Text() const { return PrintExpr(*expr_, *text_.program); }
  bool CanReject(bool with_source) const {
    return plan::CanReject(*expr_, with_source ? UncheckedColumns(plan_)[0] : ColumnSet{});
  }

 private:
  CompiledText text_;
  Plan plan_;
  ExprPtr expr_;
};

TEST(PrintExpr, GivesTheSourceBack) {
  const std::string texts[] = {
      "id + 1 * 2",
      "(id + 1) * 2",
      "id - (1 - 2)",
      "-id",
      "not (lang == \"a\" or id > 3)",
      "lang ?? \"none\"",
      "lang is not null and lang == \"x\"",
      "place is null",
      "user.name",
      "place?.city",
      "if id > 1 { id } else { 2 }",
      "to_int!(text)",
      "words(text)[0]",
      "filter(words(text), w -> length(w) > 2)",
      "lang in [\"en\", \"de\"]",
      "[id, 2]",
      "{ a: id, b: text }",
      "created_at + 1h",
  };
  for (const std::string& text : texts) EXPECT_EQ(ExprOf(text).Text(), text);
}

TEST(CanReject, KnowsWhatMayFail) {
  EXPECT_TRUE(ExprOf("id + 1").CanReject(false));
  EXPECT_TRUE(ExprOf("to_int!(text)").CanReject(false));
  EXPECT_TRUE(ExprOf("score / 2.0").CanReject(false));
  EXPECT_FALSE(ExprOf("lower(text)").CanReject(false));
  EXPECT_TRUE(ExprOf("lower(text)").CanReject(true));
  EXPECT_FALSE(ExprOf("id > 3 and text == \"\"").CanReject(false));
  EXPECT_FALSE(ExprOf("meta.offset").CanReject(true));
  EXPECT_FALSE(ExprOf("to_int(text)").CanReject(false));
}

TEST(AddPaths, NamesTheFieldsThatAreRead) {
  std::set<Path> paths;
  AddPaths(*ExprOf("user.name"), &paths);
  ASSERT_EQ(paths.size(), 1u);
  EXPECT_EQ(paths.begin()->fields, std::vector<int32_t>{0});
  EXPECT_FALSE(paths.begin()->presence);
  paths.clear();
  AddPaths(*ExprOf("place is null"), &paths);
  ASSERT_EQ(paths.size(), 1u);
  EXPECT_TRUE(paths.begin()->presence);
  paths.clear();
  AddPaths(*ExprOf("length(user.name) + user.followers"), &paths);
  EXPECT_EQ(paths.size(), 2u);
}

TEST(SameExpr, ComparesStructureNotPlace) {
  const ExprOf a("lower(text) == \"a\" or lower(text) == \"b\"");
  const Expr& left = *(*a).args[0]->args[0];
  const Expr& right = *(*a).args[1]->args[0];
  EXPECT_TRUE(SameExpr(left, right));
  EXPECT_NE(left.span, right.span);
  EXPECT_FALSE(SameExpr(*(*a).args[0], *(*a).args[1]));
}

TEST(RewriteExpr, SharesWhatItDoesNotChange) {
  const ExprOf a("id + length(text)");
  const ExprPtr same = RewriteExpr(a.pointer(), [](const ExprPtr& each) { return each; });
  EXPECT_EQ(same, a.pointer());
}

}  // namespace
}  // namespace streamc::plan
