// Offsets of time zones from UTC, from the machine's IANA database (compiled files of RFC 8536). Native only.
#pragma once

#include <cstdint>
#include <string_view>

namespace streamc::stdlib {

// The offset in microseconds that holds in the zone at an instant; false when the machine has no such zone. Files are read
// once per thread.
bool ZoneOffset(int64_t micros, const char* zone, int64_t size, int64_t* offset) noexcept;

// Whether the machine knows a zone of that name.
bool IsZone(std::string_view zone);

}  // namespace streamc::stdlib
