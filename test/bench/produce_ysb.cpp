// Fills a topic with the events of the Yahoo Streaming Benchmark, through the runtime's own generator and Kafka writer, and
// says what writing cost. Equal arguments make equal records. The topic is made with so many partitions when it is not there.
//
//   produce_ysb BROKERS TOPIC COUNT [PARTITIONS=4] [SEED=0] [RATE=0]
// With a rate the event times are those of a live stream of so many events a second; without one, event n is 10n ms after the
// first, so that a topic holds a window for every few hundred events. Either way it is filled at full speed.
#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "runtime/connector/generator/generator.h"
#include "runtime/connector/kafka/writer.h"
#include "test/bench/cpu_seconds.h"

namespace {

using namespace streamc::rt;             // NOLINT: a program of one file
using namespace streamc::rt::connector;  // NOLINT

constexpr int64_t kBase = 1'704'067'200'000'000;  // 2024-01-01T00:00:00Z: where event time begins, with a rate or without

void Check(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "produce_ysb: %s\n", status.message.c_str());
  std::exit(static_cast<int>(status.code));
}

using streamc::bench::CpuSeconds;

void CreateTopic(const std::string& brokers, const std::string& topic, int partitions) {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), text, sizeof text);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (!client) Check(Status::Error(Exit::Usage, text));
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, text, sizeof text);
  if (!wanted) Check(Status::Error(Exit::Usage, text));
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &wanted, 1, nullptr, queue);
  // Whatever the answer, a topic that is not there now is an error of the writer.
  if (rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 20000)) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
  rd_kafka_destroy(client);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) Check(Status::Error(Exit::Usage, "usage: produce_ysb BROKERS TOPIC COUNT [PARTITIONS=4] [SEED=0] [RATE=0]"));
  Binding events{.name = "events", .connector = "generator", .args = {"ysb"}, .options = {{"count", argv[3]}}};
  events.options["partitions"] = argc > 4 ? argv[4] : "4";
  events.options["seed"] = argc > 5 ? argv[5] : "0";
  std::unique_ptr<Reader> reader;
  ReaderConfig reader_config;
  const int64_t rate = argc > 6 ? std::atoll(argv[6]) : 0;
  // The generator holds an event back until its time: this clock has them all in the past once it is open.
  std::atomic<int64_t> clock{kBase};
  if (rate > 0) {
    events.options["rate"] = argv[6];
    reader_config.manual_clock = &clock;
  }
  reader_config.until_end = true;
  Check(MakeGeneratorReader(events, reader_config, &reader));
  Check(reader->Open());
  if (rate > 0) clock = kBase + (std::atoll(argv[3]) / rate + 1) * 1'000'000;
  CreateTopic(argv[1], argv[2], std::atoi(events.options["partitions"].c_str()));
  std::unique_ptr<Writer> writer;
  WriterConfig writer_config;
  writer_config.brokers = argv[1];
  const Binding topic{.name = "topic", .connector = "kafka", .args = {argv[2]}, .options = {}};
  Check(kafka::MakeWriter(topic, writer_config, &writer));
  Check(writer->Open());

  const auto start = std::chrono::steady_clock::now();
  const double cpu_start = CpuSeconds();
  double writing = 0;
  int64_t records = 0;
  PollLimits limits;
  std::vector<RawRecords> batches;
  OutRecords out;
  while (true) {
    batches.clear();
    Check(reader->Poll(limits, &batches));
    out.clear();
    for (const RawRecords& batch : batches) {
      for (size_t i = 0; i < batch.size(); ++i) {
        out.value.emplace_back(batch.value[i], static_cast<size_t>(batch.value_len[i]));
        out.key.emplace_back();
        out.partition.push_back(reader->partitions()[batch.slot].id.partition);
      }
    }
    if (out.size() == 0) break;
    const double before = CpuSeconds();
    Check(writer->Write(out));
    Check(writer->Flush());
    writing += CpuSeconds() - before;
    records += static_cast<int64_t>(out.size());
    reader->Release();
  }
  writer->Close();
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double millions = static_cast<double>(records) / 1e6;
  std::printf("records=%lld wall_s=%.2f cpu_s_per_million=%.3f write_cpu_s_per_million=%.3f\n", static_cast<long long>(records),
              wall, (CpuSeconds() - cpu_start) / millions, writing / millions);
  return 0;
}
