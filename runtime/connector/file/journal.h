// The journal of a job bound to files: numbered, checksummed payloads that are on the disk once Append has returned.
//
// A journal follows a snapshot and has its generation. In: payloads (frame.h). Out, when read: the payloads that are whole, and whether
// something is wrong behind them. A last payload that was being written when the machine stopped is torn: it was never
// acknowledged, and is cut off. Anything else that does not fit its checksum, payloads after it included, is damage. Used by
// file_durable_log alone, on one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/batch/status.h"

namespace streamc::rt::connector {

// Errors of writing: what the disk has no room for may be tried again (75).
Status CannotWrite(const std::string& path, int error);
// Writes all of `bytes` at `offset`; the errno otherwise.
int WriteAt(int file, std::string_view bytes, int64_t offset);
// Makes the names in the folder of `path` durable, as far as its file system can; the errno otherwise.
int SyncFolderOf(const std::string& path);

struct JournalRead {
  bool missing = false;
  int64_t good = 0;           // bytes up to the end of the last whole payload; 0: not even the head
  uint64_t next = 0;          // number of the payload that would follow
  bool torn = false;          // what follows `good` was being written
  std::string damage;         // not empty: what is wrong
};
// `bytes`: of the file, which the views point into. take: false when the payload is not what it should be.
JournalRead ReadJournal(std::string_view bytes, uint64_t generation, uint64_t first,
                        const std::function<bool(std::string_view payload)>& take);
// The whole file; missing ones are empty with *missing set.
Status ReadWhole(const std::string& path, std::string* bytes, bool* missing);

class Journal {
 public:
  Journal() = default;
  ~Journal() { Close(); }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Begins an empty journal, durably, over whatever stands there.
  Status Create(const std::string& path, uint64_t generation, uint64_t first);
  // Goes on behind the first `good` bytes; what follows is cut off.
  Status Continue(const std::string& path, uint64_t generation, int64_t good, uint64_t next);
  // Durable when it returns ok. When it does not nothing was appended, unless the disk failed to say.
  Status Append(std::string_view payload);
  void Close();
  int64_t size() const { return size_; }
  uint64_t next() const { return next_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_, buffer_;
  int file_ = -1;
  uint64_t generation_ = 0, next_ = 0;
  int64_t size_ = 0;
};

}  // namespace streamc::rt::connector
