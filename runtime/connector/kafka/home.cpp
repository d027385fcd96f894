#include "runtime/connector/kafka/home.h"

#include <unistd.h>

#include <array>
#include <random>
#include <thread>

#include "runtime/batch/fault_point.h"
#include "runtime/connector/kafka/note.h"
#include "runtime/observe/log.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int kAskMs = 2000;        // one question about the group
constexpr int64_t kFenceMs = 5000;  // one producer that fences
constexpr int kConnectMs = 500;     // of them for its connection
constexpr int64_t kFenceAgainMs = 30000;
constexpr size_t kFenceAtOnce = 16;

const std::map<std::string, std::string> kDefaults = {
    {"enable.auto.commit", "false"},      {"isolation.level", "read_uncommitted"}, {"allow.auto.create.topics", "false"},
    {"reconnect.backoff.max.ms", "1000"}, {"socket.timeout.ms", "10000"},
};

struct Registry {
  std::mutex mutex;
  std::map<std::array<std::string, 3>, std::weak_ptr<Home>> homes;
};
Registry& TheRegistry() {
  static Registry registry;
  return registry;
}

const std::string& ProcessSuffix() {
  static const std::string suffix = [] {
    std::random_device random;
    std::array<char, 40> text;
    snprintf(text.data(), text.size(), "%d-%08x%08x", static_cast<int>(getpid()), random(), random());
    return std::string(text.data());
  }();
  return suffix;
}

std::string UserClientId(const std::map<std::string, std::string>& kafka) {
  const auto found = kafka.find("client.id");
  return found == kafka.end() ? std::string() : found->second;
}

}  // namespace

std::string TransactionalId(const std::string& group, const std::string& instance) {
  return group + "-" + (instance.empty() ? ProcessSuffix() : instance);
}

std::string MemberClientId(const std::string& chosen, const std::string& transactional_id, const std::string& member) {
  return (chosen.empty() ? "" : chosen + "/") + transactional_id + "/" + member;
}

rd_kafka_resp_err_t FetchCommitted(rd_kafka_t* client, rd_kafka_topic_partition_list_t* list, int timeout_ms) {
  auto error = rd_kafka_committed(client, list, timeout_ms);
  for (int i = 0; i < list->cnt && !error; ++i) error = list->elems[i].err;
  return error;
}

std::string CommittedText(const rd_kafka_topic_partition_t& partition) {
  return partition.metadata ? std::string(static_cast<const char*>(partition.metadata), partition.metadata_size)
                            : std::string();
}

rd_kafka_resp_err_t FetchOffsets(rd_kafka_t* client, rd_kafka_topic_partition_list_t* list, int64_t query, int timeout_ms) {
  for (int i = 0; i < list->cnt; ++i) {
    list->elems[i].offset = query;
    list->elems[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  auto error = rd_kafka_offsets_for_times(client, list, timeout_ms);
  for (int i = 0; i < list->cnt && !error; ++i) error = list->elems[i].err;
  return error;
}

Status Home::Make(const DurableLogConfig& config, std::shared_ptr<Home>* home) {
  std::shared_ptr<Home> made(new Home(config));
  if (Status status = made->Connect(); !status.ok()) return status;
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.homes[{config.brokers, config.group, config.instance_id}] = made;
  *home = std::move(made);
  return Status::Ok();
}

std::shared_ptr<Home> Home::Find(const std::string& brokers, const std::string& group, const std::string& instance) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  const auto found = registry.homes.find({brokers, group, instance});
  return found == registry.homes.end() ? nullptr : found->second.lock();
}

Status Home::Connect() {
  transactional_id_ = TransactionalId(config_.group, config_.instance_id);
  std::map<std::string, std::string> defaults = kDefaults, overrides = config_.kafka;
  overrides.erase("client.id");
  defaults["group.id"] = config_.group;
  defaults["client.id"] = MemberClientId(UserClientId(config_.kafka), transactional_id_, "home");
  if (Status status =
          MakeClientConfig(Role::Consumer, config_.group, config_.brokers, defaults, {}, overrides, &client_config_);
      !status.ok()) {
    return status;
  }
  rd_kafka_conf_t* conf = nullptr;
  if (Status status = MakeConf(client_config_, &conf); !status.ok()) return status;
  events_.Attach(conf, client_config_, this);
  std::array<char, 512> text;
  client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text.data(), text.size());
  if (!client_) {
    rd_kafka_conf_destroy(conf);
    return Status::Error(Exit::Usage, "`" + config_.group + "`: " + Redacted(client_config_, text.data()));
  }
  Patience patience(client_config_.connect_timeout_ms, config_.stop);
  while (true) {
    const auto error = AskBrokers(client_, patience.Slice(500));
    if (!error) break;
    rd_kafka_poll(client_, 0);
    if (patience.Over() || events_.refused()) {
      const std::string problem = events_.last_problem();
      return Status::Error(Exit::Unreachable, "`" + config_.group + "`: no Kafka broker answers at " +
                                                  BrokersOf(client_config_) + " (" +
                                                  (problem.empty() ? rd_kafka_err2str(error) : problem) + ")");
    }
    rd_kafka_poll(client_, 50);
  }
  events_.SetQuiet(false);
  return Status::Ok();
}

Home::~Home() {
  if (client_) rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

// `[<chosen>/]<transactional id>/<member>`, and the id begins with the group.
std::string Home::IdOf(const std::string& client_id) const {
  const std::string stem = config_.group + "-";
  const size_t end = client_id.rfind('/');
  if (end == std::string::npos || end == 0) return "";
  // From the end: the chosen part may begin with the group's name too.
  const size_t slash = client_id.rfind("/" + stem, end - 1);
  if (slash == std::string::npos && !client_id.starts_with(stem)) return "";
  const size_t begin = slash == std::string::npos ? 0 : slash + 1;
  return client_id.substr(begin, end - begin);
}

bool Home::Describe(Group* group) {
  const QueueHandle replies(rd_kafka_queue_new(client_));
  rd_kafka_AdminOptions_t* options = rd_kafka_AdminOptions_new(client_, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);
  std::array<char, 256> text;
  rd_kafka_AdminOptions_set_request_timeout(options, kAskMs, text.data(), text.size());
  const char* name = config_.group.c_str();
  rd_kafka_DescribeConsumerGroups(client_, &name, 1, options, replies.get());
  rd_kafka_AdminOptions_destroy(options);
  const EventHandle event(rd_kafka_queue_poll(replies.get(), kAskMs + 500));
  const auto* result = event ? rd_kafka_event_DescribeConsumerGroups_result(event.get()) : nullptr;
  if (!result || rd_kafka_event_error(event.get())) return false;
  size_t count = 0;
  const auto** groups = rd_kafka_DescribeConsumerGroups_result_groups(result, &count);
  if (count != 1) return false;
  const auto* error = rd_kafka_ConsumerGroupDescription_error(groups[0]);
  if (error && rd_kafka_error_code(error)) return false;
  group->stable = rd_kafka_ConsumerGroupDescription_state(groups[0]) == RD_KAFKA_CONSUMER_GROUP_STATE_STABLE;
  for (size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(groups[0]); ++i) {
    const auto* member = rd_kafka_ConsumerGroupDescription_member(groups[0], i);
    const char* client_id = rd_kafka_MemberDescription_client_id(member);
    if (std::string id = client_id ? IdOf(client_id) : std::string(); !id.empty()) group->ids.insert(std::move(id));
    const auto* assignment = rd_kafka_MemberDescription_assignment(member);
    const auto* list = assignment ? rd_kafka_MemberAssignment_partitions(assignment) : nullptr;
    for (int k = 0; list && k < list->cnt; ++k) group->assigned[list->elems[k].topic].insert(list->elems[k].partition);
  }
  return true;
}

bool Home::AllAssigned(const std::string& topic, int32_t partitions) {
  Group group;
  if (!Describe(&group) || !group.stable) return false;
  const auto missing = partitions - static_cast<int64_t>(group.assigned[topic].size());
  if (missing <= 0) return true;
  ++rejoins_;
  observe::Log(observe::LogLevel::Info, "partitions_without_reader", {{"topic", topic}, {"count", missing}});
  return false;
}

void Home::FenceTheDead(const std::string& topic, int32_t partitions) {
  const std::lock_guard lock(fencing_);
  std::set<std::string> suspects = seen_;
  if (partitions > 0) {
    const PartitionList list = NewPartitionList(partitions);
    rd_kafka_topic_partition_list_add_range(list.get(), topic.c_str(), 0, partitions - 1);
    if (!rd_kafka_committed(client_, list.get(), kAskMs)) {
      for (int i = 0; i < list->cnt; ++i) {
        if (std::string id = DecodeNote(CommittedText(list->elems[i])).id; !id.empty()) suspects.insert(std::move(id));
      }
    }
  }
  // Nobody committed yet, nobody can hold anything up.
  Group group;
  if (suspects.empty() || !Describe(&group)) return;
  const std::set<std::string>& members = group.ids;
  // Who is no member itself judges by a group it knows nothing of: one that the brokers forgot, or that others use.
  if (!members.contains(transactional_id_)) return;
  seen_.insert(members.begin(), members.end());
  std::vector<std::string> dead;
  for (const std::string& id : suspects) {
    if (members.contains(id)) {
      fenced_.erase(id);
      continue;
    }
    const auto before = fenced_.find(id);
    const bool again = before == fenced_.end() || MonotonicMs() - before->second >= kFenceAgainMs;
    if (id != transactional_id_ && again && dead.size() < kFenceAtOnce) dead.push_back(id);
  }
  std::vector<char> done(dead.size());
  std::vector<std::thread> fencing;
  for (size_t i = 1; i < dead.size(); ++i) fencing.emplace_back([&, i] { done[i] = Fence(dead[i]); });
  if (!dead.empty()) done[0] = Fence(dead[0]);
  for (std::thread& each : fencing) each.join();
  for (size_t i = 0; i < dead.size(); ++i) {
    if (!done[i]) continue;
    fenced_[dead[i]] = MonotonicMs();
    seen_.erase(dead[i]);
  }
}

bool Home::Fence(const std::string& id) {
  ClientConfig config;
  std::map<std::string, std::string> overrides = config_.kafka;
  for (const char* name : {"client.id", "message.timeout.ms", "delivery.timeout.ms"}) overrides.erase(name);
  overrides["transaction.timeout.ms"] = "10000";
  overrides["socket.timeout.ms"] = "5000";
  const std::map<std::string, std::string> defaults = {{"transactional.id", id}, {"client.id", transactional_id_ + "/fence"}};
  if (!MakeClientConfig(Role::Producer, config_.group, config_.brokers, defaults, {}, overrides, &config).ok()) return false;
  rd_kafka_conf_t* conf = nullptr;
  if (!MakeConf(config, &conf).ok()) return false;
  ClientEvents events;
  events.Attach(conf, config, this);
  std::array<char, 512> text;
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text.data(), text.size());
  if (!producer) {
    rd_kafka_conf_destroy(conf);
    return false;
  }
  Patience patience(kFenceMs, config_.stop);
  // A connection first: the library would look for the coordinator again only after half a second.
  AskBrokers(producer, kConnectMs);
  bool done = false;
  while (!done) {
    rd_kafka_error_t* error = rd_kafka_init_transactions(producer, patience.Slice(1000));
    done = !error;
    const bool again = error && rd_kafka_error_is_retriable(error);
    const std::string problem = error ? rd_kafka_error_string(error) : "";
    if (error) rd_kafka_error_destroy(error);
    if (!done && (!again || patience.Over())) {
      observe::Log(observe::LogLevel::Warn, "fencing_failed", {{"transactional_id", id}, {"text", Redacted(config, problem)}});
      break;
    }
  }
  rd_kafka_destroy(producer);
  if (done) {
    batch::FaultAt(batch::FaultPoint::Fenced);
    ++counters_.fenced;
    observe::Log(observe::LogLevel::Info, "fenced", {{"transactional_id", id}});
  }
  return done;
}

}  // namespace streamc::rt::connector::kafka
