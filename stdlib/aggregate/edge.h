// The states of `first` and `last`: the value at the edge of time, by event time and then record order. `kSign` is 1 for
// the earliest, -1 for the latest.
#pragma once

#include <cstdint>

#include "stdlib/aggregate/kept_text.h"

namespace streamc::stdlib {

struct Place {
  int64_t has;
  int64_t time;
  int64_t order;
};

// Whether a row at (time, order) is nearer to the edge than what is there; if so it takes the place.
template <int kSign>
bool Claim(Place* place, int64_t time, int64_t order) {
  if (place->has != 0) {
    bool nearer = time != place->time ? (kSign > 0) == (time < place->time)
                                      : order != place->order && (kSign > 0) == (order < place->order);
    if (!nearer) return false;
  }
  *place = {1, time, order};
  return true;
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
  if (Claim<kSign>(&s->place, time, order)) s->value = x;
}

template <int kSign, typename T>
void MergeEdge(Edge<T>* into, const Edge<T>* from) {
  if (from->place.has != 0) AddEdge<kSign>(into, from->value, from->place.time, from->place.order);
}

template <typename T>
uint8_t EdgeValue(const Edge<T>* s, T* out) {
  *out = s->value;
  return s->place.has != 0;
}

template <int kSign>
void AddEdge(ScArena* arena, EdgeText* s, const char* text, int64_t size, int64_t time, int64_t order) {
  if (Claim<kSign>(&s->place, time, order)) Keep(arena, &s->kept, text, size);
}

template <int kSign>
void MergeEdge(ScArena* arena, EdgeText* into, const EdgeText* from) {
  if (from->place.has != 0) AddEdge<kSign>(arena, into, from->kept.text, from->kept.size, from->place.time, from->place.order);
}

inline uint8_t EdgeValue(const EdgeText* s, ScStr* out) {
  *out = View(s->kept.text, s->kept.size);
  return s->place.has != 0;
}

}  // namespace streamc::stdlib
