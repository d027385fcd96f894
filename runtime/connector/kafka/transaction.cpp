// How a turn of the log ends: committed, aborted, or by a new producer where nobody knows.
#include <algorithm>
#include <future>
#include <thread>

#include "runtime/batch/fault_point.h"
#include "runtime/connector/kafka/log_impl.h"
#include "runtime/connector/kafka/note.h"
#include "runtime/observe/heartbeat.h"
#include "runtime/observe/log.h"

namespace streamc::rt::connector::kafka {
namespace {

constexpr int kSliceMs = 500;  // so that a stop is seen
constexpr int kSendOffsetsMs = 2000;
constexpr int64_t kStrayMs = 1000;
constexpr std::chrono::milliseconds kLookMs(100);
// The library may ask a broker that has just gone for the coordinator, and wait for its answer; another producer asks another.
constexpr int64_t kInitMs = 6000;
constexpr int64_t kAbortMs = 5000;
constexpr int64_t kLastCommitMs = 6000;  // of a job that was told to stop
constexpr int64_t kReportSlackMs = 5000;
constexpr int64_t kCheckEveryMs = 30000;
constexpr int kFewAborts = 5;

bool NeverAllowed(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED: return true;
    default: return false;
  }
}

}  // namespace

KafkaLog::Outcome KafkaLog::Take(rd_kafka_error_t* error) const {
  Outcome outcome;
  if (!error) return outcome;
  outcome.ok = false;
  outcome.again = rd_kafka_error_is_retriable(error) != 0;
  outcome.abort = rd_kafka_error_txn_requires_abort(error) != 0;
  outcome.fatal = rd_kafka_error_is_fatal(error) != 0;
  outcome.code = rd_kafka_error_code(error);
  outcome.text = Redacted(producer_config_, rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  return outcome;
}

// What no other attempt will change; ok for everything else.
Status KafkaLog::Refused(const Outcome& outcome) const {
  const std::string id = home_->transactional_id();
  switch (outcome.code) {
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
      return Status::Error(Exit::Usage, Who() + "the brokers allow no transaction.timeout.ms of " +
                                            std::to_string(transaction_timeout_ms_) + " (their transaction.max.timeout.ms)");
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return Status::Error(Exit::Incompatible, Who() + "the brokers at " + config_.brokers +
                                                   " have no transactions; write `delivery at_least_once` in the job");
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
      return Status::Error(Exit::Incompatible, Who() + "the brokers' offset.metadata.max.bytes is less than " +
                                                   std::to_string(kMaxNote) + ", which the job needs");
    default: break;
  }
  if (!NeverAllowed(outcome.code)) return Status::Ok();
  return Status::Error(Exit::Unreachable, Who() + "this user may not write in transactions of " + id + " for group " +
                                              config_.group + " (" + outcome.text + ")");
}

// An initialised producer instead of the one there is. A writer takes it up at its next record.
Status KafkaLog::NewProducer(int64_t limit_ms) {
  std::vector<std::string> topics;
  if (slot_->producer) topics = slot_->producer->TopicNames();
  Patience patience(limit_ms, config_.stop);
  ++slot_->serial;
  slot_->transactional = config_.exactly_once;
  config_changed_ = false;
  while (true) {
    slot_->producer.reset();
    if (Status status = Producer::Make(config_.group, producer_config_, &slot_->producer); !status.ok()) return status;
    if (!config_.exactly_once) break;
    bool again = false;
    batch::FaultAt(batch::FaultPoint::ProducerMade);
    Status status = InitTransactions(&patience, &again);
    if (status.ok()) break;
    if (!again || patience.Over()) return status;
  }
  for (const std::string& name : topics) {
    rd_kafka_topic_t* topic = nullptr;
    Status status = slot_->producer->Topic(config_.group, name, &topic);
    while (status.code == Exit::Unreachable && !patience.Over() && !slot_->producer->Reachable()) {
      status = slot_->producer->Topic(config_.group, name, &topic);
    }
    if (!status.ok()) return status;
  }
  batch::FaultAt(batch::FaultPoint::ProducerReady);
  return Status::Ok();
}

// Ends what an earlier producer of this id left open, and fences it. `again`: another producer may succeed.
Status KafkaLog::InitTransactions(Patience* patience, bool* again) {
  Producer& producer = *slot_->producer;
  // The library asks for the transaction's coordinator at once; without a connection by then, half a second later.
  producer.Reachable();
  const int64_t until = MonotonicMs() + kInitMs;
  while (true) {
    const Outcome outcome = Take(rd_kafka_init_transactions(producer.client(), patience->Slice(kSliceMs)));
    if (outcome.ok) return Status::Ok();
    if (Status status = Refused(outcome); !status.ok()) return status;
    if (producer.events().refused()) {
      return Status::Error(Exit::Unreachable, Who() + "Kafka at " + config_.brokers +
                                                  " does not let the job in: " + producer.events().last_problem());
    }
    if (outcome.again && !patience->Over() && MonotonicMs() < until) continue;
    *again = true;
    const std::string problem = producer.events().last_problem();
    return Status::Error(Exit::Unreachable, Who() + "no transaction can be begun on the brokers at " + config_.brokers + " (" +
                                                outcome.text + (problem.empty() ? "" : "; " + problem) + ")");
  }
}

Status KafkaLog::Recycle(const std::string& reason) {
  ++home_->counters().recycled;
  observe::Log(observe::LogLevel::Info, "producer_recycled",
               {{"transactional_id", home_->transactional_id()}, {"reason", reason}});
  batch::FaultAt(batch::FaultPoint::RecycleBefore);
  Status status = NewProducer(kOutageMs);
  batch::FaultAt(batch::FaultPoint::RecycleDone);
  return status;
}

// When the turn is over; the first reason is told.
void KafkaLog::RecycleFor(std::string reason) {
  if (!recycle_) recycle_text_ = std::move(reason);
  recycle_ = true;
}

void KafkaLog::Doom(const Outcome& outcome) {
  doomed_ = true;
  // Neither said to be abortable nor to be tried again: a commit whose outcome nobody knows, or a producer that is done for.
  if (outcome.fatal || !outcome.abort) RecycleFor((outcome.fatal ? "fatal: " : "outcome unknown: ") + outcome.text);
  doom_text_ = outcome.text;
  if (failure_.ok()) failure_ = Refused(outcome);
}

Status KafkaLog::SendPositions(Reader& reader, const std::vector<Position>& positions) {
  if (!begun_ || doomed_ || positions.empty()) return Status::Ok();
  auto* source = dynamic_cast<KafkaReader*>(&reader);
  if (!source) return Status::Error(Exit::Internal, Who() + "positions of a reader that is not of Kafka");
  for (const Position& position : positions) {
    if (EncodeNote(home_->transactional_id(), position.note).size() > kMaxNote)
      return Status::Error(Exit::Internal, Who() + "the note of a position is too long");
  }
  if (source->topic() == TopicName(config_.group, InternalTopic::Repartition)) {
    for (const Position& each : positions) turn_purge_[source->slots()[each.slot].id.partition] = each.offset;
  }
  if (!config_.exactly_once) {
    positions_.emplace_back(&reader, positions);
    return Status::Ok();
  }
  positions_.emplace_back(&reader, positions);
  rd_kafka_consumer_group_metadata_t* member = nullptr;
  auto offsets = std::make_shared<PartitionList>(source->ToCommit(positions, home_->transactional_id(), &member));
  if (!*offsets) {
    Outcome lost;
    lost.abort = true;
    lost.text = "partitions of " + source->topic() + " are no longer this member's";
    Doom(lost);
    return Status::Ok();
  }
  const auto group = std::make_shared<GroupMetadata>(member);
  Patience patience(transaction_timeout_ms_, config_.stop);
  while (true) {
    Outcome outcome;
    const bool back = SendOffsets(offsets, group, &patience, &outcome);
    if (outcome.ok) return Status::Ok();
    if (back && outcome.again && !patience.Over()) continue;
    Doom(outcome);
    return Status::Ok();
  }
}

// librdkafka 2.0.2 waits without a limit for this call's answer, whatever its timeout, and may lose what was to give it: when brokers
// do not know the group's coordinator three times within moments, it asks again only if some connection comes or goes. So the thread
// in there owns all it uses, and is left alone after a while. False: so it was.
bool KafkaLog::SendOffsets(const std::shared_ptr<PartitionList>& offsets, const std::shared_ptr<GroupMetadata>& group,
                           Patience* patience, Outcome* outcome) {
  const int timeout = patience->Slice(kSendOffsetsMs);
  // A request of the call may have been sent at its end.
  const int64_t deadline = MonotonicMs() + timeout + socket_timeout_ms_ + kStrayMs;
  auto answer = std::make_shared<std::promise<rd_kafka_error_t*>>();
  auto taken = std::make_shared<std::atomic<bool>>(false);
  std::future<rd_kafka_error_t*> result = answer->get_future();
  std::thread([producer = slot_->producer, offsets, group, timeout, answer, taken] {
    rd_kafka_error_t* error = rd_kafka_send_offsets_to_transaction(producer->client(), offsets->get(), group->get(), timeout);
    // Who is first decides: the caller that no longer waits, or this answer.
    if (!taken->exchange(true)) {
      answer->set_value(error);
    } else if (error) {
      rd_kafka_error_destroy(error);
    }
  }).detach();
  while (result.wait_for(kLookMs) != std::future_status::ready) {
    observe::Beat();
    const bool stopped = config_.stop && *config_.stop;
    if (MonotonicMs() < deadline && !(stopped && patience->Over())) continue;
    if (taken->exchange(true)) break;
    stray_ = true;
    outcome->ok = false;
    outcome->text = "the client library does not come back from sending positions";
    return false;
  }
  *outcome = Take(result.get());
  return true;
}

// Nothing refers to the caller's memory afterwards, though the producer stays.
Status KafkaLog::TakeRecordsBack() {
  Producer& producer = *slot_->producer;
  rd_kafka_purge(producer.client(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  stray_ = false;
  // Each is reported when its time is over, if not before.
  if (producer.AwaitAll(MonotonicMs() + producer.delivery_timeout_ms() + kReportSlackMs)) return Status::Ok();
  return Status::Error(Exit::Unreachable, Who() + "the client library does not give records back (" +
                                              producer.events().last_problem() + ")");
}

Status KafkaLog::Commit(CommitOutcome* outcome) {
  *outcome = CommitOutcome::Committed;
  if (!begun_) return Status::Ok();
  if (!config_.exactly_once) return CommitPlain();
  bool of_the_record = false;
  if (const Status failure = slot_->producer->failure(&of_the_record); !failure.ok() && !doomed_) {
    doomed_ = true;
    doom_text_ = failure.message;
  }
  Patience patience(transaction_timeout_ms_, config_.stop, kLastCommitMs);
  while (!doomed_ && !slot_->producer->AwaitAll(MonotonicMs() + patience.Slice(kSliceMs)) && !patience.Over()) {
  }
  const int64_t start = MonotonicMs();
  while (!doomed_) {
    const Outcome end = Take(rd_kafka_commit_transaction(slot_->producer->client(), patience.Slice(kSliceMs)));
    if (end.ok) break;
    if (end.again && !patience.Over()) continue;
    Doom(end);
  }
  if (doomed_) {
    *outcome = CommitOutcome::Aborted;
    return EndAborted();
  }
  batch::FaultAt(batch::FaultPoint::TurnCommitted);
  begun_ = false;
  confirmed_ = true;
  for (const auto& [reader, positions] : positions_) static_cast<KafkaReader*>(reader)->NoteCommitted(positions);
  last_end_ = std::chrono::steady_clock::now();
  // A second sign of a request that hung, where the library did not say so. Records do not count: many of them may just take long,
  // and each new producer's first commit more so.
  suspicious_ = MonotonicMs() - start > socket_timeout_ms_;
  return AfterCommit();
}

Status KafkaLog::CommitPlain() {
  Producer& producer = *slot_->producer;
  Patience patience(producer.delivery_timeout_ms() + kReportSlackMs, config_.stop, kLastCommitMs);
  for (const auto& [reader, positions] : positions_) {
    if (!batch::Breaks(batch::Rule::PositionsLast)) break;
    if (Status status = reader->Commit(positions); !status.ok()) return status;
  }
  bool of_the_record = false;
  while (!producer.AwaitAll(MonotonicMs() + patience.Slice(kSliceMs)) && !patience.Over()) {
  }
  Status status = producer.failure(&of_the_record);
  if (status.ok() && !producer.AwaitAll(0)) {
    status = Status::Error(Exit::Unreachable, Who() + "records were not acknowledged by " + config_.brokers + " (" +
                                                  producer.events().last_problem() + ")");
  }
  if (!status.ok()) {
    rd_kafka_purge(producer.client(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    producer.AwaitAll(MonotonicMs() + kReportSlackMs);
    return status;
  }
  begun_ = false;
  confirmed_ = true;
  for (const auto& [reader, positions] : positions_) {
    if (status = reader->Commit(positions); !status.ok()) return status;
    confirmed_ = confirmed_ && !static_cast<KafkaReader*>(reader)->refused();
  }
  return AfterCommit();
}

Status KafkaLog::AfterCommit() {
  ++home_->counters().committed;
  aborts_in_row_ = 0;
  if (!config_.keyed) return Status::Ok();
  for (const auto& [partition, offset] : turn_purge_) purgeable_[partition] = offset;
  purge_.Run(home_->client(), TopicName(config_.group, InternalTopic::Repartition), purgeable_);
  if (MonotonicMs() < next_check_ms_) return Status::Ok();
  next_check_ms_ = MonotonicMs() + kCheckEveryMs;
  return CheckTopics(home_->client(), config_);
}

Status KafkaLog::Abort() {
  if (!begun_) return Status::Ok();
  if (config_.exactly_once) return EndAborted();
  begun_ = false;
  ++home_->counters().aborted;
  rd_kafka_purge(slot_->producer->client(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  slot_->producer->AwaitAll(MonotonicMs() + kReportSlackMs);
  slot_->producer->Forget();
  return Status::Ok();
}

// Afterwards nothing refers to the caller's memory, and the next turn has a producer that can be trusted.
Status KafkaLog::EndAborted() {
  batch::FaultAt(batch::FaultPoint::AbortBefore);
  ++home_->counters().aborted;
  begun_ = false;
  bool of_the_record = false;
  Status failed = slot_->producer->failure(&of_the_record);
  if (failure_.ok() && of_the_record) failure_ = std::move(failed);
  if (stray_) {
    if (Status status = TakeRecordsBack(); !status.ok()) return status;
  }
  Patience patience(kAbortMs, config_.stop);
  while (!recycle_) {
    const Outcome end = Take(rd_kafka_abort_transaction(slot_->producer->client(), patience.Slice(kSliceMs)));
    if (end.ok) break;
    if (end.again && !patience.Over()) continue;
    RecycleFor("abort: " + end.text);
    if (doom_text_.empty()) doom_text_ = end.text;
  }
  if (!recycle_ && !slot_->producer->AwaitAll(MonotonicMs() + kReportSlackMs)) RecycleFor("records without a report");
  if (const std::string why = slot_->producer->disturbance(); producer_config_.recycle_producers && !why.empty())
    RecycleFor(why);
  batch::FaultAt(batch::FaultPoint::AbortDone);
  last_end_ = std::chrono::steady_clock::now();
  observe::Log(observe::LogLevel::Warn, "turn_aborted",
               {{"text", !failure_.ok()       ? failure_.message
                         : doom_text_.empty() ? "by the job"
                                              : doom_text_}});
  if (!failure_.ok()) {
    ++slot_->serial;
    slot_->producer.reset();
    return failure_;
  }
  if (config_.one_turn) {
    ++slot_->serial;
    slot_->producer.reset();
    return Status::Ok();
  }
  if (recycle_) {
    if (Status status = Recycle(recycle_text_); !status.ok()) return status;
  } else {
    slot_->producer->Forget();
  }
  return Undone();
}

// The turn is to be done again; not for ever, and not in a hurry.
Status KafkaLog::Undone() {
  if (aborts_in_row_++ == 0) first_abort_ms_ = MonotonicMs();
  if (aborts_in_row_ > kFewAborts && MonotonicMs() - first_abort_ms_ > kOutageMs) {
    return Status::Error(Exit::Unreachable, Who() + "no turn could be committed for " + std::to_string(kOutageMs / 60000) +
                                                " minutes: " + doom_text_);
  }
  int64_t wait = aborts_in_row_ < 2 ? 0 : std::min<int64_t>(1000, 10 << std::min<int64_t>(aborts_in_row_, 7));
  for (; wait > 0 && !(config_.stop && *config_.stop); wait -= 50) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min<int64_t>(wait, 50)));
  }
  return Status::Ok();
}

}  // namespace streamc::rt::connector::kafka
