#include "runtime/state/slices.h"

namespace streamc::rt::state {

Table& SliceSet::Get(const time::SliceKey& key) {
  std::unique_ptr<Table>& table = tables_[key];
  if (table == nullptr) {
    if (spare_.empty()) {
      table = std::make_unique<Table>(*shape_);
    } else {
      table = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  return *table;
}

void SliceSet::Recycle() {
  for (auto& table : retired_) {
    if (spare_.size() == kSpare) break;
    table->Clear();
    spare_.push_back(std::move(table));
  }
  retired_.clear();
}

int64_t SliceSet::reserved() const {
  int64_t bytes = 0;
  for (const auto& [key, table] : tables_) bytes += table->reserved();
  for (const auto& table : retired_) bytes += table->reserved();
  for (const auto& table : spare_) bytes += table->reserved();
  return bytes;
}

int64_t SliceSet::slots() const {
  int64_t count = 0;
  for (const auto& [key, table] : tables_) count += table->size();
  return count;
}

}  // namespace streamc::rt::state
