// Sink and Capture nodes: what is written, in the order SinkSpec and CaptureSpec describe.
#include <algorithm>

#include "compiler/physical/convert.h"
#include "compiler/physical/lowering.h"

namespace streamc::physical {

void Lowering::LowerSink(plan::OpId id) {
  const plan::Op& sink_op = op(id);
  const typed::Sink& sink = plan::As<plan::Sink>(sink_op)->spec;
  const plan::Input input = sink_op.inputs[0];
  const int32_t site = SiteOf(sink_op);
  abi::NodeSpec node = MakeNode(abi::NodeKind::Sink, sink_op, sink_op.stream);
  Pipeline pipeline = StartPipeline(input, &node);

  std::vector<Column> work;
  auto add = [&](const ExprPtr& expr, const std::string& name, bool hidden = true) {
    if (!expr) return -1;
    work.push_back(Bind(expr, name, input, site, &pipeline));
    work.back().hidden = hidden;
    return static_cast<int32_t>(work.size()) - 1;
  };
  abi::SinkSpec spec;
  spec.name = sink_op.stream;
  spec.connector = ToConnectorSpec(sink.connector);
  spec.format = ToFormatSpec(sink.format);
  spec.record = ToTypeSpec(*sink.record);
  for (size_t i = 0; i < sink.fields.size(); ++i) add(sink.fields[i], sink.record->fields[i].name, false);
  // A key that is also written as a field is not carried twice.
  for (size_t i = 0; i < sink.key.size(); ++i) {
    const auto field = std::find_if(sink.fields.begin(), sink.fields.end(),
                                    [&](const ExprPtr& each) { return plan::SameExpr(*each, *sink.key[i]); });
    spec.key.push_back(field == sink.fields.end() ? add(sink.key[i], "key" + std::to_string(i + 1))
                                                  : static_cast<int32_t>(field - sink.fields.begin()));
  }
  spec.key_names = sink.key_names;
  spec.key_as_json = sink.key.size() > 1;
  spec.value = add(sink.value, "value");
  spec.headers = add(sink.headers, "headers");
  spec.partition = add(sink.partition, "partition");
  spec.timestamp = add(sink.timestamp, "timestamp");
  spec.delete_when = add(sink.delete_when, "delete_when");
  spec.topic = add(sink.connector.dynamic_target, "topic");
  spec.upsert = sink.upsert;

  // The change key, where the columns above do not hold it already, then $sign and the record's number.
  const typed::RowKind rows = RowsOf(input);
  const std::vector<Column>& given = ColumnsOf(input);
  auto add_given = [&](ColumnId column) {
    int32_t position = PositionOf(column, work);
    const int32_t from = PositionOf(column, given);
    if (position >= 0 || from < 0) return position;
    work.push_back(BindColumn(given[from], input, site, &pipeline));
    work.back().hidden = true;
    return static_cast<int32_t>(work.size()) - 1;
  };
  if (rows.changing) {
    for (ColumnId key : rows.key) node.change_key.push_back(add_given(key));
    spec.sign = add_given(plan_.sign);
  }
  add_given(plan_.rec);

  node.work = ToLayout(work);
  node.index = static_cast<int32_t>(out_.spec.sinks.size());
  const int32_t number = AddNode(std::move(node));
  EmitRows(std::move(pipeline), number, work);
  out_.spec.sinks.push_back(std::move(spec));
}

void Lowering::LowerCapture(plan::OpId id) {
  const plan::Op& capture_op = op(id);
  const bool late = plan::As<plan::Capture>(capture_op)->kind == plan::CaptureKind::Late;
  const plan::Input input = capture_op.inputs[0];
  const int32_t site = SiteOf(capture_op);
  const typed::RowKind rows = RowsOf(input);
  abi::NodeSpec node = MakeNode(abi::NodeKind::Capture, capture_op, "capture " + capture_op.stream + (late ? " late" : ""));
  Pipeline pipeline = StartPipeline(input, &node);

  std::vector<Column> work;
  std::vector<ColumnId> ids;
  for (const Column& column : ColumnsOf(input)) {
    const bool is_key = std::count(rows.key.begin(), rows.key.end(), column.id) > 0;
    if (column.hidden && !(rows.changing && is_key)) continue;
    ids.push_back(column.id);
    work.push_back(BindColumn(column, input, site, &pipeline));
  }
  if (rows.changing) {
    for (ColumnId key : rows.key) {
      node.change_key.push_back(static_cast<int32_t>(std::find(ids.begin(), ids.end(), key) - ids.begin()));
    }
    work.push_back(ColumnsOf(input)[PositionOf(plan_.sign, ColumnsOf(input))]);
  }

  // The captures of several steps of one stream are one capture.
  const auto kind = late ? abi::CaptureKind::Late : abi::CaptureKind::Rows;
  std::vector<abi::CaptureSpec>& captures = out_.spec.captures;
  auto found = std::find_if(captures.begin(), captures.end(), [&](const abi::CaptureSpec& each) {
    return each.stream == capture_op.stream && each.kind == kind;
  });
  node.index = static_cast<int32_t>(found - captures.begin());
  if (found == captures.end()) captures.push_back({capture_op.stream, kind, rows.changing});
  node.work = ToLayout(work);
  const int32_t number = AddNode(std::move(node));
  EmitRows(std::move(pipeline), number, work);
}

}  // namespace streamc::physical
