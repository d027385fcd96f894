// The input files of a job whose journal says how far they are read: shared by the readers of all sources and workers.
//
// In: what the journal says (Load), files as a source's first reader finds them. Out: for readers, where each part begins; for a
// commit, what changed. A file that is known must be the same one, and no shorter: Exit::Incompatible otherwise. Readers use it
// when they are opened, rewound and committed, all on one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/batch/status.h"
#include "runtime/connector/file/frame.h"

namespace streamc::rt::connector {

class InputFiles {
 public:
  void Load(InputPart part);

  // The files of a source, in order; null before SetFiles. Of all workers' readers the first one says them.
  const std::vector<std::string>* FilesOf(const std::string& source) const;
  // Refuses when a file that is gone was not read to its end.
  Status SetFiles(const std::string& source, std::vector<std::string> files);
  // The parts of an open file as the journal has them, none when it is new.
  Status Known(const std::string& source, const std::string& path, int file, std::vector<InputPart>* parts);
  // A new file's parts: they are part of the next commit, read or not, so that the file stays cut as it is.
  Status Add(int file, std::vector<InputPart> parts);

  // A part as it is committed, and those of all files of a source in the order of their numbers.
  const InputPart& Committed(const InputPart& part) const { return parts_.at(KeyOf(part)); }
  std::vector<InputPart> CommittedOf(const std::string& source) const;

  // --- a turn ---
  void Stage(InputPart part) { staged_.push_back(std::move(part)); }
  void DropStaged() { staged_.clear(); }
  std::vector<InputPart> Changed() const;
  void Commit();
  std::vector<InputPart> All() const;

 private:
  using Key = std::pair<std::pair<std::string, std::string>, int32_t>;  // source, path, part
  static Key KeyOf(const InputPart& part) { return {{part.source, part.path}, part.part}; }

  std::map<Key, InputPart> parts_;
  std::map<std::string, std::vector<std::string>> files_;
  std::vector<Key> added_;
  std::vector<InputPart> staged_;
};

}  // namespace streamc::rt::connector
