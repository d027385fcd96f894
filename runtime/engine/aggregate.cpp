#include "runtime/engine/aggregate.h"

#include <algorithm>

namespace streamc::rt::engine {
namespace {

using time::kEndOfTime;
using time::kNoTime;

time::Windows MakeWindows(const Params& params, const abi::BoundSpec& bound) {
  int64_t size = params.Int(bound.size);
  int64_t every = bound.every.is_set() ? params.Int(bound.every) : size;
  return {size, every, params.Int(bound.offset), params.Int(bound.late)};
}

}  // namespace

AggregateRules::AggregateRules(const Shared& shared_parts, const NodePlan& node_plan, uint16_t number)
    : shared(shared_parts),
      node(node_plan),
      spec(shared.spec().aggregates[static_cast<size_t>(node.spec->index)]),
      step(number),
      shape(spec.key, spec.state_size, shared.plan->Function<ScMergeFn>(spec.merge_fn),
            shared.plan->Function<ScDestroyFn>(spec.destroy_fn), shared.plan->Function<ScSaveFn>(spec.save_fn),
            shared.plan->Function<ScLoadFn>(spec.load_fn)),
      output_shape(node.output.leaves) {
  const abi::BoundSpec& bound = spec.bound;
  has_window = bound.window != abi::WindowKind::None;
  early = bound.emit == abi::EmitKind::Changes;
  if (has_window) windows = MakeWindows(shared.params, bound);
  final_only = has_window && !early && windows.late() == 0;
  emit_every = shared.params.Int(bound.emit_every);
  if (!has_window) {
    keep = shared.params.Int(bound.keep);
    forgets = !bound.keep_forever && bound.keep.is_set();
    forgets_by_clock = forgets && !spec.has_time;
  }
  pane_shown = node.output.Find("window.pane") >= 0;
  sign_leaf = node.output.FindLeaf("$sign");
}

ScTable* AggregateLane::Slice(ScAgg* agg, int64_t time, int64_t watermark) {
  ScTable* table = aggregate.Place(*this, agg, time, watermark);
  if (table == nullptr) ++late_rows;
  return table;
}

Aggregate::Aggregate(const Shared& shared, const NodePlan& node, size_t lanes, uint16_t step, bool durable)
    : rules_(shared, node, step), durable_(durable) {
  for (size_t i = 0; i < lanes; ++i) lanes_.push_back(std::make_unique<AggregateLane>(*this, rules_.shape));
  groups_.resize(durable ? static_cast<size_t>(shared.spec().key_groups) : 1);
  if (durable) return;
  std::vector<state::SliceSet*> inputs;
  for (auto& lane : lanes_) inputs.push_back(&lane->slices);
  groups_[0] = std::make_unique<AggregateGroup>(rules_, 0, std::move(inputs));
}

ScTable* Aggregate::Place(AggregateLane& lane, ScAgg* agg, int64_t time, int64_t watermark) {
  if (!rules_.has_window) {
    state::Table& table = lane.slices.Get({});
    agg->lo = kNoTime;
    agg->hi = kEndOfTime;
    agg->first_end = kEndOfTime;
    if (rules_.by_time()) {
      // Asked again whenever the watermark moves: a key may have been forgotten by then.
      table.Forget(rules_.keep);
      table.SetRowWatermark(watermark);
      agg->first_end = time::AddSaturating(watermark, 1);
    }
    return agg->table = table.abi();
  }
  const time::Windows& windows = rules_.windows;
  time::SliceKey key;
  // No group has answered beyond the watermark of any of its partitions, so a row's own decides alone where there is one group.
  int64_t answered = durable_ ? kNoTime : groups_[0]->fired();
  if (!windows.Place(time, std::max(watermark, answered), &key)) return nullptr;
  agg->lo = key.start;
  agg->hi = time::AddSaturating(key.start, windows.slice());
  agg->first_end = std::min(time::AddSaturating(key.not_before, windows.late()), key.on_time_from);
  return agg->table = lane.slices.Get(key).abi();
}

void Aggregate::DropLanes() {
  for (auto& lane : lanes_) {
    lane->slices.DropAll();
    lane->slices.Recycle();
  }
}

void Aggregate::FinishTurn() {
  for (auto& lane : lanes_) lane->slices.Recycle();
  ForEachGroup([](int32_t, AggregateGroup& group) { group.FinishTurn(); });
}

int64_t Aggregate::reserved() const {
  int64_t bytes = rules_.pool.reserved();
  for (const auto& lane : lanes_) bytes += lane->slices.reserved() + lane->pool.reserved();
  for (const auto& group : groups_) bytes += group == nullptr ? 0 : group->reserved();
  return bytes;
}

int64_t Aggregate::slots() const {
  int64_t count = 0;
  for (const auto& lane : lanes_) count += lane->slices.slots();
  for (const auto& group : groups_) count += group == nullptr ? 0 : group->slots();
  return count;
}

}  // namespace streamc::rt::engine

extern "C" ScTable* sc_agg_slice(ScCtx*, ScAgg* agg, int64_t time, int64_t watermark) {
  return static_cast<streamc::rt::engine::AggregateLane*>(agg->owner)->Slice(agg, time, watermark);
}
