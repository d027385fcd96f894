// How a reader is a member of its group: partitions come and go, each starts somewhere, positions are committed.
#include <algorithm>

#include "runtime/connector/kafka/reader_impl.h"
#include "runtime/observe/log.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int kRetryMs = 60000;  // offsets read or committed: how long brokers may be away
constexpr int64_t kCloseMs = 5000;

}  // namespace

// `query`: milliseconds since 1970, or -1 for the end (of what is committed), -2 for the beginning. -1 where there is no such
// offset.
Status KafkaReader::QueryOffsets(rd_kafka_topic_partition_list_t* list, int64_t query) {
  const int64_t deadline = MonotonicMs() + kRetryMs;
  while (true) {
    for (int i = 0; i < list->cnt; ++i) {
      list->elems[i].offset = query;
      list->elems[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    auto error = rd_kafka_offsets_for_times(client_, list, kRequestMs);
    for (int i = 0; i < list->cnt && !error; ++i) error = list->elems[i].err;
    if (!error) return Status::Ok();
    if (!Transient(error) || MonotonicMs() >= deadline) {
      return Status::Error(Exit::Unreachable,
                           Who() + "the offsets of " + topic_ + " cannot be read: " + rd_kafka_err2str(error));
    }
  }
}

Status KafkaReader::ReadEnds() {
  const PartitionList all = NewPartitionList(known_partitions_);
  rd_kafka_topic_partition_list_add_range(all.get(), topic_.c_str(), 0, known_partitions_ - 1);
  if (Status status = QueryOffsets(all.get(), RD_KAFKA_OFFSET_END); !status.ok()) return status;
  for (int i = 0; i < all->cnt; ++i) bounds_.push_back(all->elems[i].offset);
  return Status::Ok();
}

void KafkaReader::RebalanceCallback(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list,
                                    void* opaque) {
  auto* reader = static_cast<KafkaReader*>(ClientEvents::Owner(opaque));
  if (reader->closing_) {
    rd_kafka_assign(client, nullptr);
    return;
  }
  // Acted upon when nothing that was handed out is in use: the library waits, and what a call gathers is of one assignment.
  Rebalance& rebalance = reader->rebalances_.emplace_back();
  rebalance.assign = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  rebalance.lost = rd_kafka_assignment_lost(client) != 0;
  rebalance.list.reset(rd_kafka_topic_partition_list_copy(list));
}

Status KafkaReader::ApplyRebalances() {
  while (!rebalances_.empty()) {
    const Rebalance rebalance = std::move(rebalances_.front());
    rebalances_.pop_front();
    if (!rebalance.assign) {
      Revoke(rebalance.lost);
    } else if (Status status = Assign(rebalance.list.get()); !status.ok()) {
      return status;
    }
  }
  return Status::Ok();
}

void KafkaReader::Revoke(bool lost) {
  std::vector<int32_t> slots;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    if (partitions_[i].assigned) slots.push_back(static_cast<int32_t>(i));
  }
  if (!slots.empty()) {
    if (config_.listener) config_.listener->OnRevoke(slots, lost);
    observe::Log(observe::LogLevel::Info, "partitions_revoked",
                 {{"source", name_}, {"topic", topic_}, {"count", slots.size()}, {"lost", lost ? "true" : "false"}});
  }
  for (const int32_t slot : slots) partitions_[slot].assigned = false;
  slot_of_partition_.clear();
  rd_kafka_assign(client_, nullptr);
}

Status KafkaReader::Assign(rd_kafka_topic_partition_list_t* list) {
  if (!slot_of_partition_.empty()) Revoke(true);
  if (list->cnt > 0) {
    if (Status status = ResolveStart(list); !status.ok()) return status;
  }
  std::vector<int32_t> slots;
  for (int i = 0; i < list->cnt; ++i) {
    const auto& elem = list->elems[i];
    if (static_cast<size_t>(elem.partition) >= slot_of_partition_.size()) slot_of_partition_.resize(elem.partition + 1, -1);
    const auto slot = static_cast<int32_t>(partitions_.size());
    slot_of_partition_[elem.partition] = slot;
    PartitionInfo& info = partitions_.emplace_back();
    info.id = {topic_, elem.partition};
    info.position = elem.offset;
    slots.push_back(slot);
  }
  batch_of_slot_.resize(partitions_.size());
  batch_serial_.resize(partitions_.size());
  if (const auto error = rd_kafka_assign(client_, list)) {
    return Status::Error(Exit::Internal, Who() + "cannot take partitions of " + topic_ + ": " + rd_kafka_err2str(error));
  }
  joined_ = true;
  if (paused_) PauseSlots(true, slots);
  // What is already at its end, an empty partition for one, never sends anything that would say so.
  for (const int32_t slot : slots) AdvanceTo(slot, partitions_[slot].position);
  observe::Log(observe::LogLevel::Info, "partitions_assigned", {{"source", name_}, {"topic", topic_}, {"count", list->cnt}});
  return Status::Ok();
}

// Sets the offset of every partition: what the group has committed, else where the first start begins.
Status KafkaReader::ResolveStart(rd_kafka_topic_partition_list_t* list) {
  const int64_t deadline = MonotonicMs() + kRetryMs;
  while (true) {
    auto error = rd_kafka_committed(client_, list, kRequestMs);
    for (int i = 0; i < list->cnt && !error; ++i) error = list->elems[i].err;
    if (!error) break;
    if (!Transient(error) || MonotonicMs() >= deadline) {
      return Status::Error(Exit::Unreachable, Who() + "the committed offsets of group " + config_.group +
                                                  " cannot be read: " + rd_kafka_err2str(error));
    }
  }
  const PartitionList from_start = NewPartitionList(1), from_clause = NewPartitionList(1);
  for (int i = 0; i < list->cnt; ++i) {
    const auto& elem = list->elems[i];
    if (elem.offset >= 0) {
      if (config_.until_end && static_cast<size_t>(elem.partition) < bounds_.size() && elem.offset > bounds_[elem.partition]) {
        return Status::Error(Exit::Incompatible,
                             Who() + "group " + config_.group + " has read " + Place(elem.partition) + " up to offset " +
                                 std::to_string(elem.offset) + ", but the topic ends at " +
                                 std::to_string(bounds_[elem.partition]) +
                                 ": it was made anew; start with another --group, or reset the group's offsets");
      }
      continue;
    }
    // A partition added to a running job was empty before: its first records are new, whatever the start.
    const bool whole = config_.start == StartFrom::Earliest || elem.partition >= known_partitions_;
    rd_kafka_topic_partition_list_add((whole ? from_start : from_clause).get(), topic_.c_str(), elem.partition);
  }
  const auto apply = [&](const rd_kafka_topic_partition_list_t* found) {
    for (int i = 0; i < found->cnt; ++i) {
      rd_kafka_topic_partition_list_find(list, topic_.c_str(), found->elems[i].partition)->offset = found->elems[i].offset;
    }
  };
  if (from_start->cnt > 0) {
    if (Status status = QueryOffsets(from_start.get(), RD_KAFKA_OFFSET_BEGINNING); !status.ok()) return status;
    apply(from_start.get());
  }
  if (from_clause->cnt == 0) return Status::Ok();
  const bool at = config_.start == StartFrom::At;
  const int64_t at_ms = std::max<int64_t>(0, config_.start_at / 1000 + (config_.start_at % 1000 > 0));
  if (Status status = QueryOffsets(from_clause.get(), at ? at_ms : int64_t{RD_KAFKA_OFFSET_END}); !status.ok()) return status;
  const PartitionList at_end = NewPartitionList(1);
  for (int i = 0; i < from_clause->cnt; ++i) {
    // No record is as late as the time: the start is at the end.
    if (from_clause->elems[i].offset < 0)
      rd_kafka_topic_partition_list_add(at_end.get(), topic_.c_str(), from_clause->elems[i].partition);
  }
  apply(from_clause.get());
  if (at_end->cnt > 0) {
    if (Status status = QueryOffsets(at_end.get(), RD_KAFKA_OFFSET_END); !status.ok()) return status;
    apply(at_end.get());
  }
  // The choice is made durable at once: another start, or another member, must not choose a later one and skip records.
  for (int i = 0; i < from_clause->cnt; ++i) {
    from_clause->elems[i].offset =
        rd_kafka_topic_partition_list_find(list, topic_.c_str(), from_clause->elems[i].partition)->offset;
  }
  return CommitList(from_clause.get());
}

Status KafkaReader::Commit(const std::vector<Position>& positions) {
  const PartitionList list = NewPartitionList(static_cast<int>(positions.size()));
  for (const Position& position : positions) {
    const PartitionInfo& info = partitions_[position.slot];
    if (info.assigned) rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), info.id.partition)->offset = position.offset;
  }
  return list->cnt == 0 ? Status::Ok() : CommitList(list.get());
}

Status KafkaReader::CommitList(rd_kafka_topic_partition_list_t* list) {
  const int64_t deadline = MonotonicMs() + kRetryMs;
  while (true) {
    const QueueHandle replies(rd_kafka_queue_new(client_));
    auto error = rd_kafka_commit_queue(client_, list, replies.get(), nullptr, nullptr);
    if (!error) {
      // The library may keep a commit for a whole session when the group's coordinator moves; asking again is quicker, and
      // harmless.
      const int64_t left = std::clamp<int64_t>(deadline - MonotonicMs(), 1, kRequestMs);
      const EventHandle event(rd_kafka_queue_poll(replies.get(), static_cast<int>(left)));
      error = event ? rd_kafka_event_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
      const auto* committed = event ? rd_kafka_event_topic_partition_list(event.get()) : nullptr;
      for (int i = 0; committed && i < committed->cnt && !error; ++i) error = committed->elems[i].err;
    }
    switch (error) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
      case RD_KAFKA_RESP_ERR__NO_OFFSET: return Status::Ok();
      case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
      case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
      case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
      case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
        // The group went on without this member: the records are read again by whoever owns them now, and the next Poll says
        // so.
        observe::Log(observe::LogLevel::Warn, "commit_refused",
                     {{"source", name_}, {"topic", topic_}, {"text", rd_kafka_err2str(error)}});
        return Status::Ok();
      case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
        return Status::Error(Exit::Usage, Who() + "another process runs with the same --instance " + config_.instance_id);
      default: break;
    }
    if (!Transient(error) || MonotonicMs() >= deadline) {
      return Status::Error(Exit::Unreachable, Who() + "offsets of " + topic_ + " cannot be committed for group " +
                                                  config_.group + ": " + rd_kafka_err2str(error));
    }
    // Nothing arrives on a queue whose reply was taken: this is a pause that costs nothing.
    const EventHandle none(rd_kafka_queue_poll(replies.get(), 50));
  }
}

void KafkaReader::Close() {
  if (!client_) return;
  Release();
  closing_ = true;
  rebalances_.clear();
  bool closed = false;
  if (queue_) {
    // A rebalance nobody answered would keep the group waiting.
    rd_kafka_assign(client_, nullptr);
    const QueueHandle queue(rd_kafka_queue_new(client_));
    rd_kafka_error_t* error = rd_kafka_consumer_close_queue(client_, queue.get());
    const int64_t deadline = MonotonicMs() + kCloseMs;
    while (!error && !(closed = rd_kafka_consumer_closed(client_)) && MonotonicMs() < deadline) {
      const ssize_t got = rd_kafka_consume_batch_queue(queue.get(), 20, chunk_.data(), 1);
      for (ssize_t i = 0; i < got; ++i) rd_kafka_message_destroy(chunk_[i]);
    }
    if (error) rd_kafka_error_destroy(error);
    queue_.reset();
  }
  rd_kafka_destroy_flags(client_, closed ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  client_ = nullptr;
}

}  // namespace streamc::rt::connector::kafka
