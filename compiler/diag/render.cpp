#include "compiler/diag/render.h"

#include <algorithm>
#include <tuple>

#include "compiler/support/text.h"

namespace streamc::diag {
namespace {

using source::LineColumn;
using source::SourceManager;

// What is put under source lines: the primary span and the labels, as one list.
struct Mark {
  Span span;
  std::string text;
  bool primary = false;
};

std::string_view SeverityWord(Severity severity) {
  return severity == Severity::Error ? "error" : "warning";
}

std::vector<Mark> CollectMarks(const Diagnostic& diagnostic) {
  std::vector<Mark> marks{{diagnostic.span, "", true}};
  for (const Label& label : diagnostic.labels) {
    if (label.span == diagnostic.span && marks[0].text.empty()) {
      marks[0].text = label.text;
    } else {
      marks.push_back({label.span, label.text, false});
    }
  }
  return marks;
}

// What is shown of a line: lines wider than this are cut around the place that matters.
constexpr size_t kShownBytes = 160;

// As a terminal shows it; a tab becomes four blanks, so that carets stand under what they mean.
std::string ToShown(std::string_view line) {
  std::string out;
  for (const char c : support::ToPrintable(line)) {
    if (c == '\t') {
      out += "    ";
    } else {
      out += c;
    }
  }
  return out;
}

class TextRenderer {
 public:
  TextRenderer(const SourceManager& sources, std::string& out) : sources_(sources), out_(out) {}

  void Render(const Diagnostic& diagnostic) {
    out_ += std::string(SeverityWord(diagnostic.severity())) + "[" + std::string(diagnostic.code()) + "]: ";
    out_ += support::ToPrintable(diagnostic.message) + "\n";
    if (diagnostic.span.source.index < sources_.count()) RenderMarks(CollectMarks(diagnostic));
    for (const std::string& note : diagnostic.notes) RenderRemark("note", note);
    for (const std::string& help : diagnostic.helps) RenderRemark("help", help);
    out_ += "\n";
  }

 private:
  void RenderMarks(std::vector<Mark> marks) {
    gutter_ = GutterWidth(marks);
    // The primary line comes first; the labels on other lines follow, each under its own place.
    std::sort(marks.begin() + 1, marks.end(),
              [](const Mark& a, const Mark& b) { return std::tie(a.span, a.text) < std::tie(b.span, b.text); });
    while (!marks.empty()) {
      const Mark first = marks[0];
      const uint32_t line = LineOf(first);
      std::vector<Mark> here;
      std::vector<Mark> elsewhere;
      for (Mark& mark : marks) {
        const bool same = mark.span.source == first.span.source && LineOf(mark) == line;
        (same ? here : elsewhere).push_back(std::move(mark));
      }
      RenderPlace(first, first.primary);
      RenderLine(first.span.source, line, here);
      marks = std::move(elsewhere);
    }
    out_ += std::string(gutter_, ' ') + " |\n";
  }

  void RenderPlace(const Mark& mark, bool primary) {
    const LineColumn place = sources_.Locate(mark.span.source, mark.span.begin);
    out_ += std::string(gutter_, ' ') + (primary ? "--> " : "::: ");
    out_ += std::string(sources_.DisplayName(mark.span.source)) + ":" + std::to_string(place.line) + ":" +
            std::to_string(place.column) + "\n";
    out_ += std::string(gutter_, ' ') + " |\n";
  }

  void RenderLine(source::SourceId id, uint32_t line, const std::vector<Mark>& marks) {
    const std::string number = std::to_string(line);
    const Window window = MakeWindow(sources_.Line(id, line), sources_.LineStart(id, line), marks[0].span.begin);
    const std::string text = (window.cut_left ? "..." : "") + ToShown(window.text) + (window.cut_right ? "..." : "");
    out_ += std::string(gutter_ - number.size(), ' ') + number + " |" + (text.empty() ? "" : " " + text) + "\n";
    for (const Mark& mark : marks) RenderCarets(window, mark);
  }

  // The part of a line that is shown; `start` is its offset in the source.
  struct Window {
    std::string_view text;
    size_t start;
    bool cut_left;
    bool cut_right;
  };

  static Window MakeWindow(std::string_view line, size_t line_start, size_t focus) {
    if (line.size() <= kShownBytes) return {line, line_start, false, false};
    const auto continues = [&](size_t i) { return i < line.size() && (static_cast<unsigned char>(line[i]) & 0xC0) == 0x80; };
    const size_t at = std::min(focus - line_start, line.size());
    size_t begin = at < kShownBytes / 2 ? 0 : at - kShownBytes / 2;
    while (continues(begin)) ++begin;
    size_t end = std::min(begin + kShownBytes, line.size());
    while (continues(end)) ++end;
    return {line.substr(begin, end - begin), line_start + begin, begin > 0, end < line.size()};
  }

  // One row per mark: carets for the primary span, dashes for the rest. A span over several lines is marked to the end of its
  // first.
  void RenderCarets(const Window& window, const Mark& mark) {
    const auto inside = [&](size_t offset) {
      return std::clamp(offset, window.start, window.start + window.text.size()) - window.start;
    };
    const size_t begin = inside(mark.span.begin);
    const size_t end = inside(mark.span.end);
    const size_t indent = support::DisplayWidth(ToShown(window.text.substr(0, begin))) + (window.cut_left ? 3 : 0);
    const size_t width = std::max<size_t>(1, support::DisplayWidth(ToShown(window.text.substr(begin, end - begin))));
    out_ += std::string(gutter_, ' ') + " | " + std::string(indent, ' ') + std::string(width, mark.primary ? '^' : '-');
    if (!mark.text.empty()) out_ += " " + support::ToPrintable(mark.text);
    out_ += "\n";
  }

  // Further lines of a remark are set under its first.
  void RenderRemark(std::string_view word, const std::string& text) {
    out_ += std::string(word) + ": ";
    for (const char c : support::ToPrintable(text)) {
      out_ += c;
      if (c == '\n') out_ += "      ";
    }
    out_ += "\n";
  }

  uint32_t LineOf(const Mark& mark) const { return sources_.Locate(mark.span.source, mark.span.begin).line; }

  // Width of the widest line number, plus the blank in front of `-->`.
  size_t GutterWidth(const std::vector<Mark>& marks) const {
    uint32_t last = 1;
    for (const Mark& mark : marks) last = std::max(last, LineOf(mark));
    return std::to_string(last).size();
  }

  const SourceManager& sources_;
  std::string& out_;
  size_t gutter_ = 1;
};

void AppendJsonPlace(std::string& out, const SourceManager& sources, Span span) {
  const bool known = span.source.index < sources.count();
  const LineColumn begin = known ? sources.Locate(span.source, span.begin) : LineColumn{};
  const LineColumn end = known ? sources.Locate(span.source, span.end) : LineColumn{};
  out += "\"file\":" + support::QuoteJson(known ? sources.DisplayName(span.source) : "");
  out += ",\"line\":" + std::to_string(begin.line) + ",\"column\":" + std::to_string(begin.column);
  out += ",\"end_line\":" + std::to_string(end.line) + ",\"end_column\":" + std::to_string(end.column);
}

void AppendJsonList(std::string& out, std::string_view name, const std::vector<std::string>& texts) {
  out += ",\"" + std::string(name) + "\":[";
  for (size_t i = 0; i < texts.size(); ++i) out += (i > 0 ? "," : "") + support::QuoteJson(texts[i]);
  out += "]";
}

void AppendJson(std::string& out, const SourceManager& sources, const Diagnostic& diagnostic) {
  out += "{\"code\":" + support::QuoteJson(diagnostic.code());
  out += ",\"severity\":" + support::QuoteJson(SeverityWord(diagnostic.severity()));
  out += ",\"message\":" + support::QuoteJson(diagnostic.message) + ",";
  AppendJsonPlace(out, sources, diagnostic.span);
  out += ",\"labels\":[";
  for (size_t i = 0; i < diagnostic.labels.size(); ++i) {
    out += i > 0 ? ",{" : "{";
    AppendJsonPlace(out, sources, diagnostic.labels[i].span);
    out += ",\"text\":" + support::QuoteJson(diagnostic.labels[i].text) + "}";
  }
  out += "]";
  AppendJsonList(out, "notes", diagnostic.notes);
  AppendJsonList(out, "helps", diagnostic.helps);
  out += "}";
}

}  // namespace

std::string RenderText(const Diagnostics& diagnostics, const SourceManager& sources) {
  const std::vector<Diagnostic> sorted = diagnostics.Sorted();
  std::string out;
  TextRenderer renderer(sources, out);
  for (size_t i = 0; i < std::min(sorted.size(), kShownLimit); ++i) renderer.Render(sorted[i]);
  if (sorted.size() > kShownLimit) {
    out += std::to_string(sorted.size() - kShownLimit) + " more not shown; repair these first\n";
  }
  return out;
}

std::string RenderJson(const Diagnostics& diagnostics, const SourceManager& sources) {
  const std::vector<Diagnostic> sorted = diagnostics.Sorted();
  std::string out = "[";
  for (size_t i = 0; i < std::min(sorted.size(), kShownLimit); ++i) {
    out += i > 0 ? ",\n " : "";
    AppendJson(out, sources, sorted[i]);
  }
  return out + "]\n";
}

}  // namespace streamc::diag
