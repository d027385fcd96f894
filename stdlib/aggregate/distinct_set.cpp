#include "stdlib/aggregate/distinct_set.h"

#include <algorithm>
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

constexpr uint8_t kWords = 0, kTexts = 1;

void PutNumber(ScBytes* out, uint64_t number) {
  char bytes[10];
  int size = 0;
  for (; number >= 0x80; number >>= 7) bytes[size++] = static_cast<char>(number | 0x80);
  bytes[size++] = static_cast<char>(number);
  sc_bytes_append(out, bytes, size);
}

// Refuses a number of more bytes than it needs: each has one form.
bool TakeNumber(SavedReader* in, uint64_t* number) {
  *number = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    uint8_t byte = 0;
    if (!in->Take(&byte)) return false;
    const uint64_t bits = byte & 0x7F;
    if (bits << shift >> shift != bits) return false;
    *number |= bits << shift;
    if ((byte & 0x80) == 0) return byte != 0 || shift == 0;
  }
  return false;
}

uint64_t Folded(int64_t count) { return static_cast<uint64_t>(count) << 1 ^ static_cast<uint64_t>(count >> 63); }
int64_t Unfolded(uint64_t number) { return static_cast<int64_t>(number >> 1 ^ (0 - (number & 1))); }

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

void DistinctSet::Save(ScBytes* out) const {
  if (used_ == 0) return;
  auto* sorted = static_cast<const Entry**>(Checked(std::malloc(used_ * sizeof(Entry*))));
  uint64_t count = 0;
  for (uint64_t i = 0; i < capacity_; ++i)
    if (entries_[i].count != 0) sorted[count++] = &entries_[i];
  std::sort(sorted, sorted + count, [](const Entry* a, const Entry* b) {
    if (a->bytes == nullptr) return a->word < b->word;
    return sc_str_compare(a->bytes, static_cast<int64_t>(a->word), b->bytes, static_cast<int64_t>(b->word)) < 0;
  });
  Put(out, sorted[0]->bytes == nullptr ? kWords : kTexts);
  for (uint64_t i = 0; i < count; ++i) {
    PutNumber(out, Folded(sorted[i]->count));
    if (sorted[i]->bytes == nullptr) {
      Put(out, sorted[i]->word);
    } else {
      PutNumber(out, sorted[i]->word);
      sc_bytes_append(out, sorted[i]->bytes, static_cast<int64_t>(sorted[i]->word));
    }
  }
  std::free(sorted);
}

bool DistinctSet::Load(SavedReader in) {
  uint8_t form = 0;
  if (!in.Take(&form) || form > kTexts || in.left == 0) return false;
  uint64_t word = 0, size = 0, folded = 0;
  const char* bytes = nullptr;
  for (bool first = true; in.left > 0; first = false) {
    if (!TakeNumber(&in, &folded) || folded == 0) return false;
    if (form == kWords) {
      const uint64_t before = word;
      if (!in.Take(&word) || (!first && word <= before)) return false;
      Add(word, Unfolded(folded));
    } else {
      const char* before = bytes;
      const int64_t before_size = static_cast<int64_t>(size);
      if (!TakeNumber(&in, &size) || size > static_cast<uint64_t>(in.left)) return false;
      if (!in.Take(static_cast<int64_t>(size), &bytes)) return false;
      if (!first && sc_str_compare(before, before_size, bytes, static_cast<int64_t>(size)) >= 0) return false;
      Add(bytes, static_cast<int64_t>(size), Unfolded(folded));
    }
  }
  return true;
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
