// Compiled jobs between topics of a real broker: results against an independent count, copies that share the work, ends and
// restarts.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "test/integration/harness.h"

namespace streamc::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Lines(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void Replace(std::string* text, const std::string& from, const std::string& to) {
  const size_t at = text->find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text->replace(at, from.size(), to);
}

std::vector<std::string> Sorted(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  return values;
}

TEST(KafkaJob, TrendingEqualsTheRecount) {
  const std::string in = UniqueName("tweets"), out = UniqueName("trending"), bad = UniqueName("bad");
  CreateTopic(in, 1);
  CreateTopic(out, 3);
  CreateTopic(bad, 1);
  std::string program = ReadAll("examples/trending/trending.sdl");
  Replace(&program, "kafka(\"tweets\")", "kafka(\"" + in + "\")");
  Replace(&program, "kafka(\"trending\")", "kafka(\"" + out + "\")");
  Replace(&program, "dead_letter(\"tweets.bad\")", "dead_letter(\"" + bad + "\")");
  const std::vector<std::string> tweets = Lines("examples/trending/tweets.jsonl"),
                                 expected = Lines("examples/trending/expected.jsonl");
  ProduceLines(in, tweets);
  Process job(JobCommand(CompileJob(program), {"--group", in, "--until", "end"}));
  ASSERT_EQ(job.Wait(), 0) << job.errors();

  const std::vector<Record> records = ReadTopic(out);
  std::vector<std::string> values;
  for (const Record& record : records) {
    values.push_back(record.value.value_or("(null)"));
    ASSERT_TRUE(record.key);
    EXPECT_THAT(values.back(), HasSubstr("\"word\":\"" + *record.key + "\""));
  }
  EXPECT_EQ(Sorted(values), Sorted(expected));

  // What the recount left out as broken stands in the dead-letter topic as it came, with where and why.
  const std::vector<Record> letters = ReadTopic(bad);
  ASSERT_FALSE(letters.empty());
  for (const Record& letter : letters) {
    const std::map<std::string, std::string> headers(letter.headers.begin(), letter.headers.end());
    ASSERT_TRUE(headers.contains("streamc.offset") && headers.contains("streamc.error.code"));
    EXPECT_EQ(headers.at("streamc.topic"), in);
    EXPECT_EQ(letter.value, tweets[std::stoul(headers.at("streamc.offset"))]);
  }
  EXPECT_THAT(CommittedOffsets(in, in, 1), ElementsAre(static_cast<int64_t>(tweets.size())));
}

TEST(KafkaJob, SinkClausesReachTheRecords) {
  const std::string in = UniqueName("orders"), prefix = UniqueName("team"), bad = UniqueName("bad"), forwarded = UniqueName("as-it-came");
  for (const std::string& topic : {in, prefix + ".red", prefix + ".blue", bad, forwarded}) CreateTopic(topic, 1);
  const std::string binary = CompileJob(
      "job clauses { delivery at_least_once  on bad dead_letter(\"" + bad + "\") }\n"
      "param region: string\n"
      "schema Order { team: string  n: int  gone: bool = false  note: string? }\n"
      "source orders: Order from kafka(\"" + in + "\") format json on null drop\n"
      "stream checked = orders |> check n >= 0 else \"negative\"\n"
      "sink checked to kafka(\"" + prefix + ".{team}\") key team headers { region: region, note: note ?? \"none\" } delete when gone\n"
      "sink checked@forwarded to kafka(\"" + forwarded + "\") key meta.key value meta.value headers meta.headers\n");
  Record red, blue, negative, no_value;
  red.key = "a", red.value = R"({"team":"red","n":1})", red.headers = {{"trace", "t1"}, {"trace", "t2"}};
  blue.key = "b", blue.value = R"({"team":"blue","n":2,"gone":true,"note":"x"})";
  negative.key = "c", negative.value = R"({"team":"red","n":-1})", negative.headers = {{"trace", "t3"}};
  no_value.key = "d";
  Produce(in, {red, blue, negative, no_value});
  Process job(JobCommand(binary, {"--group", in, "--until", "end", "--param", "region=eu"}));
  ASSERT_EQ(job.Wait(), 0) << job.errors();

  const std::vector<Record> to_red = ReadTopic(prefix + ".red"), to_blue = ReadTopic(prefix + ".blue");
  ASSERT_EQ(to_red.size(), 1u);
  EXPECT_EQ(to_red[0].key, "red");
  EXPECT_THAT(to_red[0].value.value_or(""), HasSubstr("\"n\":1"));
  const auto headers = [](const Record& record) { return std::map<std::string, std::string>(record.headers.begin(), record.headers.end()); };
  EXPECT_THAT(headers(to_red[0]), ElementsAre(std::pair("note", "none"), std::pair("region", "eu")));
  ASSERT_EQ(to_blue.size(), 1u);
  EXPECT_EQ(to_blue[0].key, "blue");
  EXPECT_FALSE(to_blue[0].value) << "`delete when` writes a null value";
  EXPECT_THAT(headers(to_blue[0]), ElementsAre(std::pair("note", "x"), std::pair("region", "eu")));

  const std::vector<Record> same = ReadTopic(forwarded);
  ASSERT_EQ(same.size(), 2u);
  EXPECT_EQ(same[0].key, red.key);
  EXPECT_EQ(same[0].value, red.value);
  EXPECT_EQ(same[0].headers, red.headers);
  EXPECT_EQ(same[1].value, blue.value);

  const std::vector<Record> letters = ReadTopic(bad);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].key, negative.key);
  EXPECT_EQ(letters[0].value, negative.value);
  EXPECT_EQ(headers(letters[0])["trace"], "t3");
  EXPECT_EQ(headers(letters[0])["streamc.error.code"], "negative");

  // A binding is one place for all rows, whatever topics they name.
  Process bound(JobCommand(binary, {"--group", in + "-2", "--until", "end", "--param", "region=eu", "--bind", "checked=kafka:" + prefix + ".red"}));
  ASSERT_EQ(bound.Wait(), 0) << bound.errors();
  EXPECT_EQ(ReadTopic(prefix + ".red").size(), 3u);
  EXPECT_EQ(ReadTopic(prefix + ".blue").size(), 1u);
}

class KafkaCopy : public testing::Test {
 protected:
  void SetUp() override {
    CreateTopic(in_, 4);
    CreateTopic(out_, 2);
    binary_ = CompileJob(
        "job copy { delivery at_least_once  on bad stop }\n"
        "schema Event { id: int  text: string }\n"
        "source events: Event from kafka(\"" +
        in_ +
        "\") format json\n"
        "stream kept = events |> where id >= 0\n"
        "sink kept to kafka(\"" +
        out_ + "\") format json\n");
  }
  std::unique_ptr<Process> Start(std::vector<std::string> arguments = {}) {
    const std::vector<std::string> common = {"--group", in_, "--kafka", "session.timeout.ms=6000", "--commit-every", "20ms"};
    arguments.insert(arguments.end(), common.begin(), common.end());
    return std::make_unique<Process>(JobCommand(binary_, arguments));
  }
  // Events `from` .. `to`, spread over the partitions.
  void Feed(int from, int to) {
    std::vector<Record> records;
    for (int i = from; i < to; ++i) {
      Record& record = records.emplace_back();
      record.partition = i % 4;
      record.value = "{\"id\":" + std::to_string(i) + ",\"text\":\"t\"}";
    }
    Produce(in_, records);
  }
  // How often each event stands in the output.
  std::map<int, int> Written() const {
    std::map<int, int> count;
    for (const std::string& value : ReadValues(out_)) ++count[std::stoi(value.substr(value.find(':') + 1))];
    return count;
  }
  void AwaitWritten(size_t events, const std::vector<Process*>& jobs) {
    WaitUntil(std::to_string(events) + " events", [&] {
      for (Process* job : jobs) {
        if (!job->Running()) throw std::runtime_error("a job has ended:\n" + job->errors());
      }
      return Written().size() >= events;
    });
  }
  static void ExpectOnce(const std::map<int, int>& written) {
    for (const auto& [id, times] : written) EXPECT_EQ(times, 1) << "event " << id;
  }

  const std::string in_ = UniqueName("in"), out_ = UniqueName("out");
  std::string binary_;
};

TEST_F(KafkaCopy, ATermSignalEndsItAndARestartGoesOn) {
  Feed(0, 1000);
  auto job = Start();
  AwaitWritten(1000, {job.get()});
  EXPECT_EQ(job->Stop(), 0) << job->errors();
  const auto offsets = CommittedOffsets(in_, in_, 4);
  EXPECT_THAT(offsets, ElementsAre(250, 250, 250, 250));
  Feed(1000, 1500);
  auto again = Start({"--until", "end"});
  EXPECT_EQ(again->Wait(), 0) << again->errors();
  const auto written = Written();
  EXPECT_EQ(written.size(), 1500u);
  ExpectOnce(written);
}

TEST_F(KafkaCopy, CopiesShareTheWorkAndHandItOverWithoutDoubles) {
  Feed(0, 2000);
  auto first = Start();
  AwaitWritten(2000, {first.get()});
  auto second = Start();
  const auto assigned = [](const Process& job, int count) {
    const std::string text = "event=partitions_assigned source=events";
    const std::string log = job.errors();
    const size_t last = log.rfind(text);
    return last != std::string::npos &&
           log.substr(last, log.find('\n', last) - last).ends_with("count=" + std::to_string(count));
  };
  int fed = 2000;
  WaitUntil("two partitions each", [&] {
    Feed(fed, fed + 100);
    fed += 100;
    return assigned(*first, 2) && assigned(*second, 2);
  });
  AwaitWritten(static_cast<size_t>(fed), {first.get(), second.get()});
  EXPECT_EQ(first->Stop(), 0) << first->errors();
  Feed(fed, fed + 500);
  AwaitWritten(static_cast<size_t>(fed + 500), {second.get()});
  EXPECT_EQ(second->Stop(), 0) << second->errors();
  ExpectOnce(Written());
}

TEST_F(KafkaCopy, AKilledCopyLosesNothing) {
  Feed(0, 2000);
  auto first = Start();
  auto second = Start();
  AwaitWritten(2000, {first.get(), second.get()});
  first->Signal(SIGKILL);
  Feed(2000, 4000);
  AwaitWritten(4000, {second.get()});
  EXPECT_EQ(second->Stop(), 0) << second->errors();
}

TEST_F(KafkaCopy, SeveralThreads) {
  Feed(0, 2000);
  auto job = Start({"--threads", "2", "--until", "end"});
  EXPECT_EQ(job->Wait(), 0) << job->errors();
  const auto written = Written();
  EXPECT_EQ(written.size(), 2000u);
  ExpectOnce(written);
}

// Six partitions, ten items in all of them, thirty windows: whoever reads a partition, results need what others read.
TEST(KafkaShared, AnyNumberOfInstancesAndThreadsGivesTheSame) {
  const std::string in = UniqueName("in");
  CreateTopic(in, 6);
  const std::string binary = CompileJob(
      "job shared { delivery exactly_once  commit every 50ms  on bad stop }\n"
      "param run: string\n"
      "source events: { item: string  n: int  at: timestamp(ms) } from kafka(\"" + in + "\") format json time at watermark lag 1s\n"
      "stream windows = events |> aggregate n = count(), total = sum(n), high = max(n) by item window tumbling(10s)\n"
      "stream best = windows |> top 2 by total, item asc per window\n"
      "sink windows to kafka(\"{run}.windows\") key item\n"
      "sink best to kafka(\"{run}.best\")\n");
  std::vector<Record> records;
  std::map<std::string, std::pair<int, int64_t>> expected;  // by window and item: rows, total
  for (int i = 0; i < 6000; ++i) {
    Record& record = records.emplace_back();
    const std::string item = "i" + std::to_string(i * 7 % 10);
    const int64_t at = 1'700'000'000'000 + i * 50;
    record.partition = i % 6;
    record.value = "{\"item\":\"" + item + "\",\"n\":" + std::to_string(i) + ",\"at\":" + std::to_string(at) + "}";
    auto& [rows, total] = expected[std::to_string(at / 10'000) + item];
    ++rows;
    total += i;
  }
  Produce(in, records);
  std::vector<std::string> first;
  for (const auto& [instances, threads] : {std::pair{1, 1}, {2, 4}, {3, 1}, {5, 4}}) {
    const std::string run = in + "." + std::to_string(instances) + "." + std::to_string(threads);
    CreateTopics({run + ".windows", run + ".best"}, 2);
    std::vector<std::unique_ptr<Process>> jobs;
    for (int i = 0; i < instances; ++i) {
      jobs.push_back(std::make_unique<Process>(JobCommand(
          binary, {"--group", run, "--param", "run=" + run, "--threads", std::to_string(threads), "--until", "end"})));
    }
    for (auto& job : jobs) EXPECT_EQ(job->Wait(), 0) << job->errors();
    // The last commit is accepted before its markers stand in all partitions.
    for (const std::string& topic : {run + ".windows", run + ".best"}) {
      WaitUntil("markers in " + topic, [&] { return EndOffsets(topic, true) == EndOffsets(topic, false); });
    }
    const std::vector<std::string> windows = ReadValues(run + ".windows");
    std::vector<std::string> results = ReadValues(run + ".best");
    EXPECT_EQ(windows.size(), expected.size()) << run;
    for (const auto& [key, window] : expected) {
      const std::string text = "\"n\":" + std::to_string(window.first) + ",\"total\":" + std::to_string(window.second) + ",";
      EXPECT_EQ(std::count_if(windows.begin(), windows.end(), [&](const std::string& value) { return value.find(text) != std::string::npos; }), 1)
          << run << ", " << key;
    }
    results.insert(results.end(), windows.begin(), windows.end());
    std::sort(results.begin(), results.end());
    if (first.empty()) first = results;
    EXPECT_EQ(results, first) << run;
  }
}

TEST_F(KafkaCopy, MetricsWhileItRuns) {
  Feed(0, 10);
  auto job = Start({"--metrics", "127.0.0.1:0"});
  AwaitWritten(10, {job.get()});
  const auto get = [&](const std::string& path) { return AskJob(*job, path); };
  EXPECT_THAT(get("/metrics"), HasSubstr("streamc_source_records_total{source=\"events\"} 10\n"));
  EXPECT_THAT(get("/status"), HasSubstr("\"job\": \"copy\""));
  EXPECT_THAT(get("/live"), HasSubstr("200 OK"));
  EXPECT_THAT(get("/ready"), HasSubstr("200 OK"));
  EXPECT_EQ(job->Stop(), 0) << job->errors();
}

TEST_F(KafkaCopy, WhatCannotBeReachedIsSaidInOneLine) {
  const auto end = [&](std::vector<std::string> arguments, int code, const std::string& text) {
    arguments.insert(arguments.begin(), {binary_, "--quiet"});
    Process job(arguments);
    EXPECT_EQ(job.Wait(std::chrono::seconds(40)), code) << job.errors();
    const std::string errors = job.errors();
    EXPECT_THAT(errors, HasSubstr(text));
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
  };
  end({"--brokers", "127.0.0.1:1", "--kafka", "streamc.connect.timeout.ms=1000"}, 69, "no Kafka broker answers at 127.0.0.1:1");
  end({"--brokers", Brokers(), "--bind", "events=kafka:" + in_ + "-missing"}, 65, "there is no topic " + in_ + "-missing");
  end({"--brokers", Brokers(), "--bind", "kept=kafka:" + in_ + "-missing"}, 65, "there is no topic " + in_ + "-missing");
  end({}, 64, "--brokers HOST:PORT");
  end({"--brokers", "127.0.0.1:1", "--kafka", "fetch.min.bytes=many"}, 64, "--kafka fetch.min.bytes");
  end({"--brokers", "127.0.0.1:1", "--kafka", "fetch.min.byte=1"}, 64, "did you mean fetch.min.bytes?");
  end({"--brokers", Brokers(), "--kafka", "acks=0"}, 64, "acks cannot be set");
  end({"--brokers", Brokers(), "--metrics", "0.0.0.0:9404"}, 64, "public:0.0.0.0:9404");
}

// With a broker of its own, which may die.
class KafkaOutage : public KafkaCopy {
 protected:
  void SetUp() override {
    broker_ = std::make_unique<OwnBroker>();
    KafkaCopy::SetUp();
  }
  std::unique_ptr<OwnBroker> broker_;
};

TEST_F(KafkaOutage, AJobOutlivesItsBroker) {
  Feed(0, 1000);
  auto job = Start();
  AwaitWritten(1000, {job.get()});
  broker_->Kill();
  broker_->Start();
  Feed(1000, 2000);
  AwaitWritten(2000, {job.get()});
  EXPECT_EQ(job->Stop(), 0) << job->errors();
}

}  // namespace
}  // namespace streamc::test
