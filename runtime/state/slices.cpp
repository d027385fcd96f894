#include "runtime/state/slices.h"

namespace streamc::rt::state {

std::unique_ptr<Table> TablePool::Take() {
  if (spare_.empty()) return std::make_unique<Table>(shape_);
  std::unique_ptr<Table> table = std::move(spare_.back());
  spare_.pop_back();
  bytes_ -= table->reserved();
  return table;
}

void TablePool::Give(std::unique_ptr<Table> table) {
  if (spare_.size() >= most_) return;
  table->Clear();
  int64_t bytes = table->reserved();
  if (bytes_ + bytes > kMostBytes) return;
  bytes_ += bytes;
  spare_.push_back(std::move(table));
}

Table& SliceSet::Get(const time::SliceKey& key) {
  std::unique_ptr<Table>& table = tables_[key];
  if (table == nullptr) table = pool_->Take();
  return *table;
}

Table* SliceSet::Adopt(SliceSet* from, const time::SliceKey& key) {
  std::unique_ptr<Table>& table = tables_[key];
  if (table != nullptr) return nullptr;
  auto found = from->tables_.find(key);
  table = std::move(found->second);
  from->tables_.erase(found);
  return table.get();
}

void SliceSet::Recycle() {
  for (auto& table : retired_) pool_->Give(std::move(table));
  retired_.clear();
}

int64_t SliceSet::reserved() const {
  int64_t bytes = 0;
  for (const auto& [key, table] : tables_) bytes += table->reserved();
  for (const auto& table : retired_) bytes += table->reserved();
  return bytes;
}

int64_t SliceSet::slots() const {
  int64_t count = 0;
  for (const auto& [key, table] : tables_) count += table->size();
  return count;
}

}  // namespace streamc::rt::state
