#include "runtime/engine/plan.h"

#include <algorithm>

namespace streamc::rt::engine {

using abi::NodeKind;

Columns::Columns(const abi::LayoutSpec& spec, bool all_states) : layout(&spec), leaves(abi::FlattenLayout(spec, all_states)) {
  int32_t next = 0;
  for (const abi::ColumnSpec& column : spec.columns) {
    first_leaf.push_back(next);
    next += static_cast<int32_t>(abi::FlattenType(column.type).size());
  }
  first_leaf.push_back(next);
}

int32_t Columns::Find(std::string_view name) const {
  if (layout == nullptr) return -1;
  for (size_t i = 0; i < layout->columns.size(); ++i) {
    if (layout->columns[i].name == name) return static_cast<int32_t>(i);
  }
  return -1;
}

Status Plan::Make(abi::JobSpec spec, const ScJob* job, std::shared_ptr<const Plan>* out) {
  auto plan = std::make_shared<Plan>();
  plan->spec_ = std::move(spec);
  plan->job_ = job;
  if (Status status = plan->Check(); !status.ok()) return status;
  for (const abi::NodeSpec& node : plan->spec_.nodes) {
    NodePlan& entry = plan->nodes_.emplace_back();
    entry.spec = &node;
    entry.index = static_cast<int32_t>(plan->nodes_.size()) - 1;
    for (const abi::InputRef& input : node.inputs) {
      NodePlan& from = plan->nodes_[static_cast<size_t>(input.node)];
      from.consumers[input.port].push_back(entry.index);
      const bool job_bad = from.spec->kind == NodeKind::BadRows && from.spec->index == plan->spec_.on_bad.stream;
      entry.after_job_bad = entry.after_job_bad || from.after_job_bad || job_bad;
    }
    entry.input = Columns(node.input, node.unchecked_input);
    entry.work = Columns(node.work, false);
    entry.output = Columns(node.output, node.unchecked_output || node.kind == NodeKind::Source);
    entry.late = Columns(node.late, node.unchecked_late);
    entry.rec_leaf = entry.input.leaf(node.rec_column);
  }
  *out = std::move(plan);
  return Status::Ok();
}

Status Plan::Check() const {
  auto broken = [](const std::string& what) {
    return Status::Error(Exit::Internal, "the job's specification is damaged: " + what);
  };
  auto size_of = [&](NodeKind kind) -> size_t {
    switch (kind) {
      case NodeKind::Source: return spec_.sources.size();
      case NodeKind::Aggregate: return spec_.aggregates.size();
      case NodeKind::Top: return spec_.tops.size();
      case NodeKind::Sink: return spec_.sinks.size();
      case NodeKind::Capture: return spec_.captures.size();
      case NodeKind::BadRows:
      case NodeKind::Rows:
      case NodeKind::AsRows: return 0;
    }
    return 0;
  };
  int32_t functions = job_ == nullptr ? 0 : job_->function_count;
  for (size_t i = 0; i < spec_.nodes.size(); ++i) {
    const abi::NodeSpec& node = spec_.nodes[i];
    bool indexed = node.kind != NodeKind::Rows && node.kind != NodeKind::AsRows && node.kind != NodeKind::BadRows;
    if (indexed && (node.index < 0 || static_cast<size_t>(node.index) >= size_of(node.kind)))
      return broken("node " + node.name);
    if (node.fn >= functions) return broken("function of node " + node.name);
    for (const abi::InputRef& input : node.inputs) {
      if (input.node < 0 || static_cast<size_t>(input.node) >= i || input.port < 0 || input.port > 1) {
        return broken("input of node " + node.name);
      }
    }
  }
  for (const abi::AggregateSpec& aggregate : spec_.aggregates) {
    bool known = aggregate.update_fn >= 0 && aggregate.merge_fn >= 0 && aggregate.result_fn >= 0;
    if (!known || std::max({aggregate.update_fn, aggregate.merge_fn, aggregate.result_fn, aggregate.destroy_fn, aggregate.save_fn,
                           aggregate.load_fn}) >= functions) {
      return broken("functions of an aggregate");
    }
  }
  return Status::Ok();
}

std::string_view ErrorText(const abi::JobSpec& spec, int32_t site, int32_t code) {
  if (code == SC_ERR_CHECK && site >= 0 && static_cast<size_t>(site) < spec.sites.size()) {
    return spec.sites[static_cast<size_t>(site)].code;
  }
  switch (code) {
#define SC_ERROR(id, number, text) \
  case number: return text;
#include "runtime/abi/error_codes.def"
#undef SC_ERROR
  }
  return "error";
}

}  // namespace streamc::rt::engine
