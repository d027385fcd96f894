// The states of `first` and `last`: the value at the edge of time, by event time and then record order. `kSign` is 1 for
// the earliest, -1 for the latest.
#pragma once

#include <cstdint>

#include "stdlib/aggregate/kept_text.h"
#include "stdlib/aggregate/saved.h"

namespace streamc::stdlib {

struct Place {
  int64_t has;
  int64_t time;
  int64_t order;
};

// Where (time, order) stands to the place: greater than 0 nearer to the edge, 0 the same.
template <int kSign>
int Nearer(const Place& place, int64_t time, int64_t order) {
  if (place.has == 0) return 1;
  if (time != place.time) return (kSign > 0) == (time < place.time) ? 1 : -1;
  if (order != place.order) return (kSign > 0) == (order < place.order) ? 1 : -1;
  return 0;
}

// Rows of one record (`expand`) share its place and come in their order.
template <int kSign>
bool Takes(const Place& place, int64_t time, int64_t order) {
  int nearer = Nearer<kSign>(place, time, order);
  return nearer > 0 || (nearer == 0 && kSign < 0);
}

// Records of two partitions may share a place too; there the value decides, so that it does not matter which state is merged
// into which. `less` orders the values.
template <int kSign, typename T, typename Less>
bool TakesMerged(const Place& place, const Place& from, const T& value, const T& other, Less less) {
  if (from.has == 0) return false;
  int nearer = Nearer<kSign>(place, from.time, from.order);
  return nearer > 0 || (nearer == 0 && (kSign > 0 ? less(other, value) : less(value, other)));
}

template <typename T>
struct Edge {
  Place place;
  T value;
};

struct EdgeText {
  Place place;
  KeptText kept;
};

template <int kSign, typename T>
void AddEdge(Edge<T>* s, T x, int64_t time, int64_t order) {
  if (!Takes<kSign>(s->place, time, order)) return;
  s->place = {1, time, order};
  s->value = x;  // alone: the padding behind it stays zero
}

template <int kSign, typename T>
void MergeEdge(Edge<T>* into, const Edge<T>* from) {
  if (TakesMerged<kSign>(into->place, from->place, into->value, from->value, [](T a, T b) { return a < b; })) *into = *from;
}

template <typename T>
uint8_t EdgeValue(const Edge<T>* s, T* out) {
  *out = s->value;
  return s->place.has != 0;
}

template <int kSign>
void AddEdge(ScArena* arena, EdgeText* s, const char* text, int64_t size, int64_t time, int64_t order) {
  if (!Takes<kSign>(s->place, time, order)) return;
  s->place = {1, time, order};
  Keep(arena, &s->kept, text, size);
}

template <int kSign>
void MergeEdge(ScArena* arena, EdgeText* into, const EdgeText* from) {
  auto less = [](const KeptText& a, const KeptText& b) { return sc_str_compare(a.text, a.size, b.text, b.size) < 0; };
  if (!TakesMerged<kSign>(into->place, from->place, into->kept, from->kept, less)) return;
  into->place = from->place;
  Keep(arena, &into->kept, from->kept.text, from->kept.size);
}

inline uint8_t EdgeValue(const EdgeText* s, ScStr* out) {
  *out = View(s->kept.text, s->kept.size);
  return s->place.has != 0;
}

// Saved: nothing, or time, order and the text.
inline void Save(const EdgeText* s, ScBytes* out) {
  if (s->place.has == 0) return;
  Put(out, s->place.time);
  Put(out, s->place.order);
  sc_bytes_append(out, s->kept.text, s->kept.size);
}

inline int32_t Load(ScArena* arena, EdgeText* s, SavedReader in) {
  if (in.left == 0) return 0;
  if (!in.Take(&s->place.time) || !in.Take(&s->place.order)) return 1;
  Keep(arena, &s->kept, in.at, in.left);
  s->place.has = 1;
  return 0;
}

}  // namespace streamc::stdlib
