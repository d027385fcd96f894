#include "runtime/connector/memory/memory_log.h"

#include <algorithm>
#include <chrono>
#include <memory>

namespace streamc::rt::connector {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<MemoryLog>, std::less<>> logs;
};
Registry& Logs() {
  static Registry registry;
  return registry;
}

}  // namespace

MemoryLog& MemoryLog::Get(std::string_view name) {
  Registry& registry = Logs();
  std::lock_guard lock(registry.mutex);
  auto found = registry.logs.find(name);
  if (found == registry.logs.end()) {
    found = registry.logs.emplace(std::string(name), std::unique_ptr<MemoryLog>(new MemoryLog)).first;
  }
  return *found->second;
}

void MemoryLog::ClearAll() {
  Registry& registry = Logs();
  std::lock_guard lock(registry.mutex);
  for (auto& [name, log] : registry.logs) log->Clear();
}

void MemoryLog::SetPartitions(int32_t count) {
  std::lock_guard lock(mutex_);
  if (static_cast<size_t>(count) > partitions_.size()) partitions_.resize(static_cast<size_t>(count));
}

int32_t MemoryLog::partitions() const {
  std::lock_guard lock(mutex_);
  return static_cast<int32_t>(partitions_.size());
}

int64_t MemoryLog::Append(int32_t partition, MemoryRecord record) {
  std::unique_lock lock(mutex_);
  size_t index = static_cast<size_t>(std::max(partition, 0));
  if (index >= partitions_.size()) partitions_.resize(index + 1);
  partitions_[index].push_back(std::move(record));
  int64_t offset = static_cast<int64_t>(partitions_[index].size()) - 1;
  ++appends_;
  lock.unlock();
  appended_.notify_all();
  return offset;
}

void MemoryLog::Finish() {
  std::unique_lock lock(mutex_);
  finished_ = true;
  ++appends_;  // wakes waiting readers
  lock.unlock();
  appended_.notify_all();
}

bool MemoryLog::finished() const {
  std::lock_guard lock(mutex_);
  return finished_;
}

int64_t MemoryLog::end(int32_t partition) const {
  std::lock_guard lock(mutex_);
  size_t index = static_cast<size_t>(partition);
  return index < partitions_.size() ? static_cast<int64_t>(partitions_[index].size()) : 0;
}

const MemoryRecord& MemoryLog::At(int32_t partition, int64_t offset) const {
  std::lock_guard lock(mutex_);
  return partitions_.at(static_cast<size_t>(partition)).at(static_cast<size_t>(offset));
}

int64_t MemoryLog::FirstAt(int32_t partition, int64_t timestamp) const {
  std::lock_guard lock(mutex_);
  size_t index = static_cast<size_t>(partition);
  if (index >= partitions_.size()) return 0;
  const auto& records = partitions_[index];
  auto found = std::find_if(records.begin(), records.end(), [&](const MemoryRecord& r) { return r.timestamp >= timestamp; });
  return found - records.begin();
}

void MemoryLog::Read(int32_t partition, int64_t offset, int64_t limit, std::vector<const MemoryRecord*>* out) const {
  std::lock_guard lock(mutex_);
  size_t index = static_cast<size_t>(partition);
  if (index >= partitions_.size()) return;
  const auto& records = partitions_[index];
  int64_t stop = std::min(static_cast<int64_t>(records.size()), offset + limit);
  for (int64_t i = offset; i < stop; ++i) out->push_back(&records[static_cast<size_t>(i)]);
}

void MemoryLog::WaitForAppend(int64_t seen, int64_t micros) const {
  std::unique_lock lock(mutex_);
  appended_.wait_for(lock, std::chrono::microseconds(micros), [&] { return appends_ > seen; });
}

int64_t MemoryLog::appends() const {
  std::lock_guard lock(mutex_);
  return appends_;
}

void MemoryLog::Commit(const std::string& group, int32_t partition, CommittedPosition position) {
  std::lock_guard lock(mutex_);
  commits_[{group, partition}] = std::move(position);
}

CommittedPosition MemoryLog::committed(const std::string& group, int32_t partition) const {
  std::lock_guard lock(mutex_);
  auto found = commits_.find({group, partition});
  return found == commits_.end() ? CommittedPosition{} : found->second;
}

void MemoryLog::Clear() {
  std::lock_guard lock(mutex_);
  partitions_.clear();
  partitions_.resize(1);
  commits_.clear();
  finished_ = false;
}

}  // namespace streamc::rt::connector
