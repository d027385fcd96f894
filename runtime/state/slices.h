// The tables of one windowed aggregate: one per slice and first window it counts for (time/window.h).
//
// Each lane of the engine has its own set, so updating takes no lock; a window's result is the merge of all tables it takes,
// over all sets. A slice owns its memory and is dropped whole; a few dropped tables are kept to be used again. One thread at a
// time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "runtime/state/table.h"
#include "runtime/time/window.h"

namespace streamc::rt::state {

class SliceSet {
 public:
  using Map = std::map<time::SliceKey, std::unique_ptr<Table>>;

  explicit SliceSet(const TableShape& shape) : shape_(&shape) {}

  Table& Get(const time::SliceKey& key);
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
  static constexpr size_t kSpare = 4;
  const TableShape* shape_;
  Map tables_;
  std::vector<std::unique_ptr<Table>> retired_, spare_;
};

}  // namespace streamc::rt::state
