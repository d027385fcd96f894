#include "runtime/connector/kafka/cluster_check.h"

#include <array>
#include <map>
#include <memory>
#include <utility>

#include "runtime/connector/kafka/client.h"
#include "runtime/connector/kafka/home.h"
#include "runtime/connector/kafka/topics.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int kAskMs = 5000;

// Consumers, unlike producers, make no topic by asking for it.
const std::map<std::string, std::string> kDefaults = {
    {"enable.auto.commit", "false"}, {"allow.auto.create.topics", "false"}, {"reconnect.backoff.max.ms", "1000"}};

// A client for each way to reach a cluster.
class Probe {
 public:
  ~Probe() {
    if (client) rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  static Status Make(ClientConfig config, std::unique_ptr<Probe>* made) {
    std::unique_ptr<Probe> probe(new Probe);
    probe->config = std::move(config);
    rd_kafka_conf_t* conf = nullptr;
    if (Status status = MakeConf(probe->config, &conf); !status.ok()) return status;
    probe->events.Attach(conf, probe->config, nullptr);
    std::array<char, 512> text;
    probe->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text.data(), text.size());
    if (!probe->client) {
      rd_kafka_conf_destroy(conf);
      return Status::Error(Exit::Usage, Redacted(probe->config, text.data()));
    }
    *made = std::move(probe);
    return Status::Ok();
  }

  ClientConfig config;
  ClientEvents events;
  rd_kafka_t* client = nullptr;

 private:
  Probe() = default;
};

class Check {
 public:
  explicit Check(const ClusterNeeds& needs) : needs_(needs) {}

  std::vector<Finding> Run() {
    for (const Binding& source : needs_.sources) LookAt(source, Role::Consumer, "source ");
    for (const Binding& sink : needs_.sinks) LookAt(sink, Role::Producer, "sink ");
    if (unreachable_) return std::move(findings_);
    Probe* home = nullptr;
    if (Status status = ProbeFor({}, &home); !status.ok()) {
      Add(status);
    } else {
      LookAtGroup(*home);
      if (needs_.durable && needs_.job.keyed) LookAtTopics(home->client, home->config, needs_.job, &findings_);
    }
    return std::move(findings_);
  }

 private:
  void Add(const Status& status) { findings_.push_back({status.code, status.message, false}); }

  // What says how brokers are reached has no side.
  Status ProbeFor(const std::map<std::string, std::string>& options, Probe** probe) {
    std::map<std::string, std::string> reach, overrides = needs_.job.kafka;
    for (const auto& [name, value] : options) {
      if (name == "brokers" || name.starts_with("bootstrap") || name.starts_with("security") || name.starts_with("sasl") ||
          name.starts_with("ssl")) {
        reach[name] = value;
      }
    }
    overrides.erase("client.id");
    std::map<std::string, std::string> defaults = kDefaults;
    defaults["group.id"] = needs_.job.group;
    ClientConfig config;
    if (Status status = MakeClientConfig(Role::Consumer, needs_.job.group, needs_.job.brokers, defaults, reach, overrides, &config);
        !status.ok()) {
      return status;
    }
    std::unique_ptr<Probe>& made = probes_[config.properties];
    if (made == nullptr) {
      if (Status status = Probe::Make(std::move(config), &made); !status.ok()) return status;
    }
    *probe = made.get();
    return Status::Ok();
  }

  void LookAt(const Binding& binding, Role role, const char* kind) {
    ClientConfig own;
    if (Status status = MakeClientConfig(role, binding.name, needs_.job.brokers, {}, binding.options, needs_.job.kafka, &own); !status.ok()) {
      return Add(status);
    }
    if (binding.args.empty()) return findings_.push_back({Exit::Ok, kind + binding.name + ": its rows name the topics", false});
    const std::string& name = binding.args[0];
    if (!ValidTopicName(name)) {
      return Add(Status::Error(Exit::Usage, "`" + binding.name + "`: \"" + name + "\" is no name of a topic"));
    }
    Probe* probe = nullptr;
    if (Status status = ProbeFor(binding.options, &probe); !status.ok()) return Add(status);
    // Brokers that did not answer once are not waited for again.
    if (unreachable_) return;
    const TopicHandle topic(rd_kafka_topic_new(probe->client, name.c_str(), nullptr));
    int partitions = 0;
    Status status = AwaitTopic(probe->client, probe->config, probe->events, binding.name, topic.get(),
                               [&](int ms) { rd_kafka_poll(probe->client, ms); }, &partitions);
    if (!status.ok()) {
      unreachable_ = status.code == Exit::Unreachable && status.message.find("may not use") == std::string::npos;
      return Add(status);
    }
    findings_.push_back({Exit::Ok, kind + binding.name + ": topic " + name + ", " + std::to_string(partitions) +
                                       (partitions == 1 ? " partition" : " partitions"), false});
    if (role == Role::Consumer && group_topic_.empty()) group_topic_ = name;
  }

  void LookAtGroup(Probe& home) {
    if (group_topic_.empty()) return;
    const PartitionList list = NewPartitionList(1);
    rd_kafka_topic_partition_list_add(list.get(), group_topic_.c_str(), 0);
    Patience patience(home.config.connect_timeout_ms, needs_.job.stop);
    auto error = FetchCommitted(home.client, list.get(), patience.Slice(kAskMs));
    while (error && Transient(error) && !patience.Over()) error = FetchCommitted(home.client, list.get(), patience.Slice(kAskMs));
    if (!error) {
      bool known = list->elems[0].offset >= 0;
      return findings_.push_back({Exit::Ok, "group " + needs_.job.group + (known ? ": goes on from what it has committed" : ": has committed nothing yet"), false});
    }
    Add(Status::Error(Exit::Unreachable, "group " + needs_.job.group + ": its positions cannot be read: " + rd_kafka_err2str(error)));
  }

  const ClusterNeeds& needs_;
  std::vector<Finding> findings_;
  std::map<std::map<std::string, std::string>, std::unique_ptr<Probe>> probes_;
  std::string group_topic_;
  bool unreachable_ = false;
};

}  // namespace

std::vector<Finding> CheckCluster(const ClusterNeeds& needs) {
  return Check(needs).Run();
}

}  // namespace streamc::rt::connector::kafka
