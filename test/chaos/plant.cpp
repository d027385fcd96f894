#include "test/chaos/plant.h"

#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "test/chaos/producer.h"

namespace streamc::chaos {
namespace {

using nlohmann::json;
using test::Record;
using Outputs = std::map<std::string, std::vector<Record>>;

std::string Rfc3339(int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02ld:%02ld:%02ldZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<long>(clock.hours().count()),
                static_cast<long>(clock.minutes().count()), static_cast<long>(clock.seconds().count()));
  return text;
}

Record Row(const std::string& key, const json& value) {
  Record record;
  record.key = key;
  record.value = value.dump();
  return record;
}

Record Letter(const Event& event) {
  Record record;
  record.value = "letter";
  record.headers = {{"streamc.partition", std::to_string(event.partition)}, {"streamc.offset", std::to_string(event.offset)}};
  return record;
}

Outputs Right(const Expected& expected) {
  Outputs outputs;
  for (const std::string& sink : Sinks()) outputs[sink];
  std::map<std::string, Group> users, items;
  for (const Event& event : expected.events) {
    if (event.late) outputs["late"].push_back(Letter(event));
    if (event.kind != Event::Kind::kGood) {
      outputs["bad"].push_back(Letter(event));
      continue;
    }
    outputs["echo"].push_back(Row(event.user, {{"id", event.id}, {"user", event.user}, {"value", event.value},
                                               {"sent", event.sent}, {"source", event.partition}, {"offset", event.offset}}));
    Group& user = users[event.user];
    Group& item = items[event.item];
    for (Group* group : {&user, &item}) {
      ++group->n;
      group->total += event.value;
    }
    outputs["by_user"].push_back(Row(event.user, {{"user", event.user}, {"n", user.n}, {"total", user.total}}));
    outputs["by_item"].push_back(Row(event.item, {{"item", event.item}, {"n", item.n}, {"total", item.total}}));
  }
  for (const auto& [item, group] : expected.by_item) {
    if (!expected.Removed(group)) continue;
    Record& removal = outputs["by_item"].emplace_back();
    removal.key = item;
  }
  for (const auto& [key, group] : expected.windows) {
    outputs["windows"].push_back(Row(key.second, {{"start", Rfc3339(key.first)}, {"item", key.second}, {"n", group.n},
                                                  {"total", group.total}, {"low", group.low}, {"high", group.high}}));
  }
  for (const auto& [key, group] : expected.hops) {
    outputs["hops"].push_back(
        Row(key.second, {{"start", Rfc3339(key.first)}, {"item", key.second}, {"n", group.n}, {"total", group.total}}));
  }
  for (const auto& [key, row] : expected.best) {
    outputs["best"].push_back(
        Row("", {{"start", Rfc3339(key.first)}, {"place", key.second}, {"item", row.first}, {"total", row.second}}));
  }
  return outputs;
}

// One record in the middle, so that it is neither the first nor the last of anything.
Record& Middle(std::vector<Record>& records) { return records.at(records.size() / 2); }
void Repeat(std::vector<Record>& records) {
  const Record again = Middle(records);
  records.push_back(again);
}
void Lose(std::vector<Record>& records) { records.erase(records.begin() + static_cast<std::ptrdiff_t>(records.size() / 2)); }
void Change(Record& record, const char* field, int64_t by) {
  json value = json::parse(*record.value);
  value[field] = value[field].get<int64_t>() + by;
  record.value = value.dump();
}

// The second record of the first key that has two, and the first.
std::pair<size_t, size_t> Neighbours(const std::vector<Record>& records) {
  for (size_t i = records.size() / 2; i + 1 < records.size(); ++i) {
    for (size_t j = i + 1; j < records.size(); ++j) {
      if (records[j].key == records[i].key && records[j].value && records[i].value) return {i, j};
    }
  }
  throw std::runtime_error("too few events");
}
void Swap(std::vector<Record>& records) {
  const auto [first, second] = Neighbours(records);
  std::swap(records[first], records[second]);
}

void Apply(const std::string& mistake, Outputs& outputs) {
  if (mistake == "none" || mistake == "open_transaction" || mistake == "lag" || mistake.starts_with("state_")) return;
  if (mistake == "echo_twice") return Repeat(outputs["echo"]);
  if (mistake == "echo_lost") return Lose(outputs["echo"]);
  if (mistake == "echo_changed") return Change(Middle(outputs["echo"]), "value", 1);
  if (mistake == "echo_swapped") return Swap(outputs["echo"]);
  if (mistake == "window_sum") return Change(Middle(outputs["windows"]), "total", 1);
  if (mistake == "window_lost") return Lose(outputs["windows"]);
  if (mistake == "window_twice") return Repeat(outputs["windows"]);
  if (mistake == "hop_count") return Change(Middle(outputs["hops"]), "n", -1);
  if (mistake == "best_total") return Change(Middle(outputs["best"]), "total", -1);
  if (mistake == "user_total") return Change(Middle(outputs["by_user"]), "total", 1);
  if (mistake == "user_back") return Swap(outputs["by_user"]);
  if (mistake == "user_twice") {
    auto& records = outputs["by_user"];
    records.insert(records.begin() + static_cast<std::ptrdiff_t>(records.size() / 2), Middle(records));
    return;
  }
  if (mistake == "item_back") return Swap(outputs["by_item"]);
  if (mistake == "item_kept") return static_cast<void>(outputs["by_item"].pop_back());
  if (mistake == "letter_twice") return Repeat(outputs["bad"]);
  if (mistake == "letter_lost") return Lose(outputs["late"]);
  throw std::runtime_error("unknown mistake " + mistake);
}

[[noreturn]] void LeaveOpen(const std::string& topic) {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", test::Brokers().c_str(), text, sizeof text);
  rd_kafka_conf_set(conf, "transactional.id", topic.c_str(), text, sizeof text);
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (!producer) throw std::runtime_error(text);
  for (rd_kafka_error_t* error : {rd_kafka_init_transactions(producer, 30'000), rd_kafka_begin_transaction(producer)}) {
    if (error) throw std::runtime_error(rd_kafka_error_string(error));
  }
  const auto error = rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                                       RD_KAFKA_V_VALUE(const_cast<char*>("open"), 4), RD_KAFKA_V_END);
  if (error || rd_kafka_flush(producer, 30'000)) throw std::runtime_error("the open transaction could not be written");
  _exit(0);
}

}  // namespace

const std::vector<Mistake>& Mistakes() {
  static const std::vector<Mistake> mistakes = {
      {"none", "the right results", nullptr},
      {"echo_twice", "a record again", "echo: each"},
      {"echo_lost", "a record less", "echo: each"},
      {"echo_changed", "a record with another value", "echo: each"},
      {"echo_swapped", "two records of a partition in the wrong order", "echo: order"},
      {"window_sum", "a window with a wrong sum", "windows:"},
      {"window_lost", "a window less", "windows:"},
      {"window_twice", "a window again", "windows:"},
      {"hop_count", "a hopping window that misses a row", "hops:"},
      {"best_total", "a top row with a wrong total", "best:"},
      {"user_total", "a running total that is wrong once", "by_user:"},
      {"user_back", "a running total that goes back", "by_user:"},
      {"user_twice", "a running total written twice", "by_user:"},
      {"item_back", "a running total over partitions that goes back", "by_item:"},
      {"item_kept", "a key that is not removed in time", "by_item:"},
      {"letter_twice", "a dead letter again", "bad:"},
      {"letter_lost", "a late row without a letter", "late:"},
      {"open_transaction", "a transaction nobody ends", "transactions:"},
      {"lag", "a record nobody has read", "lag:"},
      {"state_lost", "a key the changelog never got", "state:"},
      {"state_old", "a key the changelog has with an earlier value", "state:"},
      {"state_kept", "a key that ended and was not taken back", "state:"},
  };
  return mistakes;
}

void Plant(const Subject& subject, const std::string& mistake) {
  const std::vector<int64_t> ends = test::EndOffsets(subject.events, true);
  std::vector<int64_t> committed = ends;
  if (mistake == "lag") --committed.at(0);
  Outputs outputs = Right(Compute(test::ReadTopic(subject.events), committed));
  Apply(mistake, outputs);
  Producer producer;
  for (auto& [sink, records] : outputs) {
    for (Record& record : records) {
      record.partition = RD_KAFKA_PARTITION_UA;
      producer.Send(subject.prefix + "." + sink, record);
    }
  }
  producer.Flush();
  test::CommitOffsets(subject.group, subject.events, committed);
  if (mistake == "open_transaction") LeaveOpen(subject.prefix + ".echo");
}

std::vector<LiveDigest> PlantState(const Subject& subject, const std::string& mistake) {
  constexpr int kGroups = 3, kKeys = 30;
  const std::string topic = subject.group + "-changelog";
  test::CreateTopic(topic, kGroups);
  std::vector<State> live(kGroups);
  std::vector<Record> records;
  const auto write = [&](int key, const std::optional<std::string>& value, bool wrong) {
    Record record;
    record.partition = key % kGroups;
    record.key = "key " + std::to_string(key);
    record.value = value;
    State& state = live[static_cast<size_t>(record.partition)];
    state.erase(*record.key);
    if (value) state[*record.key] = *value;
    if (!wrong) records.push_back(std::move(record));
  };
  Record manifest;
  manifest.key = ManifestKey();
  manifest.value = "manifest";
  records.push_back(manifest);
  for (int key = 0; key < kKeys; ++key) write(key, "first", mistake == "state_lost" && key == 4);
  for (int key = 5; key < kKeys; key += 2) write(key, "second", mistake == "state_old" && key == 7);
  for (int key = 6; key < kKeys; key += 5) write(key, std::nullopt, mistake == "state_kept" && key == 11);
  test::Produce(topic, records);
  std::vector<LiveDigest> digests;
  const std::vector<int64_t> ends = test::EndOffsets(topic, true);
  for (size_t group = 0; group < kGroups; ++group) {
    digests.push_back({static_cast<int32_t>(group), ends[group], static_cast<int64_t>(live[group].size()), DigestOf(live[group])});
  }
  // What others write later is not of that state.
  records.clear();
  for (int key = 0; key < kGroups; ++key) write(key, "later", false);
  test::Produce(topic, records);
  return digests;
}

}  // namespace streamc::chaos
