// Making manifests of programs, and comparing them. Texts of manifests: manifest_text.cpp.
#include "runtime/abi/manifest.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace streamc::abi {
namespace {

std::string DurationText(int64_t micros) {
  static constexpr std::array<std::pair<int64_t, std::string_view>, 6> kUnits = {
      {{86'400'000'000, "d"}, {3'600'000'000, "h"}, {60'000'000, "m"}, {1'000'000, "s"}, {1'000, "ms"}, {1, "us"}}};
  std::string text;
  for (const auto& [size, unit] : kUnits) {
    if (micros >= size) text += std::to_string(micros / size) + std::string(unit);
    if (micros >= size) micros %= size;
  }
  return text.empty() ? std::to_string(micros) + "us" : text;
}

class Maker {
 public:
  Maker(const JobSpec& spec, const std::function<DatumSpec(int32_t)>& param) : spec_(spec), param_(param) {}

  Manifest Run() const {
    Manifest manifest;
    manifest.job = spec_.name;
    manifest.key_groups = spec_.key_groups;
    for (const NodeSpec& node : spec_.nodes) {
      if (node.kind != NodeKind::Aggregate && node.kind != NodeKind::Top) continue;
      ManifestStep& step = manifest.steps.emplace_back();
      step.name = node.name;
      step.kind = node.state.kind;
      step.was = node.state.was;
      step.fields = node.state.fields;
      const bool top = node.kind == NodeKind::Top;
      step.shape = node.state.shape + (top ? Of(spec_.tops[static_cast<size_t>(node.index)])
                                           : Of(spec_.aggregates[static_cast<size_t>(node.index)]));
      step.over_changes = top ? spec_.tops[static_cast<size_t>(node.index)].changing_input
                              : spec_.aggregates[static_cast<size_t>(node.index)].changing_input;
    }
    return manifest;
  }

 private:
  // A duration or a whole number; empty when there is none or it is 0.
  std::string Value(const ValueSpec& value, bool duration) const {
    const DatumSpec datum = value.param >= 0 ? param_(value.param) : value.constant;
    if (const auto* number = std::get_if<int64_t>(&datum.value)) {
      if (*number == 0) return {};
      return duration ? DurationText(*number) : std::to_string(*number);
    }
    return value.param >= 0 ? spec_.params[static_cast<size_t>(value.param)].name : std::string();
  }

  std::string Of(const BoundSpec& bound) const {
    const auto with = [&](const char* words, const ValueSpec& value) {
      const std::string text = Value(value, true);
      return text.empty() ? std::string() : words + text;
    };
    std::string text;
    switch (bound.window) {
      case WindowKind::None: text = bound.keep_forever ? " keep forever" : " keep " + Value(bound.keep, true); break;
      case WindowKind::Tumbling: text = " window tumbling(" + Value(bound.size, true) + with(", offset: ", bound.offset) + ")"; break;
      case WindowKind::Hopping:
        text = " window hopping(" + Value(bound.size, true) + with(", every: ", bound.every) + with(", offset: ", bound.offset) + ")";
        break;
    }
    text += with(" late ", bound.late);
    if (bound.emit == EmitKind::Changes) text += bound.emit_every.is_set() ? " emit changes at times" : " emit changes";
    return text;
  }
  std::string Of(const AggregateSpec& aggregate) const {
    return Of(aggregate.bound) + (aggregate.has_time ? "" : " without time") + (aggregate.changing_input ? " over changes" : "");
  }
  std::string Of(const TopSpec& top) const {
    return " limit " + Value(top.limit, false) + (top.with_ties ? " with ties" : "") + (top.has_bound ? Of(top.bound) : "") +
           (top.changing_input ? " over changes" : "") + (top.changing_output ? " giving changes" : "");
  }

  const JobSpec& spec_;
  const std::function<DatumSpec(int32_t)>& param_;
};

// --- comparing ---------------------------------------------------------------------------------------------------

const ManifestStep* Find(const Manifest& manifest, const std::string& name) {
  const auto found = std::find_if(manifest.steps.begin(), manifest.steps.end(),
                                  [&](const ManifestStep& step) { return step.name == name; });
  return found == manifest.steps.end() ? nullptr : &*found;
}

// Each part of an aggregate's state is known by what it computes; of a row of `top`, by its column.
bool IsSame(const std::string& kind, const StateField& a, const StateField& b) {
  return a.text == b.text && (kind == "aggregate" || a.name == b.name);
}

std::string FieldText(const std::string& kind, const StateField& field) {
  return kind == "aggregate" ? "`" + field.text + "`" : "`" + field.name + ": " + field.text + "`";
}

void Refuse(StepDiff* diff, std::string reason) {
  diff->fate = StepFate::Refused;
  diff->reasons.push_back(std::move(reason));
}

// A field the old state lacks.
void CompareNewField(const ManifestStep& old, const ManifestStep& step, const StateField& field, StepDiff* diff) {
  const std::string text = FieldText(step.kind, field);
  if (step.kind == "aggregate") return Refuse(diff, text + " is new and knows nothing of the rows before");
  const auto namesake = std::find_if(old.fields.begin(), old.fields.end(),
                                     [&](const StateField& each) { return each.name == field.name; });
  if (namesake != old.fields.end()) return Refuse(diff, FieldText(step.kind, *namesake) + " has become " + text);
  if (!field.optional && !field.has_default)
    return Refuse(diff, text + " is new, and rows from before have no value for it: it is neither optional nor has a default");
  if (step.over_changes)
    return Refuse(diff, text + " is new, and rows from before could not be found any more when they are taken back");
  diff->fate = StepFate::Migrated;
  diff->reasons.push_back(text + (field.optional ? " is new: null" : " is new: its default") + " in rows from before");
}

void CompareFields(const ManifestStep& old, const ManifestStep& step, StepDiff* diff) {
  std::vector<bool> used(old.fields.size(), false);
  bool in_place = old.fields.size() == step.fields.size();
  for (const StateField& field : step.fields) {
    size_t at = 0;
    while (at < old.fields.size() && (used[at] || !IsSame(step.kind, old.fields[at], field))) ++at;
    if (at == old.fields.size()) {
      CompareNewField(old, step, field, diff);
      diff->from.push_back(-1);
      continue;
    }
    used[at] = true;
    in_place = in_place && at == diff->from.size();
    diff->from.push_back(static_cast<int32_t>(at));
  }
  if (diff->fate == StepFate::Refused || in_place) return;
  diff->fate = StepFate::Migrated;
  for (size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) diff->reasons.push_back(FieldText(step.kind, old.fields[i]) + " is kept no more");
  }
  if (diff->reasons.empty()) diff->reasons.emplace_back("its columns stand in another order");
}

StepDiff CompareStep(const ManifestStep& old, const ManifestStep& step) {
  StepDiff diff;
  diff.fate = StepFate::Kept;
  diff.name = step.name;
  if (old.name != step.name) diff.was = old.name;
  diff.id = old.id;
  if (old.kind != step.kind) {
    Refuse(&diff, "it was `" + old.kind + "` and is `" + step.kind + "`");
  } else if (old.shape != step.shape) {
    Refuse(&diff, "it was `" + old.shape + "` and is `" + step.shape + "`");
  } else {
    CompareFields(old, step, &diff);
  }
  return diff;
}

class Comparison {
 public:
  Comparison(const Manifest* old, const Manifest& program, const std::vector<std::string>& reset) : old_(old), program_(program) {
    for (const std::string& name : reset) {
      if (Find(program, name) == nullptr) {
        diff_.refused.push_back("there is no keyed step `" + name + "` to begin anew");
      }
      reset_.insert(name);
    }
  }

  ManifestDiff Run() {
    diff_.next = program_;
    diff_.next.next_id = old_ != nullptr ? old_->next_id : 1;
    if (old_ != nullptr && old_->key_groups != program_.key_groups) {
      diff_.refused.push_back("the job has " + std::to_string(old_->key_groups) + " key groups, which cannot change, and the program says " +
                              std::to_string(program_.key_groups));
      diff_.help.push_back("write `key_groups " + std::to_string(old_->key_groups) + "` in the job");
    }
    for (const ManifestStep& step : program_.steps) AddStep(step);
    if (old_ != nullptr) AddDropped();
    AddHelp();
    diff_.ok = diff_.refused.empty() && std::none_of(diff_.steps.begin(), diff_.steps.end(), [](const StepDiff& step) {
                 return step.fate == StepFate::Refused;
               });
    return std::move(diff_);
  }

 private:
  // The step's own name goes before its earlier ones: where it is known, the renaming has happened.
  const ManifestStep* OldOf(const ManifestStep& step) const {
    if (old_ == nullptr || reset_.contains(step.name)) return nullptr;
    if (const ManifestStep* same = Find(*old_, step.name)) return same;
    for (const std::string& was : step.was) {
      if (const ManifestStep* found = Find(*old_, was)) return found;
    }
    return nullptr;
  }

  void AddStep(const ManifestStep& step) {
    const ManifestStep* old = OldOf(step);
    StepDiff diff;
    if (old != nullptr && taken_.insert(old->name).second) {
      diff = CompareStep(*old, step);
    } else {
      diff.name = step.name;
      diff.id = NewId();
    }
    Find(diff_.next, step.name).id = diff.id;
    diff_.steps.push_back(std::move(diff));
  }

  static ManifestStep& Find(Manifest& manifest, const std::string& name) {
    return const_cast<ManifestStep&>(*abi::Find(manifest, name));
  }
  static const ManifestStep* Find(const Manifest& manifest, const std::string& name) { return abi::Find(manifest, name); }

  uint16_t NewId() {
    if (diff_.next.next_id < UINT16_MAX) return diff_.next.next_id++;
    if (!ids_used_up_) diff_.refused.emplace_back("the job has had 65534 keyed steps, and no more can be told apart");
    ids_used_up_ = true;
    return 0;
  }

  void AddDropped() {
    for (const ManifestStep& step : old_->steps) {
      if (taken_.contains(step.name)) continue;
      StepDiff diff;
      diff.fate = StepFate::Dropped;
      diff.name = step.name;
      diff.id = step.id;
      diff.reasons.emplace_back(reset_.contains(step.name) ? "its state is deleted; it begins anew" : "its state is deleted");
      diff_.steps.push_back(std::move(diff));
    }
  }

  void AddHelp() {
    for (const StepDiff& step : diff_.steps) {
      if (step.fate == StepFate::Dropped && !reset_.contains(step.name)) HelpDropped(step.name);
      if (step.fate != StepFate::Refused) continue;
      diff_.help.push_back("to begin `" + step.name + "` anew and lose what it knows: `--reset " + step.name +
                           "`; to go on with what it knows: keep the step as it was, and add another beside it");
    }
    if (!diff_.refused.empty()) diff_.help.emplace_back("to begin with no state at all, beside the old job: `--group NAME`");
  }

  // A dropped step and a new one that keep the same are often one step that was renamed.
  void HelpDropped(const std::string& name) {
    const ManifestStep& dropped = *abi::Find(*old_, name);
    for (const StepDiff& step : diff_.steps) {
      if (step.fate != StepFate::New || reset_.contains(step.name)) continue;
      const ManifestStep& fresh = *abi::Find(program_, step.name);
      if (fresh.kind != dropped.kind || CompareStep(dropped, fresh).fate == StepFate::Refused) continue;
      diff_.help.push_back("if `" + step.name + "` is the old `" + name + "`, say so and it goes on with its state: `" + fresh.kind +
                           " was \"" + name + "\" ...`");
      return;
    }
    diff_.help.push_back("`" + name + "` is gone for good once this program has started; start the old one again if that is not meant");
  }

  const Manifest* old_;
  const Manifest& program_;
  std::set<std::string> reset_, taken_;
  bool ids_used_up_ = false;
  ManifestDiff diff_;
};

}  // namespace

Manifest MakeManifest(const JobSpec& spec, const std::function<DatumSpec(int32_t param)>& param) {
  return Maker(spec, param).Run();
}

Manifest MakeManifest(const JobSpec& spec) {
  return MakeManifest(spec, [&](int32_t param) { return spec.params[static_cast<size_t>(param)].deflt; });
}

ManifestDiff CompareManifests(const Manifest* old, const Manifest& program, const std::vector<std::string>& reset) {
  return Comparison(old, program, reset).Run();
}

}  // namespace streamc::abi
