// What the readers and the log of one job in one process share about their consumer group: a client that sees uncommitted
// state and the means to end transactions of members that are gone.
//
// A transaction its process left open keeps the next owner of its partitions from reading on until it times out. Every commit
// carries the transactional id of its committer, and every member shows its own in its client id: ids that committed, or were
// seen as members, and are no longer members are fenced at once, by initialising a producer with that id.
// A partition that nobody is assigned, because it was added when the group's leader was not there to see it, is seen here too:
// then all readers of the process join again, and the leader's join gives the partitions out anew.
// Made by the log (Open); readers, on any thread, find it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "runtime/connector/durable_log.h"
#include "runtime/connector/kafka/client.h"

namespace streamc::rt::connector::kafka {

// The id of this process's transactions: `<group>-<instance>`, without an instance one that no other process has.
std::string TransactionalId(const std::string& group, const std::string& instance);
// The client id of a member of the group; shows the transactional id. `chosen`: the user's own client.id or empty.
std::string MemberClientId(const std::string& chosen, const std::string& transactional_id, const std::string& member);

class Home {
 public:
  // Connects; at most the connect timeout. Exit 64, 69.
  static Status Make(const DurableLogConfig& config, std::shared_ptr<Home>* home);
  // The one made for a job with these values in this process, if it still is there.
  static std::shared_ptr<Home> Find(const std::string& brokers, const std::string& group, const std::string& instance);
  ~Home();
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  // Reads uncommitted data and offsets; a consumer of the group's id that never joins.
  rd_kafka_t* client() const { return client_; }
  const std::string& transactional_id() const { return transactional_id_; }
  const ClientConfig& config() const { return client_config_; }
  const ClientEvents& events() const { return events_; }
  DurableLogCounters& counters() { return counters_; }

  // What the brokers say of the group: the transactional ids of its members and, unless a rebalance is under way, who reads what.
  struct Group {
    std::set<std::string> ids;
    bool stable = false;
    std::map<std::string, std::set<int32_t>> assigned;  // partitions of each topic, of all members
  };
  // False without an answer.
  bool Describe(Group* group);

  // Looks who committed for the topic's partitions and who is a member, and fences those that are gone. Best effort: without an
  // answer nothing is fenced, and the transaction ends by its timeout.
  void FenceTheDead(const std::string& topic, int32_t partitions);

  // Whether each of the topic's partitions has a reader; if not, readers are asked to join again. False as well when nobody can
  // say now.
  bool AllAssigned(const std::string& topic, int32_t partitions);
  // Grows each time readers have to join again.
  int64_t rejoins() const { return rejoins_; }

 private:
  explicit Home(const DurableLogConfig& config) : config_(config) {}
  Status Connect();
  bool Fence(const std::string& id);
  std::string IdOf(const std::string& client_id) const;

  const DurableLogConfig config_;
  ClientConfig client_config_;
  std::string transactional_id_;
  ClientEvents events_;
  rd_kafka_t* client_ = nullptr;
  std::atomic<int64_t> rejoins_{0};
  std::mutex fencing_;                     // seen_, fenced_
  std::set<std::string> seen_;             // ids of members, now or once
  std::map<std::string, int64_t> fenced_;  // when, by MonotonicMs
  DurableLogCounters counters_;
};

// Sets the offset and the note of each partition to what the group has committed; one attempt of at most timeout_ms. The error
// is the first of any partition.
rd_kafka_resp_err_t FetchCommitted(rd_kafka_t* client, rd_kafka_topic_partition_list_t* list, int timeout_ms);
// The text committed with a partition of FetchCommitted's list.
std::string CommittedText(const rd_kafka_topic_partition_t& partition);
// One attempt to set every offset: `query` as in rd_kafka_offsets_for_times, -1 the end, -2 the beginning.
rd_kafka_resp_err_t FetchOffsets(rd_kafka_t* client, rd_kafka_topic_partition_list_t* list, int64_t query, int timeout_ms);

}  // namespace streamc::rt::connector::kafka
