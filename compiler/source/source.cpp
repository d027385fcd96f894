#include "compiler/source/source.h"

#include <algorithm>
#include <cassert>

#include "compiler/support/text.h"

namespace streamc::source {

Span Join(Span a, Span b) {
  assert(a.source == b.source);
  return {a.source, std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

SourceId SourceManager::Add(std::string display_name, std::string text) {
  File file{std::move(display_name), std::move(text), {0}};
  for (size_t i = 0; i < file.text.size(); ++i) {
    if (file.text[i] == '\n') file.line_starts.push_back(static_cast<uint32_t>(i + 1));
  }
  files_.push_back(std::move(file));
  return {static_cast<uint32_t>(files_.size() - 1)};
}

std::string_view SourceManager::Text(SourceId id) const {
  return Get(id).text;
}

std::string_view SourceManager::Text(Span span) const {
  const std::string_view text = Get(span.source).text;
  const size_t begin = std::min<size_t>(span.begin, text.size());
  const size_t end = std::clamp<size_t>(span.end, begin, text.size());
  return text.substr(begin, end - begin);
}

std::string_view SourceManager::DisplayName(SourceId id) const {
  return Get(id).display_name;
}

LineColumn SourceManager::Locate(SourceId id, uint32_t offset) const {
  const File& file = Get(id);
  offset = std::min<uint32_t>(offset, static_cast<uint32_t>(file.text.size()));
  const auto next = std::upper_bound(file.line_starts.begin(), file.line_starts.end(), offset);
  const uint32_t start = *(next - 1);
  const std::string_view before = std::string_view(file.text).substr(start, offset - start);
  return {static_cast<uint32_t>(next - file.line_starts.begin()), static_cast<uint32_t>(support::CountCodePoints(before) + 1)};
}

std::string_view SourceManager::Line(SourceId id, uint32_t line) const {
  const File& file = Get(id);
  if (line == 0 || line > file.line_starts.size()) return {};
  const uint32_t begin = file.line_starts[line - 1];
  std::string_view text = std::string_view(file.text).substr(begin);
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

uint32_t SourceManager::LineStart(SourceId id, uint32_t line) const {
  const File& file = Get(id);
  if (line == 0) return 0;
  if (line > file.line_starts.size()) return static_cast<uint32_t>(file.text.size());
  return file.line_starts[line - 1];
}

const SourceManager::File& SourceManager::Get(SourceId id) const {
  assert(id.index < files_.size());
  return files_[id.index];
}

}  // namespace streamc::source
