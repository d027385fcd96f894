#include "runtime/format/json/rest.h"

#include <algorithm>

#include "runtime/format/json/scan.h"

namespace streamc::rt::format::json {
namespace {

// `text` was checked before, or is only written if it can be read; its own size is the only limit.
Scan ScanOf(const char* begin, const char* end) {
  Scan scan;
  scan.begin = begin;
  scan.end = end;
  scan.max_depth = 1 << 11;
  scan.max_string = end - begin;
  return scan;
}

// Without the blanks between values. Backslashes stand in strings only.
char* CopyCompact(const char* p, const char* end, char* out) {
  bool in_string = false;
  for (; p < end; ++p) {
    if (!in_string && IsSpace(*p)) continue;
    if (*p == '"') in_string = !in_string;
    if (*p == '\\') *out++ = *p++;
    *out++ = *p;
  }
  return out;
}

}  // namespace

void RestReader::Add(const char* begin, const char* end) {
  while (*begin != '"') ++begin;
  fields_.push_back({begin, end});
}

bool RestReader::Take(size_t bottom, ScArena* arena, ScStr* text) {
  keys_.clear();
  int64_t room = 2;
  for (size_t i = bottom; i < fields_.size(); ++i) {
    Scan scan = ScanOf(fields_[i].begin, fields_[i].end);
    ScStr key{nullptr, 0};
    ReadString(scan, fields_[i].begin + 1, arena, reinterpret_cast<char*>(&key));
    keys_.emplace_back(key.ptr, static_cast<size_t>(key.len));
    room += fields_[i].end - fields_[i].begin + 1;
  }
  std::sort(keys_.begin(), keys_.end());
  const bool doubled = std::adjacent_find(keys_.begin(), keys_.end()) != keys_.end();
  if (!doubled) {
    char* const begin = static_cast<char*>(sc_arena_alloc(arena, room));
    char* out = begin;
    *out++ = '{';
    for (size_t i = bottom; i < fields_.size(); ++i) {
      if (i != bottom) *out++ = ',';
      out = CopyCompact(fields_[i].begin, fields_[i].end, out);
    }
    *out++ = '}';
    *text = {begin, out - begin};
  }
  fields_.resize(bottom);
  return !doubled;
}

bool AppendRest(std::string_view text, const Keys& taken, Keys* seen, bool* any, std::string* out) {
  const size_t size_before = out->size();
  const bool any_before = *any;
  const auto fail = [&] {
    out->resize(size_before);
    *any = any_before;
    return false;
  };
  Scan scan = ScanOf(text.data(), text.data() + text.size());
  std::string unescaped;
  const char* p = SkipMark(scan, scan.begin, '{');
  if (p == nullptr) return false;
  for (bool first = true; p < scan.end && (!first || *p != '}'); first = false) {
    if (!first) {
      const char* next = SkipMark(scan, p, ',');
      if (next == nullptr) break;
      p = next;
    }
    if (p >= scan.end || *p != '"') return fail();
    const char* const begin = p;
    const char* stop = FindPlainEnd(scan, ++p);
    std::string_view key(p, static_cast<size_t>(stop - p));
    if (stop < scan.end && *stop == '"') {
      p = stop + 1;
    } else {
      p = UnescapeString(scan, p, stop, &unescaped);
      key = unescaped;
    }
    p = p == nullptr ? nullptr : SkipMark(scan, p, ':');
    p = p == nullptr ? nullptr : SkipValue(scan, p, 2);
    if (p == nullptr) return fail();
    if (taken.contains(key) || (seen != nullptr && !seen->emplace(key).second)) continue;
    out->push_back(*any ? ',' : '{');
    out->append(begin, p);
    *any = true;
  }
  p = SkipSpace(scan, p);
  if (p >= scan.end || *p != '}' || SkipSpace(scan, p + 1) != scan.end) return fail();
  return true;
}

}  // namespace streamc::rt::format::json
