// Keyed tables: what ScTable and sc_table_slot (abi.h) stand for.
//
// Open addressing over an index of 8-byte entries (slot pointer and 16 bits of the hash); slots hold ScSlot, key row and states
// inline and never move, because generated code keeps pointers to them while it probes for a block of rows. Strings of keys are
// copied into the table's arena, where states put what they own as well. Slots come back in insertion order. One thread at a
// time.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/abi/job_spec.h"
#include "runtime/batch/arena.h"
#include "runtime/batch/row.h"

namespace streamc::rt::state {

// What a slot consists of, shared by all tables of one aggregate.
struct TableShape {
  // `key` must outlive the shape. Without `save` and `load` the states are plain bytes.
  TableShape(const abi::LayoutSpec& key, int64_t state_size, ScMergeFn merge, ScDestroyFn destroy, ScSaveFn save = nullptr,
             ScLoadFn load = nullptr);

  batch::RowShape key;
  int64_t state_offset;  // from the ScSlot
  int64_t state_size;
  int64_t stride;  // bytes from slot to slot
  enum class KeyKind : uint8_t { None, I64, Str, Fixed, Generic } kind;
  ScMergeFn merge;
  ScDestroyFn destroy;  // null: states own nothing outside the arena
  ScSaveFn save;        // null, and load with it: saved states are their bytes
  ScLoadFn load;
};

// The hash generated code computes for a key row, for keys that come from elsewhere.
uint64_t HashKey(const batch::RowShape& shape, const void* key);

// The key group of a hash: of bits that tables use neither to find a slot nor to tell slots apart.
inline int32_t GroupOf(uint64_t hash, int32_t groups) {
  return static_cast<int32_t>((hash >> 24 & 0xFFFFFF) % static_cast<uint64_t>(groups));
}

class Table {
 public:
  explicit Table(const TableShape& shape);
  ~Table() { DestroyStates(); }
  Table(const Table&) = delete;  // the ScTable points back at its owner
  Table& operator=(const Table&) = delete;

  ScTable* abi() { return &abi_; }
  static Table& From(ScTable* table) { return *static_cast<Table*>(table->owner); }

  // The slot of a key; a new one has rows 0, last_time of the least value and zeroed states. `key` may point at foreign memory.
  ScSlot* FindOrInsert(uint64_t hash, const void* key);
  // Null when there is none.
  ScSlot* Find(uint64_t hash, const void* key) const;
  // Ends the slot's life: its memory serves the next new slot.
  void Remove(ScSlot* slot);
  // Releases what the states own and zeroes them; the key stays.
  void ResetStates(ScSlot* slot);
  // Adds `from` (of any table of this shape) to this table's slot of the same key and returns that.
  ScSlot* Merge(const ScSlot* from);
  // All slots and memory go; what is reserved stays for the next use up to a small amount.
  void Clear();

  int64_t size() const { return size_; }
  // Calls f(ScSlot*) for each slot in the order of insertion (reused slots where they are). Slots may be removed, not added.
  template <class F>
  void ForEach(F&& f) const {
    for (size_t c = 0; c < chunks_.size(); ++c) {
      int64_t count = c + 1 == chunks_.size() ? last_used_ : chunks_[c].slots;
      for (int64_t i = 0; i < count; ++i) {
        ScSlot* slot = SlotAt(chunks_[c].data.get() + i * shape_->stride);
        if (HeaderOf(slot)->live) f(slot);
      }
    }
  }

  const void* KeyOf(const ScSlot* slot) const { return reinterpret_cast<const char*>(slot) + sizeof(ScSlot); }
  static uint64_t HashOf(const ScSlot* slot) { return HeaderOf(slot)->hash; }
  const TableShape& shape() const { return *shape_; }
  // Bytes held: slots, index, arena.
  int64_t reserved() const;
  // Bytes of the arena in use: keys and what states put there, with what they left behind.
  int64_t arena_used() const { return arena_.used(); }

  // --- keys that are forgotten `keep` after their last row (tables that gather one turn's rows) ---
  // With forget(keep) a slot whose key is found again after `keep` starts anew, and first_watermark tells when the slot last
  // started: the state of before is void if it had expired by then. kEndOfTime: it has expired in any case.
  void Forget(int64_t keep) { keep_ = keep, forgets_ = true; }
  void SetRowWatermark(int64_t watermark) { row_watermark_ = watermark; }
  static int64_t FirstWatermark(const ScSlot* slot) { return HeaderOf(slot)->first_watermark; }
  static void SetFirstWatermark(ScSlot* slot, int64_t watermark) { HeaderOf(slot)->first_watermark = watermark; }
  // A mark of the owner's, for slots that stand in a queue; it outlives the slot's key. Slots of removed keys are not live.
  static bool queued(const ScSlot* slot) { return HeaderOf(slot)->queued != 0; }
  static void set_queued(ScSlot* slot, bool queued) { HeaderOf(slot)->queued = queued ? 1 : 0; }
  static bool live(const ScSlot* slot) { return HeaderOf(slot)->live != 0; }

  // --- slots that are written to a changelog ---
  // Notes that the slot differs from what was last written. Each stands in changed() once, in the order they changed.
  void MarkChanged(ScSlot* slot) {
    if (HeaderOf(slot)->changed) return;
    HeaderOf(slot)->changed = 1;
    changed_.push_back(slot);
  }
  // Some may have been removed since (not live), and their memory may serve another key that changed.
  const std::vector<ScSlot*>& changed() const { return changed_; }
  void ForgetChanged() {
    for (ScSlot* slot : changed_) HeaderOf(slot)->changed = 0;
    changed_.clear();
  }
  // A mark of the owner's: the changelog holds the slot.
  static bool stored(const ScSlot* slot) { return HeaderOf(slot)->stored != 0; }
  static void set_stored(ScSlot* slot) { HeaderOf(slot)->stored = 1; }

 private:
  struct Header {
    uint64_t hash;
    int64_t first_watermark;
    uint64_t live;
    uint32_t queued;
    uint16_t changed, stored;
  };
  static_assert(sizeof(Header) == 32);
  struct Chunk {
    std::unique_ptr<char, void (*)(void*)> data;
    int64_t slots;
  };

  static ScSlot* SlotAt(char* memory) { return reinterpret_cast<ScSlot*>(memory + sizeof(Header)); }
  static Header* HeaderOf(const ScSlot* slot) {
    return reinterpret_cast<Header*>(reinterpret_cast<char*>(const_cast<ScSlot*>(slot)) - sizeof(Header));
  }
  template <TableShape::KeyKind kind>
  bool SameKey(const ScSlot* slot, const void* key) const;
  template <TableShape::KeyKind kind>
  ScSlot* Probe(uint64_t hash, const void* key, uint64_t* at) const;
  ScSlot* ProbeAny(uint64_t hash, const void* key, uint64_t* at) const;
  ScSlot* Insert(uint64_t hash, const void* key, uint64_t at);
  ScSlot* NewSlot();
  void Grow();
  void Revive(ScSlot* slot);
  void DestroyStates();

  const TableShape* shape_;
  ScTable abi_;
  std::vector<uint64_t> index_;  // pointer | tag << 48; 0: empty
  uint64_t mask_ = 0;
  int64_t size_ = 0;
  int64_t limit_ = 0;  // slots the index takes before it grows
  std::vector<Chunk> chunks_;
  int64_t last_used_ = 0;  // slots in use of the last chunk
  std::vector<ScSlot*> free_;
  std::vector<ScSlot*> changed_;
  int64_t keep_ = 0;
  bool forgets_ = false;
  int64_t row_watermark_ = 0;
  batch::Arena arena_{4096};
};

}  // namespace streamc::rt::state
