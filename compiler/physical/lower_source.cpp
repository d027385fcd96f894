// Scan -> Source node: which leaves are decoded, which columns they make, where event time comes from. BadRows -> its node.
#include "compiler/physical/convert.h"
#include "compiler/physical/lowering.h"
#include "runtime/abi/layout.h"

namespace streamc::physical {
namespace {

struct Origin {
  std::string_view name;
  abi::ScanOrigin origin;
};
constexpr Origin kHidden[] = {
    {"meta.key", abi::ScanOrigin::MetaKey},
    {"meta.value", abi::ScanOrigin::MetaValue},
    {"meta.headers", abi::ScanOrigin::MetaHeaders},
    {"meta.topic", abi::ScanOrigin::MetaTopic},
    {"meta.partition", abi::ScanOrigin::MetaPartition},
    {"meta.offset", abi::ScanOrigin::MetaOffset},
    {"meta.timestamp", abi::ScanOrigin::MetaTimestamp},
    {"meta.time", abi::ScanOrigin::MetaTime},
    {"$wm", abi::ScanOrigin::Watermark},
    {"$order", abi::ScanOrigin::Order},
    {"$rec", abi::ScanOrigin::Rec},
};

// The path within the source's record; empty for the record key and hidden columns.
std::vector<int32_t> RecordPath(const typed::Source& source, const plan::Path& path) {
  for (size_t i = 0; i < source.record->fields.size() && i < source.columns.size(); ++i) {
    if (source.columns[i].id != path.column) continue;
    std::vector<int32_t> fields{static_cast<int32_t>(i)};
    fields.insert(fields.end(), path.fields.begin(), path.fields.end());
    return fields;
  }
  return {};
}

// Marks the leaves under `path` and the presence of the optional records on the way to it.
void MarkNeeded(const types::Type& record, const std::vector<int32_t>& path, bool presence, std::vector<bool>* needed) {
  const types::Type* type = &record;
  std::vector<int32_t> so_far;
  for (int32_t field : path) {
    if (type->optional) (*needed)[LeavesOf(record, so_far).begin] = true;
    so_far.push_back(field);
    type = type->fields[field].type.get();
  }
  const LeafRange range = LeavesOf(record, path);
  const bool only_first = presence && type->optional && type->kind == types::TypeKind::Record;
  for (int32_t leaf = range.begin; leaf < (only_first ? range.begin + 1 : range.end); ++leaf) (*needed)[leaf] = true;
}

// The leaf of `path` when it is a scalar reached through records that are always there; otherwise -1.
int32_t PlainLeaf(const types::Type& record, const std::vector<int32_t>& path) {
  const types::Type* type = &record;
  for (int32_t field : path) {
    if (type->optional) return -1;
    type = type->fields[field].type.get();
  }
  if (path.empty() || type->kind == types::TypeKind::Record) return -1;
  return LeavesOf(record, path).begin;
}

}  // namespace

abi::ScanColumn Lowering::OriginOf(const typed::Source& source, const Column& column) const {
  if (column.id == source.key_column) return {abi::ScanOrigin::RecordKey, -1};
  for (size_t i = 0; i < source.record->fields.size(); ++i) {
    if (source.columns[i].id == column.id) return {abi::ScanOrigin::Field, static_cast<int32_t>(i)};
  }
  for (const Origin& each : kHidden) {
    if (each.name == column.name) return {each.origin, -1};
  }
  return {};
}

void Lowering::LowerTime(const typed::Source& source, const plan::Op& scan, int32_t node, abi::SourceSpec* spec) {
  switch (source.time) {
    case typed::TimeKind::None: return;
    case typed::TimeKind::MetaTimestamp: spec->time = abi::TimeKind::MetaTimestamp; return;
    case typed::TimeKind::Arrival: spec->time = abi::TimeKind::Arrival; return;
    case typed::TimeKind::Column: break;
  }
  if (plan::TimeIsField(source)) {
    spec->time = abi::TimeKind::Leaf;
    spec->time_leaf = LeavesOf(*source.record, RecordPath(source, plan::PathOf(*source.time_expr))).begin;
    spec->needed[spec->time_leaf] = true;
    return;
  }
  spec->time = abi::TimeKind::Function;
  spec->time_fn = NewFunction();
  TimeCode code;
  code.node = node;
  code.function = spec->time_fn;
  code.expr = source.time_expr;
  code.input = ToSlots(scan.columns);
  code.site = SiteOf(scan);
  out_.times.push_back(std::move(code));
}

void Lowering::LowerScan(plan::OpId id) {
  const plan::Op& scan_op = op(id);
  const auto& scan = *plan::As<plan::Scan>(scan_op);
  const typed::Source& source = program_.sources[scan.source];
  abi::SourceSpec spec;
  spec.name = source.name;
  spec.connector = ToConnectorSpec(source.connector);
  spec.format = ToFormatSpec(source.format);
  spec.record = ToTypeSpec(*source.record);
  spec.needed.assign(abi::FlattenType(spec.record).size(), scan.all_needed);
  for (const plan::Path& path : scan.needed) {
    const std::vector<int32_t> fields = RecordPath(source, path);
    if (!fields.empty()) MarkNeeded(*source.record, fields, path.presence, &spec.needed);
  }
  for (const Column& column : scan_op.columns) spec.scan.push_back(OriginOf(source, column));
  for (const plan::ScanPredicate& predicate : scan.predicates) {
    abi::ScanPredicate out;
    out.leaf = PlainLeaf(*source.record, RecordPath(source, predicate.path));
    out.test = static_cast<abi::ScanTest>(predicate.test);
    for (const types::Datum& value : predicate.values) out.values.push_back(ToDatumSpec(value));
    spec.predicates.push_back(std::move(out));
  }
  spec.has_watermark = source.has_watermark;
  spec.lag = ToValueSpec(source.lag);
  spec.ahead = ToValueSpec(source.ahead);
  spec.idle = ToValueSpec(source.idle);
  spec.on_bad = ToActionSpec(source.on_bad);
  spec.on_null = ToActionSpec(source.on_null);
  spec.on_null_is_bad = source.on_null_is_bad;
  spec.start = static_cast<abi::StartKind>(source.start);
  spec.start_at = ToValueSpec(source.start_at);

  abi::NodeSpec node = MakeNode(abi::NodeKind::Source, scan_op, source.name);
  node.unchecked_output = true;
  node.index = static_cast<int32_t>(out_.spec.sources.size());
  const int32_t number = AddNode(std::move(node));
  feeds_[{id, 0}] = {{{number, 0}}, scan_op.columns, true};
  LowerTime(source, scan_op, number, &spec);
  out_.spec.sources.push_back(std::move(spec));
}

void Lowering::LowerBadRows(plan::OpId id) {
  const plan::Op& bad = op(id);
  abi::NodeSpec node = MakeNode(abi::NodeKind::BadRows, bad, bad.stream + "/bad");
  node.index = plan::As<plan::BadRows>(bad)->stream;
  const int32_t number = AddNode(std::move(node));
  feeds_[{id, 0}] = {{{number, 0}}, bad.columns, false};
}

}  // namespace streamc::physical
