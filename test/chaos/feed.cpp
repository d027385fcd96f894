#include "test/chaos/feed.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <random>
#include <thread>

#include "test/chaos/producer.h"
#include "test/integration/harness.h"

namespace streamc::chaos {
namespace {

constexpr int64_t kCloseAfter = 3'600'000;  // milliseconds behind the last event
constexpr int64_t kSkew = 150;              // milliseconds from one partition to the next
constexpr int64_t kJitter = 400;

volatile std::sig_atomic_t stop = 0;

int64_t NowMicroseconds() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

std::string Row(int64_t id, const std::string& user, const std::string& item, int64_t value, int64_t at, int64_t sent) {
  return "{\"id\":" + std::to_string(id) + ",\"user\":\"" + user + "\",\"item\":\"" + item + "\",\"value\":" +
         std::to_string(value) + ",\"at\":" + std::to_string(at) + ",\"sent\":" + std::to_string(sent) + "}";
}

}  // namespace

void Feed(const FeedRules& rules) {
  std::signal(SIGTERM, [](int) { stop = 1; });
  std::signal(SIGINT, [](int) { stop = 1; });
  const int partitions = test::PartitionCount(rules.topic);
  Producer producer;
  std::mt19937_64 random(rules.seed);
  const auto chance = [&](double share) { return std::uniform_real_distribution<>(0, 1)(random) < share; };
  const auto below = [&](int64_t limit) { return std::uniform_int_distribution<int64_t>(0, limit - 1)(random); };

  const int64_t begin = NowMicroseconds();
  const int64_t base = begin / 1000;
  int64_t furthest = base, id = 0;
  for (; !stop && (rules.events == 0 || id < rules.events); ++id) {
    int64_t sent = NowMicroseconds();
    if (rules.rate > 0) {
      const int64_t due = begin + static_cast<int64_t>(static_cast<double>(id) * 1e6 / rules.rate);
      if (due > sent) std::this_thread::sleep_for(std::chrono::microseconds(due - sent));
      sent = due;
    }
    // A user's events share a partition, an item's are in all.
    const int64_t user = below(rules.users);
    const auto partition = static_cast<int32_t>(user % partitions);
    int64_t at = base + static_cast<int64_t>(static_cast<double>(id) * rules.pace) - partition * kSkew - below(kJitter);
    const int64_t item = below(rules.items), value = below(1000), behind = 3000 + below(17'000);
    const bool late = chance(rules.late), negative = chance(rules.negative);
    const bool broken = chance(rules.broken), null = chance(rules.null);
    if (late) at -= behind;
    furthest = std::max(furthest, at);
    const std::string name = "u" + std::to_string(user);
    const std::string user_name = name + std::string(static_cast<size_t>(rules.padding), '.');
    std::string row = Row(id, user_name, "i" + std::to_string(item), negative ? -1 - value : value, at, sent);
    if (broken) row.resize(row.size() / 2);
    test::Record record{.partition = partition, .timestamp_ms = sent / 1000, .key = name, .value = row, .headers = {}};
    if (null) record.value.reset();
    producer.Send(rules.topic, record);
  }
  producer.Flush();
  // Partitions may have been added meanwhile; another producer knows them.
  Producer closer;
  const int all = rules.close ? test::PartitionCount(rules.topic) : 0;
  for (int32_t partition = 0; partition < all; ++partition, ++id) {
    const int64_t sent = NowMicroseconds();
    const std::string name = "end" + std::to_string(partition);
    const std::string row = Row(id, name, "end", 0, furthest + kCloseAfter, sent);
    closer.Send(rules.topic, {.partition = partition, .timestamp_ms = sent / 1000, .key = name, .value = row, .headers = {}});
  }
  closer.Flush();
  std::printf("%lld events\n", static_cast<long long>(id));
}

}  // namespace streamc::chaos
