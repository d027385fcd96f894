// The states of `min` and `max`: the best value so far, or none. `kSign` is 1 for the least, -1 for the greatest.
#pragma once

#include <cstdint>

#include "runtime/abi/abi.h"
#include "stdlib/aggregate/kept_text.h"
#include "stdlib/aggregate/saved.h"

namespace streamc::stdlib {

template <typename T>
struct Extreme {
  T value;
  int64_t has;
};

struct ExtremeText {
  KeptText kept;
  int64_t has;
};

template <int kSign, typename T>
void Offer(Extreme<T>* s, T x) {
  bool better = kSign > 0 ? x < s->value : x > s->value;
  if (better || s->has == 0) s->value = x;
  s->has = 1;
}

template <int kSign, typename T>
void Merge(Extreme<T>* into, const Extreme<T>* from) {
  if (from->has != 0) Offer<kSign>(into, from->value);
}

template <typename T>
uint8_t Best(const Extreme<T>* s, T* out) {
  *out = s->value;
  return s->has != 0;
}

template <int kSign>
void Offer(ScArena* arena, ExtremeText* s, const char* text, int64_t size) {
  if (s->has != 0 && kSign * sc_str_compare(text, size, s->kept.text, s->kept.size) >= 0) return;
  Keep(arena, &s->kept, text, size);
  s->has = 1;
}

template <int kSign>
void Merge(ScArena* arena, ExtremeText* into, const ExtremeText* from) {
  if (from->has != 0) Offer<kSign>(arena, into, from->kept.text, from->kept.size);
}

inline uint8_t Best(const ExtremeText* s, ScStr* out) {
  *out = View(s->kept.text, s->kept.size);
  return s->has != 0;
}

// Saved: nothing, or a byte 1 and the text.
inline void Save(const ExtremeText* s, ScBytes* out) {
  if (s->has == 0) return;
  Put<uint8_t>(out, 1);
  sc_bytes_append(out, s->kept.text, s->kept.size);
}

inline int32_t Load(ScArena* arena, ExtremeText* s, SavedReader in) {
  if (in.left == 0) return 0;
  uint8_t has = 0;
  if (!in.Take(&has) || has != 1) return 1;
  Keep(arena, &s->kept, in.at, in.left);
  s->has = 1;
  return 0;
}

}  // namespace streamc::stdlib
