#include "runtime/connector/file/frame.h"

#include <cstring>
#include <limits>

#include "runtime/batch/bytes.h"

namespace streamc::rt::connector {
namespace {

using batch::Put;

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();  // size of a value that is not there
constexpr uint32_t kMetaVersion = 1;

void PutText(std::string* out, std::string_view text) {
  Put(out, static_cast<uint64_t>(text.size()));
  out->append(text);
}

// Takes values off the front; once something does not fit, all that follows is refused.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : left_(bytes) {}
  template <typename T>
  Taker& Take(T* value) {
    good_ = good_ && left_.size() >= sizeof *value;
    if (!good_) return *this;
    std::memcpy(value, left_.data(), sizeof *value);
    left_.remove_prefix(sizeof *value);
    return *this;
  }
  Taker& TakeView(std::string_view* text) {
    uint64_t size = 0;
    Take(&size);
    good_ = good_ && left_.size() >= size;
    if (!good_) return *this;
    *text = left_.substr(0, size);
    left_.remove_prefix(size);
    return *this;
  }
  Taker& TakeText(std::string* text) {
    std::string_view view;
    TakeView(&view);
    text->assign(view);
    return *this;
  }
  // An entry takes at least a byte.
  uint64_t TakeCount() {
    uint64_t count = 0;
    Take(&count);
    good_ = good_ && count <= left_.size();
    return good_ ? count : 0;
  }
  void Refuse() { good_ = false; }
  bool good() const { return good_; }
  bool finished() const { return good_ && left_.empty(); }
  std::string_view left() const { return left_; }

 private:
  std::string_view left_;
  bool good_ = true;
};

void PutInput(std::string* out, const InputPart& input) {
  PutText(out, input.source);
  PutText(out, input.path);
  Put(out, input.part);
  Put(out, input.offset);
  Put(out, input.limit);
  Put(out, input.end);
  Put(out, static_cast<uint8_t>(input.skipping));
  PutText(out, input.note);
  Put(out, input.inode);
  Put(out, input.head_hash);
  Put(out, input.head_size);
}

void TakeInput(Taker* in, InputPart* input) {
  uint8_t skipping = 0;
  in->TakeText(&input->source).TakeText(&input->path).Take(&input->part).Take(&input->offset).Take(&input->limit).Take(&input->end);
  in->Take(&skipping).TakeText(&input->note).Take(&input->inode).Take(&input->head_hash).Take(&input->head_size);
  input->skipping = skipping != 0;
  if (input->offset < 0 || input->part < 0) in->Refuse();
}

}  // namespace

void EncodeFrame(const Frame& frame, std::string* out) {
  Put(out, static_cast<uint64_t>(frame.inputs.size()));
  for (const InputPart& input : frame.inputs) PutInput(out, input);
  Put(out, static_cast<uint64_t>(frame.notes.size()));
  for (const GroupNote& note : frame.notes) {
    Put(out, note.group);
    PutText(out, note.note);
  }
  Put(out, static_cast<uint64_t>(frame.changes.size()));
  for (const StateChange& change : frame.changes) {
    Put(out, change.group);
    Put(out, static_cast<uint32_t>(change.key.size()));
    Put(out, change.value.data() == nullptr ? kNone : static_cast<uint32_t>(change.value.size()));
    out->append(change.key);
    out->append(change.value);
  }
  Put(out, static_cast<uint64_t>(frame.outputs.size()));
  for (const OutputPiece& piece : frame.outputs) {
    PutText(out, piece.path);
    Put(out, static_cast<uint8_t>(piece.place));
    Put(out, piece.offset);
    PutText(out, piece.bytes);
  }
}

bool DecodeFrame(std::string_view bytes, Frame* frame) {
  Taker in(bytes);
  *frame = {};
  for (uint64_t left = in.TakeCount(); left > 0 && in.good(); --left) TakeInput(&in, &frame->inputs.emplace_back());
  for (uint64_t left = in.TakeCount(); left > 0 && in.good(); --left) {
    GroupNote& note = frame->notes.emplace_back();
    in.Take(&note.group).TakeView(&note.note);
  }
  for (uint64_t left = in.TakeCount(); left > 0 && in.good(); --left) {
    StateChange& change = frame->changes.emplace_back();
    uint32_t key = 0, value = 0;
    in.Take(&change.group).Take(&key).Take(&value);
    const uint64_t size = value == kNone ? 0 : value;
    if (!in.good() || in.left().size() < key + size) return false;
    change.key = in.left().substr(0, key);
    if (value != kNone) change.value = in.left().substr(key, size);
    in = Taker(in.left().substr(key + size));
  }
  for (uint64_t left = in.TakeCount(); left > 0 && in.good(); --left) {
    OutputPiece& piece = frame->outputs.emplace_back();
    uint8_t place = 0;
    in.TakeView(&piece.path).Take(&place).Take(&piece.offset).TakeView(&piece.bytes);
    if (place > static_cast<uint8_t>(Place::Part) || piece.offset < 0) return false;
    piece.place = static_cast<Place>(place);
  }
  return in.finished();
}

std::string EncodeSnapshotMeta(const SnapshotHead& head, const Frame& frame) {
  std::string out;
  Put(&out, kMetaVersion);
  PutText(&out, head.job);
  Put(&out, head.sequence);
  EncodeFrame(frame, &out);
  return out;
}

bool DecodeSnapshotMeta(std::string_view bytes, SnapshotHead* head, Frame* frame) {
  Taker in(bytes);
  uint32_t version = 0;
  in.Take(&version).TakeText(&head->job).Take(&head->sequence);
  return in.good() && version == kMetaVersion && DecodeFrame(in.left(), frame);
}

}  // namespace streamc::rt::connector
