#include "runtime/state/table.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace streamc::rt::state {
namespace {

using KeyKind = TableShape::KeyKind;

constexpr uint64_t kPointerBits = 48;
constexpr uint64_t kPointerMask = (uint64_t{1} << kPointerBits) - 1;
constexpr int64_t kFirstSlots = 16, kMostSlots = 4096;
constexpr size_t kFirstIndex = 32;
constexpr int64_t kKeptBytes = 1 << 20;  // a cleared table above this gives its memory back

KeyKind KindOf(const batch::RowShape& key) {
  if (key.leaves().empty()) return KeyKind::None;
  if (key.leaves().size() == 1 && key.size() == 8) return KeyKind::I64;
  if (key.leaves().size() == 1 && key.leaves()[0].kind == abi::LeafKind::Str && key.state_offset(0) < 0) return KeyKind::Str;
  return key.fixed() ? KeyKind::Fixed : KeyKind::Generic;
}

uint64_t Load(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

char* NewMemory(int64_t bytes) {
  void* memory = std::aligned_alloc(64, static_cast<size_t>((bytes + 63) & ~int64_t{63}));
  if (memory == nullptr) {
    std::fprintf(stderr, "error: out of memory (%lld bytes of state asked)\n", static_cast<long long>(bytes));
    std::_Exit(70);
  }
  return static_cast<char*>(memory);
}

}  // namespace

TableShape::TableShape(const abi::LayoutSpec& key_layout, int64_t bytes, ScMergeFn merge_fn, ScDestroyFn destroy_fn,
                       ScSaveFn save_fn, ScLoadFn load_fn)
    : key(abi::FlattenLayout(key_layout, false)),
      state_offset(static_cast<int64_t>(sizeof(ScSlot)) + abi::RoundUp16(key.size())),
      state_size(abi::RoundUp16(bytes)),
      stride(32 + state_offset + state_size),
      kind(KindOf(key)),
      merge(merge_fn),
      destroy(destroy_fn),
      save(save_fn),
      load(load_fn) {}

uint64_t HashKey(const batch::RowShape& shape, const void* key) {
  const char* row = static_cast<const char*>(key);
  if (shape.fixed()) return sc_hash_row(key, shape.size());
  uint64_t hash = 0;
  for (size_t i = 0; i < shape.leaves().size(); ++i) {
    if (shape.state_offset(i) >= 0) hash = sc_hash_mix(hash, Load(row + shape.state_offset(i)));
    const char* value = row + shape.value_offset(i);
    if (shape.leaves()[i].kind == abi::LeafKind::Str) {
      ScStr text;
      std::memcpy(&text, value, sizeof text);
      hash = sc_hash_mix(hash, sc_hash_str(text.ptr, text.len));
      continue;
    }
    for (int64_t at = 0; at < abi::RowWidth(shape.leaves()[i].kind); at += 8) hash = sc_hash_mix(hash, Load(value + at));
  }
  return hash;
}

Table::Table(const TableShape& shape) : shape_(&shape), abi_{nullptr, this} {
  abi_.arena = arena_.get();
}

template <KeyKind kind>
bool Table::SameKey(const ScSlot* slot, const void* key) const {
  const char* mine = static_cast<const char*>(KeyOf(slot));
  const char* other = static_cast<const char*>(key);
  if constexpr (kind == KeyKind::None) {
    return true;
  } else if constexpr (kind == KeyKind::I64) {
    return Load(mine) == Load(other);
  } else if constexpr (kind == KeyKind::Str) {
    ScStr a, b;
    std::memcpy(&a, mine, sizeof a);
    std::memcpy(&b, other, sizeof b);
    return a.len == b.len && (a.len == 0 || std::memcmp(a.ptr, b.ptr, static_cast<size_t>(a.len)) == 0);
  } else if constexpr (kind == KeyKind::Fixed) {
    return std::memcmp(mine, other, static_cast<size_t>(shape_->key.size())) == 0;
  } else {
    return shape_->key.Equal(mine, other);
  }
}

template <KeyKind kind>
ScSlot* Table::Probe(uint64_t hash, const void* key, uint64_t* at) const {
  uint64_t tag = hash >> kPointerBits;
  for (uint64_t i = hash & mask_;; i = (i + 1) & mask_) {
    uint64_t entry = index_[i];
    if (entry == 0) {
      *at = i;
      return nullptr;
    }
    if (entry >> kPointerBits != tag) continue;
    ScSlot* slot = reinterpret_cast<ScSlot*>(entry & kPointerMask);
    if (SameKey<kind>(slot, key)) {
      *at = i;
      return slot;
    }
  }
}

ScSlot* Table::ProbeAny(uint64_t hash, const void* key, uint64_t* at) const {
  switch (shape_->kind) {
    case KeyKind::None: return Probe<KeyKind::None>(hash, key, at);
    case KeyKind::I64: return Probe<KeyKind::I64>(hash, key, at);
    case KeyKind::Str: return Probe<KeyKind::Str>(hash, key, at);
    case KeyKind::Fixed: return Probe<KeyKind::Fixed>(hash, key, at);
    case KeyKind::Generic: return Probe<KeyKind::Generic>(hash, key, at);
  }
  return nullptr;
}

ScSlot* Table::Find(uint64_t hash, const void* key) const {
  if (size_ == 0) return nullptr;
  uint64_t at;
  return ProbeAny(hash, key, &at);
}

ScSlot* Table::FindOrInsert(uint64_t hash, const void* key) {
  if (size_ >= limit_) Grow();
  uint64_t at;
  ScSlot* slot = ProbeAny(hash, key, &at);
  if (slot == nullptr) return Insert(hash, key, at);
  if (forgets_) Revive(slot);
  return slot;
}

ScSlot* Table::Insert(uint64_t hash, const void* key, uint64_t at) {
  ScSlot* slot = NewSlot();
  // A slot that serves again may still stand in the owner's queue and among the changed.
  *HeaderOf(slot) = {hash, row_watermark_, 1, HeaderOf(slot)->queued, HeaderOf(slot)->changed, 0};
  slot->rows = 0;
  slot->last_time = std::numeric_limits<int64_t>::min();
  char* key_row = reinterpret_cast<char*>(slot) + sizeof(ScSlot);
  std::memcpy(key_row, key, static_cast<size_t>(shape_->key.size()));
  if (!shape_->key.fixed()) shape_->key.CopyDeep(key_row, arena_.get());
  std::memset(reinterpret_cast<char*>(slot) + shape_->state_offset, 0, static_cast<size_t>(shape_->state_size));
  index_[at] = reinterpret_cast<uint64_t>(slot) | hash >> kPointerBits << kPointerBits;
  ++size_;
  return slot;
}

ScSlot* Table::NewSlot() {
  if (!free_.empty()) {
    ScSlot* slot = free_.back();
    free_.pop_back();
    return slot;
  }
  if (chunks_.empty() || last_used_ == chunks_.back().slots) {
    int64_t slots = chunks_.empty() ? kFirstSlots : std::min(kMostSlots, chunks_.back().slots * 2);
    chunks_.push_back({{NewMemory(slots * shape_->stride), std::free}, slots});
    last_used_ = 0;
  }
  ScSlot* slot = SlotAt(chunks_.back().data.get() + last_used_++ * shape_->stride);
  *HeaderOf(slot) = {};
  return slot;
}

void Table::Grow() {
  size_t entries = index_.empty() ? kFirstIndex : index_.size() * 2;
  std::vector<uint64_t> old(entries, 0);
  old.swap(index_);
  mask_ = entries - 1;
  limit_ = static_cast<int64_t>(entries / 2);
  for (uint64_t entry : old) {
    if (entry == 0) continue;
    uint64_t i = HashOf(reinterpret_cast<ScSlot*>(entry & kPointerMask)) & mask_;
    while (index_[i] != 0) i = (i + 1) & mask_;
    index_[i] = entry;
  }
}

void Table::Remove(ScSlot* slot) {
  uint64_t hole = HashOf(slot) & mask_;
  while ((index_[hole] & kPointerMask) != reinterpret_cast<uint64_t>(slot)) hole = (hole + 1) & mask_;
  // Entries behind the hole move up unless that would put them before their own place.
  for (uint64_t i = (hole + 1) & mask_; index_[i] != 0; i = (i + 1) & mask_) {
    uint64_t home = HashOf(reinterpret_cast<ScSlot*>(index_[i] & kPointerMask)) & mask_;
    if (((i - home) & mask_) < ((i - hole) & mask_)) continue;
    index_[hole] = index_[i];
    hole = i;
  }
  index_[hole] = 0;
  if (shape_->destroy != nullptr) shape_->destroy(slot);
  HeaderOf(slot)->live = 0;
  free_.push_back(slot);
  --size_;
}

void Table::ResetStates(ScSlot* slot) {
  if (shape_->destroy != nullptr) shape_->destroy(slot);
  slot->rows = 0;
  slot->last_time = std::numeric_limits<int64_t>::min();
  std::memset(reinterpret_cast<char*>(slot) + shape_->state_offset, 0, static_cast<size_t>(shape_->state_size));
}

void Table::Revive(ScSlot* slot) {
  if (slot->rows == 0 || row_watermark_ == std::numeric_limits<int64_t>::min()) return;
  int64_t deadline;
  if (__builtin_add_overflow(slot->last_time, keep_, &deadline) || row_watermark_ < deadline) return;
  ResetStates(slot);
  HeaderOf(slot)->first_watermark = std::numeric_limits<int64_t>::max();
}

ScSlot* Table::Merge(const ScSlot* from) {
  ScSlot* slot = FindOrInsert(HashOf(from), KeyOf(from));
  shape_->merge(arena_.get(), slot, from);
  return slot;
}

void Table::DestroyStates() {
  if (shape_->destroy != nullptr) ForEach([&](ScSlot* slot) { shape_->destroy(slot); });
}

void Table::Clear() {
  DestroyStates();
  free_.clear();
  changed_.clear();
  size_ = 0;
  last_used_ = 0;
  bool large = reserved() > kKeptBytes;
  if (large || chunks_.empty()) {
    chunks_.clear();
    index_.clear();
    index_.shrink_to_fit();
    limit_ = 0;
  } else {
    // The last chunk is the largest, and the only one that can be refilled from its start.
    chunks_.erase(chunks_.begin(), chunks_.end() - 1);
    std::fill(index_.begin(), index_.end(), 0);
  }
  arena_.Reset();
}

int64_t Table::reserved() const {
  int64_t bytes = static_cast<int64_t>(index_.capacity() * sizeof(uint64_t)) + arena_.reserved();
  for (const Chunk& chunk : chunks_) bytes += chunk.slots * shape_->stride;
  return bytes;
}

}  // namespace streamc::rt::state

extern "C" ScSlot* sc_table_slot(ScTable* table, uint64_t hash, const void* key) {
  return streamc::rt::state::Table::From(table).FindOrInsert(hash, key);
}
