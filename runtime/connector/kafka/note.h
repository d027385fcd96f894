// The text committed with a position: what the engine says of it, behind the transactional id of who committed it.
//
// `t=<id>;<note>`; without an id the note alone, unless it could be mistaken. For the reader (strips) and the log (adds).
#pragma once

#include <string>
#include <string_view>

namespace streamc::rt::connector::kafka {

constexpr size_t kMaxNote = 4096;  // the brokers' default offset.metadata.max.bytes

inline std::string EncodeNote(std::string_view id, std::string_view note) {
  if (id.empty() && !note.starts_with("t=")) return std::string(note);
  return "t=" + std::string(id) + ";" + std::string(note);
}

struct DecodedNote {
  std::string id, note;
};
inline DecodedNote DecodeNote(std::string_view text) {
  const size_t end = text.starts_with("t=") ? text.find(';') : std::string_view::npos;
  if (end == std::string_view::npos) return {"", std::string(text)};
  return {std::string(text.substr(2, end - 2)), std::string(text.substr(end + 1))};
}

}  // namespace streamc::rt::connector::kafka
