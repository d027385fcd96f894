#include "stdlib/aggregate/distinct_set.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime/abi/abi.h"

namespace streamc::stdlib {

namespace {

// Kernels cannot report it, so running out of memory ends the process, as it does for arenas.
void* Checked(void* block) {
  if (block == nullptr) {
    std::fputs("out of memory in count_distinct\n", stderr);
    std::abort();
  }
  return block;
}

}  // namespace

DistinctSet::~DistinctSet() {
  for (uint64_t i = 0; i < capacity_; ++i)
    if (entries_[i].count != 0) std::free(entries_[i].bytes);
  std::free(entries_);
}

void DistinctSet::Add(uint64_t word, int64_t count) { AddHashed(sc_hash_mix(0, word), nullptr, word, count); }

void DistinctSet::Add(const char* bytes, int64_t size, int64_t count) {
  // An empty text still needs an address to be told from a word.
  AddHashed(sc_hash_str(bytes, size), size == 0 ? "" : bytes, static_cast<uint64_t>(size), count);
}

void DistinctSet::AddAll(const DistinctSet& other) {
  for (uint64_t i = 0; i < other.capacity_; ++i) {
    const Entry& entry = other.entries_[i];
    if (entry.count != 0) AddHashed(entry.hash, entry.bytes, entry.word, entry.count);
  }
}

void DistinctSet::AddHashed(uint64_t hash, const char* bytes, uint64_t word, int64_t count) {
  if (count == 0) return;
  if (4 * (used_ + 1) > 3 * capacity_) Grow();
  uint64_t mask = capacity_ - 1;
  uint64_t slot = hash & mask;
  for (; entries_[slot].count != 0; slot = (slot + 1) & mask) {
    Entry& entry = entries_[slot];
    if (entry.hash != hash || entry.word != word || (entry.bytes == nullptr) != (bytes == nullptr)) continue;
    if (bytes != nullptr && word > 0 && std::memcmp(entry.bytes, bytes, word) != 0) continue;
    int64_t before = entry.count;
    entry.count += count;
    size_ += (entry.count > 0) - (before > 0);
    if (entry.count == 0) Erase(slot);
    return;
  }
  char* copy = nullptr;
  if (bytes != nullptr) {
    copy = static_cast<char*>(Checked(std::malloc(word > 0 ? word : 1)));
    std::memcpy(copy, bytes, word);
  }
  entries_[slot] = Entry{hash, count, copy, word};
  ++used_;
  size_ += count > 0;
}

void DistinctSet::Grow() {
  uint64_t old_capacity = capacity_;
  Entry* old = entries_;
  capacity_ = capacity_ == 0 ? 8 : 2 * capacity_;
  entries_ = static_cast<Entry*>(Checked(std::calloc(capacity_, sizeof(Entry))));
  for (uint64_t i = 0; i < old_capacity; ++i) {
    if (old[i].count == 0) continue;
    uint64_t slot = old[i].hash & (capacity_ - 1);
    while (entries_[slot].count != 0) slot = (slot + 1) & (capacity_ - 1);
    entries_[slot] = old[i];
  }
  std::free(old);
}

void DistinctSet::Erase(uint64_t slot) {
  std::free(entries_[slot].bytes);
  uint64_t mask = capacity_ - 1;
  uint64_t hole = slot;
  // An entry may move back into the hole when its home is not between the hole and where it stands.
  for (uint64_t next = (slot + 1) & mask; entries_[next].count != 0; next = (next + 1) & mask) {
    uint64_t home = entries_[next].hash & mask;
    if (((next - home) & mask) < ((next - hole) & mask)) continue;
    entries_[hole] = entries_[next];
    hole = next;
  }
  entries_[hole] = Entry{};
  --used_;
}

}  // namespace streamc::stdlib
