// A string that an aggregate keeps in its table's arena. The block is reused when the next one fits and doubles otherwise,
// so a state that changes often takes at most twice its longest string.
#pragma once

#include "stdlib/text/text.h"

namespace streamc::stdlib {

struct KeptText {
  char* text;
  int64_t size;
  int64_t room;
};

inline void Keep(ScArena* arena, KeptText* kept, const char* text, int64_t size) {
  if (size > kept->room) {
    kept->room = size > 2 * kept->room ? (size + 15) & ~int64_t{15} : 2 * kept->room;
    kept->text = AllocateText(arena, kept->room);
  }
  if (size > 0) std::memcpy(kept->text, text, static_cast<size_t>(size));
  kept->size = size;
}

}  // namespace streamc::stdlib
