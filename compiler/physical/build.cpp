#include "compiler/physical/convert.h"
#include "compiler/physical/lowering.h"
#include "compiler/physical/state_spec.h"

namespace streamc::physical {

Program BuildPhysical(const plan::Plan& plan, const typed::Program& program, const PhysicalOptions& options) {
  return Lowering(plan, program, options).Run();
}

Program Lowering::Run() {
  LowerJob();
  LowerTables();
  for (size_t i = 0; i < plan_.ops.size(); ++i) {
    const auto id = static_cast<plan::OpId>(i);
    const plan::Op& each = plan_.ops[i];
    if (plan::As<plan::Scan>(each)) LowerScan(id);
    if (plan::As<plan::BadRows>(each)) LowerBadRows(id);
    if (plan::As<plan::Aggregate>(each)) LowerAggregate(id);
    if (plan::As<plan::Top>(each)) LowerTop(id);
    if (plan::As<plan::AsRows>(each)) LowerAsRows(id);
    if (plan::As<plan::Sink>(each)) LowerSink(id);
    if (plan::As<plan::Capture>(each)) LowerCapture(id);
    if (each.materialise && plan::IsRowStep(each)) LowerRows(id);
  }
  if (options_.with_tests) LowerTests();
  out_.spec.explain = plan::PrintPlan(plan_) + ExplainRun(out_.spec);
  return std::move(out_);
}

void Lowering::LowerJob() {
  abi::JobSpec& spec = out_.spec;
  const typed::Job& job = program_.job;
  spec.name = job.name;
  spec.program = options_.program_name;
  spec.compiler_version = options_.compiler_version;
  spec.exactly_once = job.delivery == typed::Delivery::ExactlyOnce;
  spec.key_groups = job.key_groups;
  spec.commit_every = ToValueSpec(job.commit_every);
  spec.has_on_bad = job.on_bad.has_value();
  if (job.on_bad) spec.on_bad = ToActionSpec(*job.on_bad);
  for (const typed::Param& param : program_.params) {
    abi::ParamSpec& out = spec.params.emplace_back();
    out.name = param.name;
    out.type = ToTypeSpec(*param.type);
    out.has_default = param.deflt.has_value();
    if (param.deflt) out.deflt = ToDatumSpec(*param.deflt);
    out.secret = param.secret;
  }
}

// All tables keep their place, so that a table's index is the same in every form of the program.
void Lowering::LowerTables() {
  for (const typed::Table& table : program_.tables) {
    abi::TableSpec& out = out_.spec.tables.emplace_back();
    out.name = table.name;
    out.connector = ToConnectorSpec(table.connector);
    out.format = ToFormatSpec(table.format);
    out.record = ToTypeSpec(*table.record);
    out.key.assign(table.key.begin(), table.key.end());
    out.refresh = ToValueSpec(table.refresh);
    out.on_bad = ToActionSpec(table.on_bad);
  }
}

abi::NodeSpec Lowering::MakeNode(abi::NodeKind kind, const plan::Op& op, std::string name) const {
  abi::NodeSpec node;
  node.kind = kind;
  node.name = std::move(name);
  node.output = ToLayout(op.columns);
  return node;
}

int32_t Lowering::AddNode(abi::NodeSpec node) {
  out_.spec.nodes.push_back(std::move(node));
  return static_cast<int32_t>(out_.spec.nodes.size()) - 1;
}

std::string Lowering::Place(source::Span span) const {
  if (!options_.sources || span.source.index >= options_.sources->count()) return {};
  const source::LineColumn at = options_.sources->Locate(span.source, span.begin);
  return std::string(options_.sources->DisplayName(span.source)) + ":" + std::to_string(at.line) + ":" +
         std::to_string(at.column);
}

int32_t Lowering::SiteOf(const plan::Op& op, const std::string& code) {
  const abi::SiteSpec site{op.stream, op.verb, Place(op.span), code};
  std::vector<abi::SiteSpec>& sites = out_.spec.sites;
  for (size_t i = 0; i < sites.size(); ++i) {
    const abi::SiteSpec& each = sites[i];
    if (each.stream == site.stream && each.step == site.step && each.place == site.place && each.code == site.code) {
      return static_cast<int32_t>(i);
    }
  }
  sites.push_back(site);
  return static_cast<int32_t>(sites.size()) - 1;
}

bool Lowering::IsUnchecked(ColumnId id, plan::Input input) const {
  if (input.port == 0) return unchecked_[input.op].contains(id);
  const plan::Op& from = op(input.op);
  return !from.inputs.empty() && IsUnchecked(id, from.inputs[0]);
}

int32_t Lowering::PositionOf(ColumnId id, const std::vector<Column>& columns) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].id == id) return static_cast<int32_t>(i);
  }
  return -1;
}

std::vector<int32_t> Lowering::Positions(const std::vector<ColumnId>& ids, const std::vector<Column>& columns) {
  std::vector<int32_t> positions;
  for (ColumnId id : ids) positions.push_back(PositionOf(id, columns));
  return positions;
}

std::vector<Slot> Lowering::ToSlots(const std::vector<Column>& columns) {
  std::vector<Slot> slots;
  for (const Column& column : columns) slots.push_back({column.id, column.name, column.type});
  return slots;
}

}  // namespace streamc::physical
