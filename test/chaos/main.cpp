// chaos_tool: the parts of the chaos run that touch Kafka and must be fast. chaos.py drives it; README.md beside it.
#include <cxxopts.hpp>

#include <exception>
#include <iostream>

#include "test/chaos/feed.h"
#include "test/chaos/plant.h"
#include "test/chaos/state.h"
#include "test/chaos/verify.h"
#include "test/chaos/watch.h"

namespace streamc::chaos {
namespace {

void CreateTopics(const std::string& prefix, int partitions) {
  std::vector<std::string> topics = {prefix + ".events", prefix + ".extra"};
  for (const std::string& sink : Sinks()) topics.push_back(prefix + "." + sink);
  test::CreateTopics(topics, partitions);
}

int Run(int argc, char** argv) {
  cxxopts::Options options("chaos_tool", "topics | feed | verify | state | watch | grow | recreate | truncate | plant | mistakes, of the job in test/chaos/job.sdl");
  FeedRules rules;
  options.add_options()
    ("command", "what to do", cxxopts::value<std::string>())
    ("prefix", "output topics are PREFIX.SINK", cxxopts::value<std::string>()->default_value("chaos"))
    ("events-topic", "source topic, instead of PREFIX.events", cxxopts::value<std::string>())
    ("group", "consumer group of the job", cxxopts::value<std::string>()->default_value("chaos"))
    ("partitions", "topics: of each; watch: of the source", cxxopts::value<int>()->default_value("6"))
    ("wait", "verify: seconds to wait for what is missing", cxxopts::value<int>()->default_value("60"))
    ("mistake", "plant: which", cxxopts::value<std::string>()->default_value("none"))
    ("seed", "feed: of the events", cxxopts::value<uint64_t>(rules.seed))
    ("events", "feed: how many; 0: until a signal", cxxopts::value<int64_t>(rules.events))
    ("rate", "feed: events per second; 0: all at once", cxxopts::value<double>(rules.rate))
    ("pace", "feed: milliseconds of event time per event", cxxopts::value<double>(rules.pace))
    ("users", "feed: how many", cxxopts::value<int>(rules.users))
    ("items", "feed: how many", cxxopts::value<int>(rules.items))
    ("padding", "feed: bytes more in each event", cxxopts::value<int64_t>(rules.padding))
    ("partial", "verify: what is missing is no violation")
    ("open", "feed: leave the last windows open");
  options.parse_positional({"command"});
  const auto arguments = options.parse(argc, argv);
  const std::string command = arguments.count("command") ? arguments["command"].as<std::string>() : "";
  const std::string prefix = arguments["prefix"].as<std::string>();
  const Subject subject{.prefix = prefix,
                        .events = arguments.count("events-topic") ? arguments["events-topic"].as<std::string>() : prefix + ".events",
                        .group = arguments["group"].as<std::string>()};
  const int partitions = arguments["partitions"].as<int>();
  if (command == "topics") {
    CreateTopics(prefix, partitions);
  } else if (command == "feed") {
    rules.topic = subject.events;
    rules.close = arguments.count("open") == 0;
    Feed(rules);
  } else if (command == "verify") {
    return Verify(subject, std::chrono::seconds(arguments["wait"].as<int>()), arguments.count("partial") > 0);
  } else if (command == "state") {
    return Report({CompareState(ReadDigests(std::cin), test::ReadTopic(subject.group + "-changelog"))}, false);
  } else if (command == "watch") {
    Watch(prefix + ".echo", partitions);
  } else if (command == "grow") {
    test::GrowTopic(subject.events, partitions);
  } else if (command == "recreate") {
    test::DeleteTopic(subject.events);
    test::CreateTopic(subject.events, partitions);
  } else if (command == "truncate") {
    test::TruncateTopic(subject.events);
  } else if (command == "plant") {
    const std::string mistake = arguments["mistake"].as<std::string>();
    for (const LiveDigest& live : PlantState(subject, mistake)) {
      std::cout << live.group << " " << live.end << " " << live.rows << " " << live.digest << std::endl;
    }
    Plant(subject, mistake);
  } else if (command == "mistakes") {
    for (const Mistake& mistake : Mistakes()) {
      std::cout << mistake.name << "\t" << mistake.what << "\t" << (mistake.caught_by ? mistake.caught_by : "") << "\n";
    }
  } else {
    std::cerr << options.help();
    return 64;
  }
  return 0;
}

}  // namespace
}  // namespace streamc::chaos

int main(int argc, char** argv) {
  try {
    return streamc::chaos::Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "chaos_tool: " << error.what() << "\n";
    return 70;
  }
}
