// The manifest: what a job keeps, and under which numbers, so that an edited program can take the state over or must refuse it.
//
// A job writes its manifest beside its state. At the next start, and in `streamc diff`, CompareManifests says for each keyed step
// what becomes of its state. Steps are known by name (`stream/label`); records of the changelog name them by a number, which a step
// keeps through renames (`was "old name"`) and which is never given to another. Data only: compiler and runtime both use it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi/job_spec.h"

namespace streamc::abi {

struct ManifestStep {
  std::string name;                // stream/label
  uint16_t id = 0;                 // 0: none yet
  std::string kind;                // "aggregate", "top"
  std::string shape;               // all that must not change, parameters with their values
  std::vector<StateField> fields;  // parts of a state in order; of a manifest read back: name and text only
  // Of the program at hand; not written.
  std::vector<std::string> was;
  bool over_changes = false;       // rows it holds may be taken back
  bool operator==(const ManifestStep&) const = default;
};
struct Manifest {
  std::string job;                 // as the program names it
  int32_t key_groups = 64;
  uint16_t next_id = 1;            // greater than any id a step of this job ever had
  std::vector<ManifestStep> steps;
  bool operator==(const Manifest&) const = default;
};

// The program's manifest, without ids. `param`: the value of a parameter; a null one stands as the parameter's name.
Manifest MakeManifest(const JobSpec& spec, const std::function<DatumSpec(int32_t param)>& param);
// The same with every parameter at its default, where it has one.
Manifest MakeManifest(const JobSpec& spec);

// Lines of text, equal for equal manifests.
std::string WriteManifest(const Manifest& manifest);
// False with the reason in `why` for anything WriteManifest did not write; `manifest` is then unspecified.
bool ReadManifest(std::string_view text, Manifest* manifest, std::string* why);

enum class StepFate : uint8_t {
  Kept,      // the records are read as they are
  Migrated,  // they are read with StepDiff::from
  New,       // no state yet
  Dropped,   // the program has no such step any more: the records are to be removed
  Refused,   // the program must not start
};
struct StepDiff {
  StepFate fate = StepFate::New;
  std::string name;                // in the new program; Dropped: in the old one
  std::string was;                 // its name in the old program where that was another
  uint16_t id = 0;                 // of its records
  std::vector<std::string> reasons;
  // Kept, Migrated: for each field the field of the old state it is, -1: a column that rows from before lack (its default, or null).
  std::vector<int32_t> from;
};
struct ManifestDiff {
  std::vector<StepDiff> steps;     // the new program's in order, then dropped ones
  std::vector<std::string> refused;  // what is wrong beside single steps
  std::vector<std::string> help;
  Manifest next;                   // the new manifest with ids: what the job writes when it starts
  bool ok = true;                  // false: exit 65
};

// What becomes of the state of `old` under `program`. `old` null: the job has none. `reset`: steps of the program that shall begin
// anew whatever there was; their old records count as dropped.
ManifestDiff CompareManifests(const Manifest* old, const Manifest& program, const std::vector<std::string>& reset = {});

// One line for each step, aligned, then warnings and ways out. Shown by `streamc diff` and by a job that refuses to start.
std::string DiffText(const ManifestDiff& diff);

}  // namespace streamc::abi
