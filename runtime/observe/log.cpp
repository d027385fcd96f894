#include "runtime/observe/log.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <mutex>

namespace streamc::rt::observe {
namespace {

std::atomic<LogLevel> least_level{LogLevel::Info};
std::atomic<LogFormat> log_format{LogFormat::Logfmt};

struct Terminal {
  std::mutex mutex;
  std::string progress;
};
Terminal& TheTerminal() {
  // Never destroyed: threads of the Kafka client may log while the process ends.
  static Terminal* terminal = new Terminal;
  return *terminal;
}

const char* LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::Debug: return "debug";
    case LogLevel::Info: return "info";
    case LogLevel::Warn: return "warn";
    default: return "error";
  }
}

void WriteAll(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(STDERR_FILENO, text.data(), text.size());
    if (n <= 0) return;  // nobody reads; a log must not stop the job
    text.remove_prefix(static_cast<size_t>(n));
  }
}

std::string Timestamp(int64_t micros) {
  const time_t seconds = static_cast<time_t>(micros / 1'000'000 - (micros % 1'000'000 < 0));
  const int millis = static_cast<int>((micros - int64_t{seconds} * 1'000'000) / 1000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char date[32], text[48];
  strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  snprintf(text, sizeof text, "%s.%03dZ", date, millis);
  return text;
}

// Length of the UTF-8 sequence at the start of `text`; 0 when it is none.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool outside = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
  return overlong || outside ? 0 : length;
}

bool NeedsQuotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\' || static_cast<unsigned char>(c) >= 0x7F)
      return true;
  }
  return false;
}

}  // namespace

std::string JsonQuoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const unsigned char c = static_cast<unsigned char>(text[0]);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += text[0];
    } else if (c < 0x20 || c == 0x7F) {
      char escape[8];
      snprintf(escape, sizeof escape, "\\u%04x", c);
      out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : escape;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + '"';
}

std::string FormatLogLine(LogFormat format, LogLevel level, int64_t micros, std::string_view event,
                          std::initializer_list<LogField> fields) {
  std::string line;
  if (format == LogFormat::Json) {
    line = "{\"ts\":\"" + Timestamp(micros) + "\",\"level\":\"" + LevelName(level) + "\",\"event\":" + JsonQuoted(event);
    for (const LogField& field : fields) {
      line += ',' + JsonQuoted(field.name) + ':' + (field.number ? field.value : JsonQuoted(field.value));
    }
    return line + "}\n";
  }
  line = "ts=" + Timestamp(micros) + " level=" + LevelName(level) +
         " event=" + (NeedsQuotes(event) ? JsonQuoted(event) : std::string(event));
  for (const LogField& field : fields) {
    line.append(" ").append(field.name).append("=").append(NeedsQuotes(field.value) ? JsonQuoted(field.value) : field.value);
  }
  return line + '\n';
}

void SetLog(LogLevel least, LogFormat format) {
  least_level = least;
  log_format = format;
}

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < least_level.load(std::memory_order_relaxed) || level == LogLevel::Off) return;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string line =
      FormatLogLine(log_format, level, std::chrono::duration_cast<std::chrono::microseconds>(now).count(), event, fields);
  Terminal& terminal = TheTerminal();
  const std::lock_guard lock(terminal.mutex);
  if (terminal.progress.empty()) {
    WriteAll(line);
  } else {
    WriteAll("\r\x1b[K" + line + terminal.progress);
  }
}

void SetProgressLine(std::string_view text) {
  Terminal& terminal = TheTerminal();
  const std::lock_guard lock(terminal.mutex);
  if (text.empty() && terminal.progress.empty()) return;
  terminal.progress = text;
  WriteAll("\r\x1b[K" + terminal.progress);
}

}  // namespace streamc::rt::observe
