#include "runtime/batch/batch.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace streamc::rt::batch {
namespace {

// Vector code may load a whole cache line at the last row.
constexpr size_t kAlign = 64;

void* Regrow(void* old, size_t used, size_t size) {
  void* data = ::operator new((size + 2 * kAlign - 1) & ~(kAlign - 1), std::align_val_t{kAlign});
  if (used != 0) std::memcpy(data, old, used);
  ::operator delete(old, std::align_val_t{kAlign});
  return data;
}

}  // namespace

Batch::Batch(std::vector<abi::Leaf> leaves, std::vector<bool> absent)
    : leaves_(std::move(leaves)), absent_(std::move(absent)), columns_(leaves_.size(), ScColumn{nullptr, nullptr}) {
  absent_.resize(leaves_.size(), false);
  out_.batch.columns = columns_.data();
  out_.owner = this;
}

Batch::~Batch() {
  for (ScColumn& column : columns_) {
    ::operator delete(column.data, std::align_val_t{kAlign});
    ::operator delete(column.state, std::align_val_t{kAlign});
  }
}

void Batch::Reserve(int64_t rows) {
  if (rows <= capacity()) return;
  int64_t room = std::max<int64_t>({rows, capacity() * 2, 64});
  size_t used = static_cast<size_t>(this->rows());
  for (size_t i = 0; i < leaves_.size(); ++i) {
    if (absent_[i]) continue;
    size_t width = static_cast<size_t>(abi::ColumnWidth(leaves_[i].kind));
    columns_[i].data = Regrow(columns_[i].data, used * width, static_cast<size_t>(room) * width);
    if (leaves_[i].has_state) {
      columns_[i].state = static_cast<uint8_t*>(Regrow(columns_[i].state, used, static_cast<size_t>(room)));
    }
  }
  out_.batch.capacity = room;
}

void Batch::Resize(int64_t rows) {
  Reserve(rows);
  out_.batch.rows = rows;
}

void Batch::AppendRows(const ScBatch& from, int64_t first, int64_t n) {
  if (n <= 0) return;
  Reserve(rows() + n);
  int64_t at = rows();
  for (size_t i = 0; i < leaves_.size(); ++i) {
    const ScColumn& source = from.columns[i];
    ScColumn& target = columns_[i];
    if (target.data == nullptr) continue;
    size_t width = static_cast<size_t>(abi::ColumnWidth(leaves_[i].kind)), count = static_cast<size_t>(n);
    char* to = static_cast<char*>(target.data) + static_cast<size_t>(at) * width;
    if (source.data == nullptr) {
      std::memset(to, 0, count * width);
    } else {
      std::memcpy(to, static_cast<const char*>(source.data) + static_cast<size_t>(first) * width, count * width);
    }
    if (target.state == nullptr) continue;
    if (source.state != nullptr) {
      std::memcpy(target.state + at, source.state + first, count);
    } else {
      std::memset(target.state + at, source.data == nullptr ? SC_NULL : SC_VALUE, count);
    }
  }
  out_.batch.rows = at + n;
}

int64_t Batch::reserved() const {
  int64_t bytes = 0;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    if (!absent_[i]) bytes += capacity() * (abi::ColumnWidth(leaves_[i].kind) + (leaves_[i].has_state ? 1 : 0));
  }
  return bytes;
}

}  // namespace streamc::rt::batch

extern "C" void sc_out_grow(ScCtx*, ScOut* out) {
  static_cast<streamc::rt::batch::Batch*>(out->owner)->Reserve(out->batch.capacity + 1);
}
