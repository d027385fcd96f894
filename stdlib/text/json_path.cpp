#include "stdlib/text/json_path.h"

#include <cmath>

#include "stdlib/text/hex.h"
#include "stdlib/text/utf8.h"

namespace streamc::stdlib {

namespace {

// As deep as the bits of a word go.
constexpr int kMaxDepth = 64;

// One piece of a path: a name, or the position of an element.
struct Step {
  std::string_view name;
  int64_t index = -1;
};

// Takes the next step off `path`; null when it is well formed, else what is wrong.
const char* NextStep(std::string_view* path, bool first, Step* step) {
  *step = {};
  if (path->front() == '[') {
    path->remove_prefix(1);
    if (!path->empty() && path->front() == '"') {
      size_t end = path->find("\"]", 1);
      if (end == path->npos) return "`[\"` without `\"]`";
      step->name = path->substr(1, end - 1);
      path->remove_prefix(end + 2);
      return nullptr;
    }
    size_t end = path->find(']');
    if (end == path->npos) return "`[` without `]`";
    if (path->front() == '-' || path->front() == '+' || !ReadInt(path->data(), static_cast<int64_t>(end), &step->index))
      return "no position between `[` and `]`";
    path->remove_prefix(end + 1);
    return nullptr;
  }
  if (!first) {
    if (path->front() != '.') return "names are joined by `.`";
    path->remove_prefix(1);
  }
  size_t end = path->find_first_of(".[");
  step->name = path->substr(0, end);
  if (step->name.empty()) return "an empty name";
  path->remove_prefix(step->name.size());
  return nullptr;
}

struct Scanner {
  const char* at;
  const char* end;

  char Peek() {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) ++at;
    return at < end ? *at : '\0';
  }

  bool Take(char c) {
    if (Peek() != c) return false;
    ++at;
    return true;
  }

  // Steps over a string from its opening quote.
  bool SkipString() {
    for (++at; at < end; ++at) {
      if (*at == '"') {
        ++at;
        return true;
      }
      if (*at == '\\') ++at;
    }
    return false;
  }

  // Steps over one value of any kind without recursing: one bit for each open bracket says which kind it is.
  bool SkipValue() {
    uint64_t objects = 0;
    int depth = 0;
    do {
      char c = Peek();
      if (c == '"') {
        if (!SkipString()) return false;
      } else if (c == '{' || c == '[') {
        if (++depth > kMaxDepth) return false;
        objects = objects << 1 | (c == '{' ? 1 : 0);
        ++at;
      } else if (c == '}' || c == ']') {
        if (depth == 0 || (objects & 1) != (c == '}' ? 1 : 0)) return false;
        --depth;
        objects >>= 1;
        ++at;
      } else if (c == '\0') {
        return false;
      } else if (c == ',' || c == ':') {
        if (depth == 0) return false;
        ++at;
      } else {
        while (at < end && std::memchr(",:]}\" \n\t\r", *at, 9) == nullptr) ++at;
      }
    } while (depth > 0);
    return true;
  }
};

// Four hexadecimal digits at `text`, -1 when they are not.
int32_t ReadUnit(const char* text, const char* end) {
  if (end - text < 4) return -1;
  int32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    int digit = HexValue(text[i]);
    if (digit < 0) return -1;
    unit = unit << 4 | digit;
  }
  return unit;
}

// The string between the quotes with its escapes resolved; `out` has room for `size` bytes. Returns the size, -1 when an escape
// is broken. Six characters of `\u` never make more than three bytes, twelve of a pair four.
int64_t Unescape(const char* text, int64_t size, char* out) {
  const char* end = text + size;
  char* to = out;
  while (text < end) {
    if (*text != '\\') {
      *to++ = *text++;
      continue;
    }
    if (++text == end) return -1;
    char c = *text++;
    switch (c) {
      case 'b': *to++ = '\b'; break;
      case 'f': *to++ = '\f'; break;
      case 'n': *to++ = '\n'; break;
      case 'r': *to++ = '\r'; break;
      case 't': *to++ = '\t'; break;
      case '"':
      case '\\':
      case '/': *to++ = c; break;
      case 'u': {
        int32_t unit = ReadUnit(text, end);
        if (unit < 0 || (unit >= 0xDC00 && unit < 0xE000)) return -1;
        text += 4;
        uint32_t value = static_cast<uint32_t>(unit);
        if (unit >= 0xD800 && unit < 0xDC00) {
          if (end - text < 6 || text[0] != '\\' || text[1] != 'u') return -1;
          int32_t low = ReadUnit(text + 2, end);
          if (low < 0xDC00 || low >= 0xE000) return -1;
          text += 6;
          value = 0x10000 + ((value - 0xD800) << 10) + static_cast<uint32_t>(low - 0xDC00);
        }
        to += Encode(value, to);
        break;
      }
      default: return -1;
    }
  }
  return to - out;
}

// Whether the key between quotes at `key` is `name`. Keys with escapes are resolved first; longer ones than this are never asked for.
bool IsKey(std::string_view key, std::string_view name) {
  if (key.find('\\') == key.npos) return key == name;
  char resolved[256];
  if (key.size() > sizeof resolved) return false;
  int64_t size = Unescape(key.data(), static_cast<int64_t>(key.size()), resolved);
  return size >= 0 && std::string_view(resolved, static_cast<size_t>(size)) == name;
}

bool Enter(Scanner* in, const Step& step) {
  bool array = step.index >= 0;
  char close = array ? ']' : '}';
  if (!in->Take(array ? '[' : '{') || in->Peek() == close) return false;
  for (int64_t i = 0;; ++i) {
    if (array) {
      if (i == step.index) return true;
    } else {
      if (in->Peek() != '"') return false;
      const char* key = in->at + 1;
      if (!in->SkipString()) return false;
      std::string_view text(key, static_cast<size_t>(in->at - key - 1));
      if (!in->Take(':')) return false;
      if (IsKey(text, step.name)) return true;
    }
    if (!in->SkipValue() || !in->Take(',')) return false;
  }
}

}  // namespace

bool FindJson(const char* json, int64_t size, const char* path, int64_t path_size, JsonValue* out) noexcept {
  Scanner in{json, json + size};
  std::string_view rest(path, static_cast<size_t>(path_size));
  for (bool first = true; !rest.empty(); first = false) {
    Step step;
    if (NextStep(&rest, first, &step) != nullptr || !Enter(&in, step)) return false;
  }
  in.Peek();
  out->text = in.at;
  if (!in.SkipValue()) return false;
  out->size = in.at - out->text;
  return true;
}

bool ReadJsonString(ScArena* arena, const JsonValue& value, ScStr* out) noexcept {
  if (value.size < 2 || value.text[0] != '"') return false;
  const char* text = value.text + 1;
  int64_t size = value.size - 2;
  *out = View(text, size);
  if (size == 0 || std::memchr(text, '\\', static_cast<size_t>(size)) == nullptr) return true;
  char* resolved = AllocateText(arena, size);
  int64_t used = Unescape(text, size, resolved);
  if (used < 0) return false;
  Shrink(arena, resolved, size, used);
  *out = View(resolved, used);
  return true;
}

bool ReadJsonFloat(const JsonValue& value, double* out) noexcept {
  // JSON knows neither a leading plus nor words.
  char first = value.size > 0 ? value.text[0] : '\0';
  return (first == '-' || (first >= '0' && first <= '9')) && ReadFloat(value.text, value.size, out);
}

bool ReadJsonBool(const JsonValue& value, uint8_t* out) noexcept {
  *out = SameText(value.text, value.size, "true", 4);
  return *out != 0 || SameText(value.text, value.size, "false", 5);
}

std::string JsonPathError(std::string_view path) {
  if (path.starts_with("$.") || path.starts_with("$[")) return "a path begins with its first name: leave `$` and what joins it out";
  for (bool first = true; !path.empty(); first = false) {
    Step step;
    if (const char* wrong = NextStep(&path, first, &step)) return wrong;
  }
  return {};
}

}  // namespace streamc::stdlib
