// What one commit of a job bound to files says, as bytes: positions in its inputs, notes of key groups, changes of state, output.
//
// The journal holds one frame for each commit, the meta text of a snapshot is a frame that says everything at once
// (../../state/README.md describes both). Numbers are little-endian; readers refuse what is not exactly a frame. Used by
// file_durable_log alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamc::rt::connector {

// A part of an input file, and how far a source has read it.
struct InputPart {
  std::string source, path;
  int32_t part = 0;           // counted within the file
  int64_t offset = 0;         // the next line
  int64_t limit = -1;         // where the part ends; -1: with the file, however long it becomes
  int64_t end = 0;            // as far as the file was seen to go
  bool skipping = false;      // inside a line that was cut for its length
  std::string note;
  // The file: which it is, and a hash of its first bytes.
  uint64_t inode = 0, head_hash = 0;
  uint32_t head_size = 0;
};

// Where the lines of an output stand.
enum class Place : uint8_t { Published, Part };  // under its name; in NAME.part until the input has ended

// Bytes of an output from `offset` on; it ends behind them.
struct OutputPiece {
  std::string_view path;
  Place place = Place::Published;
  int64_t offset = 0;
  std::string_view bytes;
};
struct GroupNote { int32_t group = 0; std::string_view note; };
struct StateChange { int32_t group = 0; std::string_view key, value; };  // value.data() null: taken back

struct Frame {
  std::vector<InputPart> inputs;
  std::vector<GroupNote> notes;
  std::vector<StateChange> changes;
  std::vector<OutputPiece> outputs;
  bool empty() const { return inputs.empty() && notes.empty() && changes.empty() && outputs.empty(); }
};
void EncodeFrame(const Frame& frame, std::string* out);
// Views point into `bytes`. False: it is no frame.
bool DecodeFrame(std::string_view bytes, Frame* frame);

// The meta text of a snapshot: whose it is, the number of the first frame behind it, and everything but the state.
struct SnapshotHead { std::string job; uint64_t sequence = 0; };
std::string EncodeSnapshotMeta(const SnapshotHead& head, const Frame& frame);
bool DecodeSnapshotMeta(std::string_view bytes, SnapshotHead* head, Frame* frame);

}  // namespace streamc::rt::connector
