#include "runtime/observe/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>
#include <vector>

namespace streamc::rt::observe {
namespace {

TEST(Log, Logfmt) {
  EXPECT_EQ(FormatLogLine(LogFormat::Logfmt, LogLevel::Warn, 1700000000'123456, "lost",
                          {{"topic", "a b"}, {"n", 7}, {"empty", ""}, {"plain", "x-1"}}),
            "ts=2023-11-14T22:13:20.123Z level=warn event=lost topic=\"a b\" n=7 empty=\"\" plain=x-1\n");
}

TEST(Log, TimesBefore1970) {
  EXPECT_EQ(FormatLogLine(LogFormat::Logfmt, LogLevel::Info, -1, "e", {}), "ts=1969-12-31T23:59:59.999Z level=info event=e\n");
}

TEST(Log, JsonEscapesEverything) {
  EXPECT_EQ(FormatLogLine(LogFormat::Json, LogLevel::Error, 0, "e", {{"text", "a\"b\\\n\x01\xff\xc3\xa9"}, {"n", -3}}),
            "{\"ts\":\"1970-01-01T00:00:00.000Z\",\"level\":\"error\",\"event\":\"e\",\"text\":"
            "\"a\\\"b\\\\\\n\\u0001\xEF\xBF\xBD\xc3\xa9\",\"n\":-3}\n");
}

TEST(Log, JsonReplacesWhatIsNoUtf8) {
  const std::string replaced = "\"\xEF\xBF\xBD\"";
  for (const char* bytes : {"\xc0", "\xf5", "\x80"}) EXPECT_EQ(JsonQuoted(bytes), replaced) << bytes;
  EXPECT_EQ(JsonQuoted("\xed\xa0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(JsonQuoted("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"");
}

// Standard error into a pipe while it lives.
class Captured {
 public:
  Captured() : before_(dup(STDERR_FILENO)) {
    EXPECT_EQ(pipe(ends_), 0);
    dup2(ends_[1], STDERR_FILENO);
  }
  std::string Text() {
    dup2(before_, STDERR_FILENO);
    close(before_);
    close(ends_[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; (n = read(ends_[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(n));
    close(ends_[0]);
    return text;
  }

 private:
  int before_, ends_[2];
};

TEST(Log, LinesOfThreadsStayWhole) {
  Captured captured;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 50; ++i) Log(LogLevel::Warn, "event", {{"n", i}});
    });
  }
  for (auto& thread : threads) thread.join();
  const std::string text = captured.Text();
  size_t lines = 0;
  for (size_t at = 0; at < text.size(); ++lines) {
    EXPECT_EQ(text.compare(at, 3, "ts="), 0);
    at = text.find('\n', at) + 1;
  }
  EXPECT_EQ(lines, 200u);
}

TEST(Log, LevelsAndTheProgressLine) {
  SetLog(LogLevel::Warn, LogFormat::Logfmt);
  Captured captured;
  Log(LogLevel::Info, "unseen");
  SetProgressLine("50 %");
  Log(LogLevel::Error, "seen");
  SetProgressLine("");
  const std::string text = captured.Text();
  SetLog(LogLevel::Info, LogFormat::Logfmt);
  EXPECT_EQ(text.find("unseen"), std::string::npos);
  EXPECT_EQ(text.substr(0, 12), "\r\x1b[K50 %\r\x1b[K");
  EXPECT_NE(text.find("event=seen\n50 %\r\x1b[K"), std::string::npos);
}

}  // namespace
}  // namespace streamc::rt::observe
