#include "runtime/batch/arena.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace streamc::rt::batch {
namespace {

std::atomic<int64_t> total_bytes{0};

[[noreturn]] void OutOfMemory(int64_t size) {
  std::fprintf(stderr, "error: out of memory (%lld bytes asked)\n", static_cast<long long>(size));
  std::fflush(stderr);
  std::_Exit(70);
}

char* NewChunk(int64_t size) {
  void* data = std::aligned_alloc(64, static_cast<size_t>((size + 63) & ~int64_t{63}));
  if (data == nullptr) OutOfMemory(size);
  return static_cast<char*>(data);
}

}  // namespace

int64_t Arena::total_reserved() { return total_bytes.load(std::memory_order_relaxed); }

ScStr Arena::CopyString(const char* ptr, int64_t len) {
  if (len == 0) return {"", 0};
  char* copy = static_cast<char*>(Allocate(len));
  std::memcpy(copy, ptr, static_cast<size_t>(len));
  return {copy, len};
}

void* Arena::Grow(int64_t size) {
  if (size < 0 || size > (int64_t{1} << 46)) OutOfMemory(size);
  // A kept chunk that is too small is stepped over: it serves again after the next Reset.
  size_t next = chunks_.empty() ? 0 : current_ + 1;
  while (next < chunks_.size() && chunks_[next].size < size) ++next;
  if (next == chunks_.size()) {
    int64_t wanted = std::min(kLargestChunk, std::max(first_chunk_, reserved_));
    wanted = (std::max(wanted, size) + 63) & ~int64_t{63};
    chunks_.push_back({NewChunk(wanted), wanted});
    reserved_ += wanted;
    total_bytes.fetch_add(wanted, std::memory_order_relaxed);
  }
  for (size_t i = current_; i < next; ++i) left_ += chunks_[i].size;
  Enter(next);
  void* p = arena_.cur;
  arena_.cur += size;
  return p;
}

void Arena::Enter(size_t index) {
  current_ = index;
  arena_.cur = chunks_[index].data;
  arena_.end = chunks_[index].data + chunks_[index].size;
}

void Arena::Reset() {
  if (chunks_.empty()) return;
  if (reserved_ > kKeep) {
    int64_t kept = 0;
    size_t count = 0;
    while (count < chunks_.size() && kept + chunks_[count].size <= kKeep) kept += chunks_[count++].size;
    Free(count);
  }
  left_ = 0;
  if (chunks_.empty()) {
    current_ = 0;
    arena_.cur = arena_.end = nullptr;
  } else {
    Enter(0);
  }
}

int64_t Arena::used() const { return chunks_.empty() ? 0 : left_ + (arena_.cur - chunks_[current_].data); }

void Arena::Free(size_t from) {
  for (size_t i = from; i < chunks_.size(); ++i) {
    std::free(chunks_[i].data);
    reserved_ -= chunks_[i].size;
    total_bytes.fetch_sub(chunks_[i].size, std::memory_order_relaxed);
  }
  chunks_.resize(from);
}

}  // namespace streamc::rt::batch

extern "C" void* sc_arena_grow(ScArena* arena, int64_t size) {
  return static_cast<streamc::rt::batch::Arena*>(arena->owner)->Grow(size);
}
