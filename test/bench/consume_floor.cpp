// What reading a topic costs before a job does anything: the client library's batch loop with the job's settings, from offset 0
// to the end of all partitions, touching the first byte of each value. The floor below every Kafka-to-Kafka figure.
//
//   consume_floor BROKERS TOPIC [property=value ...]
#include <librdkafka/rdkafka.h>
#include <sched.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "test/bench/cpu_seconds.h"

namespace {

[[noreturn]] void Fail(const std::string& text) {
  std::fprintf(stderr, "consume_floor: %s\n", text.c_str());
  std::exit(1);
}

using streamc::bench::CpuSeconds;

int PartitionCount(rd_kafka_t* client, const char* topic) {
  rd_kafka_topic_t* named = rd_kafka_topic_new(client, topic, nullptr);
  const struct rd_kafka_metadata* metadata = nullptr;
  if (const auto error = rd_kafka_metadata(client, 0, named, &metadata, 20000)) Fail(rd_kafka_err2str(error));
  const int count = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(named);
  if (count == 0) Fail(std::string("no topic ") + topic);
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) Fail("usage: consume_floor BROKERS TOPIC [property=value ...]");
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const auto set = [&](const std::string& name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) Fail(text);
  };
  set("bootstrap.servers", argv[1]);
  set("group.id", "consume-floor");
  set("enable.auto.commit", "false");
  set("enable.auto.offset.store", "false");
  set("enable.partition.eof", "true");
  set("check.crcs", "true");
  set("fetch.message.max.bytes", "262144");
  set("fetch.max.bytes", "1048576");
  set("queued.min.messages", "10000");
  set("queued.max.messages.kbytes", "4096");
  for (int i = 3; i < argc; ++i) {
    char* equals = std::strchr(argv[i], '=');
    if (!equals) Fail(std::string("not property=value: ") + argv[i]);
    set(std::string(argv[i], equals), equals + 1);
  }
  // The library's threads inherit this: all on one core.
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
  if (!client) Fail(text);
  rd_kafka_poll_set_consumer(client);
  const int partitions = PartitionCount(client, argv[2]);
  rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; ++i) rd_kafka_topic_partition_list_add(all, argv[2], i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  if (const auto error = rd_kafka_assign(client, all)) Fail(rd_kafka_err2str(error));
  rd_kafka_topic_partition_list_destroy(all);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(client);

  const double cpu_before = CpuSeconds();
  const auto start = std::chrono::steady_clock::now();
  std::vector<rd_kafka_message_t*> messages(1000);
  int64_t records = 0, bytes = 0, touched = 0;
  for (int left = partitions; left > 0;) {
    const ssize_t got = rd_kafka_consume_batch_queue(queue, 100, messages.data(), messages.size());
    for (ssize_t i = 0; i < got; ++i) {
      const rd_kafka_message_t& message = *messages[i];
      if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        --left;
      } else if (message.err) {
        Fail(rd_kafka_message_errstr(&message));
      } else {
        ++records;
        bytes += static_cast<int64_t>(message.len);
        if (message.len > 0) touched += *static_cast<const char*>(message.payload);
      }
      rd_kafka_message_destroy(messages[i]);
    }
  }
  const double cpu = CpuSeconds() - cpu_before;
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double millions = static_cast<double>(records) / 1e6;
  std::printf("records=%lld bytes=%lld wall_s=%.2f cpu_s_per_million=%.3f checksum=%lld\n", static_cast<long long>(records),
              static_cast<long long>(bytes), wall, millions > 0 ? cpu / millions : 0.0, static_cast<long long>(touched));
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(client);
  rd_kafka_destroy(client);
  return 0;
}
