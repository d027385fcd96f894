// The output files of a job whose journal says what stands in them.
//
// Bytes come to a file only after the journal has them, so a file is never ahead of it and, after a crash, brought up to it. A run
// that ends with its input writes to NAME.part, which takes the name when all is there (Publish); another run appends to NAME. A
// bounded run that adds to an output published earlier does so in a copy. Every move begins with a synced file, then the journal
// says where the file is to be, then it is moved: what was interrupted is finished at the next start. Used by file_durable_log
// alone, on one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/batch/status.h"
#include "runtime/connector/file/frame.h"

namespace streamc::rt::connector {

class OutputFiles {
 public:
  // Makes pieces durable in the journal.
  using Say = std::function<Status(const std::vector<OutputPiece>&)>;

  explicit OutputFiles(bool bounded) : bounded_(bounded) {}
  ~OutputFiles();
  OutputFiles(const OutputFiles&) = delete;
  OutputFiles& operator=(const OutputFiles&) = delete;

  // --- a start: first what a snapshot says, then the frames behind it; their bytes must outlive Settle ---
  void Load(const OutputPiece& piece);
  // Brings the files up to what was loaded. A file that does not fit refuses Open only: the job may not write it any more.
  void Settle();

  // --- a run ---
  // The output of a writer; an output of the journal goes on, another one begins: empty, or behind what stands there (`append`).
  Status Open(const std::string& path, bool append, const Say& say);
  // Bytes for an open output, held until Written.
  std::string* pending(const std::string& path) { return &outputs_.at(path).pending; }
  void DropPending();
  // What this turn adds, as the journal is to have it; files that were published are copied first.
  Status Pieces(const Say& say, std::vector<OutputPiece>* pieces);
  // The journal has it: now the files get it.
  Status Written(const std::vector<OutputPiece>& pieces);
  // Open outputs are complete: they get their names.
  Status Publish(const Say& say);

  // --- a snapshot ---
  // All that was written is on the disk, so that no journal is needed for it.
  Status Sync();
  std::vector<OutputPiece> All() const;

 private:
  struct Output {
    Place place = Place::Published;
    int64_t length = 0;
    bool open = false, dirty = false;
    int file = -1;
    std::string pending;
    std::string fault;                      // why it cannot go on
    std::vector<OutputPiece> loaded;        // bytes that may be missing in the file
  };

  Status OpenFile(const std::string& path, Output* output, int flags);
  Status Move(const std::string& path, Output* output, Place place, const Say& say);
  static std::string SettleOne(const std::string& path, Output* output);

  const bool bounded_;
  std::map<std::string, Output, std::less<>> outputs_;
};

}  // namespace streamc::rt::connector
