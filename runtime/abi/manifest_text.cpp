// Manifests and what became of them, as text.
//
// A manifest is one fact a line, names and texts quoted, steps in the order of the program:
//   streamc manifest 1
//   job "trending"
//   key_groups 64
//   next_id 3
//   step 1 "aggregate" "trending/aggregate"
//   shape "by word: string window tumbling(1m)"
//   field "n" "count()"
//   end
#include <algorithm>
#include <set>

#include "runtime/abi/manifest.h"
#include "runtime/abi/text_reader.h"

namespace streamc::abi {
namespace {

constexpr std::string_view kHead = "streamc manifest ";
constexpr int kFormat = 1;

class ManifestReader {
 public:
  explicit ManifestReader(std::string_view text) : text_(text) {}

  bool Run(Manifest* manifest, std::string* why) {
    int format = 0;
    if (!text_.Take(kHead) || !text_.Number(&format) || !text_.Take("\n")) return Fail("it is no manifest", why);
    if (format != kFormat) return Fail("it is of format " + std::to_string(format) + ", and this version reads " + std::to_string(kFormat), why);
    if (!Body(manifest)) return Fail("it is damaged", why);
    return true;
  }

 private:
  static bool Fail(std::string what, std::string* why) {
    *why = std::move(what);
    return false;
  }

  bool Body(Manifest* m) {
    if (!text_.Take("job ") || !text_.Quoted(&m->job) || !text_.Take("\nkey_groups ") || !text_.Number(&m->key_groups) ||
        !text_.Take("\nnext_id ") || !text_.Number(&m->next_id) || !text_.Take("\n") || m->key_groups < 1 || m->next_id < 1)
      return false;
    std::set<uint16_t> ids;
    std::set<std::string> names;
    while (text_.Take("step ")) {
      ManifestStep& step = m->steps.emplace_back();
      if (!Step(&step) || step.id < 1 || step.id >= m->next_id || !ids.insert(step.id).second || !names.insert(step.name).second)
        return false;
    }
    return text_.Take("end\n") && text_.at_end();
  }

  bool Step(ManifestStep* step) {
    if (!text_.Number(&step->id) || !text_.Take(" ") || !text_.Quoted(&step->kind) || !text_.Take(" ") ||
        !text_.Quoted(&step->name) || !text_.Take("\nshape ") || !text_.Quoted(&step->shape) || !text_.Take("\n"))
      return false;
    while (text_.Take("field ")) {
      StateField& field = step->fields.emplace_back();
      if (!text_.Quoted(&field.name) || !text_.Take(" ") || !text_.Quoted(&field.text) || !text_.Take("\n")) return false;
    }
    return true;
  }

  TextReader text_;
};

std::string_view WordOf(StepFate fate) {
  switch (fate) {
    case StepFate::Kept: return "kept";
    case StepFate::Migrated: return "migrated";
    case StepFate::New: return "new";
    case StepFate::Dropped: return "DROPPED";
    case StepFate::Refused: return "REFUSED";
  }
  return "";
}

std::string Padded(std::string_view text, size_t width) {
  return std::string(text) + std::string(width - std::min(width, text.size()), ' ');
}

}  // namespace

std::string WriteManifest(const Manifest& manifest) {
  std::string text = std::string(kHead) + std::to_string(kFormat) + "\njob " + QuoteText(manifest.job) + "\nkey_groups " +
                     std::to_string(manifest.key_groups) + "\nnext_id " + std::to_string(manifest.next_id) + "\n";
  for (const ManifestStep& step : manifest.steps) {
    text += "step " + std::to_string(step.id) + " " + QuoteText(step.kind) + " " + QuoteText(step.name) + "\nshape " +
            QuoteText(step.shape) + "\n";
    for (const StateField& field : step.fields) text += "field " + QuoteText(field.name) + " " + QuoteText(field.text) + "\n";
  }
  return text + "end\n";
}

bool ReadManifest(std::string_view text, Manifest* manifest, std::string* why) {
  *manifest = {};
  return ManifestReader(text).Run(manifest, why);
}

std::string DiffText(const ManifestDiff& diff) {
  size_t width = 0;
  for (const StepDiff& step : diff.steps) width = std::max(width, step.name.size());
  std::string text;
  for (const StepDiff& step : diff.steps) {
    std::string line = Padded(WordOf(step.fate), 10) + Padded(step.name, width + 2);
    if (!step.was.empty()) line += "was " + step.was + (step.reasons.empty() ? "" : "; ");
    for (size_t i = 0; i < step.reasons.size(); ++i) line += (i == 0 ? "" : "; ") + step.reasons[i];
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  if (diff.steps.empty() && diff.refused.empty()) text += "no step keeps state\n";
  for (const std::string& what : diff.refused) text += "REFUSED   " + what + "\n";
  for (const std::string& help : diff.help) text += "help: " + help + "\n";
  return text;
}

}  // namespace streamc::abi
