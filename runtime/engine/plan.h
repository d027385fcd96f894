// The job as the engine walks it: the specification with its edges turned round and its columns resolved to leaves.
//
// Made once from a JobSpec (which it owns) and the job's functions; read by all threads, changed by none. Function pointers are
// read anew at each call because the JIT swaps faster code in while the job runs.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/abi/job_spec.h"
#include "runtime/abi/layout.h"
#include "runtime/batch/row.h"
#include "runtime/batch/status.h"

namespace streamc::rt::engine {

// A layout with its leaves; leaf(c) is the first leaf of column c.
struct Columns {
  Columns() = default;
  // `layout` must outlive the result.
  Columns(const abi::LayoutSpec& layout, bool all_states);
  const abi::LayoutSpec* layout = nullptr;
  std::vector<abi::Leaf> leaves;
  std::vector<int32_t> first_leaf;  // one more than columns: the last is the number of leaves
  int32_t leaf(int32_t column) const { return column < 0 ? -1 : first_leaf[static_cast<size_t>(column)]; }
  // Column and leaf of a name, -1 when there is none.
  int32_t Find(std::string_view name) const;
  int32_t FindLeaf(std::string_view name) const { return leaf(Find(name)); }
};

struct NodePlan {
  const abi::NodeSpec* spec = nullptr;
  int32_t index = 0;
  std::vector<int32_t> consumers[2];  // nodes that read port 0 and port 1
  Columns input, work, output, late;
  int32_t rec_leaf = -1;  // of input: number of the source record
  bool after_job_bad = false;  // reads, maybe through others, the rows that took the job's route to a stream
};

class Plan {
 public:
  // `job` gives the functions and must outlive the plan. Refuses a specification the engine cannot follow.
  static Status Make(abi::JobSpec spec, const ScJob* job, std::shared_ptr<const Plan>* plan);

  const abi::JobSpec& spec() const { return spec_; }
  const std::vector<NodePlan>& nodes() const { return nodes_; }
  const NodePlan& node(int32_t index) const { return nodes_[static_cast<size_t>(index)]; }
  template <class F>
  F Function(int32_t index) const {
    return index < 0 ? nullptr
                     : reinterpret_cast<F>(const_cast<void*>(__atomic_load_n(job_->functions + index, __ATOMIC_ACQUIRE)));
  }

 private:
  Status Check() const;
  abi::JobSpec spec_;
  const ScJob* job_ = nullptr;
  std::vector<NodePlan> nodes_;
};

// The text of a record error; for SC_ERR_CHECK the site's own.
std::string_view ErrorText(const abi::JobSpec& spec, int32_t site, int32_t code);

}  // namespace streamc::rt::engine
