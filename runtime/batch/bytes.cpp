#include "runtime/batch/bytes.h"

#include <cstring>

using streamc::rt::batch::FromBytes;

extern "C" void sc_bytes_append(ScBytes* bytes, const void* data, int64_t size) {
  if (size > 0) FromBytes(bytes)->append(static_cast<const char*>(data), static_cast<size_t>(size));
}

extern "C" int64_t sc_bytes_open(ScBytes* bytes) {
  const int64_t place = static_cast<int64_t>(FromBytes(bytes)->size());
  FromBytes(bytes)->append(sizeof(uint32_t), '\0');
  return place;
}

extern "C" void sc_bytes_close(ScBytes* bytes, int64_t place) {
  std::string& text = *FromBytes(bytes);
  const uint32_t size = static_cast<uint32_t>(text.size() - static_cast<size_t>(place) - sizeof size);
  std::memcpy(text.data() + place, &size, sizeof size);
}

extern "C" int32_t sc_bytes_part(const char** data, int64_t* size, const char** part, int64_t* part_size) {
  uint32_t length = 0;
  if (*size < static_cast<int64_t>(sizeof length)) return 1;
  std::memcpy(&length, *data, sizeof length);
  const int64_t left = *size - static_cast<int64_t>(sizeof length);
  if (left < static_cast<int64_t>(length)) return 1;
  *part = *data + sizeof length;
  *part_size = length;
  *data = *part + length;
  *size = left - length;
  return 0;
}
