// What a person sees of a job's state: snapshots that shorten a restart, `state`, `--check`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "test/integration/harness.h"

namespace streamc::test {
namespace {

using ::testing::HasSubstr;

class KafkaState : public testing::Test {
 protected:
  KafkaState() {
    binary_ = CompileJob("job counts { delivery exactly_once  key_groups 4  on bad stop }\n"
                         "schema Event { key: string  n: int }\n"
                         "source events: Event from kafka(\"" + in_ + "\") format json\n"
                         "stream sums = events |> aggregate total = sum(n), c = count() by key keep forever\n"
                         "sink sums to kafka(\"" + out_ + "\") format json key key\n");
    folder_ = (std::filesystem::temp_directory_path() / "streamc-state.XXXXXX").string();
    if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary folder");
  }
  ~KafkaState() override { std::filesystem::remove_all(folder_); }

  std::vector<std::string> Command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--group", group_, "--state-dir", folder_, "--snapshot-every", "100ms"});
    return JobCommand(binary_, arguments);
  }
  // Output of a command that ends by itself.
  std::string Ask(std::vector<std::string> words, int code = 0) {
    words.insert(words.begin(), binary_);
    words.insert(words.end(), {"--brokers", Brokers(), "--group", group_});
    Process process(words);
    EXPECT_EQ(process.Wait(), code) << process.errors() << process.output();
    return process.output() + process.errors();
  }
  void Feed(int count) {
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i) lines.push_back("{\"key\":\"k" + std::to_string(i % 10) + "\",\"n\":1}");
    ProduceLines(in_, lines);
  }
  // Runs the job until the output has a record with this text, and stops it.
  std::string RunUntil(const std::string& text) {
    Process job(Command({}));
    WaitUntil(text, [&] {
      if (!job.Running()) throw std::runtime_error("the job has ended:\n" + job.errors());
      for (const std::string& value : ReadValues(out_)) {
        if (value.find(text) != std::string::npos) return true;
      }
      return false;
    });
    EXPECT_EQ(job.Stop(), 0) << job.errors();
    return job.errors();
  }

  const std::string in_ = UniqueName("state-in"), out_ = UniqueName("state-out"), group_ = UniqueName("state");
  std::string binary_, folder_;
};

TEST_F(KafkaState, CheckSaysWhatIsMissing) {
  std::string text = Ask({"--check"}, 65);
  EXPECT_THAT(text, HasSubstr("there is no topic " + in_));
  EXPECT_THAT(text, HasSubstr("there is no topic " + out_));
  EXPECT_THAT(text, HasSubstr("topic " + group_ + "-changelog: missing; a start makes it (4 partitions, cleanup.policy=compact)"));
  CreateTopics({in_, out_}, 2);
  text = Ask({"--check"});
  EXPECT_THAT(text, HasSubstr("source events: topic " + in_ + ", 2 partitions"));
  const auto topics = Topics();
  EXPECT_EQ(std::count(topics.begin(), topics.end(), group_ + "-changelog"), 0) << "--check makes nothing";
  CreateTopic(group_ + "-repartition", 3, {{"retention.ms", "-1"}});
  EXPECT_THAT(Ask({"--check"}, 65), HasSubstr("has 3 partitions, but the job divides its keys into 4 groups"));
}

TEST_F(KafkaState, ARestartReadsOnFromItsSnapshots) {
  CreateTopics({in_, out_}, 2);
  Feed(1000);
  RunUntil("\"total\":100,");
  EXPECT_THAT(Ask({"state", "ls"}), HasSubstr("sums/aggregate         10"));
  EXPECT_EQ(Ask({"state", "get", "sums/aggregate", "k3"}), "{\"step\":\"sums/aggregate\",\"row\":{\"key\":\"k3\",\"total\":100,\"c\":100}}\n");
  const std::string dump = Ask({"state", "dump"});
  EXPECT_EQ(std::count(dump.begin(), dump.end(), '\n'), 10) << dump;
  EXPECT_THAT(Ask({"state", "get", "sums/aggregate"}, 64), HasSubstr("has the key key"));
  EXPECT_THAT(Ask({"state", "get", "sums/top", "k3"}, 64), HasSubstr("the job has: sums/aggregate"));
  // From the snapshots alone.
  Process offline({binary_, "state", "get", "sums/aggregate", "k3", "--state-dir", folder_});
  EXPECT_EQ(offline.Wait(), 0) << offline.errors();
  EXPECT_THAT(offline.output(), HasSubstr("\"total\":100,"));

  Feed(10);
  const std::string log = RunUntil("\"total\":101,");
  EXPECT_THAT(log, HasSubstr("event=groups_taken count=4 kept=0 rows=0 "));
  EXPECT_THAT(log, HasSubstr("snapshot_rows=10 "));
  // Without them the changelog says it all.
  std::filesystem::remove_all(folder_);
  Feed(10);
  EXPECT_THAT(RunUntil("\"total\":102,"), HasSubstr("snapshots=0 snapshot_rows=0 "));
  EXPECT_THAT(Ask({"state", "get", "sums/aggregate", "k3"}), HasSubstr("\"total\":102,\"c\":102"));
}

}  // namespace
}  // namespace streamc::test
