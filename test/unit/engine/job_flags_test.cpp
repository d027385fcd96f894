#include "runtime/engine/job_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/engine/params.h"

namespace streamc::rt::engine {
namespace {

using ::testing::HasSubstr;

Status Parse(std::vector<const char*> words, JobFlags* flags) {
  words.insert(words.begin(), "job");
  return ParseJobFlags(static_cast<int>(words.size()), words.data(), flags);
}

TEST(JobFlags, ReadsValuesBesideAndBehindTheFlag) {
  JobFlags flags;
  Status status =
      Parse({"--brokers=a:1,b:2", "--param", "n=3", "--param", "name=x=y", "--bind", "tweets=file:t.jsonl", "--until", "end",
             "--threads", "4", "--commit-every", "250ms", "--memory", "512MB", "--kafka", "linger.ms=5", "--quiet"},
            &flags);
  ASSERT_TRUE(status.ok()) << status.message;
  EXPECT_EQ(flags.engine.brokers, "a:1,b:2");
  EXPECT_EQ(flags.engine.params["n"], "3");
  EXPECT_EQ(flags.engine.params["name"], "x=y");
  EXPECT_EQ(flags.engine.bindings["tweets"].connector, "file");
  EXPECT_TRUE(flags.engine.until_end);
  EXPECT_EQ(flags.engine.threads, 4);
  EXPECT_EQ(flags.engine.commit_every, 250'000);
  EXPECT_EQ(flags.engine.memory, int64_t{512} << 20);
  EXPECT_EQ(flags.engine.kafka["linger.ms"], "5");
  EXPECT_TRUE(flags.quiet);
}

TEST(JobFlags, RefusesWithAWayOut) {
  const std::pair<std::vector<const char*>, const char*> cases[] = {
      {{"--treads", "4"}, "did you mean --threads?"},
      {{"--threads", "0"}, "1 to 256"},
      {{"--threads"}, "needs N"},
      {{"--until", "noon"}, "needs end"},
      {{"--param", "n"}, "NAME=VALUE"},
      {{"--commit-every", "fast"}, "100ms"},
      {{"--memory", "much"}, "512MB"},
      {{"--snapshot-every", "soon"}, "duration"},
      {{"--quiet=yes"}, "takes no value"},
      {{"input.jsonl"}, "unexpected argument"},
  };
  for (const auto& [words, expected] : cases) {
    JobFlags flags;
    Status status = Parse(words, &flags);
    EXPECT_EQ(status.code, Exit::Usage) << words[0];
    EXPECT_THAT(status.message, HasSubstr(expected));
  }
}

abi::ParamSpec Param(const char* name, abi::Logical logical, bool secret = false) {
  abi::ParamSpec param;
  param.name = name;
  param.type.logical = logical;
  param.secret = secret;
  return param;
}

TEST(Params, ValuesOfEveryKindReachTheRowAndTheirTexts) {
  abi::JobSpec spec;
  spec.params = {Param("n", abi::Logical::Int), Param("wait", abi::Logical::Duration), Param("topic", abi::Logical::String)};
  spec.params[0].has_default = true;
  spec.params[0].deflt.value = int64_t{7};
  Params params;
  Status status = params.Resolve(spec, {{"wait", "90s"}, {"topic", "orders"}});
  ASSERT_TRUE(status.ok()) << status.message;
  const int64_t* row = reinterpret_cast<const int64_t*>(params.row());
  EXPECT_EQ(row[0], 7);
  EXPECT_EQ(row[1], 90'000'000);
  EXPECT_EQ(row[3], 6) << "length of `orders`";
  abi::ValueSpec value;
  value.parts = {{"eu.", -1}, {"", 2}, {"-", -1}, {"", 0}};
  EXPECT_EQ(params.Text(value), "eu.orders-7");
  value = {};
  value.param = 1;
  EXPECT_EQ(params.Int(value), 90'000'000);
}

TEST(Params, RefusesUnknownMissingAndWrongOnes) {
  abi::JobSpec spec;
  spec.params = {Param("n", abi::Logical::Int), Param("password", abi::Logical::String, true)};
  Params params;
  EXPECT_THAT(params.Resolve(spec, {{"m", "1"}}).message, HasSubstr("the job has: n, password"));
  EXPECT_THAT(params.Resolve(spec, {}).message, HasSubstr("--param n=VALUE"));
  EXPECT_THAT(params.Resolve(spec, {{"n", "many"}}).message, HasSubstr("\"many\" is not an int"));
  Status status = params.Resolve(spec, {{"n", "1"}, {"password", "hunter2"}});
  EXPECT_EQ(status.code, Exit::Usage);
  EXPECT_THAT(status.message, HasSubstr("env:VARIABLE"));
  EXPECT_THAT(status.message, ::testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace streamc::rt::engine
