// The job's log: one line per event on standard error, for people (logfmt) or machines (JSON lines).
//
// In: a level, an event's name and named values. Out: a line in one write, so lines of several threads never mix. A progress
// line may stand below the log on a terminal; log lines go above it. Secrets are the caller's matter: what is passed is
// printed.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace streamc::rt::observe {

enum class LogLevel : uint8_t { Debug, Info, Warn, Error, Off };
enum class LogFormat : uint8_t { Logfmt, Json };

struct LogField {
  std::string_view name;
  std::string value;
  bool number = false;  // JSON writes it without quotes

  LogField(std::string_view field, std::string text) : name(field), value(std::move(text)) {}
  LogField(std::string_view field, const char* text) : name(field), value(text) {}
  LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
  LogField(std::string_view field, std::integral auto n) : name(field), value(std::to_string(n)), number(true) {}
};

// What is written from now on; Info and logfmt until called. Any thread.
void SetLog(LogLevel least, LogFormat format);

// Writes one line `ts=... level=... event=... name=value ...`. Any thread.
void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// The line Log would write, with its end of line; `micros` since 1970.
std::string FormatLogLine(LogFormat format, LogLevel level, int64_t micros, std::string_view event,
                          std::initializer_list<LogField> fields);

// Replaces the progress line of a terminal; empty: takes it away. Only for a standard error that is a terminal.
void SetProgressLine(std::string_view text);

// `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
std::string JsonQuoted(std::string_view text);

}  // namespace streamc::rt::observe
