// What an edited program may take over of a job's state, and what becomes of damaged manifests.
#include "runtime/abi/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "runtime/abi/type_text.h"

namespace streamc::abi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ManifestStep Aggregate(std::string name, std::vector<std::string> calls, std::string shape = "by word: string keep 1d") {
  ManifestStep step;
  step.name = std::move(name);
  step.kind = "aggregate";
  step.shape = std::move(shape);
  for (std::string& call : calls) step.fields.push_back({"n", std::move(call), false, false, {}});
  return step;
}

StateField Column(std::string name, std::string type, bool optional = false, bool has_default = false) {
  return {std::move(name), std::move(type), optional, has_default, {}};
}

ManifestStep Top(std::string name, std::vector<StateField> columns) {
  ManifestStep step;
  step.name = std::move(name);
  step.kind = "top";
  step.shape = "by n: int limit 3";
  step.fields = std::move(columns);
  return step;
}

Manifest Program(std::vector<ManifestStep> steps, int32_t key_groups = 64) {
  Manifest manifest;
  manifest.job = "trending";
  manifest.key_groups = key_groups;
  manifest.steps = std::move(steps);
  return manifest;
}

// As a job that ran with the program has written it, and read back.
Manifest Running(const Manifest& program, const Manifest* before = nullptr) {
  Manifest read;
  std::string why;
  EXPECT_TRUE(ReadManifest(WriteManifest(CompareManifests(before, program).next), &read, &why)) << why;
  return read;
}

ManifestStep Was(ManifestStep step, std::vector<std::string> was) {
  step.was = std::move(was);
  return step;
}

TEST(ManifestTest, TheSameProgramKeepsEverything) {
  const Manifest program = Program({Aggregate("s/aggregate", {"count()", "sum(x: int)"}), Top("s/top", {Column("n", "int")})});
  const Manifest running = Running(program);
  const ManifestDiff diff = CompareManifests(&running, program);
  ASSERT_EQ(diff.steps.size(), 2u);
  EXPECT_TRUE(diff.ok);
  EXPECT_EQ(diff.steps[0].fate, StepFate::Kept);
  EXPECT_EQ(diff.steps[1].fate, StepFate::Kept);
  EXPECT_THAT(diff.steps[0].from, ElementsAre(0, 1));
  EXPECT_EQ(WriteManifest(diff.next), WriteManifest(running));
}

TEST(ManifestTest, AFirstStartNumbersTheSteps) {
  const ManifestDiff diff = CompareManifests(nullptr, Program({Aggregate("a/aggregate", {}), Aggregate("b/aggregate", {})}));
  EXPECT_TRUE(diff.ok);
  EXPECT_EQ(diff.steps[0].fate, StepFate::New);
  EXPECT_EQ(diff.next.steps[0].id, 1);
  EXPECT_EQ(diff.next.steps[1].id, 2);
  EXPECT_EQ(diff.next.next_id, 3);
}

TEST(ManifestTest, ANumberIsNeverGivenAgain) {
  const Manifest first = Running(Program({Aggregate("a/aggregate", {"count()"}), Aggregate("b/aggregate", {"count()"})}));
  const Manifest without = Program({Aggregate("a/aggregate", {"count()"})});
  const ManifestDiff dropped = CompareManifests(&first, without);
  EXPECT_TRUE(dropped.ok);
  ASSERT_EQ(dropped.steps.size(), 2u);
  EXPECT_EQ(dropped.steps[1].fate, StepFate::Dropped);
  EXPECT_EQ(dropped.steps[1].id, 2);
  EXPECT_THAT(DiffText(dropped), HasSubstr("DROPPED   b/aggregate"));
  const Manifest second = Running(without, &first);
  const ManifestDiff again = CompareManifests(&second, Program({Aggregate("b/aggregate", {"count()"}), Aggregate("a/aggregate", {"count()"})}));
  EXPECT_EQ(again.steps[0].fate, StepFate::New);
  EXPECT_EQ(again.steps[0].id, 3);
  EXPECT_EQ(again.steps[1].fate, StepFate::Kept);
  EXPECT_EQ(again.steps[1].id, 1);
}

TEST(ManifestTest, ARenamedStepGoesOnOnlyWhenItSaysSo) {
  const Manifest running = Running(Program({Aggregate("old/aggregate", {"count()"})}));
  const ManifestDiff silent = CompareManifests(&running, Program({Aggregate("new/aggregate", {"count()"})}));
  EXPECT_EQ(silent.steps[0].fate, StepFate::New);
  EXPECT_EQ(silent.steps[1].fate, StepFate::Dropped);
  EXPECT_THAT(DiffText(silent), HasSubstr("aggregate was \"old/aggregate\""));

  const Manifest renamed = Program({Was(Aggregate("new/aggregate", {"count()"}), {"other/x", "old/aggregate"})});
  const ManifestDiff diff = CompareManifests(&running, renamed);
  ASSERT_EQ(diff.steps.size(), 1u);
  EXPECT_EQ(diff.steps[0].fate, StepFate::Kept);
  EXPECT_EQ(diff.steps[0].was, "old/aggregate");
  EXPECT_EQ(diff.steps[0].id, 1);
  // Once renamed, `was` has nothing more to say.
  const Manifest after = Running(renamed, &running);
  EXPECT_EQ(CompareManifests(&after, renamed).steps[0].was, "");
  EXPECT_EQ(CompareManifests(&after, renamed).steps[0].fate, StepFate::Kept);
}

TEST(ManifestTest, TheOwnNameGoesBeforeAnEarlierOne) {
  const Manifest running = Running(Program({Aggregate("a/aggregate", {"count()"}), Aggregate("b/aggregate", {"count()"})}));
  const ManifestDiff diff = CompareManifests(&running, Program({Was(Aggregate("b/aggregate", {"count()"}), {"a/aggregate"})}));
  EXPECT_EQ(diff.steps[0].id, 2);
  EXPECT_EQ(diff.steps[1].fate, StepFate::Dropped);
  EXPECT_EQ(diff.steps[1].name, "a/aggregate");
}

TEST(ManifestTest, PartsOfAnAggregateMayGoButNotCome) {
  const Manifest running = Running(Program({Aggregate("s/aggregate", {"avg(x: int)", "count()", "sum(x: int)"})}));
  const ManifestDiff fewer = CompareManifests(&running, Program({Aggregate("s/aggregate", {"avg(x: int)", "sum(x: int)"})}));
  EXPECT_TRUE(fewer.ok);
  EXPECT_EQ(fewer.steps[0].fate, StepFate::Migrated);
  EXPECT_THAT(fewer.steps[0].from, ElementsAre(0, 2));
  EXPECT_THAT(DiffText(fewer), HasSubstr("`count()` is kept no more"));
  const ManifestDiff more = CompareManifests(&running, Program({Aggregate("s/aggregate", {"count()", "max(x: int)"})}));
  EXPECT_FALSE(more.ok);
  EXPECT_EQ(more.steps[0].fate, StepFate::Refused);
  EXPECT_THAT(DiffText(more), HasSubstr("`max(x: int)` is new"));
  EXPECT_THAT(DiffText(more), HasSubstr("--reset s/aggregate"));
}

TEST(ManifestTest, ResultsMayChangeTheirNames) {
  const Manifest running = Running(Program({Aggregate("s/aggregate", {"count()"})}));
  Manifest renamed = Program({Aggregate("s/aggregate", {"count()"})});
  renamed.steps[0].fields[0].name = "how_many";
  EXPECT_EQ(CompareManifests(&running, renamed).steps[0].fate, StepFate::Kept);
}

TEST(ManifestTest, ShapeAndKindMustStay) {
  const Manifest running = Running(Program({Aggregate("s/x", {"count()"})}));
  const ManifestDiff shape = CompareManifests(&running, Program({Aggregate("s/x", {"count()"}, "by word: string keep 2d")}));
  EXPECT_FALSE(shape.ok);
  EXPECT_THAT(DiffText(shape), HasSubstr("it was `by word: string keep 1d` and is `by word: string keep 2d`"));
  const ManifestDiff kind = CompareManifests(&running, Program({Top("s/x", {})}));
  EXPECT_FALSE(kind.ok);
  EXPECT_THAT(DiffText(kind), HasSubstr("it was `aggregate` and is `top`"));
}

TEST(ManifestTest, ColumnsOfATopMayComeWithAValueForOldRows) {
  const Manifest running = Running(Program({Top("s/top", {Column("word", "string"), Column("n", "int")})}));
  const auto with = [&](StateField column) {
    return CompareManifests(&running, Program({Top("s/top", {Column("word", "string"), std::move(column), Column("n", "int")})}));
  };
  const ManifestDiff optional = with(Column("lang", "string?", true));
  EXPECT_EQ(optional.steps[0].fate, StepFate::Migrated);
  EXPECT_THAT(optional.steps[0].from, ElementsAre(0, -1, 1));
  EXPECT_THAT(DiffText(optional), HasSubstr("`lang: string?` is new: null in rows from before"));
  EXPECT_EQ(with(Column("lang", "string", false, true)).steps[0].fate, StepFate::Migrated);
  EXPECT_FALSE(with(Column("lang", "string")).ok);

  Manifest over_changes = Program({Top("s/top", {Column("word", "string"), Column("lang", "string?", true), Column("n", "int")})});
  over_changes.steps[0].over_changes = true;
  EXPECT_FALSE(CompareManifests(&running, over_changes).ok);
}

TEST(ManifestTest, ColumnsOfATopMayGoAndMoveButNotChange) {
  const Manifest running = Running(Program({Top("s/top", {Column("word", "string"), Column("n", "int"), Column("x", "int?", true)})}));
  const ManifestDiff gone = CompareManifests(&running, Program({Top("s/top", {Column("n", "int"), Column("word", "string")})}));
  EXPECT_EQ(gone.steps[0].fate, StepFate::Migrated);
  EXPECT_THAT(gone.steps[0].from, ElementsAre(1, 0));
  EXPECT_THAT(gone.steps[0].reasons, ElementsAre("`x: int?` is kept no more"));
  const ManifestDiff moved =
      CompareManifests(&running, Program({Top("s/top", {Column("n", "int"), Column("word", "string"), Column("x", "int?", true)})}));
  EXPECT_EQ(moved.steps[0].fate, StepFate::Migrated);
  const ManifestDiff changed =
      CompareManifests(&running, Program({Top("s/top", {Column("word", "string"), Column("n", "float"), Column("x", "int?", true)})}));
  EXPECT_FALSE(changed.ok);
  EXPECT_THAT(DiffText(changed), HasSubstr("`n: int` has become `n: float`"));
}

TEST(ManifestTest, KeyGroupsAreForEver) {
  const Manifest running = Running(Program({Aggregate("s/aggregate", {"count()"})}, 64));
  const ManifestDiff diff = CompareManifests(&running, Program({Aggregate("s/aggregate", {"count()"})}, 32));
  EXPECT_FALSE(diff.ok);
  EXPECT_THAT(DiffText(diff), HasSubstr("write `key_groups 64`"));
}

TEST(ManifestTest, AResetStepBeginsAnewUnderAnotherNumber) {
  const Manifest running = Running(Program({Aggregate("s/aggregate", {"count()"})}));
  const Manifest program = Program({Aggregate("s/aggregate", {"max(x: int)"})});
  const ManifestDiff diff = CompareManifests(&running, program, {"s/aggregate"});
  EXPECT_TRUE(diff.ok);
  ASSERT_EQ(diff.steps.size(), 2u);
  EXPECT_EQ(diff.steps[0].fate, StepFate::New);
  EXPECT_EQ(diff.steps[0].id, 2);
  EXPECT_EQ(diff.steps[1].fate, StepFate::Dropped);
  EXPECT_EQ(diff.steps[1].id, 1);
  const ManifestDiff unknown = CompareManifests(&running, program, {"s/agregate"});
  EXPECT_FALSE(unknown.ok);
  EXPECT_THAT(DiffText(unknown), HasSubstr("no keyed step `s/agregate`"));
}

TEST(ManifestTest, NumbersEndAtSomePoint) {
  Manifest running = Running(Program({Aggregate("a/aggregate", {"count()"})}));
  running.next_id = UINT16_MAX;
  EXPECT_FALSE(CompareManifests(&running, Program({Aggregate("b/aggregate", {"count()"})})).ok);
  EXPECT_TRUE(CompareManifests(&running, Program({Aggregate("a/aggregate", {"count()"})})).ok);
}

TEST(ManifestTest, TextsStandInLine) {
  const Manifest running = Running(Program({Aggregate("a/aggregate", {"count()"}), Aggregate("b/long_label", {"count()"})}));
  const ManifestDiff diff = CompareManifests(&running, Program({Aggregate("a/aggregate", {"count()"}), Was(Aggregate("c/x", {"count()"}), {"b/long_label"})}));
  EXPECT_EQ(DiffText(diff),
            "kept      a/aggregate\n"
            "kept      c/x          was b/long_label\n");
  EXPECT_EQ(DiffText(CompareManifests(nullptr, Program({}))), "no step keeps state\n");
}

// --- what MakeManifest says of a job --------------------------------------------------------------------------------

TEST(ManifestTest, BoundsHaveTheirValues) {
  JobSpec spec;
  spec.name = "j";
  ParamSpec param;
  param.name = "size";
  param.type.logical = Logical::Duration;
  spec.params.push_back(param);
  AggregateSpec aggregate;
  aggregate.has_time = true;
  aggregate.bound.window = WindowKind::Hopping;
  aggregate.bound.size.param = 0;
  aggregate.bound.every.constant.value = int64_t{90'000'000};
  aggregate.bound.late.constant.value = int64_t{0};
  spec.aggregates.push_back(aggregate);
  NodeSpec node;
  node.kind = NodeKind::Aggregate;
  node.name = "s/aggregate";
  node.index = 0;
  node.state.kind = "aggregate";
  node.state.shape = "by k: int";
  spec.nodes.push_back(node);
  EXPECT_EQ(MakeManifest(spec).steps[0].shape, "by k: int window hopping(size, every: 1m30s)");
  const auto minute = [](int32_t) { return DatumSpec{int64_t{60'000'000}}; };
  EXPECT_EQ(MakeManifest(spec, minute).steps[0].shape, "by k: int window hopping(1m, every: 1m30s)");
}

// --- texts -----------------------------------------------------------------------------------------------------------

Manifest Rich() {
  Manifest manifest = CompareManifests(nullptr, Program({Aggregate("s/\"odd\\ name\n", {"count(where x == \"\x01\")", "sum(é: int)"}),
                                                         Top("s/top", {Column("a", "{ b: int?, \"c d\": list<string> }")})}))
                          .next;
  manifest.job = "naïve job";
  return manifest;
}

TEST(ManifestTextTest, ComesBackAsItWent) {
  const Manifest manifest = Rich();
  Manifest read;
  std::string why;
  ASSERT_TRUE(ReadManifest(WriteManifest(manifest), &read, &why)) << why;
  EXPECT_EQ(read, manifest);
}

TEST(ManifestTextTest, FormatOneIsReadForEver) {
  Manifest read;
  std::string why;
  ASSERT_TRUE(ReadManifest("streamc manifest 1\njob \"trending\"\nkey_groups 64\nnext_id 3\n"
                           "step 1 \"aggregate\" \"trending/aggregate\"\nshape \"by word: string window tumbling(1m)\"\n"
                           "field \"n\" \"count()\"\nstep 2 \"top\" \"trending/top\"\nshape \"by n: int limit 3\"\n"
                           "field \"word\" \"string\"\nfield \"n\" \"int\"\nend\n",
                           &read, &why))
      << why;
  ASSERT_EQ(read.steps.size(), 2u);
  EXPECT_EQ(read.steps[1].name, "trending/top");
  EXPECT_EQ(read.steps[1].fields[1].text, "int");
}

TEST(ManifestTextTest, SaysWhatIsWrong) {
  Manifest read;
  std::string why;
  EXPECT_FALSE(ReadManifest("", &read, &why));
  EXPECT_EQ(why, "it is no manifest");
  EXPECT_FALSE(ReadManifest("streamc manifest 2\nwhatever", &read, &why));
  EXPECT_EQ(why, "it is of format 2, and this version reads 1");
  std::string twice = WriteManifest(Rich());
  twice.replace(twice.find("step 2"), 6, "step 1");
  EXPECT_FALSE(ReadManifest(twice, &read, &why));
  EXPECT_EQ(why, "it is damaged");
}

// Cut, changed and repeated texts: an answer, never a crash; what is read can be written and compared.
TEST(ManifestTextTest, DamageIsFoundOrHarmless) {
  const std::string good = WriteManifest(Rich());
  std::mt19937 random(7);
  Manifest read;
  std::string why;
  for (size_t length = 0; length < good.size(); ++length) EXPECT_FALSE(ReadManifest(good.substr(0, length), &read, &why));
  EXPECT_FALSE(ReadManifest(good + "x", &read, &why));
  const Manifest program = Program({Aggregate("s/x", {"count()"}), Top("s/top", {Column("n", "int")})});
  for (int i = 0; i < 20'000; ++i) {
    std::string bad = good;
    for (int changes = 1 + static_cast<int>(random() % 3); changes > 0; --changes) {
      const size_t at = random() % bad.size();
      if (random() % 2 == 0) {
        bad[at] = static_cast<char>(random());
      } else {
        bad.insert(at, bad.substr(random() % bad.size(), random() % 20));
      }
    }
    if (ReadManifest(bad, &read, &why)) DiffText(CompareManifests(&read, program));
  }
}

TEST(TypeTextTest, ComesBackAsItWent) {
  for (const char* text : {"int", "string?", "decimal(38, 2)", "enum { \"new\", \"sent-back\" }?", "list<list<int?>>?",
                           "{ name: string, age: int?, \"odd name\": { }, at: timestamp }?", "{ }", "duration", "uuid", "bytes",
                           "bool", "float", "date"}) {
    TypeSpec type;
    ASSERT_TRUE(ReadType(text, &type)) << text;
    EXPECT_EQ(TypeText(type), text);
  }
}

TEST(TypeTextTest, RefusesWhatItDidNotWrite) {
  TypeSpec type;
  for (const char* text : {"", "integer", "int??", "int ", "list<int", "list<>", "decimal(300, 1)", "{ a: int, }", "{ : int }", "record",
                           "enum { }", "{ a: int"}) {
    EXPECT_FALSE(ReadType(text, &type)) << text;
  }
  EXPECT_FALSE(ReadType(std::string(100'000, '{'), &type));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "list<";
  EXPECT_FALSE(ReadType(deep, &type));
}

}  // namespace
}  // namespace streamc::abi
