// Lists in kernels: elements in row layout, `stride` bytes apart, read in place.
#pragma once

#include <algorithm>
#include <cstdint>

#include "stdlib/text/text.h"

namespace streamc::stdlib {

// The value at the beginning of element `index`.
template <typename T>
const T* ElementAt(const void* list, int64_t stride, int64_t index) {
  return reinterpret_cast<const T*>(static_cast<const char*>(list) + index * stride);
}

// Each element once, in order of first occurrence. Lists of up to 16 are compared pairwise, longer ones through an
// open-addressing table of positions in the arena.
template <typename T, typename Hash, typename Equal>
ScList Distinct(ScArena* arena, const void* list, int64_t stride, int64_t n, Hash hash, Equal equal) {
  T* kept = static_cast<T*>(sc_arena_alloc(arena, n * static_cast<int64_t>(sizeof(T))));
  int64_t count = 0;
  if (n <= 16) {
    for (int64_t i = 0; i < n; ++i) {
      T x = *ElementAt<T>(list, stride, i);
      bool seen = false;
      for (int64_t k = 0; k < count && !seen; ++k) seen = equal(kept[k], x);
      if (!seen) kept[count++] = x;
    }
    return ScList{kept, count};
  }
  int64_t slots = 32;
  while (slots < 2 * n) slots *= 2;
  int64_t* table = static_cast<int64_t*>(sc_arena_alloc(arena, slots * 8));
  std::memset(table, 0, static_cast<size_t>(slots * 8));
  for (int64_t i = 0; i < n; ++i) {
    T x = *ElementAt<T>(list, stride, i);
    uint64_t slot = hash(x) & static_cast<uint64_t>(slots - 1);
    while (table[slot] != 0 && !equal(kept[table[slot] - 1], x)) slot = (slot + 1) & static_cast<uint64_t>(slots - 1);
    if (table[slot] != 0) continue;
    kept[count++] = x;
    table[slot] = count;
  }
  return ScList{kept, count};
}

template <typename T, typename Less>
ScList Sort(ScArena* arena, const void* list, int64_t stride, int64_t n, Less less) {
  T* sorted = static_cast<T*>(sc_arena_alloc(arena, n * static_cast<int64_t>(sizeof(T))));
  for (int64_t i = 0; i < n; ++i) sorted[i] = *ElementAt<T>(list, stride, i);
  std::sort(sorted, sorted + n, less);
  return ScList{sorted, n};
}

}  // namespace streamc::stdlib
