// Comparing captured rows with what a test expects, and showing the difference.
//
// In: rows of a batch (captures) or texts (bad records), and expected rows of named cells. Out: whether they agree, and if not
// a readable list of missing and unexpected rows as JSON lines.
#pragma once

#include <string>
#include <vector>

#include "runtime/abi/job_spec.h"
#include "runtime/batch/batch.h"
#include "runtime/engine/plan.h"

namespace streamc::rt::engine {

// A row a test looks at: what it shows, and how to compare a cell.
class ActualRow {
 public:
  virtual ~ActualRow() = default;
  virtual bool Matches(const abi::ExpectCell& cell) const = 0;
  virtual std::string Json() const = 0;
};

// A row of a batch of the given columns; both must outlive the row.
class BatchRow : public ActualRow {
 public:
  BatchRow(const Columns& columns, const batch::Batch& batch, int64_t row) : columns_(columns), batch_(batch), row_(row) {}
  bool Matches(const abi::ExpectCell& cell) const override;
  std::string Json() const override;
  int64_t row() const { return row_; }

 private:
  const Columns& columns_;
  const batch::Batch& batch_;
  int64_t row_;
};

// Named texts, compared as text.
class TextRow : public ActualRow {
 public:
  explicit TextRow(std::vector<std::pair<std::string, std::string>> cells) : cells_(std::move(cells)) {}
  bool Matches(const abi::ExpectCell& cell) const override;
  std::string Json() const override;

 private:
  std::vector<std::pair<std::string, std::string>> cells_;
};

using ExpectedRow = std::vector<abi::ExpectCell>;

// An expected row as JSON.
std::string ExpectedJson(const ExpectedRow& row);
// Empty when the rows agree; else lines `missing ...`, `unexpected ...` (in any order), or row by row when in_order.
std::string CompareRows(const std::vector<ExpectedRow>& expected, const std::vector<const ActualRow*>& actual, bool in_order);

}  // namespace streamc::rt::engine
