#include "runtime/connector/kafka/topics.h"

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/observe/log.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int kRequestMs = 10000;

struct Setting {
  const char *name, *value;
  bool must;  // another value would lose records
};
constexpr Setting kRepartition[] = {
    {"cleanup.policy", "delete", true},   {"retention.ms", "-1", true},
    {"retention.bytes", "-1", true},      {"message.timestamp.type", "CreateTime", false},
    {"segment.bytes", "52428800", false},
};
constexpr Setting kChangelog[] = {
    {"cleanup.policy", "compact", true},
    {"message.timestamp.type", "CreateTime", false},
    {"segment.bytes", "52428800", false},
    {"min.cleanable.dirty.ratio", "0.3", false},
    // A snapshot is brought up to date from the changelog: a tombstone has to be there for as long as a snapshot may be old.
    {"delete.retention.ms", "604800000", false},
};

std::span<const Setting> Settings(InternalTopic topic) {
  return topic == InternalTopic::Repartition ? std::span<const Setting>(kRepartition) : std::span<const Setting>(kChangelog);
}

constexpr std::array kBoth = {InternalTopic::Repartition, InternalTopic::Changelog};

std::string Who(const DurableLogConfig& job) {
  return "`" + job.group + "`: ";
}

Status Missing(const DurableLogConfig& job, const std::string& name) {
  return Status::Error(Exit::Incompatible, Who(job) + "topic " + name + " is no longer on " + job.brokers +
                                               "; it holds state of this job, which starts anew under another --group");
}

Status WrongCount(const DurableLogConfig& job, const std::string& name, int32_t count) {
  return Status::Error(Exit::Incompatible, Who(job) + "topic " + name + " has " + std::to_string(count) +
                                               " partitions, but the job divides its keys into " +
                                               std::to_string(job.key_groups) + " groups, one for each; set `key_groups " +
                                               std::to_string(count) + "` in the job, or start with another --group");
}

struct AdminCall {
  AdminCall(rd_kafka_t* client, rd_kafka_admin_op_t what)
      : options(rd_kafka_AdminOptions_new(client, what)), replies(rd_kafka_queue_new(client)) {
    std::array<char, 256> text;
    rd_kafka_AdminOptions_set_request_timeout(options, kRequestMs, text.data(), text.size());
  }
  ~AdminCall() { rd_kafka_AdminOptions_destroy(options); }
  AdminCall(const AdminCall&) = delete;
  AdminCall& operator=(const AdminCall&) = delete;
  EventHandle Await() { return EventHandle(rd_kafka_queue_poll(replies.get(), kRequestMs + 1000)); }

  rd_kafka_AdminOptions_t* options;
  QueueHandle replies;
};

bool Denied(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

// The error of the creation; none when the topic is there already. `only_ask`: whether it could be made.
rd_kafka_resp_err_t Create(rd_kafka_t* client, const std::string& name, InternalTopic which, int32_t partitions, bool only_ask,
                           std::string* text) {
  std::array<char, 256> problem;
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), partitions, -1, problem.data(), problem.size());
  if (!topic) {
    *text = problem.data();
    return RD_KAFKA_RESP_ERR__INVALID_ARG;
  }
  for (const Setting& setting : Settings(which)) rd_kafka_NewTopic_set_config(topic, setting.name, setting.value);
  AdminCall call(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_AdminOptions_set_validate_only(call.options, only_ask ? 1 : 0, problem.data(), problem.size());
  rd_kafka_CreateTopics(client, &topic, 1, call.options, call.replies.get());
  const EventHandle event = call.Await();
  rd_kafka_NewTopic_destroy(topic);
  if (!event) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (const auto error = rd_kafka_event_error(event.get())) {
    *text = rd_kafka_event_error_string(event.get());
    return error;
  }
  size_t count = 0;
  const auto** results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  const auto error = count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR__FAIL;
  if (count == 1 && rd_kafka_topic_result_error_string(results[0])) *text = rd_kafka_topic_result_error_string(results[0]);
  return error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS ? RD_KAFKA_RESP_ERR_NO_ERROR : error;
}

// Settings of somebody else's making must not throw state away.
Status CheckSettings(rd_kafka_t* client, const DurableLogConfig& job, const std::string& name, InternalTopic which) {
  rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str());
  AdminCall call(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  rd_kafka_DescribeConfigs(client, &resource, 1, call.options, call.replies.get());
  const EventHandle event = call.Await();
  rd_kafka_ConfigResource_destroy(resource);
  size_t count = 0;
  const auto* result =
      event && !rd_kafka_event_error(event.get()) ? rd_kafka_event_DescribeConfigs_result(event.get()) : nullptr;
  const auto** resources = result ? rd_kafka_DescribeConfigs_result_resources(result, &count) : nullptr;
  const auto error = count == 1 ? rd_kafka_ConfigResource_error(resources[0]) : RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (error) {
    observe::Log(observe::LogLevel::Warn, "topic_settings_unknown", {{"topic", name}, {"text", rd_kafka_err2str(error)}});
    return Status::Ok();
  }
  size_t entries = 0;
  const auto** values = rd_kafka_ConfigResource_configs(resources[0], &entries);
  for (size_t i = 0; i < entries; ++i) {
    for (const Setting& setting : Settings(which)) {
      const char* value = rd_kafka_ConfigEntry_value(values[i]);
      if (!setting.must || !value || std::string_view(setting.name) != rd_kafka_ConfigEntry_name(values[i])) continue;
      if (std::string_view(value) == setting.value) continue;
      return Status::Error(Exit::Incompatible, Who(job) + "topic " + name + " has " + setting.name + "=" + value +
                                                   ", with which the job would lose state; it needs " + setting.name + "=" +
                                                   setting.value + " (kafka-configs --alter --topic " + name +
                                                   " --add-config " + setting.name + "=" + setting.value + ")");
    }
  }
  return Status::Ok();
}

std::string Shape(const DurableLogConfig& job, InternalTopic which) {
  return std::to_string(job.key_groups) + " partitions, cleanup.policy=" + Settings(which)[0].value;
}

Status CannotMake(const ClientConfig& config, const DurableLogConfig& job, InternalTopic which, rd_kafka_resp_err_t error,
                  const std::string& text) {
  return Status::Error(Denied(error) ? Exit::Unreachable : Exit::Incompatible,
                       Who(job) + "topic " + TopicName(job.group, which) + " (" + Shape(job, which) + ") cannot be made: " +
                           Redacted(config, text.empty() ? rd_kafka_err2str(error) : text) +
                           "; make it by hand, or give the job the right to");
}

Status CheckName(const DurableLogConfig& job, const std::string& name) {
  if (ValidTopicName(name)) return Status::Ok();
  return Status::Error(Exit::Usage, Who(job) + "\"" + name +
                                        "\" is no name of a topic (1 to 249 of a-z A-Z 0-9 . _ -), and the" +
                                        " job keeps its state in one; choose another --group");
}

Status Ensure(rd_kafka_t* client, const ClientConfig& config, const DurableLogConfig& job, InternalTopic which,
              Patience* patience) {
  const std::string name = TopicName(job.group, which);
  std::string text;
  while (true) {
    int32_t count = 0;
    auto error = CountPartitions(client, name, patience->Slice(1000), &count);
    if (!error && count > 0) {
      return count == job.key_groups ? CheckSettings(client, job, name, which) : WrongCount(job, name, count);
    }
    if (!error) error = Create(client, name, which, job.key_groups, false, &text);
    if (!error || Transient(error)) {
      if (patience->Over()) {
        return Status::Error(Exit::Unreachable, Who(job) + "topic " + name + " cannot be made or found: " +
                                                    (error ? rd_kafka_err2str(error) : "the brokers do not show it"));
      }
      rd_kafka_poll(client, 20);
      continue;
    }
    return CannotMake(config, job, which, error, text);
  }
}

}  // namespace

std::string TopicName(const std::string& group, InternalTopic topic) {
  return group + (topic == InternalTopic::Repartition ? "-repartition" : "-changelog");
}

Status EnsureTopics(rd_kafka_t* client, const ClientConfig& config, const DurableLogConfig& job) {
  Patience patience(config.connect_timeout_ms, job.stop);
  for (const InternalTopic which : kBoth) {
    if (Status status = CheckName(job, TopicName(job.group, which)); !status.ok()) return status;
    if (Status status = Ensure(client, config, job, which, &patience); !status.ok()) return status;
  }
  return Status::Ok();
}

void LookAtTopics(rd_kafka_t* client, const ClientConfig& config, const DurableLogConfig& job, std::vector<Finding>* findings) {
  for (const InternalTopic which : kBoth) {
    const std::string name = TopicName(job.group, which);
    Status status = CheckName(job, name);
    Patience patience(config.connect_timeout_ms, job.stop);
    std::string text;
    while (status.ok()) {
      int32_t count = 0;
      auto error = CountPartitions(client, name, patience.Slice(1000), &count);
      if (!error && count > 0) {
        status = count == job.key_groups ? CheckSettings(client, job, name, which) : WrongCount(job, name, count);
        const std::string there = "topic " + name + ": there, " + std::to_string(count) + " partitions";
        if (status.ok()) findings->push_back({Exit::Ok, there, which == InternalTopic::Changelog});
        break;
      }
      if (!error) error = Create(client, name, which, job.key_groups, true, &text);
      if (!error) {
        findings->push_back({Exit::Ok, "topic " + name + ": missing; a start makes it (" + Shape(job, which) + ")", false});
        break;
      }
      if (Transient(error) && !patience.Over()) {
        rd_kafka_poll(client, 20);
        continue;
      }
      status = Transient(error) ? Status::Error(Exit::Unreachable, Who(job) + "topic " + name + ": " + rd_kafka_err2str(error))
                                : CannotMake(config, job, which, error, text);
    }
    if (!status.ok()) findings->push_back({status.code, status.message, false});
  }
}

Status CheckTopics(rd_kafka_t* client, const DurableLogConfig& job) {
  for (const InternalTopic which : kBoth) {
    const std::string name = TopicName(job.group, which);
    int32_t count = 0;
    if (CountPartitions(client, name, 1000, &count)) continue;
    if (count != job.key_groups) return count == 0 ? Missing(job, name) : WrongCount(job, name, count);
  }
  return Status::Ok();
}

void Purge::Run(rd_kafka_t* client, const std::string& topic, const std::map<int32_t, int64_t>& offsets) {
  if (MonotonicMs() < next_ms_) return;
  const bool first = next_ms_ == 0;
  next_ms_ = MonotonicMs() + every_ms_;
  if (first) return;
  if (!replies_) replies_.reset(rd_kafka_queue_new(client));
  while (const EventHandle event{rd_kafka_queue_poll(replies_.get(), 0)}) {
    if (!rd_kafka_event_error(event.get()) || warned_) continue;
    warned_ = true;
    observe::Log(observe::LogLevel::Warn, "purge_failed",
                 {{"topic", topic}, {"text", rd_kafka_event_error_string(event.get())}});
  }
  const PartitionList list = NewPartitionList(1);
  for (const auto& [partition, offset] : offsets) {
    if (int64_t& done = done_[partition]; offset > done) {
      done = offset;
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
    }
  }
  if (list->cnt == 0) return;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
  rd_kafka_DeleteRecords(client, &request, 1, nullptr, replies_.get());
  rd_kafka_DeleteRecords_destroy(request);
}

}  // namespace streamc::rt::connector::kafka
