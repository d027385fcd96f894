// The harness against a real broker: what goes in comes out, and a fault is a failure and not a silence.
#include "test/integration/harness.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <stdexcept>

namespace streamc::test {
namespace {

using testing::ElementsAre;


TEST(Harness, RecordsComeBackWhole) {
  const std::string topic = UniqueName("whole");
  CreateTopic(topic, 2);
  Record full;
  full.partition = 1;
  full.key = "k";
  full.value = std::string("a\0b", 3);
  full.headers = {{"h", "1"}, {"h", "2"}};
  full.timestamp_ms = 1234;
  Record tombstone;
  tombstone.partition = 1;
  tombstone.key = "k";
  Produce(topic, {full, tombstone});
  ProduceLines(topic, {"x", "y"}, 0);

  const auto records = ReadTopic(topic);
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0].value, "x");
  EXPECT_EQ(records[1].value, "y");
  EXPECT_FALSE(records[1].key);
  EXPECT_EQ(records[2].value, full.value);
  EXPECT_EQ(records[2].headers, full.headers);
  EXPECT_EQ(records[2].timestamp_ms, 1234);
  EXPECT_EQ(records[2].offset, 0);
  EXPECT_FALSE(records[3].value);
}

TEST(Harness, EmptyTopicAndUnknownGroup) {
  const std::string topic = UniqueName("empty");
  CreateTopic(topic, 3);
  EXPECT_TRUE(ReadTopic(topic).empty());
  EXPECT_THAT(CommittedOffsets(UniqueName("nobody"), topic, 3), ElementsAre(-1, -1, -1));
}

TEST(Harness, UnknownTopicIsAnError) { EXPECT_THROW(ReadTopic(UniqueName("missing")), std::runtime_error); }

TEST(Harness, ProcessesEndAndAreKilled) {
  Process ends({"sh", "-c", "echo out; echo err >&2; exit 5"});
  EXPECT_EQ(ends.Wait(), 5);
  EXPECT_EQ(ends.output(), "out\n");
  EXPECT_EQ(ends.errors(), "err\n");
  Process hangs({"sleep", "1000"});
  EXPECT_TRUE(hangs.Running());
  EXPECT_EQ(hangs.Stop(), 128 + SIGTERM);
  Process missing({"/no/such/program"});
  EXPECT_EQ(missing.Wait(), 127);
}

TEST(Harness, WaitingEnds) {
  EXPECT_THROW(WaitUntil("nothing", [] { return false; }, std::chrono::milliseconds(50)), std::runtime_error);
}

}  // namespace
}  // namespace streamc::test
