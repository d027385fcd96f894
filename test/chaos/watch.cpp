#include "test/chaos/watch.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "test/integration/harness.h"

namespace streamc::chaos {
namespace {

int64_t NowMicroseconds() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

struct Shown {
  int64_t sent, visible;
};

class Follower {
 public:
  Follower(const std::string& topic, int partitions) : first_(static_cast<size_t>(partitions)) {
    char text[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    for (const auto& [name, value] : {std::pair{"bootstrap.servers", test::Brokers()}, {"group.id", test::UniqueName("watch")},
                                      {"enable.auto.commit", "false"}, {"fetch.wait.max.ms", "100"},
                                      {"reconnect.backoff.max.ms", "100"}}) {
      if (rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) throw std::runtime_error(text);
    }
    handle_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    if (!handle_) throw std::runtime_error(text);
    rd_kafka_poll_set_consumer(handle_);
    const std::vector<int64_t> ends = test::EndOffsets(topic, true);
    rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(static_cast<int>(ends.size()));
    for (size_t i = 0; i < ends.size(); ++i) {
      rd_kafka_topic_partition_list_add(all, topic.c_str(), static_cast<int32_t>(i))->offset = ends[i];
    }
    rd_kafka_assign(handle_, all);
    rd_kafka_topic_partition_list_destroy(all);
    thread_ = std::thread([this] { Run(); });
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  ~Follower() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    thread_.join();
    rd_kafka_destroy(handle_);
  }

  std::string After(int64_t sent, std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    std::vector<int64_t> visible;
    const bool all = changed_.wait_for(lock, limit, [&] {
      visible.clear();
      for (const auto& shown : first_) {
        const auto at = std::lower_bound(shown.begin(), shown.end(), sent, [](const Shown& a, int64_t t) { return a.sent < t; });
        if (at != shown.end()) visible.push_back(at->visible);
      }
      return visible.size() == first_.size();
    });
    if (all) return "ok " + std::to_string(*std::max_element(visible.begin(), visible.end()) - sent);
    std::string text = "timeout";
    for (size_t i = 0; i < first_.size(); ++i) {
      if (first_[i].empty() || first_[i].back().sent < sent) text += " " + std::to_string(i);
    }
    return text;
  }
  size_t seen() {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }
  std::string Latency(int64_t from, int64_t to) {
    std::vector<int64_t> found;
    {
      const std::lock_guard lock(mutex_);
      for (const Shown& shown : all_) {
        if (shown.sent >= from && shown.sent < to) found.push_back(shown.visible - shown.sent);
      }
    }
    std::sort(found.begin(), found.end());
    std::ostringstream text;
    text << found.size();
    for (const double share : {0.5, 0.99, 0.999, 1.0}) {
      text << " " << (found.empty() ? 0 : found[static_cast<size_t>(share * static_cast<double>(found.size() - 1))]);
    }
    return text.str();
  }

 private:
  void Run() {
    for (;;) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(handle_, 50);
      const std::lock_guard lock(mutex_);
      if (message && !message->err) Take(*message);
      if (message) rd_kafka_message_destroy(message);
      if (stop_) return;
    }
  }
  void Take(const rd_kafka_message_t& message) {
    const char* bytes = static_cast<const char*>(message.payload);
    const auto row = nlohmann::json::parse(bytes, bytes + message.len, nullptr, false);
    if (row.is_discarded()) return;
    const Shown shown{row.at("sent"), NowMicroseconds()};
    all_.push_back(shown);
    const size_t partition = row.at("source");
    if (partition >= first_.size()) return;
    // Only news: what is read a second time shows nothing.
    auto& list = first_[partition];
    if (!list.empty() && list.back().sent >= shown.sent) return;
    list.push_back(shown);
    changed_.notify_all();
  }

  rd_kafka_t* handle_ = nullptr;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<Shown>> first_;  // per source partition, both times ascending
  std::vector<Shown> all_;
  bool stop_ = false;
};

}  // namespace

void Watch(const std::string& topic, int partitions) {
  Follower follower(topic, partitions);
  std::cout << "ready" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string command;
    int64_t first = 0, second = 0;
    words >> command >> first >> second;
    if (command == "after") {
      std::cout << follower.After(first, std::chrono::milliseconds(second)) << std::endl;
    } else if (command == "seen") {
      std::cout << follower.seen() << std::endl;
    } else if (command == "latency") {
      std::cout << follower.Latency(first, second) << std::endl;
    } else {
      std::cout << "unknown: " << line << std::endl;
    }
  }
}

}  // namespace streamc::chaos
