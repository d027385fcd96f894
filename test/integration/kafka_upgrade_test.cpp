// An edited program on the state of the one before: what it goes on with, what it must refuse, and who may run beside whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>

#include "test/integration/harness.h"

namespace streamc::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr int kPartitions = 2;
constexpr int64_t kHour = 3'600'000;

const std::string kUsers = "stream users = rows |> aggregate n = count(), most = max(ms) by user keep 1d\n";
const std::string kSlow = "stream slow = rows |> select id, page, ms |> top 3 by ms window tumbling(1h)\n";
const std::string kPages = "stream pages = rows |> aggregate n = count() by page keep 1d\n";

class KafkaUpgrade : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<std::string> topics;
    for (const char* name : {"users", "slow", "pages", "langs", "gone"}) topics.push_back(Out(name));
    CreateTopics(topics, 1);
    CreateTopic(in_, kPartitions);
  }

  std::string Out(const std::string& stream) const { return in_ + "." + stream; }
  // The streams, each with a sink to the topic of its name, or of `topic_of`.
  std::string Program(const std::string& streams, const std::map<std::string, std::string>& topic_of = {}) const {
    std::string text = "job upgrade { delivery exactly_once  key_groups 4  commit every 50ms  on bad stop }\n"
                       "source rows: { id: int  user: string  page: string  ms: int  lang: string?  at: timestamp(ms) }\n"
                       "  from kafka(\"" + in_ + "\") format json time at watermark lag 0s idle 1h\n" + streams;
    for (size_t at = streams.find("stream "); at != std::string::npos; at = streams.find("stream ", at + 1)) {
      const std::string name = streams.substr(at + 7, streams.find(' ', at + 7) - at - 7);
      const auto topic = topic_of.find(name);
      text += "sink " + name + " to kafka(\"" + Out(topic == topic_of.end() ? name : topic->second) + "\")\n";
    }
    return text;
  }
  std::unique_ptr<Process> Start(const std::string& binary, std::vector<std::string> arguments = {}) const {
    for (const char* each : {"--group", in_.c_str(), "--kafka", "session.timeout.ms=6000"}) arguments.emplace_back(each);
    return std::make_unique<Process>(JobCommand(binary, arguments));
  }
  // A row of each user, every one on a page of its own, in the hour.
  void Feed(const std::vector<std::string>& users, int64_t hour = 0, const std::string& lang = "") {
    std::vector<Record> records;
    for (const std::string& user : users) {
      Record& record = records.emplace_back();
      record.partition = static_cast<int32_t>(next_ % kPartitions);
      record.value = "{\"id\":" + std::to_string(next_) + ",\"user\":\"" + user + "\",\"page\":\"of " + user + "\",\"ms\":" +
                     std::to_string(100 - next_ % 50) + (lang.empty() ? "" : ",\"lang\":\"" + lang + "\"") + ",\"at\":" +
                     std::to_string(1'700'000'000'000 / kHour * kHour + hour * kHour + next_) + "}";
      ++next_;
    }
    Produce(in_, records);
  }
  // WaitUntil while the jobs run; what they say goes with the failure.
  static void Await(const std::string& what, const std::vector<Process*>& jobs, const std::function<bool()>& condition) {
    try {
      WaitUntil(what, [&] {
        if (condition()) return true;
        for (Process* job : jobs) {
          if (!job->Running()) throw std::runtime_error("a job has ended");
        }
        return false;
      });
    } catch (const std::exception& error) {
      std::string text = error.what();
      for (Process* job : jobs) text += "\n--- of process " + std::to_string(job->pid()) + ":\n" + job->errors();
      throw std::runtime_error(text);
    }
  }
  // All that was fed is read, and what came of it committed.
  void AwaitRead(const std::vector<Process*>& jobs) const {
    Await("all rows are read", jobs, [&] {
      int64_t read = 0;
      for (const int64_t offset : CommittedOffsets(in_, in_, kPartitions)) read += std::max<int64_t>(0, offset);
      return read == next_;
    });
  }
  // The newest value of each key.
  std::map<std::string, std::string> Latest(const std::string& stream) const {
    std::map<std::string, std::string> latest;
    for (const Record& record : ReadTopic(Out(stream))) {
      if (record.value) latest[record.key.value_or("")] = *record.value;
    }
    return latest;
  }
  void AwaitLatest(const std::string& stream, const std::string& key, const std::string& what, const std::vector<Process*>& jobs) const {
    Await(stream + " of " + key + " is " + what, jobs, [&] {
      const auto latest = Latest(stream);
      const auto found = latest.find(key);
      return found != latest.end() && found->second.find(what) != std::string::npos;
    });
  }
  // What `streamc diff` says of two programs.
  static std::string Diff(const std::string& before, const std::string& after) {
    std::string files[2] = {UniqueName(testing::TempDir() + "before") + ".sdl", UniqueName(testing::TempDir() + "after") + ".sdl"};
    std::ofstream(files[0]) << before;
    std::ofstream(files[1]) << after;
    Process diff({std::getenv("STREAMC"), "diff", files[0], files[1]});
    EXPECT_EQ(diff.Wait(), 65) << diff.errors();
    for (const std::string& file : files) std::remove(file.c_str());
    return diff.output();
  }

  const std::string in_ = UniqueName("upgrade");
  int64_t next_ = 0;
};

TEST_F(KafkaUpgrade, AnEditedProgramGoesOnWithWhatItCan) {
  const std::string before = CompileJob(Program(kUsers + kSlow + kPages + "stream gone = rows |> aggregate n = count() by id keep 1d\n"));
  const std::string after = CompileJob(Program(
      kUsers + "stream slow = rows |> select id, lang, page, ms |> top 3 by ms window tumbling(1h)\n" +
          "stream by_page = rows |> aggregate was \"pages/aggregate\" n = count() by page keep 1d\n" +
          "stream langs = rows |> aggregate n = count() by lang = lang ?? \"none\" keep 1d\n",
      {{"by_page", "pages"}}));
  auto old_job = Start(before);
  Feed({"a", "b", "a", "c", "a"});
  AwaitRead({old_job.get()});
  AwaitLatest("users", "a", "\"n\":3", {old_job.get()});
  EXPECT_EQ(old_job->Stop(), 0) << old_job->errors();

  auto job = Start(after);
  Feed({"a", "c", "d"}, 0, "en");
  AwaitLatest("users", "a", "\"n\":4,\"most\":100", {job.get()});
  AwaitLatest("users", "c", "\"n\":2", {job.get()});
  AwaitLatest("users", "d", "\"n\":1", {job.get()});
  AwaitLatest("pages", "of a", "\"n\":4", {job.get()});
  AwaitLatest("langs", "en", "\"n\":3", {job.get()});
  EXPECT_THAT(Latest("langs"), ElementsAre(Pair("en", HasSubstr("\"n\":3")))) << "a new step knows no rows from before";
  // The window that was open is answered with rows of both programs.
  EXPECT_THAT(ReadValues(Out("slow")), IsEmpty());
  Feed({"z", "z"}, 2);
  Await("the window closes", {job.get()}, [&] { return !ReadValues(Out("slow")).empty(); });
  EXPECT_THAT(ReadValues(Out("slow")), UnorderedElementsAre(HasSubstr("\"id\":0,"), HasSubstr("\"id\":1,"), HasSubstr("\"id\":2,")));
  for (const std::string& value : ReadValues(Out("slow"))) EXPECT_THAT(value, Not(HasSubstr("\"lang\":\"")));
  EXPECT_EQ(job->Stop(), 0) << job->errors();
  EXPECT_THAT(job->errors(), AllOf(HasSubstr("state_taken_over"), HasSubstr("kept      users/aggregate"), HasSubstr("migrated  slow/top"),
                                   HasSubstr("DROPPED   gone/aggregate"), HasSubstr("new       langs/aggregate")));

  // It is done once: a restart finds its own state, and the state of before is gone from the changelog.
  auto again = Start(after, {"--until", "end"});
  EXPECT_EQ(again->Wait(), 0) << again->errors();
  EXPECT_THAT(again->errors(), Not(HasSubstr("state_taken_over")));
}

TEST_F(KafkaUpgrade, RefusesWithTheTextOfDiffAndTouchesNothing) {
  const std::string before = Program(kUsers + kPages);
  const std::string after = Program("stream users = rows |> aggregate n = count(), least = min(ms) by user keep 1d\n" + kPages);
  const std::string old_binary = CompileJob(before), binary = CompileJob(after);
  auto old_job = Start(old_binary);
  Feed({"a", "b", "a"});
  AwaitLatest("users", "a", "\"n\":2", {old_job.get()});
  AwaitRead({old_job.get()});

  // Whether the old program still runs or not.
  for (const bool runs : {true, false}) {
    if (!runs) {
      EXPECT_EQ(old_job->Stop(), 0) << old_job->errors();
    }
    auto refused = Start(binary);
    EXPECT_EQ(refused->Wait(), 65) << refused->errors();
    EXPECT_THAT(refused->errors(), HasSubstr(Diff(before, after)));
    EXPECT_THAT(refused->errors(), HasSubstr("--reset users/aggregate"));
  }
  old_job = Start(old_binary);
  Feed({"a"});
  AwaitLatest("users", "a", "\"n\":3", {old_job.get()});
  EXPECT_EQ(old_job->Stop(), 0) << old_job->errors();

  // Begun anew it knows nothing of the rows before; the others go on.
  auto job = Start(binary, {"--reset", "users/aggregate"});
  Feed({"a"});
  AwaitLatest("users", "a", "\"n\":1,\"least\":", {job.get()});
  AwaitLatest("pages", "of a", "\"n\":4", {job.get()});
  EXPECT_EQ(job->Stop(), 0) << job->errors();

  // Without --reset it now fits; the program of before no longer does.
  auto again = Start(binary, {"--until", "end"});
  EXPECT_EQ(again->Wait(), 0) << again->errors();
  auto downgrade = Start(old_binary);
  EXPECT_EQ(downgrade->Wait(), 65) << downgrade->errors();
  EXPECT_THAT(downgrade->errors(), HasSubstr("`max(ms: int)` is new and knows nothing of the rows before"));
  auto unknown = Start(binary, {"--reset", "users/top"});
  EXPECT_EQ(unknown->Wait(), 65) << unknown->errors();
  EXPECT_THAT(unknown->errors(), HasSubstr("there is no keyed step `users/top`"));
}

TEST_F(KafkaUpgrade, AManifestOfANewerBuildIsRefused) {
  const std::string binary = CompileJob(Program(kUsers));
  auto job = Start(binary);
  Feed({"a"});
  AwaitLatest("users", "a", "\"n\":1", {job.get()});
  EXPECT_EQ(job->Stop(), 0) << job->errors();
  Record newer;
  newer.key = std::string("\0\0\7", 3);
  newer.value = "streamc manifest 2\nwho knows\n";
  Produce(in_ + "-changelog", {newer});
  auto downgrade = Start(binary);
  EXPECT_EQ(downgrade->Wait(), 65) << downgrade->errors();
  EXPECT_THAT(downgrade->errors(), HasSubstr("it is of format 2, and this version reads 1"));
}

// Only what keeps no state differs: instances of both take part, in either order.
TEST_F(KafkaUpgrade, ProgramsWithTheSameStateRunSideBySide) {
  const std::string before = CompileJob(Program(kUsers));
  const std::string after = CompileJob(Program("stream users = rows |> where ms >= 0 |> aggregate n = count(), most = max(ms) by user keep 1d\n"
                                               "stream slow = rows |> select id\n"));
  auto first = Start(before), second = Start(before);
  Feed({"a", "b", "c", "d", "a", "b", "c", "d"});
  AwaitRead({first.get(), second.get()});
  EXPECT_EQ(first->Stop(), 0) << first->errors();
  first = Start(after);
  // Until the new one has read rows and the old one still counts.
  Await("the new program takes part", {first.get(), second.get()}, [&] {
    Feed({"a", "b", "c", "d"});
    AwaitRead({first.get(), second.get()});
    return !ReadValues(Out("slow")).empty();
  });
  EXPECT_THAT(first->errors(), Not(HasSubstr("state_taken_over")));
  EXPECT_EQ(second->Stop(), 0) << second->errors();
  second = Start(after);
  Feed({"a", "b", "c", "d"});
  const std::string n = "\"n\":" + std::to_string(next_ / 4) + ",";
  for (const char* user : {"a", "b", "c", "d"}) AwaitLatest("users", user, n, {first.get(), second.get()});
  EXPECT_EQ(first->Stop(), 0) << first->errors();
  EXPECT_EQ(second->Stop(), 0) << second->errors();
}

// An instance that is paused merges nothing of what the other sends it; then both die.
TEST_F(KafkaUpgrade, RowsOnTheirWayInTheOldFormAreNotLost) {
  const std::string before = CompileJob(Program(kUsers));
  const std::string after = CompileJob(Program("stream users = rows |> aggregate n = count() by user keep 1d\n"));
  std::vector<std::string> users;
  for (char user = 'a'; user <= 'p'; ++user) users.emplace_back(1, user);
  auto first = Start(before), second = Start(before);
  const auto takes = [](const Process& job) {
    const std::string log = job.errors();
    const size_t at = log.rfind("event=partitions_assigned source=rows");
    return at != std::string::npos && log.substr(at, log.find('\n', at) - at).ends_with("count=1");
  };
  Await("a partition each", {first.get(), second.get()}, [&] {
    Feed(users);
    AwaitRead({first.get(), second.get()});
    return takes(*first) && takes(*second);
  });
  const auto read = [&](int32_t partition) { return CommittedOffsets(in_, in_, kPartitions)[static_cast<size_t>(partition)]; };
  second->Signal(SIGSTOP);
  const std::vector<int64_t> was = {read(0), read(1)};
  Feed(users);
  Await("the other reads its rows", {first.get()}, [&] { return read(0) > was[0] || read(1) > was[1]; });
  first->Signal(SIGKILL);
  second->Signal(SIGKILL);
  first->Wait();
  second->Wait();

  auto early = Start(after);
  EXPECT_EQ(early->Wait(), 75) << early->errors();
  EXPECT_THAT(early->errors(), HasSubstr("start one instance of the program that ran last"));
  auto old_job = Start(before);
  AwaitRead({old_job.get()});
  EXPECT_EQ(old_job->Stop(), 0) << old_job->errors();
  auto job = Start(after);
  Feed(users);
  const std::string n = "\"n\":" + std::to_string(next_ / 16) + "}";
  for (const std::string& user : users) AwaitLatest("users", user, n, {job.get()});
  EXPECT_EQ(job->Stop(), 0) << job->errors();
  EXPECT_THAT(job->errors(), HasSubstr("migrated  users/aggregate"));
}

}  // namespace
}  // namespace streamc::test
