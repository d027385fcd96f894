#include "compiler/sema/foreign_names.h"

#include <algorithm>
#include <cctype>

namespace streamc::sema {
namespace {

struct ForeignName {
  ForeignPlace place;
  std::string_view word;
  std::string_view name;
};
constexpr ForeignName kForeignNames[] = {
#define FOREIGN(place, word, name) {ForeignPlace::place, word, name},
#include "compiler/sema/foreign_names.def"
#undef FOREIGN
};

}  // namespace

std::string_view FindForeignName(ForeignPlace place, std::string_view word) {
  const auto same = [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); };
  for (const ForeignName& foreign : kForeignNames) {
    if (foreign.place == place && std::equal(foreign.word.begin(), foreign.word.end(), word.begin(), word.end(), same)) {
      return foreign.name;
    }
  }
  return {};
}

}  // namespace streamc::sema
