#include "runtime/abi/job_spec_io.h"

#include <gtest/gtest.h>

#include <random>

namespace streamc::abi {
namespace {

DatumSpec Constant(int64_t value) {
  return {value};
}

TypeSpec Make(Logical logical) {
  TypeSpec type;
  type.logical = logical;
  return type;
}

// A spec that uses every struct, with values that differ from the defaults.
JobSpec MakeSpec() {
  JobSpec spec;
  spec.name = "trending";
  spec.program = "trending.sdl";
  spec.compiler_version = "0.1.0";
  spec.exactly_once = true;
  spec.commit_every.constant = Constant(100'000);
  spec.has_on_bad = true;
  spec.on_bad = {ActionKind::DeadLetter, {{std::string("tweets.bad")}, -1, {}}};
  spec.params.push_back({"min", {}, true, Constant(3), true});
  TypeSpec list = Make(Logical::List);
  list.element.push_back(Make(Logical::Decimal));
  list.element[0].optional = true;
  list.element[0].precision = 10;
  TypeSpec record = Make(Logical::Record);
  FieldSpec field{"text", "Text", Make(Logical::String), true, {std::string("\0x", 2)}};
  field.type.pattern = "p";
  record.fields = {
      field, {"l", "l", list, true, {std::vector<DatumSpec>{Constant(1), {2.5}, {true}, {}, {DatumSpec::Decimal{7, -1}}}}}};
  SourceSpec source;
  source.name = "tweets";
  source.connector = {"kafka", {{Constant(1), 2, {{"a", -1}, {"", 0}}}}, {{"x", {}}}};
  source.format = {"json", {}};
  source.record = record;
  source.needed = {true, false, true};
  source.scan = {{ScanOrigin::Rec, -1}, {ScanOrigin::Field, 1}};
  source.predicates = {{2, ScanTest::In, {Constant(-5), {std::string("en")}}}};
  source.time = TimeKind::Function;
  source.time_fn = 4;
  source.has_watermark = true;
  source.start = StartKind::At;
  spec.sources.push_back(source);
  spec.tables.push_back({"users", {}, {}, record, {1, 0}, {}, {ActionKind::Stop, {}}});
  NodeSpec node;
  node.kind = NodeKind::Capture;
  node.inputs = {{3, 1}};
  node.work.columns = {{"text", field.type, true}};
  node.change_key = {0};
  node.rec_column = 2;
  spec.nodes = {node};
  AggregateSpec aggregate;
  aggregate.state_size = 48;
  aggregate.bound.window = WindowKind::Hopping;
  aggregate.bound.emit = EmitKind::Changes;
  aggregate.result_fn = 9;
  spec.aggregates.push_back(aggregate);
  TopSpec top;
  top.order = {{1, false}};
  top.kept = 3;
  spec.tops.push_back(top);
  SinkSpec sink;
  sink.key_names = {"a", "b"};
  sink.topic = 5;
  spec.sinks.push_back(sink);
  spec.captures.push_back({"s", CaptureKind::Bad, true});
  spec.sites.push_back({"s", "where", "job.sdl:1:2", "code"});
  TestStep step;
  step.kind = TestStep::Kind::Expect;
  step.headers = {{"h", "v"}};
  step.payloads = {{true, "{}"}, {false, ""}};
  step.expect = ExpectKind::Bad;
  step.rows = {{{"n", {}, Constant(2), 0.5}}, {}};
  spec.tests.push_back({"t", "job.sdl:9:1", {step}});
  spec.explain = "text";
  return spec;
}

TEST(JobSpecIo, RoundTripKeepsEveryMember) {
  const JobSpec spec = MakeSpec();
  const std::string bytes = WriteJobSpec(spec);
  JobSpec back;
  ASSERT_TRUE(ReadJobSpec(bytes, &back));
  EXPECT_EQ(WriteJobSpec(back), bytes);
  EXPECT_EQ(back.sources[0].record.fields[1].deflt, spec.sources[0].record.fields[1].deflt);
  EXPECT_EQ(back.sources[0].record.fields[0].deflt, spec.sources[0].record.fields[0].deflt);
  EXPECT_EQ(back.sources[0].needed, spec.sources[0].needed);
  EXPECT_EQ(back.sources[0].predicates[0].values, spec.sources[0].predicates[0].values);
  EXPECT_EQ(back.tests[0].steps[0].rows[0][0].tolerance, 0.5);
  EXPECT_EQ(back.nodes[0].inputs[0].node, 3);
  EXPECT_EQ(back.captures[0].kind, CaptureKind::Bad);
  EXPECT_EQ(back.on_bad.topic.constant, spec.on_bad.topic.constant);
  EXPECT_EQ(back.explain, "text");
}

TEST(JobSpecIo, EveryTruncationAndTrailingByteIsRefused) {
  const std::string bytes = WriteJobSpec(MakeSpec());
  for (size_t size = 0; size < bytes.size(); ++size) {
    JobSpec back;
    EXPECT_FALSE(ReadJobSpec(std::string_view(bytes).substr(0, size), &back)) << size;
  }
  JobSpec back;
  EXPECT_FALSE(ReadJobSpec(bytes + '\0', &back));
  EXPECT_FALSE(ReadJobSpec("SCJOB999" + bytes.substr(8), &back));
}

TEST(JobSpecIo, DamagedBlocksAreReadOrRefusedButNeverCrash) {
  const std::string bytes = WriteJobSpec(MakeSpec());
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = bytes;
    for (int change = 0; change < 3; ++change) damaged[8 + random() % (damaged.size() - 8)] = static_cast<char>(random());
    JobSpec back;
    if (!ReadJobSpec(damaged, &back)) ++refused;
  }
  EXPECT_GT(refused, 5000);
}

TEST(JobSpecIo, NestingIsLimited) {
  JobSpec spec;
  DatumSpec deep{int64_t{1}};
  for (int level = 0; level < 200; ++level) deep = DatumSpec{std::vector<DatumSpec>{std::move(deep)}};
  spec.commit_every.constant = deep;
  JobSpec back;
  EXPECT_FALSE(ReadJobSpec(WriteJobSpec(spec), &back));
}

}  // namespace
}  // namespace streamc::abi
