#include "test/unit/stdlib/support.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <memory>

namespace {

std::vector<std::unique_ptr<char[]>>& Blocks() {
  static std::vector<std::unique_ptr<char[]>> blocks;
  return blocks;
}

}  // namespace

// Each block is as large as asked for, so that a sanitizer sees every byte written beyond an allocation.
extern "C" void* sc_arena_grow(ScArena* arena, int64_t size) {
  Blocks().push_back(std::make_unique<char[]>(static_cast<size_t>(size)));
  char* block = Blocks().back().get();
  arena->cur = arena->end = block + size;
  return block;
}

namespace streamc::stdlib {

ScArena* TestArena() {
  static ScArena arena{nullptr, nullptr, nullptr};
  return &arena;
}

const void* FindKernel(std::string_view symbol) {
  const void* address = dlsym(RTLD_DEFAULT, std::string(symbol).c_str());
  EXPECT_NE(address, nullptr) << symbol;
  return address;
}

std::vector<std::string> Texts(ScList list) {
  std::vector<std::string> texts;
  for (int64_t i = 0; i < list.len; ++i) texts.push_back(Text(static_cast<const ScStr*>(list.ptr)[i]));
  return texts;
}

std::vector<int64_t> Ints(ScList list) {
  const int64_t* values = static_cast<const int64_t*>(list.ptr);
  return std::vector<int64_t>(values, values + list.len);
}

std::string ToText(std::string_view name, std::string_view s) {
  return Text(Kernel<ScStr(const char*, int64_t)>("streamc_fn_" + std::string(name))(s.data(), static_cast<int64_t>(s.size())));
}

std::string ToNewText(std::string_view name, std::string_view s) {
  return Text(Kernel<ScStr(ScArena*, const char*, int64_t)>("streamc_fn_" + std::string(name))(TestArena(), s.data(),
                                                                                                static_cast<int64_t>(s.size())));
}

std::optional<std::string> ToMaybeText(std::string_view name, std::string_view s) {
  ScStr out{};
  auto* kernel = Kernel<uint8_t(ScArena*, const char*, int64_t, ScStr*)>("streamc_fn_" + std::string(name));
  if (kernel(TestArena(), s.data(), static_cast<int64_t>(s.size()), &out) == 0) return std::nullopt;
  return Text(out);
}

std::optional<int64_t> ToMaybeInt(std::string_view name, std::string_view s) {
  int64_t out = 0;
  auto* kernel = Kernel<uint8_t(const char*, int64_t, int64_t*)>("streamc_fn_" + std::string(name));
  if (kernel(s.data(), static_cast<int64_t>(s.size()), &out) == 0) return std::nullopt;
  return out;
}

std::string RandomText(std::mt19937_64& random, const std::vector<std::string>& alphabet, int most) {
  std::string text;
  for (uint64_t left = random() % static_cast<uint64_t>(most + 1); left > 0; --left) text += alphabet[random() % alphabet.size()];
  return text;
}

}  // namespace streamc::stdlib
