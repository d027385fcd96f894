// The tables of one windowed aggregate: one per slice and first window it counts for (time/window.h).
//
// Each lane of the engine has its own set, so updating takes no lock; a window's result is the merge of all tables it takes,
// over all sets. A slice owns its memory and is dropped whole; dropped tables go to a pool, which sets of one thread may share, to
// be used again. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "runtime/state/table.h"
#include "runtime/time/window.h"

namespace streamc::rt::state {

// Empty tables of one shape, with their memory.
class TablePool {
 public:
  // `shape` must outlive the pool. Beyond `most` tables, or kMostBytes of them, what is given back goes.
  TablePool(const TableShape& shape, size_t most) : shape_(shape), most_(most) {}
  std::unique_ptr<Table> Take();
  void Give(std::unique_ptr<Table> table);
  int64_t reserved() const { return bytes_; }

 private:
  static constexpr int64_t kMostBytes = 16 << 20;
  const TableShape& shape_;
  size_t most_;
  int64_t bytes_ = 0;
  std::vector<std::unique_ptr<Table>> spare_;
};

class SliceSet {
 public:
  using Map = std::map<time::SliceKey, std::unique_ptr<Table>>;

  explicit SliceSet(TablePool& pool) : pool_(&pool) {}

  Table& Get(const time::SliceKey& key);
  // Takes a table of `from`, which this set has none for yet, over as it is; null when it has one.
  Table* Adopt(SliceSet* from, const time::SliceKey& key);
  const Map& tables() const { return tables_; }
  bool empty() const { return tables_.empty(); }
  // Drops the tables for which pred(key) holds. Their memory lives on until Recycle: results may still view into it.
  template <class P>
  void DropIf(P&& pred) {
    for (auto it = tables_.begin(); it != tables_.end();) {
      if (!pred(it->first)) {
        ++it;
        continue;
      }
      retired_.push_back(std::move(it->second));
      it = tables_.erase(it);
    }
  }
  void DropAll() {
    DropIf([](const time::SliceKey&) { return true; });
  }
  // Ends the life of dropped tables.
  void Recycle();
  int64_t reserved() const;
  int64_t slots() const;

 private:
  TablePool* pool_;
  Map tables_;
  std::vector<std::unique_ptr<Table>> retired_;
};

}  // namespace streamc::rt::state
