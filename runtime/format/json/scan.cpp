#include "runtime/format/json/scan.h"

namespace streamc::rt::format::json {
namespace {

bool TakeHex4(const Scan& scan, const char* p, uint32_t* value) {
  if (scan.end - p < 4) return false;
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) {
    char c = p[i];
    char lower = static_cast<char>(c | 0x20);
    if (IsDigit(c)) {
      number = number << 4 | static_cast<uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      number = number << 4 | static_cast<uint32_t>(lower - 'a' + 10);
    } else {
      return false;
    }
  }
  *value = number;
  return true;
}

// The UTF-8 bytes of a code point; at most 4, never more than its escape has.
size_t PutCodePoint(uint32_t code, char* out) {
  auto put = [&](size_t i, uint32_t bits) { out[i] = static_cast<char>(bits); };
  if (code < 0x80) return put(0, code), 1;
  if (code < 0x800) return put(0, 0xC0 | code >> 6), put(1, 0x80 | (code & 63)), 2;
  if (code < 0x10000) return put(0, 0xE0 | code >> 12), put(1, 0x80 | (code >> 6 & 63)), put(2, 0x80 | (code & 63)), 3;
  return put(0, 0xF0 | code >> 18), put(1, 0x80 | (code >> 12 & 63)), put(2, 0x80 | (code >> 6 & 63)), put(3, 0x80 | (code & 63)), 4;
}

// p behind a backslash; the bytes the escape means go to out[0..3], their number to *size.
const char* TakeEscape(Scan& scan, const char* p, char* out, size_t* size) {
  if (p >= scan.end) return Fail(scan);
  *size = 1;
  switch (*p) {
    case '"': case '\\': case '/': out[0] = *p; return p + 1;
    case 'b': out[0] = '\b'; return p + 1;
    case 'f': out[0] = '\f'; return p + 1;
    case 'n': out[0] = '\n'; return p + 1;
    case 'r': out[0] = '\r'; return p + 1;
    case 't': out[0] = '\t'; return p + 1;
    case 'u': break;
    default: return Fail(scan);
  }
  uint32_t code = 0;
  if (!TakeHex4(scan, ++p, &code)) return Fail(scan);
  p += 4;
  if (code >= 0xD800 && code < 0xE000) {
    uint32_t low = 0;
    if (code >= 0xDC00 || scan.end - p < 6 || p[0] != '\\' || p[1] != 'u' || !TakeHex4(scan, p + 2, &low)) return Fail(scan);
    if (low < 0xDC00 || low >= 0xE000) return Fail(scan);
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    p += 6;
  }
  *size = PutCodePoint(code, out);
  return p;
}

// Walks the string from its first byte p; hands plain runs and escapes' bytes to `emit(data, size)`.
template <typename Emit>
const char* WalkString(Scan& scan, const char* p, const char* plain_end, Emit emit) {
  const char* first = p;
  for (;;) {
    if (plain_end - first > scan.max_string) return Fail(scan, SC_ERR_TOO_LARGE);
    if (plain_end >= scan.end) return Fail(scan);
    emit(p, static_cast<size_t>(plain_end - p));
    if (*plain_end == '"') return plain_end + 1;
    if (*plain_end != '\\') return Fail(scan);
    char bytes[4];
    size_t size = 0;
    p = TakeEscape(scan, plain_end + 1, bytes, &size);
    if (p == nullptr) return nullptr;
    emit(bytes, size);
    plain_end = FindPlainEnd(scan, p);
  }
}

const char* SkipMembers(Scan& scan, const char* p, int depth, char close) {
  p = SkipSpace(scan, p);
  if (p < scan.end && *p == close) return p + 1;
  for (;;) {
    if (close == '}') {
      if (p >= scan.end || *p != '"') return Fail(scan);
      p = SkipString(scan, p + 1);
      if (p == nullptr) return nullptr;
      p = SkipMark(scan, p, ':');
      if (p == nullptr) return Fail(scan);
    }
    p = SkipValue(scan, p, depth + 1);
    if (p == nullptr) return nullptr;
    if (const char* after = SkipMark(scan, p, ','); after != nullptr) {
      p = after;
      continue;
    }
    p = SkipSpace(scan, p);
    return p < scan.end && *p == close ? p + 1 : Fail(scan);
  }
}

}  // namespace

const char* SkipStringRest(Scan& scan, const char* p, const char* plain_end) {
  return WalkString(scan, p, plain_end, [](const char*, size_t) {});
}

const char* UnescapeString(Scan& scan, const char* p, const char* plain_end, ScArena* arena, char* value) {
  Scan ahead = scan;
  const char* after = SkipStringRest(ahead, p, plain_end);
  if (after == nullptr) return Fail(scan, ahead.error);
  // No escape means more bytes than it has.
  char* out = static_cast<char*>(sc_arena_alloc(arena, after - p));
  int64_t length = 0;
  WalkString(scan, p, plain_end, [&](const char* data, size_t size) {
    std::memcpy(out + length, data, size);
    length += static_cast<int64_t>(size);
  });
  const ScStr text{out, length};
  std::memcpy(value, &text, sizeof text);
  return after;
}

const char* UnescapeString(Scan& scan, const char* p, const char* plain_end, std::string* text) {
  text->clear();
  return WalkString(scan, p, plain_end, [&](const char* data, size_t size) { text->append(data, size); });
}

const char* SkipStringSlowly(Scan& scan, const char* p) {
  const char* stop = FindPlainEnd(scan, p);
  if (stop < scan.end && *stop == '"' && stop - p <= scan.max_string) return stop + 1;
  return SkipStringRest(scan, p, stop);
}

const char* ReadStringSlowly(Scan& scan, const char* p, ScArena* arena, char* value) {
  const char* stop = FindPlainEnd(scan, p);
  if (stop < scan.end && *stop == '"' && stop - p <= scan.max_string) {
    const ScStr text{p, stop - p};
    std::memcpy(value, &text, sizeof text);
    return stop + 1;
  }
  return UnescapeString(scan, p, stop, arena, value);
}

const char* SkipContainer(Scan& scan, const char* p, int depth) {
  if (depth > scan.max_depth) return Fail(scan, SC_ERR_JSON_DEPTH);
  return SkipMembers(scan, p + 1, depth, *p == '{' ? '}' : ']');
}

}  // namespace streamc::rt::format::json
