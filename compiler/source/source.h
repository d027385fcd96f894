// The program texts of one compilation, and places in them.
// In: text under a display name, added once. Out: SourceId, Span (byte offsets), and line and column on demand.
// Places stay byte offsets until something is shown to a person, so spans are cheap to copy and compare.
// Every phase may hold spans; only diag renders them.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace streamc::source {

// Index of a text in its SourceManager; texts are numbered from 0 in the order they were added.
struct SourceId {
  uint32_t index = 0;

  auto operator<=>(const SourceId&) const = default;
};

// Bytes [begin, end) of one text. An empty span marks a place between two bytes.
struct Span {
  SourceId source;
  uint32_t begin = 0;
  uint32_t end = 0;

  auto operator<=>(const Span&) const = default;
};

// The smallest span that covers both; they must lie in the same text.
Span Join(Span a, Span b);

// 1-based; the column counts code points.
struct LineColumn {
  uint32_t line = 1;
  uint32_t column = 1;
};

// Owns the texts. Views returned stay valid as long as the manager lives.
class SourceManager {
 public:
  // Takes the text; `display_name` is what messages show (a path as the user gave it, or "<repl>").
  SourceId Add(std::string display_name, std::string text);

  std::string_view Text(SourceId id) const;
  std::string_view Text(Span span) const;
  std::string_view DisplayName(SourceId id) const;
  size_t count() const { return files_.size(); }

  // Offsets past the end mean the end.
  LineColumn Locate(SourceId id, uint32_t offset) const;

  // A line without its line end; 1-based. Empty for a line that does not exist.
  std::string_view Line(SourceId id, uint32_t line) const;

  // Byte offset at which a line starts; 1-based. A line past the last means the end of the text.
  uint32_t LineStart(SourceId id, uint32_t line) const;

 private:
  struct File {
    std::string display_name;
    std::string text;
    std::vector<uint32_t> line_starts;
  };

  const File& Get(SourceId id) const;

  // A deque, so that views into a text survive the adding of others.
  std::deque<File> files_;
};

}  // namespace streamc::source
