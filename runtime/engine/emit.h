// Small tools for nodes that make rows: cutting batches to size, pairing changes, when to send them.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/abi/layout.h"
#include "runtime/batch/batch.h"
#include "runtime/time/window.h"

namespace streamc::rt::engine {

// Whether `emit changes every D` answers now: when the clock has entered another multiple of D since it did last, which is then
// kept in `last` (kNoTime: not yet begun). `every` 0: each turn; `finish`: the input has ended.
inline bool EmitDue(int64_t every, int64_t now, bool finish, int64_t* last) {
  if (every <= 0 || finish) return true;
  const int64_t bucket = time::FloorTo(now, every);
  const bool due = *last != time::kNoTime && bucket > *last;
  if (*last == time::kNoTime || due) *last = bucket;
  return due;
}

// Receives batches of a node's port 0; valid until it returns.
using Emit = std::function<void(const ScBatch&)>;

// Calls f for parts of at most `most` rows. `sign_leaf`: of changes, or -1; a change's -1 and +1 stay in one part.
template <class F>
void ForEachPart(const batch::Batch& rows, int64_t most, int32_t sign_leaf, F&& f) {
  if (rows.rows() <= most) {
    if (rows.rows() > 0) f(*rows.view());
    return;
  }
  std::vector<ScColumn> columns(rows.leaves().size());
  const int64_t* sign = sign_leaf < 0 ? nullptr : static_cast<const int64_t*>(rows.columns()[sign_leaf].data);
  for (int64_t first = 0; first < rows.rows();) {
    int64_t n = std::min(most, rows.rows() - first);
    bool splits = sign != nullptr && first + n < rows.rows() && sign[first + n - 1] < 0 && sign[first + n] > 0;
    if (splits) n = n == 1 ? 2 : n - 1;
    for (size_t i = 0; i < columns.size(); ++i) {
      const ScColumn& column = rows.columns()[i];
      char* data = static_cast<char*>(column.data);
      columns[i] = {data == nullptr ? nullptr : data + first * abi::ColumnWidth(rows.leaves()[i].kind),
                    column.state == nullptr ? nullptr : column.state + first};
    }
    ScBatch part{n, n, columns.data()};
    f(part);
    first += n;
  }
}

}  // namespace streamc::rt::engine
