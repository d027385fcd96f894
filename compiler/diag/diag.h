// Diagnostics: everything a compilation tells its user goes through here.
// In: a DiagId, a place, arguments, and further labels, notes and helps. Out: a list sorted by place, identical ones
// merged, errors and warnings counted. Phases report and go on; nobody prints or throws. render.h turns it into text or JSON.
//
//   diags.Report(DiagId::UnknownColumn, name.span, name.text, "tweets")
//       .Label(schema.span, "declared here").Help("did you mean `text`?");
//
// A label on the primary span itself becomes the words behind the carets. Not thread-safe.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/catalog.h"
#include "compiler/source/source.h"

namespace streamc::diag {

using source::Span;

struct Label {
  Span span;
  std::string text;

  bool operator==(const Label&) const = default;
};

struct Diagnostic {
  DiagId id;
  Span span;
  std::string message;
  std::vector<Label> labels;
  std::vector<std::string> notes;
  std::vector<std::string> helps;

  std::string_view code() const { return GetEntry(id).code; }
  Severity severity() const { return GetEntry(id).severity; }
  bool operator==(const Diagnostic&) const = default;
};

// One argument of a message: text or a whole number, already as the user should read it.
class Argument {
 public:
  Argument(std::string_view text) : text_(text) {}
  Argument(const std::string& text) : text_(text) {}
  Argument(const char* text) : text_(text) {}
  template <std::integral T>
  Argument(T number) : text_(std::to_string(number)) {}

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class Diagnostics;

// Collects one diagnostic; hands it over when destroyed or on Emit(), whichever comes first.
class Builder {
 public:
  Builder(Diagnostics& owner, Diagnostic diagnostic) : owner_(&owner), diagnostic_(std::move(diagnostic)) {}
  Builder(Builder&& other) noexcept : owner_(other.owner_), diagnostic_(std::move(other.diagnostic_)) {
    other.owner_ = nullptr;
  }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;
  Builder& operator=(Builder&&) = delete;
  ~Builder() { Emit(); }

  Builder& Label(Span span, std::string text);
  Builder& Note(std::string text);
  Builder& Help(std::string text);
  // "did you mean `x`?" when a candidate is near `word`; nothing otherwise.
  Builder& DidYouMean(std::string_view word, const std::vector<std::string>& candidates);
  void Emit();

 private:
  Diagnostics* owner_;
  Diagnostic diagnostic_;
};

class Diagnostics {
 public:
  // Starts a diagnostic at `span`. The number of arguments must be the number of {} in the catalogue's text.
  template <typename... Args>
  Builder Report(DiagId id, Span span, const Args&... args) {
    return Start(id, span, {Argument(args)...});
  }

  // All so far, by place, causes before consequences at one place, identical ones once.
  std::vector<Diagnostic> Sorted() const;

  bool has_errors() const { return error_count_ > 0; }
  size_t error_count() const { return error_count_; }
  bool empty() const { return diagnostics_.empty(); }
  // True when one with this id was reported.
  bool Has(DiagId id) const;
  void Clear();

 private:
  friend class Builder;

  Builder Start(DiagId id, Span span, const std::vector<Argument>& arguments);
  void Add(Diagnostic diagnostic);

  std::vector<Diagnostic> diagnostics_;
  size_t error_count_ = 0;
};

// The catalogue's text of `id` with its {} replaced, in order. Missing arguments leave their {} standing.
std::string FormatMessage(DiagId id, const std::vector<Argument>& arguments);

}  // namespace streamc::diag
