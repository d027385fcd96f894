#include "compiler/diag/diag.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "compiler/support/text.h"

namespace streamc::diag {

static_assert(IsCatalogConsistent(), "two diagnostics share a code, or a W code is not a warning");

std::string FormatMessage(DiagId id, const std::vector<Argument>& arguments) {
  const std::string_view format = GetEntry(id).format;
  std::string out;
  size_t next = 0;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format.substr(i, 2) == "{}" && next < arguments.size()) {
      out += arguments[next++].text();
      ++i;
    } else {
      out += format[i];
    }
  }
  return out;
}

Builder& Builder::Label(Span span, std::string text) {
  diagnostic_.labels.push_back({span, std::move(text)});
  return *this;
}

Builder& Builder::Note(std::string text) {
  diagnostic_.notes.push_back(std::move(text));
  return *this;
}

Builder& Builder::Help(std::string text) {
  diagnostic_.helps.push_back(std::move(text));
  return *this;
}

Builder& Builder::DidYouMean(std::string_view word, const std::vector<std::string>& candidates) {
  if (const auto nearest = support::FindNearest(word, candidates)) Help("did you mean `" + *nearest + "`?");
  return *this;
}

void Builder::Emit() {
  if (owner_ == nullptr) return;
  owner_->Add(std::move(diagnostic_));
  owner_ = nullptr;
}

Builder Diagnostics::Start(DiagId id, Span span, const std::vector<Argument>& arguments) {
  return Builder(*this, {id, span, FormatMessage(id, arguments), {}, {}, {}});
}

void Diagnostics::Add(Diagnostic diagnostic) {
  // Merged here and not only when shown, so that the counts agree with what a person sees.
  if (std::find(diagnostics_.begin(), diagnostics_.end(), diagnostic) != diagnostics_.end()) return;
  if (diagnostic.severity() == Severity::Error) ++error_count_;
  diagnostics_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::Sorted() const {
  std::vector<size_t> order(diagnostics_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  // The index last: what was reported first is the cause of what follows at the same place.
  const auto place = [this](size_t i) { return std::tuple(diagnostics_[i].span.source, diagnostics_[i].span.begin, i); };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return place(a) < place(b); });
  std::vector<Diagnostic> sorted;
  sorted.reserve(order.size());
  for (const size_t i : order) sorted.push_back(diagnostics_[i]);
  return sorted;
}

bool Diagnostics::Has(DiagId id) const {
  return std::any_of(diagnostics_.begin(), diagnostics_.end(), [id](const Diagnostic& d) { return d.id == id; });
}

void Diagnostics::Clear() {
  diagnostics_.clear();
  error_count_ = 0;
}

}  // namespace streamc::diag
