// Batch memory: an owning bump allocator behind the ScArena of the C interface.
//
// Generated code, kernels and decoders allocate through ScArena (abi.h); the owner is an Arena of this module, which the engine resets
// when the batch is done. Memory comes in chunks that grow with use; Reset keeps them for the next batch, up to kKeep bytes, so that
// a steady job stops calling malloc and one huge batch does not stay forever. Running out of memory ends the process with one
// line. One thread uses an Arena at a time; total_reserved() may be read by any.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/abi/abi.h"

namespace streamc::rt::batch {

class Arena {
 public:
  static constexpr int64_t kFirstChunk = 64 << 10;
  static constexpr int64_t kLargestChunk = 4 << 20;  // larger requests get a chunk of their own
  static constexpr int64_t kKeep = 64 << 20;         // kept by Reset

  // `first_chunk`: bytes taken at first use; small for owners that may be many, like the tables of slices.
  explicit Arena(int64_t first_chunk = kFirstChunk) : first_chunk_(first_chunk) {}
  ~Arena() { Free(0); }
  Arena(const Arena&) = delete;  // the ScArena points back at its owner
  Arena& operator=(const Arena&) = delete;

  ScArena* get() { return &arena_; }
  // 16-byte aligned, never null; valid until Reset.
  void* Allocate(int64_t size) { return sc_arena_alloc(&arena_, size); }
  // A copy of the bytes; an empty string stays without memory.
  ScStr CopyString(const char* ptr, int64_t len);

  // Ends the life of everything allocated.
  void Reset();

  // Bytes handed out since Reset (with the unused ends of left chunks), and bytes held.
  int64_t used() const;
  int64_t reserved() const { return reserved_; }
  // Bytes held by all arenas of the process.
  static int64_t total_reserved();

  // Room for `size` more bytes in another chunk; only sc_arena_grow calls it.
  void* Grow(int64_t size);

 private:
  struct Chunk { char* data; int64_t size; };
  void Enter(size_t index);
  void Free(size_t from);

  ScArena arena_{nullptr, nullptr, this};
  std::vector<Chunk> chunks_;  // [0, current_] are in use
  size_t current_ = 0;
  int64_t left_ = 0;           // bytes of chunks before current_
  int64_t reserved_ = 0;
  int64_t first_chunk_ = kFirstChunk;
};

}  // namespace streamc::rt::batch
