#include <fcntl.h>

#include <csignal>
#include <thread>

#include "test/unit/connector/connector_fixture.h"

namespace streamc::rt::connector {
namespace {

// Puts another file descriptor in the place of a standard one while it lives.
class Redirect {
 public:
  Redirect(int standard, int file) : standard_(standard), saved_(dup(standard)) { dup2(file, standard); }
  ~Redirect() {
    dup2(saved_, standard_);
    close(saved_);
  }

 private:
  int standard_, saved_;
};

TEST(Stdio, ReadsLinesAsTheyComeUntilTheEnd) {
  for (int64_t batch : {1, 3, 4096}) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    Redirect redirect(STDIN_FILENO, ends[0]);
    close(ends[0]);
    std::unique_ptr<Reader> reader;
    ASSERT_TRUE(MakeReader(Bind("stdin"), {}, &reader).ok());
    ASSERT_TRUE(reader->Open().ok());
    std::thread writer([&] {
      std::string text;
      for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i) + (i % 3 == 0 ? "\r\n" : "\n");
      text += "\nlast";
      for (size_t at = 0; at < text.size();) {
        ssize_t count = write(ends[1], text.data() + at, std::min<size_t>(text.size() - at, 977));
        if (count > 0) at += static_cast<size_t>(count);
      }
      close(ends[1]);
    });
    std::vector<Record> records = ReadToEnd(reader.get(), batch);
    writer.join();
    ASSERT_EQ(records.size(), 20'001u);
    int64_t offset = 0;
    for (size_t i = 0; i < 20'000; ++i) {
      ASSERT_EQ(records[i].value, "line " + std::to_string(i));
      ASSERT_EQ(records[i].offset, offset);
      offset += static_cast<int64_t>(records[i].value.size()) + (i % 3 == 0 ? 2 : 1);
    }
    EXPECT_EQ(records.back().value, "last");
    EXPECT_EQ(records.back().offset, offset + 1);
  }
}

TEST(Stdio, OtherWorkersHaveNoPartition) {
  ReaderConfig config;
  config.worker = 1;
  config.workers = 2;
  std::unique_ptr<Reader> reader;
  ASSERT_TRUE(MakeReader(Bind("stdin"), config, &reader).ok());
  ASSERT_TRUE(reader->Open().ok());
  EXPECT_TRUE(reader->partitions().empty());
  std::vector<Record> records;
  EXPECT_EQ(PollOnce(reader.get(), {}, &records), 0u);
}

TEST(Stdio, AGoneReaderIsAStatusNotASignal) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  std::unique_ptr<Writer> writer;
  ASSERT_TRUE(MakeWriter(Bind("stdout"), {}, &writer).ok());
  ASSERT_TRUE(writer->Open().ok());
  OutRecords records;
  records.value = {"x"};
  Status status;
  {
    Redirect redirect(STDOUT_FILENO, ends[1]);
    status = writer->Write(records);
  }
  close(ends[1]);
  EXPECT_EQ(status.code, Exit::TryAgain);
  EXPECT_EQ(status.message, "cannot write stdout: Broken pipe");
}

}  // namespace
}  // namespace streamc::rt::connector
