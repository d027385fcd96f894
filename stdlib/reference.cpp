// streamc_reference: the library's reference as Markdown, made of the descriptors.
//
//   streamc_reference          prints it
//   streamc_reference FILE     compares it with the file; exit 1 and a line on stderr when they differ
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "stdlib/descriptor.h"

namespace streamc::stdlib {

namespace {

constexpr std::string_view kIntro =
    "# Functions, aggregates and windows\n\n"
    "Made from the descriptors in `stdlib/` by `streamc_reference`; not edited by hand. Every example is evaluated by the tests.\n\n"
    "How to read a signature: `T?` may be missing; `T` stands for any of the types named after it; an `int` may stand wherever a `float` "
    "or a `decimal` is asked for. Write `!` after the name of a function that returns `T?` to get a `T` and send records without one to "
    "the bad route. *Rejects* names the code of the record error that a function may raise.\n";

// Overloads that say the same share one paragraph.
struct Entry {
  std::string signatures;
  std::string_view summary;
  std::string notes;
  std::vector<Example> examples;
};

std::string SignatureLine(std::string_view signature, std::string_view for_types) {
  std::string line(signature);
  if (!for_types.empty()) {
    line += "    // T: ";
    line += for_types;
  }
  return line + "\n";
}

void Append(std::vector<Entry>* entries, std::string signature, std::string_view summary, std::string notes,
            std::span<const Example> examples) {
  if (entries->empty() || entries->back().summary != summary || entries->back().notes != notes) entries->push_back({{}, summary, notes, {}});
  Entry& entry = entries->back();
  entry.signatures += signature;
  entry.examples.insert(entry.examples.end(), examples.begin(), examples.end());
}

void Print(std::string_view name, const std::vector<Entry>& entries, std::string* out) {
  *out += "\n### " + std::string(name) + "\n";
  for (const Entry& entry : entries) {
    *out += "\n```\n" + entry.signatures + "```\n" + std::string(entry.summary) + entry.notes + "\n\n";
    for (const Example& example : entry.examples)
      *out += "- `" + std::string(example.expression) + "` is `" + std::string(example.result) + "`\n";
  }
}

std::string ScalarNotes(const ScalarFn& function) {
  std::string notes;
  if (function.result == Result::Rejects) notes += " Rejects: `" + std::string(function.reject_code) + "`.";
  if (!function.pure) notes += " Depends on the clock.";
  return notes;
}

std::string AggregateNotes(const AggregateFn& function) {
  return function.remove.empty() ? " Not on changing streams." : "";
}

std::string Reference() {
  std::string out(kIntro);
  std::vector<std::string_view> families;
  std::vector<std::string_view> names;
  auto once = [](std::vector<std::string_view>* seen, std::string_view what) {
    for (std::string_view one : *seen)
      if (one == what) return false;
    seen->push_back(what);
    return true;
  };
  for (const ScalarFn* function : ScalarFunctions()) once(&families, function->family);
  for (std::string_view family : families) {
    out += "\n## " + std::string(family) + "\n";
    names.clear();
    for (const ScalarFn* function : ScalarFunctions()) {
      if (function->family != family || !once(&names, function->name)) continue;
      std::vector<Entry> entries;
      for (const ScalarFn* variant : ScalarFunctions()) {
        if (variant->name == function->name && variant->family == family)
          Append(&entries, SignatureLine(variant->signature, variant->for_types), variant->summary, ScalarNotes(*variant), variant->examples);
      }
      Print(function->name, entries, &out);
    }
  }
  out += "\n## aggregates\n\nThe examples write the rows of a group as a list.\n";
  names.clear();
  for (const AggregateFn* function : Aggregates()) {
    if (!once(&names, function->name)) continue;
    std::vector<Entry> entries;
    for (const AggregateFn* variant : Aggregates()) {
      if (variant->name == function->name)
        Append(&entries, SignatureLine(variant->signature, variant->for_types), variant->summary, AggregateNotes(*variant), variant->examples);
    }
    Print(function->name, entries, &out);
  }
  out += "\n## windows\n";
  for (const WindowDesc* window : Windows()) {
    out += "\n### " + std::string(window->name) + "\n\n```\n" + std::string(window->example) + "\n```\n" + std::string(window->summary) + "\n\n";
    for (const WindowParam& param : window->params)
      out += "- `" + std::string(param.name) + ": duration`" + (param.required ? "" : ", optional") + "\n";
  }
  return out;
}

}  // namespace

}  // namespace streamc::stdlib

int main(int argc, char** argv) {
  std::string text = streamc::stdlib::Reference();
  if (argc < 2) {
    std::cout << text;
    return 0;
  }
  std::ifstream file(argv[1], std::ios::binary);
  std::string written((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (written == text) return 0;
  std::cerr << argv[1] << " is stale: run `streamc_reference > " << argv[1] << "`\n";
  return 1;
}
