// How a reader is a member of its group: partitions come and go, each starts somewhere, positions are committed.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "runtime/batch/fault_point.h"
#include "runtime/connector/kafka/home.h"
#include "runtime/connector/kafka/note.h"
#include "runtime/connector/kafka/reader_impl.h"
#include "runtime/observe/log.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int64_t kCloseMs = 3000;
constexpr int kLeaveMs = 5;  // of one step of leaving
constexpr int64_t kLookEveryMs = 200;      // whether to join again
constexpr int kCountMs = 1000;             // at most, for one look at the number of partitions
constexpr int64_t kCountSeldomMs = 300000; // between looks when joining again does not help
constexpr int64_t kStallMs = 8000;          // without any record, before a look whether there are some
constexpr int kStableMs = 500;  // offsets a transaction holds back: asked again, after a look at whose it is

// The generation of the group a client is a member of; -1: of none.
int32_t GenerationOf(const rd_kafka_consumer_group_metadata_t* group) {
  constexpr std::string_view kMagic = "CGMDv2:";
  void* data = nullptr;
  size_t size = 0;
  int32_t generation = -1;
  if (rd_kafka_error_t* error = rd_kafka_consumer_group_metadata_write(group, &data, &size)) {
    rd_kafka_error_destroy(error);
    return -1;
  }
  if (size >= kMagic.size() + sizeof generation && std::memcmp(data, kMagic.data(), kMagic.size()) == 0) {
    std::memcpy(&generation, static_cast<char*>(data) + kMagic.size(), sizeof generation);
  }
  rd_kafka_mem_free(nullptr, data);
  return generation;
}

void AddPosition(rd_kafka_topic_partition_list_t* list, const PartitionId& id, const Position& position,
                 const std::string& transactional_id) {
  auto* elem = rd_kafka_topic_partition_list_add(list, id.topic.c_str(), id.partition);
  elem->offset = position.offset;
  const std::string text = EncodeNote(transactional_id, position.note);
  if (text.empty()) return;
  elem->metadata = malloc(text.size());  // the list frees it
  std::memcpy(elem->metadata, text.data(), text.size());
  elem->metadata_size = text.size();
}

}  // namespace

// `query`: milliseconds since 1970, or -1 for the end (of what is committed), -2 for the beginning. -1 where there is no such
// offset.
Status KafkaReader::QueryOffsets(rd_kafka_topic_partition_list_t* list, int64_t query) {
  Patience patience(kOutageMs, config_.stop);
  while (true) {
    const auto error = FetchOffsets(client_, list, query, patience.Slice(kRequestMs));
    if (!error) return Status::Ok();
    if (error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION && !patience.Over()) {
      // Added a moment ago, and the group's leader knew of it first: the question brings this client up to date.
      int32_t count = 0;
      CountPartitions(client_, topic_, kCountMs, &count);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      continue;
    }
    if (!Transient(error) || patience.Over()) {
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
  const bool assign = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  if (assign) reader->joining_ = false;
  if (!assign) reader->revoked_ = true;
  if (reader->closing_) {
    if (reader->leaving_) reader->AnswerRevoke();
    return;
  }
  // Acted upon when nothing that was handed out is in use: the library waits, and what a call gathers is of one assignment.
  Rebalance& rebalance = reader->rebalances_.emplace_back();
  rebalance.assign = assign;
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
  for (const int32_t slot : slots) {
    partitions_[slot].assigned = false;
    if (lost) partitions_[slot].generation = -1;
  }
  slot_of_partition_.clear();
  batch::FaultAt(batch::FaultPoint::Revoked);
  // The answer makes the member join again. One that is about to leave does so instead (Leave).
  if (config_.stop && *config_.stop) return;
  joining_ = true;
  revoked_ = false;
  rd_kafka_assign(client_, nullptr);
}

// Once the client is closing, and only if it waits for that: a call it no longer waits for never returns when it has closed meanwhile.
void KafkaReader::AnswerRevoke() {
  if (std::exchange(revoked_, false)) rd_kafka_assign(client_, nullptr);
}

Status KafkaReader::Assign(rd_kafka_topic_partition_list_t* list) {
  if (!slot_of_partition_.empty()) Revoke(true);
  rd_kafka_consumer_group_metadata_t* group = rd_kafka_consumer_group_metadata(client_);
  generation_ = group ? GenerationOf(group) : -1;
  if (group) rd_kafka_consumer_group_metadata_destroy(group);
  if (const auto home = Home::Find(config_.brokers, config_.group, config_.instance_id)) ++home->counters().rebalances;
  batch::FaultAt(batch::FaultPoint::Assigned);
  if (Status status = StartAt(list); !status.ok()) return status;
  joined_ = true;
  joining_ = false;
  partitions_read_ = 0;
  next_count_ms_ = MonotonicMs() + kCountFirstMs;
  observe::Log(observe::LogLevel::Info, "partitions_assigned", {{"source", name_}, {"topic", topic_}, {"count", list->cnt}});
  return Status::Ok();
}

// Takes the partitions at what is committed, each in a new slot.
Status KafkaReader::StartAt(rd_kafka_topic_partition_list_t* list) {
  if (list->cnt > 0) {
    if (Status status = ResolveStart(list); !status.ok()) return status;
  }
  std::vector<int32_t> slots;
  for (int i = 0; i < list->cnt; ++i) {
    const auto& elem = list->elems[i];
    if (expected_partitions_ > 0 && elem.partition >= expected_partitions_) {
      return Status::Error(Exit::Incompatible, Who() + "topic " + topic_ + " was given more than the " +
                                                   std::to_string(expected_partitions_) +
                                                   " partitions this job's state is divided into; that number cannot change:"
                                                   " start with another --group");
    }
    if (static_cast<size_t>(elem.partition) >= slot_of_partition_.size()) slot_of_partition_.resize(elem.partition + 1, -1);
    const auto slot = static_cast<int32_t>(partitions_.size());
    slot_of_partition_[elem.partition] = slot;
    PartitionInfo& info = partitions_.emplace_back();
    info.id = {topic_, elem.partition};
    info.position = elem.offset;
    info.note = DecodeNote(CommittedText(elem)).note;
    info.generation = generation_;
    slots.push_back(slot);
  }
  batch_of_slot_.resize(partitions_.size());
  batch_serial_.resize(partitions_.size());
  // Given in one call, offsets and all: a seek behind it is lost on a partition that has not started yet.
  if (const auto error = rd_kafka_assign(client_, list)) {
    return Status::Error(Exit::Internal, Who() + "cannot take partitions of " + topic_ + ": " + rd_kafka_err2str(error));
  }
  // Said either way: a partition that was paused when it was given up comes back paused.
  PauseSlots(paused_, slots);
  // What is already at its end, an empty partition for one, never sends anything that would say so.
  for (const int32_t slot : slots) AdvanceTo(slot, partitions_[slot].position);
  return Status::Ok();
}

Status KafkaReader::Rewind() {
  Release();
  const PartitionList list = NewPartitionList(1);
  for (PartitionInfo& info : partitions_) {
    if (info.assigned) rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), info.id.partition);
    info.assigned = false;
  }
  slot_of_partition_.clear();
  // A new assignment under way begins at what is committed anyway.
  return list->cnt == 0 || !rebalances_.empty() || reopen_ ? Status::Ok() : StartAt(list.get());
}

Status KafkaReader::FetchPartitionCount(int32_t* count) {
  const TopicHandle topic(rd_kafka_topic_new(client_, topic_.c_str(), nullptr));
  Patience patience(kOutageMs, config_.stop);
  while (true) {
    const struct rd_kafka_metadata* metadata = nullptr;
    auto error = rd_kafka_metadata(client_, 0, topic.get(), &metadata, patience.Slice(kRequestMs));
    if (!error) {
      error = metadata->topics[0].err;
      *count = metadata->topics[0].partition_cnt;
      rd_kafka_metadata_destroy(metadata);
      if (!error && *count > 0) return Status::Ok();
    }
    if (!Transient(error) || patience.Over()) {
      return Status::Error(Transient(error) ? Exit::Unreachable : Exit::Incompatible,
                           Who() + "topic " + topic_ + " cannot be looked up: " + rd_kafka_err2str(error));
    }
  }
}

// Partitions are given out by the group's leader, which may be a reader of another topic, or a static member that was away when
// they were added: brokers let it in again without asking it for a new assignment. So everybody looks.
Status KafkaReader::SeeWhoReads() {
  const int64_t now = MonotonicMs();
  if (now < next_look_ms_ || !joined_ || handed_out_ || !rebalances_.empty()) return Status::Ok();
  next_look_ms_ = now + kLookEveryMs;
  reopen_ = reopen_ || Stalled(now);
  if (std::exchange(rejoin_, false)) return Subscribe();
  const auto home = Home::Find(config_.brokers, config_.group, config_.instance_id);
  if (!home) return Status::Ok();
  if (const int64_t asked = home->rejoins(); asked != std::exchange(rejoins_, asked)) return Subscribe();
  if (config_.worker != 0 || expected_partitions_ > 0 || now < next_count_ms_) return Status::Ok();
  next_count_ms_ = now + kCountEveryMs;
  int32_t count = 0;
  if (CountPartitions(client_, topic_, kCountMs, &count) || count <= partitions_read_) return Status::Ok();
  if (home->AllAssigned(topic_, count)) {
    partitions_read_ = count;
    count_again_ms_ = kCountEveryMs;
  } else {
    // Whoever leads may need its time, or be no streamc.
    next_count_ms_ = now + count_again_ms_;
    count_again_ms_ = std::min(2 * count_again_ms_, kCountSeldomMs);
  }
  return Status::Ok();
}

// Brokers answer, and have more than was read, but for a while nothing comes: whatever the client waits for, a new one does not.
bool KafkaReader::Stalled(int64_t now) {
  const std::vector<int32_t> slots = ActiveSlots();
  int64_t read = 0;
  for (const int32_t slot : slots) read += partitions_[slot].position;
  if (paused_ || slots.empty() || read != std::exchange(read_then_, read)) {
    stalled_looks_ = 0;
    next_stall_ms_ = now + kStallMs;
  }
  if (now < next_stall_ms_) return false;
  next_stall_ms_ = now + kStallMs;
  const PartitionList list = ListOf(slots);
  bool behind = FetchOffsets(client_, list.get(), RD_KAFKA_OFFSET_END, kCountMs) == RD_KAFKA_RESP_ERR_NO_ERROR;
  for (int i = 0; behind && i < list->cnt; ++i) {
    if (list->elems[i].offset <= partitions_[slots[i]].position) continue;
    if (++stalled_looks_ < 2) return false;
    observe::Log(observe::LogLevel::Warn, "client_stalled",
                 {{"source", name_}, {"topic", topic_}, {"partition", list->elems[i].partition},
                  {"position", partitions_[slots[i]].position}, {"end", list->elems[i].offset},
                  {"note", "nothing came for " + std::to_string(2 * kStallMs / 1000) + " s; another client takes its place"}});
    stalled_looks_ = 0;
    return true;
  }
  stalled_looks_ = 0;
  return false;
}

// The job deletes records of its own topics behind what the group has committed. Who finds them gone has slept while others read on.
bool KafkaReader::Overtaken(int32_t partition, int64_t first) {
  if (expected_partitions_ == 0) return false;
  const PartitionList list = NewPartitionList(1);
  auto* elem = rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition);
  const auto home = Home::Find(config_.brokers, config_.group, config_.instance_id);
  const auto error = FetchCommitted(home ? home->client() : client_, list.get(), kRequestMs);
  return error || elem->offset >= first;
}

Status KafkaReader::Committed(std::vector<CommittedPosition>* all) {
  all->clear();
  int32_t count = 0;
  if (Status status = FetchPartitionCount(&count); !status.ok()) return status;
  const PartitionList list = NewPartitionList(count);
  rd_kafka_topic_partition_list_add_range(list.get(), topic_.c_str(), 0, count - 1);
  // What other members are about to commit is not waited for.
  const auto home = Home::Find(config_.brokers, config_.group, config_.instance_id);
  Patience patience(kOutageMs, config_.stop);
  while (const auto error = FetchCommitted(home ? home->client() : client_, list.get(), patience.Slice(kRequestMs))) {
    if (!Transient(error) || patience.Over()) {
      return Status::Error(Exit::Unreachable, Who() + "the committed offsets of group " + config_.group +
                                                  " cannot be read: " + rd_kafka_err2str(error));
    }
  }
  for (int i = 0; i < list->cnt; ++i) {
    all->push_back({std::max<int64_t>(-1, list->elems[i].offset), DecodeNote(CommittedText(list->elems[i])).note});
  }
  return Status::Ok();
}

// Sets the offset of every partition: what the group has committed, else where the first start begins.
Status KafkaReader::ResolveStart(rd_kafka_topic_partition_list_t* list) {
  const auto home = Home::Find(config_.brokers, config_.group, config_.instance_id);
  int32_t partitions = known_partitions_;
  for (int i = 0; i < list->cnt; ++i) partitions = std::max(partitions, list->elems[i].partition + 1);
  Patience patience(kOutageMs, config_.stop);
  while (true) {
    // A process that died may have left a transaction that holds offsets back until it is ended.
    if (home) home->FenceTheDead(topic_, partitions);
    const auto error = FetchCommitted(client_, list, patience.Slice(home ? kStableMs : kRequestMs));
    if (!error) break;
    if (!Transient(error) || patience.Over()) {
      return Status::Error(Exit::Unreachable, Who() + "the committed offsets of group " + config_.group +
                                                  " cannot be read: " + rd_kafka_err2str(error));
    }
  }
  const PartitionList from_start = NewPartitionList(1), from_clause = NewPartitionList(1);
  for (int i = 0; i < list->cnt; ++i) {
    const auto& elem = list->elems[i];
    if (elem.offset < 0 && committed_.contains(elem.partition)) {
      return Status::Error(Exit::Incompatible, Who() + "group " + config_.group + " no longer has its position in " +
                                                   Place(elem.partition) +
                                                   ": the topic was made anew, or the group's offsets were deleted; start with"
                                                   " another --group");
    }
    if (elem.offset >= 0) {
      committed_.insert(elem.partition);
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
    if (info.assigned) AddPosition(list.get(), info.id, position, "");
  }
  if (list->cnt == 0) return Status::Ok();
  Status status = CommitList(list.get());
  if (status.ok() && !refused_) NoteCommitted(positions);
  return status;
}

void KafkaReader::NoteCommitted(const std::vector<Position>& positions) {
  for (const Position& position : positions) committed_.insert(partitions_[position.slot].id.partition);
}

PartitionList KafkaReader::ToCommit(const std::vector<Position>& positions, const std::string& transactional_id,
                                    rd_kafka_consumer_group_metadata_t** group) {
  PartitionList list = NewPartitionList(static_cast<int>(positions.size()));
  for (const Position& position : positions) {
    const PartitionInfo& info = partitions_[position.slot];
    if (!info.assigned) return nullptr;
    AddPosition(list.get(), info.id, position, transactional_id);
  }
  *group = rd_kafka_consumer_group_metadata(client_);
  // Brokers take a transaction's offsets from who is no member at all, so that has to be seen here; and partitions assigned in
  // another generation may be another member's by now.
  if (*group && generation_ >= 0 && GenerationOf(*group) == generation_ && !rd_kafka_assignment_lost(client_)) return list;
  if (*group) rd_kafka_consumer_group_metadata_destroy(*group);
  return nullptr;
}

Status KafkaReader::CommitList(rd_kafka_topic_partition_list_t* list) {
  refused_ = false;
  Patience patience(kOutageMs, config_.stop);
  while (true) {
    const QueueHandle replies(rd_kafka_queue_new(client_));
    auto error = rd_kafka_commit_queue(client_, list, replies.get(), nullptr, nullptr);
    if (!error) {
      // The library may keep a commit for a whole session when the group's coordinator moves; asking again is quicker, and
      // harmless.
      const EventHandle event(rd_kafka_queue_poll(replies.get(), patience.Slice(kRequestMs)));
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
        refused_ = true;
        observe::Log(observe::LogLevel::Warn, "commit_refused",
                     {{"source", name_}, {"topic", topic_}, {"text", rd_kafka_err2str(error)}});
        return Status::Ok();
      case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID: refused_ = true; return Fenced();
      default: break;
    }
    if (!Transient(error) || patience.Over()) {
      return Status::Error(Exit::Unreachable, Who() + "offsets of " + topic_ + " cannot be committed for group " +
                                                  config_.group + ": " + rd_kafka_err2str(error));
    }
    // Nothing arrives on a queue whose reply was taken: this is a pause that costs nothing.
    const EventHandle none(rd_kafka_queue_poll(replies.get(), 50));
  }
}

bool KafkaReader::Leave() {
  if (!client_ || !queue_ || rd_kafka_consumer_closed(client_)) return true;
  if (!closing_) {
    Release();
    closing_ = true;
    rebalances_.clear();
    leave_until_ms_ = MonotonicMs() + kCloseMs;
  }
  const auto step = [&](rd_kafka_queue_t* queue) {
    const ssize_t got = rd_kafka_consume_batch_queue(queue, kLeaveMs, chunk_.data(), 1);
    for (ssize_t i = 0; i < got; ++i) rd_kafka_message_destroy(chunk_[i]);
  };
  if (!leaving_) {
    // Brokers answer the requests of a connection in turn, so a member on its way into the group leaves when it is in, at the
    // earliest; and it may lead the group by then. If it left without a word, all others would wait for a second or two.
    if (joining_ && config_.instance_id.empty() && MonotonicMs() < leave_until_ms_ - kCloseMs / 2) {
      step(queue_.get());
      if (joining_) return false;
    }
    leaving_.reset(rd_kafka_queue_new(client_));
    if (rd_kafka_error_t* error = rd_kafka_consumer_close_queue(client_, leaving_.get())) {
      rd_kafka_error_destroy(error);
      leave_until_ms_ = 0;
    }
    // A revocation nobody answered would keep the group waiting. Answered earlier, it would make the member join again.
    AnswerRevoke();
  }
  if (MonotonicMs() >= leave_until_ms_) return true;
  step(leaving_.get());
  return rd_kafka_consumer_closed(client_);
}

void KafkaReader::Close() {
  if (!client_) return;
  while (!Leave()) {
  }
  const bool left = leaving_ && rd_kafka_consumer_closed(client_);
  leaving_.reset();
  queue_.reset();
  DestroyConsumer(client_, left ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  client_ = nullptr;
}

}  // namespace streamc::rt::connector::kafka
