// How long an event takes from where it was meant to be sent to where a reader of the results sees it.
//
//   e2e_latency BROKERS INPUT OUTPUT ISOLATION [RATE=50000] [SECONDS=10]
// Sends {"id", "item", "at", "sent"} to INPUT, whose partitions take turns, at a steady rate, and reads OUTPUT from its present
// end with that isolation level. An event carries the time it was meant to be sent (`sent`, microseconds): one that is sent late
// counts as waiting. A result carries the `sent` of its last event and either that event's `id` or `n`, how many events it
// stands for. Prints percentiles after the first fifth of the time, and exits with 1 when events are missing or seen twice.
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr int64_t kHour = 3'600'000'000;
constexpr int64_t kPatience = 60'000'000;  // for the last results

[[noreturn]] void Fail(const std::string& text) {
  std::fprintf(stderr, "e2e_latency: %s\n", text.c_str());
  std::exit(70);
}

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

rd_kafka_t* Client(rd_kafka_type_t type, std::initializer_list<std::pair<const char*, const char*>> properties) {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name, value, text, sizeof text) != RD_KAFKA_CONF_OK) Fail(text);
  }
  rd_kafka_t* client = rd_kafka_new(type, conf, text, sizeof text);
  if (client == nullptr) Fail(text);
  return client;
}

int Partitions(rd_kafka_t* client, const char* topic) {
  rd_kafka_topic_t* named = rd_kafka_topic_new(client, topic, nullptr);
  const struct rd_kafka_metadata* metadata = nullptr;
  if (const auto error = rd_kafka_metadata(client, 0, named, &metadata, 20000)) Fail(rd_kafka_err2str(error));
  const int count = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(named);
  if (count == 0) Fail(std::string("no topic ") + topic);
  return count;
}

void Send(rd_kafka_t* producer, const char* topic, int partition, const char* value, size_t size) {
  while (true) {
    const auto error = rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                                         RD_KAFKA_V_VALUE(const_cast<char*>(value), size),
                                         RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) Fail(rd_kafka_err2str(error));
    rd_kafka_poll(producer, 1);
  }
}

// Events 0 .. total - 1 on their time, then one an hour later in every partition: it ends the windows.
void Produce(const char* brokers, const char* topic, int64_t start, int64_t rate, int64_t total) {
  rd_kafka_t* producer = Client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", brokers}, {"linger.ms", "1"}, {"acks", "all"},
                                                    {"enable.idempotence", "true"}});
  const int partitions = Partitions(producer, topic);
  char value[160];
  const auto send = [&](int64_t id, int64_t at) {
    const int size = std::snprintf(value, sizeof value, "{\"id\":%lld,\"item\":\"item-%d\",\"at\":%lld,\"sent\":%lld}",
                                   static_cast<long long>(id), static_cast<int>(id / partitions % 10),
                                   static_cast<long long>(at / 1000), static_cast<long long>(at));
    Send(producer, topic, static_cast<int>(id % partitions), value, static_cast<size_t>(size));
  };
  for (int64_t id = 0; id < total;) {
    const int64_t due = std::min(total, (Now() - start) * rate / 1'000'000 + 1);
    while (id < due) {
      send(id, start + id * 1'000'000 / rate);
      ++id;
    }
    rd_kafka_poll(producer, 0);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  for (int i = 0; i < partitions; ++i) send(total + i, start + total * 1'000'000 / rate + kHour);
  if (rd_kafka_flush(producer, 60000) != RD_KAFKA_RESP_ERR_NO_ERROR) Fail("the broker does not take the events");
  rd_kafka_destroy(producer);
}

// The number behind "name": in a flat object as the job writes it, or -1.
int64_t Field(std::string_view json, std::string_view name) {
  const size_t at = json.find(name);
  if (at == std::string_view::npos) return -1;
  size_t digit = at + name.size();
  while (digit < json.size() && json[digit] == ' ') ++digit;
  int64_t number = 0;
  for (; digit < json.size() && json[digit] >= '0' && json[digit] <= '9'; ++digit) number = number * 10 + (json[digit] - '0');
  return number;
}

struct Seen {
  std::vector<int64_t> micros;  // one per result that counts
  std::vector<char> ids;
  int64_t events = 0, twice = 0;
};

void Take(std::string_view value, int64_t now, int64_t measure_from, Seen* seen) {
  const int64_t id = Field(value, "\"id\":"), n = Field(value, "\"n\":"), sent = Field(value, "\"sent\":");
  if (id >= static_cast<int64_t>(seen->ids.size())) return;  // it only ends windows
  if (id < 0) {
    seen->events += n;
  } else if (seen->ids[static_cast<size_t>(id)]++ == 0) {
    ++seen->events;
  } else {
    ++seen->twice;
  }
  if (sent >= measure_from) seen->micros.push_back(now - sent);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) Fail("usage: e2e_latency BROKERS INPUT OUTPUT ISOLATION [RATE=50000] [SECONDS=10]");
  const int64_t rate = argc > 5 ? std::atoll(argv[5]) : 50000, total = rate * (argc > 6 ? std::atoll(argv[6]) : 10);
  rd_kafka_t* consumer =
      Client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", argv[1]}, {"group.id", "e2e-latency"}, {"enable.auto.commit", "false"},
                                 {"isolation.level", argv[4]}, {"fetch.error.backoff.ms", "10"}});
  const int partitions = Partitions(consumer, argv[3]);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; ++i) {
    int64_t low = 0, high = 0;
    if (const auto error = rd_kafka_query_watermark_offsets(consumer, argv[3], i, &low, &high, 20000)) Fail(rd_kafka_err2str(error));
    rd_kafka_topic_partition_list_add(list, argv[3], i)->offset = high;
  }
  if (const auto error = rd_kafka_assign(consumer, list)) Fail(rd_kafka_err2str(error));
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(consumer);

  const int64_t start = Now() + 500'000, end = start + total * 1'000'000 / rate;
  std::thread producing(Produce, argv[1], argv[2], start, rate, total);
  Seen seen;
  seen.ids.assign(static_cast<size_t>(total), 0);
  std::vector<rd_kafka_message_t*> messages(10000);
  while (seen.events < total && Now() < end + kPatience) {
    const ssize_t count = rd_kafka_consume_batch_queue(queue, 5, messages.data(), messages.size());
    const int64_t now = Now();
    for (ssize_t i = 0; i < count; ++i) {
      rd_kafka_message_t* message = messages[static_cast<size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        Take({static_cast<const char*>(message->payload), message->len}, now, start + (end - start) / 5, &seen);
      }
      rd_kafka_message_destroy(message);
    }
  }
  producing.join();
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);

  std::sort(seen.micros.begin(), seen.micros.end());
  const auto at = [&](double part) {
    return seen.micros.empty() ? 0.0
                               : static_cast<double>(seen.micros[static_cast<size_t>(part * static_cast<double>(seen.micros.size() - 1))]) / 1000;
  };
  std::printf("p50 %.1f p90 %.1f p99 %.1f p99.9 %.1f max %.1f ms; %zu results, %lld of %lld events, %lld twice\n", at(0.5), at(0.9),
              at(0.99), at(0.999), at(1), seen.micros.size(), static_cast<long long>(seen.events), static_cast<long long>(total),
              static_cast<long long>(seen.twice));
  return seen.events == total && seen.twice == 0 ? 0 : 1;
}
