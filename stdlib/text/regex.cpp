#include "stdlib/text/regex.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace streamc::stdlib {

namespace {

constexpr size_t kMaxCached = 64;
constexpr int64_t kMaxGroups = 32;

re2::RE2::Options Quiet() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return options;
}

struct Cache {
  // A call site asks for the same literal row after row, so the last answer is tried first.
  std::string_view last_pattern;
  const re2::RE2* last = nullptr;
  std::unordered_map<std::string, std::unique_ptr<re2::RE2>> compiled;
};

}  // namespace

const re2::RE2* CompiledRegex(const char* pattern, int64_t size) noexcept {
  static thread_local Cache cache;
  std::string_view wanted(pattern, static_cast<size_t>(size));
  if (cache.last != nullptr && cache.last_pattern == wanted) return cache.last;
  std::string key(wanted);
  auto found = cache.compiled.find(key);
  if (found == cache.compiled.end()) {
    // Patterns are literals of the program; only a REPL that ran very many ever gets here.
    if (cache.compiled.size() >= kMaxCached) cache.compiled.clear();
    found = cache.compiled.emplace(std::move(key), std::make_unique<re2::RE2>(Piece(pattern, size), Quiet())).first;
  }
  cache.last_pattern = found->first;
  cache.last = found->second.get();
  if (!cache.last->ok()) cache.last = nullptr;
  return cache.last;
}

bool FindGroup(const char* s, int64_t n, const char* pattern, int64_t pattern_size, int64_t group, ScStr* out) noexcept {
  const re2::RE2* regex = CompiledRegex(pattern, pattern_size);
  if (regex == nullptr || group < 0 || group > regex->NumberOfCapturingGroups() || group >= kMaxGroups) return false;
  re2::StringPiece groups[kMaxGroups];
  if (!regex->Match(Piece(s, n), 0, static_cast<size_t>(n), re2::RE2::UNANCHORED, groups, static_cast<int>(group) + 1)) return false;
  if (groups[group].data() == nullptr) return false;
  *out = View(groups[group].data(), static_cast<int64_t>(groups[group].size()));
  return true;
}

ScList FindAll(ScArena* arena, const char* s, int64_t n, const char* pattern, int64_t pattern_size) noexcept {
  const re2::RE2* regex = CompiledRegex(pattern, pattern_size);
  if (regex == nullptr) return ScList{nullptr, 0};
  std::vector<ScStr> hits;
  int64_t at = 0;
  re2::StringPiece match;
  while (at <= n && regex->Match(Piece(s, n), static_cast<size_t>(at), static_cast<size_t>(n), re2::RE2::UNANCHORED, &match, 1)) {
    int64_t size = static_cast<int64_t>(match.size());
    hits.push_back(View(match.data(), size));
    at = match.data() - s + size;
    // An empty match moves on by one code point, or it would be found for ever.
    if (size == 0) at += at < n ? CodePointSize(s + at, n - at) : 1;
  }
  int64_t count = static_cast<int64_t>(hits.size());
  if (count == 0) return ScList{nullptr, 0};
  void* list = sc_arena_alloc(arena, count * static_cast<int64_t>(sizeof(ScStr)));
  std::memcpy(list, hits.data(), hits.size() * sizeof(ScStr));
  return ScList{list, count};
}

ScStr ReplaceAll(ScArena* arena, const char* s, int64_t n, const char* pattern, int64_t pattern_size, const char* with,
                 int64_t with_size) noexcept {
  const re2::RE2* regex = CompiledRegex(pattern, pattern_size);
  if (regex == nullptr) return View(s, n);
  std::string text(s, static_cast<size_t>(n));
  if (re2::RE2::GlobalReplace(&text, *regex, Piece(with, with_size)) == 0) return View(s, n);
  return CopyText(arena, text.data(), static_cast<int64_t>(text.size()));
}

std::string RegexError(std::string_view pattern) {
  re2::RE2 regex(re2::StringPiece(pattern.data(), pattern.size()), Quiet());
  return regex.ok() ? std::string() : regex.error();
}

}  // namespace streamc::stdlib
