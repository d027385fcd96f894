// Runs hand-made physical programs through the code generator and the JIT, in memory.
//
// The host stands in for the engine: it records rejections, and serves one slice and one lookup table.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/backend/backend.h"
#include "compiler/physical/physical.h"
#include "exprs.h"
#include "runtime/batch/arena.h"
#include "runtime/batch/batch.h"

namespace streamc::codegen::testing {

struct Rejection {
  int64_t row;
  int32_t site, code;
  bool operator==(const Rejection&) const = default;
};

// What the sc_* functions of the test process do. One per test; ScCtx::engine points at it.
struct Host {
  std::vector<Rejection> rejections;
  std::function<const void*(int32_t table, uint64_t hash, const void* key)> lookup;
  std::function<ScTable*(ScAgg* agg, int64_t time, int64_t watermark)> slice;
};

// The type as the runtime describes it.
abi::TypeSpec ToTypeSpec(const types::Type& type);

// A batch of columns of language types, filled cell by cell from constants.
class Rows {
 public:
  explicit Rows(std::vector<TypeRef> types, bool all_states = false);
  void Add(const std::vector<Datum>& cells);
  // The cells of a row; a state of 2 and more shows as the int -state.
  std::vector<Datum> Read(int64_t row) const;
  // Overwrites the state of a leaf.
  void SetState(int64_t row, size_t leaf, uint8_t state) { batch_->columns()[leaf].state[row] = state; }
  int64_t count() const { return batch_->rows(); }
  rt::batch::Batch& batch() { return *batch_; }

 private:
  void Write(const types::Type& type, const Datum& value, bool missing, size_t* leaf, int64_t row);
  Datum ReadTree(const types::Type& type, size_t* leaf, int64_t row) const;

  std::vector<TypeRef> types_;
  abi::LayoutSpec layout_;
  std::unique_ptr<rt::batch::Batch> batch_;
  std::unique_ptr<rt::batch::Arena> arena_;
};

// Writes a constant in row layout; returns the bytes after it.
char* WriteRow(const types::Type& type, const Datum& value, char* to, rt::batch::Arena* arena);
Datum ReadRow(const types::Type& type, const char** from);

// A program of one node with the given pipelines; compiled on first use.
class Job {
 public:
  explicit Job(physical::Program program, backend::Tier tier = backend::Tier::Fast);
  const ScJob* get() const { return job_; }
  template <typename Fn>
  Fn Function(int32_t number) const {
    return reinterpret_cast<Fn>(const_cast<void*>(job_->functions[number]));
  }
  backend::Jit& jit() { return *jit_; }

  Host host;
  ScCtx ctx{};
  std::vector<char> params;

 private:
  std::unique_ptr<rt::batch::Arena> arena_ = std::make_unique<rt::batch::Arena>();
  std::unique_ptr<backend::Jit> jit_;
  const ScJob* job_ = nullptr;
};

// A node named "test" and no pipelines.
physical::Program EmptyProgram();
// Result of one expression without columns, through both tiers; fails the test when they differ. A rejection comes back as
// code.
struct Outcome {
  Datum value;
  int32_t code = 0;
  bool operator==(const Outcome&) const = default;
};
Outcome Evaluate(const ExprPtr& expr);
// The same with input columns 0, 1, ...: one row.
Outcome Evaluate(const ExprPtr& expr, const std::vector<TypeRef>& columns, const std::vector<Datum>& row);

}  // namespace streamc::codegen::testing
