#include "test/unit/connector/connector_fixture.h"

namespace streamc::rt::connector {
namespace {

TEST(Binding, TextsOfTheCommandLine) {
  EXPECT_EQ(Bind("file:a:b.jsonl").args, std::vector<std::string>{"a:b.jsonl"});
  EXPECT_EQ(Bind("file:a:b.jsonl").connector, "file");
  EXPECT_EQ(Bind("kafka:orders").args, std::vector<std::string>{"orders"});
  EXPECT_EQ(Bind("stdin").connector, "stdin");
  EXPECT_TRUE(Bind("memory").args.empty());
  EXPECT_EQ(Bind("memory:log").args, std::vector<std::string>{"log"});
  Binding generator = Bind("generator:ysb,count=10,seed=3");
  EXPECT_EQ(generator.args, std::vector<std::string>{"ysb"});
  EXPECT_EQ(generator.options, (std::map<std::string, std::string>{{"count", "10"}, {"seed", "3"}}));
  for (const char* bad : {"", "x", "file", "file:", "kafka", "kafka:", "stdin:x", "generator", "generator:", "generator:ysb,count", "memory:", ":x"}) {
    Binding binding;
    Status status = ParseBinding(bad, &binding);
    EXPECT_EQ(status.code, Exit::Usage) << bad;
    EXPECT_NE(status.message, "") << bad;
  }
}

std::string ReaderError(const Binding& binding) {
  std::unique_ptr<Reader> reader;
  return MakeReader(binding, {}, &reader).message;
}
std::string WriterError(const Binding& binding) {
  std::unique_ptr<Writer> writer;
  return MakeWriter(binding, {}, &writer).message;
}

TEST(Binding, WrongUsesSayWhatIsWrong) {
  Binding odd{"rows", "ftp", {}, {}};
  EXPECT_NE(ReaderError(odd).find("rows: unknown connector `ftp`; known: file, stdin, stdout"), std::string::npos);
  EXPECT_EQ(ReaderError(Bind("stdout")), "rows: `stdout` cannot be a source");
  EXPECT_EQ(WriterError(Bind("stdin")), "rows: `stdin` cannot be a sink");
  EXPECT_EQ(WriterError(Bind("generator:ysb")), "rows: `generator` cannot be a sink");
  EXPECT_EQ(ReaderError(Bind("generator:ysbb")), "unknown generator `ysbb`; known: ysb, ysb_ads, nexmark, counter");
  EXPECT_EQ(ReaderError(Bind("generator:ysb", {{"count", "-1"}})),
            "rows: option `count` must be a whole number from 0 to 9223372036854775807, not `-1`");
  EXPECT_EQ(ReaderError(Bind("generator:ysb", {{"speed", "1"}})),
            "rows: `generator` has no option `speed`; known: count, rate, seed, partitions");
  EXPECT_EQ(ReaderError(Bind("file:x", {{"follow", "1"}})), "rows: option `follow` must be true or false, not `1`");
  EXPECT_EQ(ReaderError(Bind("file:x", {{"fsync", "true"}})), "rows: `file` has no option `fsync`; known: partitions, follow");
  EXPECT_EQ(ReaderError({"rows", "file", {}, {}}), "rows: `file` needs a path");
  EXPECT_EQ(ReaderError({"rows", "stdin", {"x"}, {}}), "rows: `stdin` takes no argument");
  EXPECT_EQ(WriterError({"rows", "file", {"a", "b"}, {}}), "rows: a file sink takes one path");
}

}  // namespace
}  // namespace streamc::rt::connector
