// A multiset of values with counts: what `count_distinct` keeps. Exact; a value taken out as often as it was put in is gone.
//
// Open addressing with linear probing on the heap; removal moves later entries back, so there are no tombstones. Values
// of up to 8 bytes stand in the entry, longer ones (strings, decimals) in a block each. One thread at a time.
#pragma once

#include <cstdint>

#include "stdlib/aggregate/saved.h"

namespace streamc::stdlib {

class DistinctSet {
 public:
  DistinctSet() = default;
  DistinctSet(const DistinctSet&) = delete;
  DistinctSet& operator=(const DistinctSet&) = delete;
  ~DistinctSet();

  int64_t size() const { return size_; }

  // Adds `count` to the value's count, which may be negative; at 0 the value leaves. A count below 0 is kept: its additions are
  // still to come from another set.
  void Add(uint64_t word, int64_t count);
  void Add(const char* bytes, int64_t size, int64_t count);

  void AddAll(const DistinctSet& other);

  // Appends the values with their counts in a fixed order; nothing when there are none. One byte says what the values are: 0, words of
  // 8 bytes; 1, bytes with their size before them. Sizes and counts (the sign in the lowest bit) are numbers of 7 bits a byte,
  // lowest first, the highest bit set on all bytes but the last.
  void Save(ScBytes* out) const;
  // Into an empty set. False when the bytes are not what Save writes; the set then holds some of them.
  bool Load(SavedReader in);

 private:
  struct Entry {
    uint64_t hash;
    int64_t count;  // 0: the entry is free
    char* bytes;    // null: the value is `word`, else `word` bytes here
    uint64_t word;
  };

  void AddHashed(uint64_t hash, const char* bytes, uint64_t word, int64_t count);
  void Grow();
  void Erase(uint64_t slot);

  Entry* entries_ = nullptr;
  uint64_t capacity_ = 0;  // a power of two
  uint64_t used_ = 0;      // entries in use
  int64_t size_ = 0;       // of them, those with a positive count
};

}  // namespace streamc::stdlib
