#include "compiler/physical/physical.h"

#include <gmock/gmock.h>

#include <map>

#include "compiler/optimize/optimize.h"
#include "compiler/physical/convert.h"
#include "compiler/plan/expr.h"
#include "runtime/abi/job_spec_io.h"
#include "runtime/abi/layout.h"
#include "test/unit/plan/compile_text.h"

namespace streamc::physical {
namespace {

using streamc::testing::CompiledText;
using streamc::testing::kPrograms;
using streamc::testing::kTweets;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Names(const abi::LayoutSpec& layout) {
  std::string names;
  for (const abi::ColumnSpec& column : layout.columns) names += (names.empty() ? "" : " ") + column.name;
  return names;
}

// What code generator and runtime rely on, checked for a whole program.
class Checker {
 public:
  explicit Checker(const Program& program) : program_(program), spec_(program.spec) {}

  std::vector<std::string> Run() {
    CheckFunctions();
    for (size_t i = 0; i < spec_.nodes.size(); ++i) CheckNode(static_cast<int32_t>(i));
    for (const Pipeline& pipeline : program_.pipelines) CheckPipeline(pipeline);
    for (const AggregateCode& code : program_.aggregates) CheckAggregate(code);
    return faults_;
  }

 private:
  void Require(bool holds, const std::string& what) {
    if (!holds) faults_.push_back(what);
  }

  void CheckFunctions() {
    std::map<int32_t, int> uses;
    for (const Pipeline& pipeline : program_.pipelines) ++uses[pipeline.function];
    for (const TimeCode& time : program_.times) ++uses[time.function];
    for (const AggregateCode& code : program_.aggregates) {
      ++uses[code.merge_function];
      ++uses[code.result_function];
      ++uses[code.save_function];
      ++uses[code.load_function];
      if (code.destroy_function >= 0) ++uses[code.destroy_function];
    }
    Require(static_cast<int32_t>(uses.size()) == program_.function_count, "functions are missing");
    for (const auto& [number, count] : uses) {
      Require(number >= 0 && number < program_.function_count && count == 1, "function " + std::to_string(number));
    }
  }

  static bool SameLayout(const abi::LayoutSpec& a, const abi::LayoutSpec& b) {
    if (a.columns.size() != b.columns.size()) return false;
    for (size_t i = 0; i < a.columns.size(); ++i) {
      if (a.columns[i].name != b.columns[i].name || !SameLeaves(a.columns[i].type, b.columns[i].type)) return false;
    }
    return true;
  }
  static bool SameLeaves(const abi::TypeSpec& a, const abi::TypeSpec& b) {
    const auto left = abi::FlattenType(a), right = abi::FlattenType(b);
    if (left.size() != right.size()) return false;
    for (size_t i = 0; i < left.size(); ++i) {
      if (left[i].kind != right[i].kind || left[i].has_state != right[i].has_state) return false;
    }
    return true;
  }

  void CheckNode(int32_t number) {
    const abi::NodeSpec& node = spec_.nodes[number];
    const std::string where = "node " + std::to_string(number) + " " + node.name;
    Require(node.inputs.empty() == (node.kind == abi::NodeKind::Source || node.kind == abi::NodeKind::BadRows), where + ": inputs");
    for (const abi::InputRef& input : node.inputs) {
      Require(input.node >= 0 && input.node < number, where + ": order");
      const abi::NodeSpec& from = spec_.nodes[input.node];
      Require(SameLayout(node.input, input.port == 0 ? from.output : from.late), where + ": layout of its input");
      Require(node.unchecked_input == (input.port == 0 ? from.unchecked_output : from.unchecked_late), where + ": unchecked");
    }
    if (node.rec_column >= 0) Require(node.input.columns[node.rec_column].name == "$rec", where + ": rec");
    if (node.kind == abi::NodeKind::Source) {
      const abi::SourceSpec& source = spec_.sources[node.index];
      Require(source.scan.size() == node.output.columns.size(), where + ": scan columns");
      Require(source.needed.size() == abi::FlattenType(source.record).size(), where + ": needed");
    }
    if (node.kind == abi::NodeKind::Top) CheckTop(node, where);
    if (node.kind == abi::NodeKind::Sink) CheckSink(node, where);
  }

  void CheckTop(const abi::NodeSpec& node, const std::string& where) {
    const abi::TopSpec& top = spec_.tops[node.index];
    for (int32_t i = 0; i < top.kept; ++i) {
      Require(node.work.columns[i].name == node.output.columns[i].name, where + ": kept " + std::to_string(i));
    }
    Require(!top.per_window || (top.window_start >= 0 && top.window_end >= 0), where + ": window columns");
  }

  void CheckSink(const abi::NodeSpec& node, const std::string& where) {
    const abi::SinkSpec& sink = spec_.sinks[node.index];
    Require(node.work.columns.size() >= sink.record.fields.size(), where + ": fields");
    for (size_t i = 0; i < sink.record.fields.size(); ++i) {
      Require(SameLeaves(sink.record.fields[i].type, node.work.columns[i].type),
              where + ": field " + sink.record.fields[i].name);
    }
    Require(sink.sign < 0 || node.work.columns[sink.sign].name == "$sign", where + ": sign");
    for (int32_t key : node.change_key) Require(key >= 0, where + ": change key");
  }

  void CheckReads(const plan::Expr& expr, const std::map<ColumnId, types::TypeRef>& bound, const std::string& where) {
    plan::VisitExpr(expr, [&](const plan::Expr& each) {
      if (each.kind != plan::ExprKind::Column) return;
      const auto found = bound.find(each.column);
      Require(found != bound.end(), where + ": reads unbound " + each.text);
      if (found != bound.end()) Require(types::SameType(*found->second, *each.type), where + ": type of " + each.text);
    });
  }

  void CheckPipeline(const Pipeline& pipeline) {
    const abi::NodeSpec& node = spec_.nodes[pipeline.node];
    const std::string where = "pipeline of " + node.name;
    std::map<ColumnId, types::TypeRef> bound;
    std::set<ColumnId> unread;
    Require(pipeline.input.size() == node.input.columns.size(), where + ": input");
    Require(pipeline.source_batch == node.unchecked_input, where + ": unchecked");
    for (size_t i = 0; i < pipeline.input.size(); ++i) {
      const Slot& slot = pipeline.input[i];
      bound[slot.id] = slot.type;
      // Behind a source no column has been read yet; later ones may hold what a step before has computed.
      const bool from_source = spec_.nodes[node.inputs[0].node].kind == abi::NodeKind::Source;
      if (from_source && pipeline.source_batch && !node.input.columns[i].hidden) unread.insert(slot.id);
      Require(SameLeaves(ToTypeSpec(*slot.type), node.input.columns[i].type), where + ": input " + slot.name);
    }
    for (const RowStep& step : pipeline.steps) {
      Require(step.site >= 0 && static_cast<size_t>(step.site) < spec_.sites.size(), where + ": site");
      if (const auto* filter = std::get_if<Filter>(&step.node)) CheckReads(*filter->condition, bound, where);
      if (const auto* check = std::get_if<Check>(&step.node)) CheckReads(*check->condition, bound, where);
      if (const auto* compute = std::get_if<Compute>(&step.node)) {
        CheckReads(*compute->expr, bound, where);
        bound[compute->column] = compute->expr->type;
      }
      if (const auto* expand = std::get_if<Expand>(&step.node)) {
        CheckReads(*expand->list, bound, where);
        bound[expand->column] = expand->outer ? types::Optional(expand->list->type->element) : expand->list->type->element;
      }
      if (const auto* lookup = std::get_if<LookupRow>(&step.node)) {
        for (const ExprPtr& key : lookup->keys) CheckReads(*key, bound, where);
        bound[lookup->column] =
            lookup->otherwise == typed::LookupElse::Null ? types::Optional(lookup->row_type) : lookup->row_type;
      }
    }
    if (const auto* emit = std::get_if<EmitRow>(&pipeline.terminal)) CheckEmit(pipeline, *emit, bound, unread, node, where);
    if (const auto* update = std::get_if<UpdateSlot>(&pipeline.terminal)) {
      const AggregateCode& code = program_.aggregates.at(update->aggregate);
      for (const typed::Computed& key : code.keys) CheckReads(*key.expr, bound, where);
      for (const AggCall& call : code.calls) {
        for (const ExprPtr& arg : call.args) CheckReads(*arg, bound, where);
      }
      for (ColumnId id : {code.time, code.watermark, code.order, code.sign})
        Require(id < 0 || bound.contains(id), where + ": hidden column");
      for (const Slot& slot : code.late_columns) Require(bound.contains(slot.id), where + ": late " + slot.name);
    }
  }

  void CheckEmit(const Pipeline& pipeline, const EmitRow& emit, const std::map<ColumnId, types::TypeRef>& bound,
                 const std::set<ColumnId>& unread, const abi::NodeSpec& node, const std::string& where) {
    const abi::LayoutSpec& layout = node.kind == abi::NodeKind::Rows ? node.output : node.work;
    Require(emit.columns.size() == layout.columns.size(), where + ": emits another layout");
    for (size_t i = 0; i < emit.columns.size() && i < layout.columns.size(); ++i) {
      const Slot& slot = emit.columns[i];
      Require(bound.contains(slot.id), where + ": emits unbound " + slot.name);
      Require(SameLeaves(ToTypeSpec(*slot.type), layout.columns[i].type), where + ": emits " + slot.name);
      if (!pipeline.unchecked_output) Require(!unread.contains(slot.id), where + ": emits unread " + slot.name);
    }
    if (node.kind == abi::NodeKind::Rows)
      Require(pipeline.unchecked_output == node.unchecked_output, where + ": unchecked output");
  }

  void CheckAggregate(const AggregateCode& code) {
    const abi::NodeSpec& node = spec_.nodes[code.node];
    Require(code.output.size() == node.output.columns.size(), node.name + ": output");
    std::map<ColumnId, types::TypeRef> made;
    for (const typed::Computed& key : code.keys) made[key.column.id] = key.column.type;
    for (const typed::Computed& item : code.items) CheckReads(*item.expr, made, node.name + " result");
    for (const typed::Computed& item : code.items) made[item.column.id] = item.column.type;
    for (const Slot& slot : code.output) {
      const bool hidden = slot.id == code.window_start || slot.id == code.window_end || slot.id == code.window_pane ||
                          slot.id == code.meta_time || slot.id == code.out_sign;
      Require(hidden || made.contains(slot.id), node.name + ": output " + slot.name);
    }
    int64_t end = 0;
    for (const AggCall& call : code.calls) {
      Require(call.state_offset == end && end % 16 == 0, node.name + ": state offsets");
      end += abi::RoundUp16(call.function->state_size);
    }
    Require(end == code.state_size && spec_.aggregates[node.index].state_size == end, node.name + ": state size");
    for (const typed::Computed& item : code.items) {
      plan::VisitExpr(*item.expr, [&](const plan::Expr& each) {
        if (each.kind != plan::ExprKind::Agg) return;
        Require(each.index >= 0 && static_cast<size_t>(each.index) < code.calls.size(), node.name + ": call number");
      });
    }
  }

  const Program& program_;
  const abi::JobSpec& spec_;
  std::vector<std::string> faults_;
};

Program Build(const CompiledText& text, const optimize::OptimizeOptions& rules, const plan::PlanOptions& captures = {}) {
  plan::Plan plan = text.Plan(captures);
  optimize::OptimizePlan(plan, rules);
  PhysicalOptions options;
  options.sources = &text.sources;
  options.program_name = "job.sdl";
  options.with_tests = captures.with_tests;
  return BuildPhysical(plan, *text.program, options);
}

const abi::NodeSpec* FindNode(const Program& program, const std::string& name) {
  for (const abi::NodeSpec& node : program.spec.nodes) {
    if (node.name == name) return &node;
  }
  return nullptr;
}

TEST(BuildPhysical, EveryProgramHoldsItsContractUnderEveryRule) {
  std::vector<optimize::OptimizeOptions> choices(2);
  choices[1].enabled = false;
  for (const std::string& name : optimize::RuleNames()) {
    choices.emplace_back().only = {name};
    choices.emplace_back().disabled = {name};
  }
  for (const std::string& program : kPrograms) {
    const CompiledText text(program);
    plan::PlanOptions captures;
    for (const typed::Stream& stream : text.program->streams) captures.captures.push_back(stream.name);
    for (const optimize::OptimizeOptions& rules : choices) {
      for (const plan::PlanOptions& options : {plan::PlanOptions{}, captures}) {
        const Program built = Build(text, rules, options);
        EXPECT_THAT(Checker(built).Run(), IsEmpty()) << PrintPhysical(built, *text.program);
        abi::JobSpec back;
        ASSERT_TRUE(abi::ReadJobSpec(abi::WriteJobSpec(built.spec), &back));
        EXPECT_EQ(abi::WriteJobSpec(back), abi::WriteJobSpec(built.spec));
      }
    }
  }
}

TEST(BuildPhysical, TheTrendingJobIsThreePipelines) {
  const CompiledText text(kPrograms[0]);
  const Program built = Build(text, {});
  ASSERT_EQ(built.spec.nodes.size(), 4u) << PrintPhysical(built, *text.program);
  EXPECT_EQ(Names(built.spec.nodes[0].output), "lang text user meta.time $rec $wm");
  EXPECT_EQ(built.spec.sources[0].predicates.size(), 1u);
  EXPECT_EQ(built.spec.sources[0].time, abi::TimeKind::Leaf);
  EXPECT_EQ(Names(built.spec.nodes[1].output), "word n reach window.start window.end");
  EXPECT_EQ(Names(built.spec.nodes[2].output), "word n reach window.start");
  EXPECT_EQ(Names(built.spec.nodes[3].work), "minute word n reach");
  EXPECT_EQ(built.spec.sinks[0].key, std::vector<int32_t>{1});
  const AggregateCode& code = built.aggregates.at(0);
  EXPECT_EQ(code.key_size, 16);
  EXPECT_GE(code.watermark, 0);
  EXPECT_GE(code.time, 0);
  EXPECT_FALSE(built.spec.aggregates[0].changing_output);
  EXPECT_EQ(built.spec.sites.at(0).place, "job.sdl:12:6");
  EXPECT_EQ(built.spec.sites.at(0).step, "where");
}

TEST(BuildPhysical, DecodesOnlyUsedLeaves) {
  const CompiledText text(kPrograms[0]);
  const std::vector<bool> optimized = Build(text, {}).spec.sources[0].needed;
  // id lang text score created_at user.name user.followers place? place.city place.zip
  EXPECT_EQ(optimized, (std::vector<bool>{false, true, true, false, true, false, true, false, false, false}));
  optimize::OptimizeOptions off;
  off.enabled = false;
  EXPECT_EQ(Build(text, off).spec.sources[0].needed, std::vector<bool>(10, true));
}

TEST(BuildPhysical, ASharedStreamKeepsFieldsUnread) {
  const CompiledText text(kPrograms[1]);
  const Program built = Build(text, {});
  const abi::NodeSpec* clean = FindNode(built, "clean");
  ASSERT_NE(clean, nullptr);
  EXPECT_EQ(clean->kind, abi::NodeKind::Rows);
  EXPECT_TRUE(clean->unchecked_output);
  EXPECT_THAT(Names(clean->output), HasSubstr("$rec"));
}

TEST(BuildPhysical, ChangesCarryTheirKeyAndSign) {
  const CompiledText text(kPrograms[2]);
  const Program built = Build(text, {});
  const abi::NodeSpec* busy = FindNode(built, "busy");
  ASSERT_NE(busy, nullptr);
  EXPECT_EQ(busy->kind, abi::NodeKind::Sink);
  EXPECT_TRUE(built.spec.sinks[busy->index].upsert);
  EXPECT_EQ(busy->work.columns[built.spec.sinks[busy->index].sign].name, "$sign");
  ASSERT_EQ(busy->change_key.size(), 1u);
  EXPECT_EQ(busy->work.columns[busy->change_key[0]].name, "lang");
  const abi::NodeSpec* rows = FindNode(built, "log/as_rows");
  ASSERT_NE(rows, nullptr);
  EXPECT_EQ(rows->work.columns.back().name, "$sign");
  EXPECT_EQ(rows->output.columns.back().name, "change.kind");
}

TEST(BuildPhysical, AnAggregateOfChangesTakesSigns) {
  const CompiledText text(kPrograms[4]);
  const Program built = Build(text, {});
  const abi::NodeSpec* total = FindNode(built, "total/aggregate");
  ASSERT_NE(total, nullptr);
  EXPECT_TRUE(built.spec.aggregates[total->index].changing_input);
  EXPECT_TRUE(built.spec.aggregates[total->index].changing_output);
  const abi::NodeSpec* hourly = FindNode(built, "hourly/aggregate");
  ASSERT_NE(hourly, nullptr);
  EXPECT_TRUE(hourly->unchecked_late);
  EXPECT_EQ(Names(hourly->late), "id text $rec");
}

TEST(BuildPhysical, TestsBecomeStepsAndCaptures) {
  const CompiledText text(kPrograms[0] + R"(
test "late rows are shown" {
  feed tweets at 0s { lang: "en", text: "kafka kafka" }
  feed tweets at 75s { lang: "en", text: "stream" }
  expect trending [{ word: "kafka", n: 2 }]
  feed tweets at 5s { lang: "en", text: "late" }
  expect trending late [{ word: "late" }]
  feed tweets raw r"{broken"
  expect tweets bad [{ code: "json.syntax" }]
}
)");
  plan::PlanOptions options;
  options.with_tests = true;
  const Program built = Build(text, {}, options);
  EXPECT_THAT(Checker(built).Run(), IsEmpty()) << PrintPhysical(built, *text.program);
  ASSERT_EQ(built.spec.tests.size(), 1u);
  ASSERT_EQ(built.spec.tests[0].steps.size(), 8u);
  EXPECT_EQ(built.spec.tests[0].steps[3].rows[0][1].column, "n");
  EXPECT_EQ(built.spec.tests[0].steps[5].rows[0][0].type.logical, abi::Logical::String);
  EXPECT_EQ(built.spec.tests[0].steps[7].stream, "tweets");
  ASSERT_EQ(built.spec.captures.size(), 3u);
  EXPECT_EQ(built.spec.captures[0].kind, abi::CaptureKind::Rows);
  EXPECT_EQ(built.spec.captures[1].kind, abi::CaptureKind::Late);
  EXPECT_EQ(built.spec.captures[2].kind, abi::CaptureKind::Bad);
  const abi::NodeSpec* late = FindNode(built, "capture trending late");
  ASSERT_NE(late, nullptr);
  EXPECT_THAT(Names(late->work), HasSubstr("word"));
}

TEST(LeavesOf, CountsPresenceLeaves) {
  const CompiledText text(kPrograms[0]);
  const types::Type& record = *text.program->sources[0].record;
  EXPECT_EQ(LeavesOf(record, {5, 1}).begin, 6);
  EXPECT_EQ(LeavesOf(record, {6}).begin, 7);
  EXPECT_EQ(LeavesOf(record, {6}).end, 10);
  EXPECT_EQ(LeavesOf(record, {6, 1}).begin, 9);
}

}  // namespace
}  // namespace streamc::physical
