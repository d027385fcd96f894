// What the printer's files share. Private to ast.
// In: parts of the tree. Out: text in the forms of print.h. Lines collects indented lines.
#pragma once

#include <string>
#include <string_view>

#include "compiler/ast/print.h"

namespace streamc::ast {

// Visits a variant with one lambda per alternative; a forgotten alternative does not compile.
template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

class Lines {
 public:
  void Add(std::string_view text) { out_ += std::string(depth_ * 2, ' ') + std::string(text) + "\n"; }
  template <typename F>
  void Indented(F body) {
    ++depth_;
    body();
    --depth_;
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
  size_t depth_ = 0;
};

template <typename List, typename F>
std::string JoinMapped(const List& list, F print) {
  std::string out;
  for (const auto& item : list) {
    if (!out.empty()) out += ", ";
    out += print(item);
  }
  return out;
}

std::string Quote(std::string_view text);
std::string PrintName(const Name& name);
std::string PrintPath(const Path& path);
// `1h30m`, `-5m`, `0s`.
std::string PrintDuration(int64_t micros);
// `@2026-01-01T00:00:00Z`.
std::string PrintTimestamp(int64_t micros);
// "null" for a null pointer.
std::string PrintPtr(const ExprPtr& expr);
std::string PrintCall(const Call& call);
std::string PrintBlock(const Block& block);
std::string PrintRecordType(const RecordType& type);
std::string PrintAction(const Action& action);

// " @label", or nothing.
std::string PrintLabel(const std::optional<Name>& label);

void PrintPipeline(Lines& lines, const Pipeline& pipeline);
void PrintBody(Lines& lines, const Body& body);

}  // namespace streamc::ast
