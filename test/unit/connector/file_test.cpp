#include <algorithm>
#include <random>

#include "runtime/connector/file/lines.h"
#include "test/unit/connector/connector_fixture.h"

namespace streamc::rt::connector {
namespace {

class FileConnector : public Folder {
 protected:
  // Opens a reader over files; a message instead when that fails.
  std::string Open(std::vector<std::string> paths, ReaderConfig config = {}, std::map<std::string, std::string> options = {}) {
    Binding binding{"rows", "file", std::move(paths), std::move(options)};
    Status status = MakeReader(binding, config, &reader_);
    if (status.ok()) status = reader_->Open();
    code_ = status.code;
    return status.message;
  }
  std::vector<std::string> Values(const std::vector<Record>& records) {
    std::vector<std::string> values;
    for (const Record& record : records) values.push_back(record.value);
    return values;
  }
  std::unique_ptr<Reader> reader_;
  Exit code_ = Exit::Ok;
  static ReaderConfig Bounded() {
    ReaderConfig config;
    config.until_end = true;
    return config;
  }
};

TEST_F(FileConnector, LinesWithTheirOffsets) {
  std::string path = WriteFile("a", "\xEF\xBB\xBFone\r\n\n  \t\r\ntwo\n{\"x\": 1} \nlast");
  ASSERT_EQ(Open({path}, Bounded()), "");
  ASSERT_EQ(reader_->partitions().size(), 1u);
  EXPECT_EQ(reader_->partitions()[0].id.topic, path);
  EXPECT_EQ(ReadToEnd(reader_.get()), (std::vector<Record>{{0, 0, "one", -1}, {0, 14, "two", -1}, {0, 18, "{\"x\": 1} ", -1}, {0, 28, "last", -1}}));
  EXPECT_EQ(reader_->partitions()[0].position, 32);
}

TEST_F(FileConnector, EmptyFilesEndAtOnce) {
  ASSERT_EQ(Open({WriteFile("a", ""), WriteFile("b", "\n\n")}, Bounded()), "");
  EXPECT_EQ(reader_->partitions()[0].state, PartitionState::Ended);
  EXPECT_TRUE(ReadToEnd(reader_.get()).empty());
}

TEST_F(FileConnector, EveryLineOnceWhateverThePartsAndBatches) {
  std::mt19937 random(1);
  std::string text;
  std::vector<std::string> lines;
  for (int i = 0; i < 3000; ++i) {
    std::string line = std::to_string(i) + std::string(random() % 50 == 0 ? 40'000 : random() % 30, 'x');
    lines.push_back(line);
    text += line + (i + 1 < 3000 || random() % 2 != 0 ? "\n" : "");
  }
  std::sort(lines.begin(), lines.end());
  std::string path = WriteFile("a", text);
  for (int parts : {1, 2, 7, 64}) {
    for (int64_t batch : {1, 7, 4096}) {
      ASSERT_EQ(Open({path}, Bounded(), {{"partitions", std::to_string(parts)}}), "");
      ASSERT_EQ(reader_->partitions().size(), static_cast<size_t>(parts));
      std::vector<std::string> values = Values(ReadToEnd(reader_.get(), batch));
      std::sort(values.begin(), values.end());
      ASSERT_EQ(values, lines) << parts << " " << batch;
    }
  }
}

TEST_F(FileConnector, PartsOfATinyFile) {
  std::string path = WriteFile("a", "1\n2\n3");
  ASSERT_EQ(Open({path}, Bounded(), {{"partitions", "16"}}), "");
  EXPECT_EQ(Values(ReadToEnd(reader_.get())), (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(FileConnector, WorkersShareThePartitions) {
  WriteFile("a1", "x\n");
  WriteFile("a2", "y\n");
  WriteFile("a3", "z\n");
  std::vector<std::string> all;
  for (int worker = 0; worker < 2; ++worker) {
    ReaderConfig config = Bounded();
    config.worker = worker;
    config.workers = 2;
    ASSERT_EQ(Open({Path("a*")}, config), "");
    EXPECT_EQ(reader_->partitions().size(), worker == 0 ? 2u : 1u);
    for (const std::string& value : Values(ReadToEnd(reader_.get()))) all.push_back(value);
  }
  EXPECT_EQ(all, (std::vector<std::string>{"x", "z", "y"}));
}

TEST_F(FileConnector, FollowsWhatIsAppended) {
  std::string path = WriteFile("a", "one\ntw");
  ASSERT_EQ(Open({path}), "");
  std::vector<Record> records;
  PollLimits limits;
  limits.max_wait_us = 100;
  PollOnce(reader_.get(), limits, &records);
  PollOnce(reader_.get(), limits, &records);
  EXPECT_EQ(Values(records), std::vector<std::string>{"one"});
  EXPECT_EQ(reader_->partitions()[0].state, PartitionState::CaughtUp);
  WriteFile("a", "o\nthree\n", true);
  PollOnce(reader_.get(), limits, &records);
  EXPECT_EQ(Values(records), (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(records[1].offset, 4);
  std::vector<RawRecords> batches;
  WriteFile("a", "x");
  Status status = reader_->Poll(limits, &batches);
  EXPECT_EQ(status.code, Exit::BadInput);
  EXPECT_NE(status.message.find("it was cut to 1 bytes"), std::string::npos) << status.message;
}

TEST_F(FileConnector, FollowOffAndLatest) {
  std::string path = WriteFile("a", "one\ntwo");
  ASSERT_EQ(Open({path}, {}, {{"follow", "false"}}), "");
  EXPECT_EQ(ReadToEnd(reader_.get()).size(), 2u);
  ReaderConfig latest;
  latest.start = StartFrom::Latest;
  ASSERT_EQ(Open({path}, latest), "");
  std::vector<Record> records;
  PollLimits limits;
  limits.max_wait_us = 100;
  EXPECT_EQ(PollOnce(reader_.get(), limits, &records), 0u);
  WriteFile("a", "\nthree\n", true);
  PollOnce(reader_.get(), limits, &records);
  EXPECT_EQ(Values(records), std::vector<std::string>{"three"});
}

TEST_F(FileConnector, LongLinesAreHandedOn) {
  std::string path = WriteFile("a", "short\n" + std::string(5 << 20, 'x') + "\nend\n");
  ASSERT_EQ(Open({path}, Bounded()), "");
  std::vector<Record> records = ReadToEnd(reader_.get());
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[1].value.size(), size_t{5} << 20);
  EXPECT_EQ(records[2].value, "end");
}

TEST_F(FileConnector, EndlessLinesAreCut) {
  std::string path = WriteFile("a", std::string(static_cast<size_t>(kLongestLine) + (9 << 20), 'x') + "\nend\n");
  ASSERT_EQ(Open({path}, Bounded()), "");
  std::vector<Record> records = ReadToEnd(reader_.get());
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].value.size(), static_cast<size_t>(kLongestLine));
  EXPECT_EQ(records[1].value, "end");
}

TEST_F(FileConnector, WhatCannotBeReadSaysWhy) {
  EXPECT_EQ(Open({Path("none.jsonl")}), "cannot read " + Path("none.jsonl") + ": No such file or directory");
  EXPECT_EQ(code_, Exit::BadInput);
  EXPECT_EQ(Open({folder_.string()}), "cannot read " + folder_.string() + ": Is a directory");
  EXPECT_EQ(Open({Path("*.none")}), "cannot read " + Path("*.none") + ": no file matches");
}

TEST_F(FileConnector, Writes) {
  OutRecords records;
  records.value = {"{\"a\":1}", std::string_view(), "x"};
  for (const auto& [append, want] : std::vector<std::pair<std::string, std::string>>{
           {"false", "{\"a\":1}\nnull\nx\n"}, {"true", "{\"a\":1}\nnull\nx\n{\"a\":1}\nnull\nx\n"}}) {
    std::unique_ptr<Writer> writer;
    ASSERT_TRUE(MakeWriter(Bind("file:" + Path("out"), {{"append", append}, {"fsync", "true"}}), {}, &writer).ok());
    ASSERT_TRUE(writer->Open().ok());
    ASSERT_TRUE(writer->Write(records).ok());
    ASSERT_TRUE(writer->Flush().ok());
    EXPECT_EQ(ReadFile("out"), want);
    writer->Close();
  }
  std::unique_ptr<Writer> writer;
  ASSERT_TRUE(MakeWriter(Bind("file:" + Path("no/such/folder")), {}, &writer).ok());
  Status status = writer->Open();
  EXPECT_EQ(status.code, Exit::BadInput);
  EXPECT_EQ(status.message, "cannot write " + Path("no/such/folder") + ": No such file or directory");
}

TEST_F(FileConnector, AFullDiskIsOneClearLine) {
  std::unique_ptr<Writer> writer;
  ASSERT_TRUE(MakeWriter(Bind("file:/dev/full"), {}, &writer).ok());
  ASSERT_TRUE(writer->Open().ok());
  OutRecords records;
  records.value = {"x"};
  ASSERT_TRUE(writer->Write(records).ok());
  Status status = writer->Flush();
  EXPECT_EQ(status.code, Exit::TryAgain);
  EXPECT_EQ(status.message, "cannot write /dev/full: No space left on device");
}

}  // namespace
}  // namespace streamc::rt::connector
