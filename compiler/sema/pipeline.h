// Pipelines: each step changes the flow of rows (columns, facts, kind) and adds a typed step.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "compiler/sema/expr.h"

namespace streamc::sema {

class PipelineChecker {
 public:
  // `late`: where the columns before steps with `on late -> name` are noted; may be null.
  PipelineChecker(Context& context, std::string name, std::map<std::string, std::pair<int32_t, Flow>>* late);

  // False, reported, when the input is no stream.
  bool Start(const ast::Pipeline& pipeline);
  // `use`: where the input is named, for messages.
  void StartFrom(Symbol& input, Span span, Span use);
  void StartFrom(Symbol& input, Span span) { StartFrom(input, span, span); }
  void Add(const ast::Step& step);

  typed::Stream stream;
  Flow flow;

 private:
  // One per step; each ends with Finish when the step is right.
  void CheckStep(const ast::Step& step, const ast::WhereStep& node);
  void CheckStep(const ast::Step& step, const ast::SetStep& node);
  void CheckStep(const ast::Step& step, const ast::SelectStep& node);
  void CheckStep(const ast::Step& step, const ast::DropStep& node);
  void CheckStep(const ast::Step& step, const ast::RenameStep& node);
  void CheckStep(const ast::Step& step, const ast::ExpandStep& node);
  void CheckStep(const ast::Step& step, const ast::CheckStep& node);
  void CheckStep(const ast::Step& step, const ast::AggregateStep& node);
  void CheckStep(const ast::Step& step, const ast::TopStep& node);
  void CheckStep(const ast::Step& step, const ast::LookupStep& node);
  void CheckStep(const ast::Step& step, const ast::AsRowsStep& node);
  void CheckStep(const ast::Step& step, const ast::TapStep& node);
  void CheckStep(const ast::Step& step, const ast::RollingStep& node);
  void CheckStep(const ast::Step& step, const ast::DedupStep& node);
  void CheckStep(const ast::Step& step, const ast::LatestStep& node);
  void CheckStep(const ast::Step& step, const ast::JoinStep& node);
  void CheckStep(const ast::Step& step, const ast::FoldStep& node);
  void CheckStep(const ast::Step& step, const ast::PatternStep& node);
  void CheckStep(const ast::Step& step, const ast::RouteStep& node);

  template <typename Node>
  void Finish(const ast::Step& step, Node node) {
    typed::Step typed_step;
    typed_step.span = step.span;
    typed_step.verb = std::string(context_.sources.Text(step.verb_span));
    typed_step.node = std::move(node);
    typed_step.columns = flow.columns;
    typed_step.rows = flow.rows;
    stream.steps.push_back(std::move(typed_step));
  }

  void Unsupported(const ast::Step& step, std::string help);
  bool Merge(const ast::Pipeline& pipeline);
  // Puts `columns` in place of the visible ones; change-key columns that left stay as hidden ones. Hidden ones stay.
  void Replace(const ast::Step& step, std::vector<typed::Computed> columns);
  ExprPtr WithField(const ExprPtr& record, const ast::Path& path, size_t at, const ExprPtr& value);
  ExprPtr WithoutField(const ExprPtr& record, const ast::Path& path, size_t at, const ast::Name* renamed);
  bool IsColumnName(const ast::Name& name);
  typed::Computed Compute(const std::string& name, const ExprPtr& value);
  // The label of a stateful step, unique in its stream.
  std::string Label(const std::optional<ast::Name>& written, const char* verb, Span verb_span);
  static std::vector<typed::EarlierName> EarlierNames(const std::vector<ast::Text>& was);
  // step_bound.cpp: nullopt, reported, when there is none; `verb` for messages.
  std::optional<typed::Bound> CheckBound(const ast::Step& step, const std::optional<ast::Bound>& bound, const char* verb, const std::string& keys);
  void CheckWindow(const ast::Call& window, typed::Bound* out);
  bool NeedTime(Span span, const std::string& what);
  void NoteLateRoute(const typed::Bound& bound, const Flow& before);
  std::vector<typed::Computed> CheckKeys(const std::vector<ast::Key>& keys);
  bool CheckKeyType(const ExprPtr& key, Span span);

  Context& context_;
  std::map<std::string, std::pair<int32_t, Flow>>* late_;
  std::map<std::string, Span> labels_;
};

// Whether results of a step with this bound replace one another.
bool GivesChanges(const typed::Bound& bound);

}  // namespace streamc::sema
