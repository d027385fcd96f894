#include "test/chaos/verify.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <unordered_map>

namespace streamc::chaos {
namespace {

using nlohmann::json;
using test::Record;

constexpr size_t kExamples = 5;

std::string Place(const Record& record) {
  return "at " + std::to_string(record.partition) + ":" + std::to_string(record.offset);
}
std::string Source(int64_t partition, int64_t offset) {
  return "input " + std::to_string(partition) + ":" + std::to_string(offset);
}
std::string Text(const Group& group) {
  return "n " + std::to_string(group.n) + ", total " + std::to_string(group.total) + ", low " + std::to_string(group.low) +
         ", high " + std::to_string(group.high);
}

// Calls f for each record that is what it should be; what cannot be read is a violation, not an end.
void ForEach(Check& check, const std::vector<Record>& records, const std::function<void(const Record&, const json&)>& f) {
  for (const Record& record : records) {
    ++check.seen;
    try {
      f(record, record.value ? json::parse(*record.value) : json());
    } catch (const std::exception& error) {
      check.Wrong("unreadable record " + Place(record) + ": " + error.what());
    }
  }
}

// "2026-11-25T22:00:05Z", with or without a fraction, as milliseconds.
int64_t Milliseconds(const std::string& text) {
  int year, month, day, hour, minute, second, read = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d%n", &year, &month, &day, &hour, &minute, &second, &read) != 6) {
    throw std::runtime_error("no timestamp: " + text);
  }
  double fraction = 0;
  if (text[static_cast<size_t>(read)] == '.') std::sscanf(text.c_str() + read, "%lf", &fraction);
  using namespace std::chrono;
  const sys_days date = std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month)) /
                        std::chrono::day(static_cast<unsigned>(day));
  const auto time = date.time_since_epoch() + hours(hour) + minutes(minute) + seconds(second);
  return duration_cast<milliseconds>(time).count() + static_cast<int64_t>(fraction * 1000 + 0.5);
}

using Coordinates = std::pair<int64_t, int64_t>;

std::vector<Check> CompareEcho(const Expected& expected, const std::vector<Record>& records) {
  Check once{.name = "echo: each record once"};
  Check order{.name = "echo: order per partition"};
  std::map<Coordinates, const Event*> wanted;
  for (const Event& event : expected.events) {
    if (event.kind == Event::Kind::kGood) wanted[{event.partition, event.offset}] = &event;
  }
  once.expected = static_cast<int64_t>(wanted.size());
  std::map<Coordinates, bool> found;
  std::map<std::pair<int64_t, int64_t>, int64_t> last;  // output partition, source partition -> source offset
  ForEach(once, records, [&](const Record& record, const json& row) {
    const int64_t partition = row.at("source"), offset = row.at("offset");
    const auto at = wanted.find({partition, offset});
    if (at == wanted.end()) return once.Wrong("not owed: " + Source(partition, offset) + " " + Place(record));
    if (!found.emplace(at->first, true).second) once.Wrong("twice: " + Source(partition, offset) + " " + Place(record));
    const Event& event = *at->second;
    if (row.at("id") != event.id || row.at("user") != event.user || row.at("value") != event.value || record.key != event.user) {
      once.Wrong("changed: " + Source(partition, offset) + " " + Place(record) + ": " + *record.value);
    }
    ++order.seen;
    auto [before, first] = last.emplace(std::pair(record.partition, partition), offset);
    if (!first && offset < before->second) {
      order.Wrong(Source(partition, offset) + " behind " + Source(partition, before->second) + " " + Place(record));
    }
    before->second = offset;
  });
  for (const auto& [place, event] : wanted) {
    if (!found.contains(place)) once.Missing(Source(place.first, place.second));
  }
  order.expected = order.seen;
  return {once, order};
}

Check CompareWindows(const std::string& name, const std::map<WindowKey, Group>& wanted, const std::vector<Record>& records,
                     bool extremes) {
  Check check{.name = name, .expected = static_cast<int64_t>(wanted.size())};
  std::map<WindowKey, int> found;
  ForEach(check, records, [&](const Record& record, const json& row) {
    const WindowKey key{Milliseconds(row.at("start")), row.at("item")};
    const std::string text = row.dump() + " " + Place(record);
    if (++found[key] > 1) check.Wrong("twice: " + text);
    const auto at = wanted.find(key);
    if (at == wanted.end()) return check.Wrong("not owed: " + text);
    const Group& group = at->second;
    if (row.at("n") != group.n || row.at("total") != group.total ||
        (extremes && (row.at("low") != group.low || row.at("high") != group.high)) || record.key != key.second) {
      check.Wrong("wrong: " + text + ", not " + Text(group));
    }
  });
  for (const auto& [key, group] : wanted) {
    if (!found.contains(key)) check.Missing(std::to_string(key.first) + " " + key.second + ": " + Text(group));
  }
  return check;
}

Check CompareBest(const Expected& expected, const std::vector<Record>& records) {
  Check check{.name = "best: each place once and right", .expected = static_cast<int64_t>(expected.best.size())};
  std::map<std::pair<int64_t, int64_t>, int> found;
  ForEach(check, records, [&](const Record& record, const json& row) {
    const std::pair<int64_t, int64_t> key{Milliseconds(row.at("start")), row.at("place")};
    const std::string text = row.dump() + " " + Place(record);
    if (++found[key] > 1) check.Wrong("twice: " + text);
    const auto at = expected.best.find(key);
    if (at == expected.best.end()) return check.Wrong("not owed: " + text);
    if (row.at("item") != at->second.first || row.at("total") != at->second.second) {
      check.Wrong("wrong: " + text + ", not " + at->second.first + " " + std::to_string(at->second.second));
    }
  });
  for (const auto& [key, row] : expected.best) {
    if (!found.contains(key)) check.Missing(std::to_string(key.first) + " place " + std::to_string(key.second) + ": " + row.first);
  }
  return check;
}

struct Seen {
  int64_t n = 0, total = 0;
  bool removed = false;
};

// A user stands in one partition, so after n rows there is one right total.
Check CompareUsers(const Expected& expected, const std::vector<Record>& records) {
  Check check{.name = "by_user: every total right, none twice", .expected = static_cast<int64_t>(expected.by_user.size())};
  std::map<std::string, Seen> last;
  ForEach(check, records, [&](const Record& record, const json& row) {
    const std::string text = record.value.value_or("removal") + " " + Place(record);
    if (!record.value) return check.Wrong("removed though kept for ever: " + record.key.value_or("") + " " + text);
    const std::string user = row.at("user");
    const Seen now{row.at("n"), row.at("total")};
    const auto at = expected.by_user.find(user);
    if (at == expected.by_user.end() || record.key != user) return check.Wrong("not owed: " + text);
    Seen& before = last[user];
    const auto& totals = at->second;
    if (now.n <= before.n) check.Wrong("goes back from n " + std::to_string(before.n) + ": " + text);
    if (now.n < 1 || now.n > static_cast<int64_t>(totals.size())) {
      check.Wrong("more rows than there are: " + text + ", not " + std::to_string(totals.size()));
    } else if (now.total != totals[static_cast<size_t>(now.n - 1)]) {
      check.Wrong("wrong: " + text + ", not " + std::to_string(totals[static_cast<size_t>(now.n - 1)]));
    }
    before = now;
  });
  for (const auto& [user, totals] : expected.by_user) {
    const auto n = static_cast<int64_t>(totals.size());
    if (last[user].n < n) check.Missing(user + ": n " + std::to_string(n) + ", only " + std::to_string(last[user].n));
  }
  return check;
}

// An item stands in every partition: how they interleave is open, where they end is not.
Check CompareItems(const Expected& expected, const std::vector<Record>& records) {
  Check check{.name = "by_item: none goes back, last one right", .expected = static_cast<int64_t>(expected.by_item.size())};
  std::map<std::string, Seen> last;
  ForEach(check, records, [&](const Record& record, const json& row) {
    const std::string item = record.key.value_or("");
    const std::string text = item + " " + record.value.value_or("removal") + " " + Place(record);
    const auto at = expected.by_item.find(item);
    if (at == expected.by_item.end()) return check.Wrong("not owed: " + text);
    Seen& before = last[item];
    if (before.removed) check.Wrong("after its removal: " + text);
    if (!record.value) {
      if (!expected.Removed(at->second)) check.Wrong("removed too early: " + text);
      before.removed = true;
      return;
    }
    const Seen now{row.at("n"), row.at("total")};
    if (now.n <= before.n || now.total < before.total) check.Wrong("goes back from n " + std::to_string(before.n) + ": " + text);
    if (now.n > at->second.n || now.total > at->second.total || (now.n == at->second.n && now.total != at->second.total)) {
      check.Wrong("wrong: " + text + ", not " + Text(at->second));
    }
    before = now;
  });
  for (const auto& [item, group] : expected.by_item) {
    const Seen& seen = last[item];
    if (expected.Removed(group)) {
      // A key that came and went within one commit says nothing.
      if (seen.n > 0 && !seen.removed) check.Missing("removal of " + item);
    } else if (seen.n < group.n) {
      check.Missing(item + ": " + Text(group) + ", only n " + std::to_string(seen.n));
    }
  }
  return check;
}

Check CompareLetters(const std::string& name, const Expected& expected, const std::vector<Record>& records,
                     const std::function<bool(const Event&)>& owed) {
  Check check{.name = name};
  std::map<Coordinates, int> wanted;
  for (const Event& event : expected.events) {
    if (owed(event)) wanted[{event.partition, event.offset}] = 0;
  }
  check.expected = static_cast<int64_t>(wanted.size());
  for (const Record& record : records) {
    ++check.seen;
    Coordinates place{-1, -1};
    for (const auto& [header, value] : record.headers) {
      if (header == "streamc.partition") place.first = std::stoll(value);
      if (header == "streamc.offset") place.second = std::stoll(value);
    }
    const auto at = wanted.find(place);
    if (at == wanted.end()) {
      check.Wrong("not owed: " + Source(place.first, place.second) + " " + Place(record));
    } else if (++at->second > 1) {
      check.Wrong("twice: " + Source(place.first, place.second) + " " + Place(record));
    }
  }
  for (const auto& [place, count] : wanted) {
    if (count == 0) check.Missing(Source(place.first, place.second));
  }
  return check;
}

bool IsInternal(const std::string& topic, const std::string& group) { return topic.starts_with(group + "-"); }

// Records of a source the group has yet to read. Markers of transactions are no records.
Check CheckLag(const Subject& subject, const std::vector<std::string>& topics, std::vector<int64_t>* committed) {
  Check check{.name = "lag: everything read"};
  for (const std::string& topic : topics) {
    const bool source = topic == subject.events;
    if (!source && !(IsInternal(topic, subject.group) && topic.ends_with("-repartition"))) continue;
    const std::vector<int64_t> ends = test::EndOffsets(topic, true);
    std::vector<int64_t> from = test::CommittedOffsets(subject.group, topic, static_cast<int>(ends.size()));
    if (source) *committed = from;
    bool behind = false;
    for (size_t i = 0; i < ends.size(); ++i) {
      from[i] = std::max<int64_t>(from[i], 0);
      behind |= from[i] < ends[i];
    }
    ++check.seen;
    ++check.expected;
    if (!behind) continue;
    for (const Record& record : test::ReadTopic(topic, true, from)) check.Missing(topic + " " + Place(record));
  }
  return check;
}

Check CheckTransactions(const Subject& subject, const std::vector<std::string>& topics, int64_t* end) {
  Check check{.name = "transactions: none open"};
  *end = 0;
  for (const std::string& topic : topics) {
    if (!topic.starts_with(subject.prefix + ".") && !IsInternal(topic, subject.group)) continue;
    const std::vector<int64_t> all = test::EndOffsets(topic, false), stable = test::EndOffsets(topic, true);
    ++check.seen;
    ++check.expected;
    for (size_t i = 0; i < all.size(); ++i) {
      *end += all[i];
      if (stable[i] < all[i]) {
        check.Missing(topic + " partition " + std::to_string(i) + ": readable to " + std::to_string(stable[i]) + " of " +
                      std::to_string(all[i]));
      }
    }
  }
  return check;
}

}  // namespace

void Check::Missing(const std::string& what) {
  if (missing++ < static_cast<int64_t>(kExamples)) examples.push_back("missing: " + what);
}
void Check::Wrong(const std::string& what) {
  if (wrong++ < static_cast<int64_t>(kExamples)) examples.push_back(what);
}

const std::vector<std::string>& Sinks() {
  static const std::vector<std::string> sinks = {"echo", "windows", "hops", "best", "by_user", "by_item", "bad", "late"};
  return sinks;
}

std::vector<Check> Compare(const Expected& expected, const std::map<std::string, std::vector<Record>>& outputs) {
  std::vector<Check> checks = CompareEcho(expected, outputs.at("echo"));
  checks.push_back(CompareWindows("windows: each once and right", expected.windows, outputs.at("windows"), true));
  checks.push_back(CompareWindows("hops: each once and right", expected.hops, outputs.at("hops"), false));
  checks.push_back(CompareBest(expected, outputs.at("best")));
  checks.push_back(CompareUsers(expected, outputs.at("by_user")));
  checks.push_back(CompareItems(expected, outputs.at("by_item")));
  checks.push_back(CompareLetters("bad: a letter for each", expected, outputs.at("bad"),
                                  [](const Event& event) { return event.kind != Event::Kind::kGood; }));
  checks.push_back(
      CompareLetters("late: a letter for each", expected, outputs.at("late"), [](const Event& event) { return event.late; }));
  return checks;
}

int Report(const std::vector<Check>& checks, bool partial) {
  int64_t violations = 0;
  for (const Check& check : checks) {
    const int64_t violated = check.wrong + (partial ? 0 : check.missing);
    violations += violated;
    std::printf("%-9s %-44s %lld expected, %lld seen, %lld missing, %lld wrong\n", violated == 0 ? "ok" : "VIOLATED", check.name.c_str(), static_cast<long long>(check.expected),
                static_cast<long long>(check.seen), static_cast<long long>(check.missing), static_cast<long long>(check.wrong));
    for (const std::string& example : check.examples) std::printf("            %s\n", example.c_str());
  }
  std::printf("%lld violations\n", static_cast<long long>(violations));
  return violations == 0 ? 0 : 1;
}

int Verify(const Subject& subject, std::chrono::milliseconds limit, bool partial) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::vector<Check> checks;
  int64_t compared_end = -1;
  for (;;) {
    const bool last = std::chrono::steady_clock::now() >= deadline;
    const std::vector<std::string> topics = test::Topics();
    std::vector<int64_t> committed;
    int64_t end = 0;
    const Check lag = CheckLag(subject, topics, &committed);
    const Check transactions = CheckTransactions(subject, topics, &end);
    if ((lag.missing == 0 && transactions.missing == 0 && end != compared_end) || last) {
      std::map<std::string, std::vector<Record>> outputs;
      for (const std::string& sink : Sinks()) outputs[sink] = test::ReadTopic(subject.prefix + "." + sink);
      checks = Compare(Compute(test::ReadTopic(subject.events), committed), outputs);
      checks.push_back(lag);
      checks.push_back(transactions);
      compared_end = end;
      const bool hopeless = std::any_of(checks.begin(), checks.end(), [](const Check& check) { return check.wrong > 0; });
      const bool waiting = std::any_of(checks.begin(), checks.end(), [](const Check& check) { return check.missing > 0; });
      if (last || hopeless || !waiting) break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Report(checks, partial);
}

}  // namespace streamc::chaos
