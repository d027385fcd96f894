#include "runtime/connector/memory/memory_log.h"

#include <thread>

#include "test/unit/connector/connector_fixture.h"

namespace streamc::rt::connector {
namespace {

std::unique_ptr<Reader> OpenReader(const std::string& name, ReaderConfig config, std::map<std::string, std::string> options = {}) {
  std::unique_ptr<Reader> reader;
  EXPECT_TRUE(MakeReader(Bind("memory:" + name, std::move(options)), config, &reader).ok());
  EXPECT_TRUE(reader->Open().ok());
  return reader;
}

TEST(Memory, WriterToReaderWithKeysHeadersAndNulls) {
  MemoryLog& log = MemoryLog::Get("through");
  log.Clear();
  log.SetPartitions(3);
  std::unique_ptr<Writer> writer;
  ASSERT_TRUE(MakeWriter(Bind("memory:through"), {}, &writer).ok());
  ASSERT_TRUE(writer->Open().ok());
  OutRecords out;
  out.value = {"a", std::string_view(), "c"};
  out.key = {"k", "k", std::string_view()};
  out.partition = {2, -1, -1};
  out.timestamp = {10, 20, 30};
  out.headers = {{{"h", "v"}, {"n", std::nullopt}}, {}, {}};
  ASSERT_TRUE(writer->Write(out).ok());
  ASSERT_TRUE(writer->Flush().ok());
  EXPECT_EQ(log.end(0) + log.end(1) + log.end(2), 3);
  EXPECT_GE(log.end(0), 1);  // no key

  ReaderConfig config;
  config.until_end = true;
  std::unique_ptr<Reader> reader = OpenReader("through", config);
  std::vector<RawRecords> batches;
  ASSERT_TRUE(reader->Poll({}, &batches).ok());
  EXPECT_TRUE(AllEnded(*reader));
  int tombstones = 0, keyless = 0;
  for (const RawRecords& batch : batches) {
    for (size_t i = 0; i < batch.size(); ++i) {
      tombstones += batch.value[i] == nullptr;
      keyless += batch.key[i] == nullptr;
      std::vector<Header> headers;
      reader->Headers(batch, i, &headers);
      if (batch.timestamp[i] == 10) {
        EXPECT_EQ(batch.slot, 2);
        ASSERT_EQ(headers.size(), 2u);
        EXPECT_EQ(headers[0].key, "h");
        EXPECT_EQ(headers[0].value, "v");
        EXPECT_FALSE(headers[1].value.has_value());
      } else {
        EXPECT_TRUE(headers.empty());
      }
    }
  }
  EXPECT_EQ(tombstones, 1);
  EXPECT_EQ(keyless, 1);
}

TEST(Memory, CommittedPositionsOutliveReaders) {
  MemoryLog& log = MemoryLog::Get("commits");
  log.Clear();
  for (int i = 0; i < 10; ++i) log.Append(0, {std::nullopt, std::to_string(i), i * 100, {}});
  ReaderConfig config;
  config.group = "g";
  std::atomic<int64_t> clock = 0;
  config.manual_clock = &clock;
  std::vector<Record> records;
  {
    std::unique_ptr<Reader> reader = OpenReader("commits", config);
    PollLimits limits;
    limits.max_records = 4;
    EXPECT_EQ(PollOnce(reader.get(), limits, &records), 4u);
    ASSERT_TRUE(reader->Commit({{0, 4, {}}}).ok());
  }
  std::unique_ptr<Reader> reader = OpenReader("commits", config);
  EXPECT_EQ(PollOnce(reader.get(), {}, &records), 6u);
  EXPECT_EQ(records[4].value, "4");
  EXPECT_EQ(reader->partitions()[0].state, PartitionState::CaughtUp);
  log.Finish();
  EXPECT_EQ(PollOnce(reader.get(), {}, &records), 0u);
  EXPECT_TRUE(AllEnded(*reader));

  config.group = "other";
  config.start = StartFrom::At;
  config.start_at = 450;
  records.clear();
  EXPECT_EQ(PollOnce(OpenReader("commits", config).get(), {}, &records), 5u);
  config.start = StartFrom::Latest;
  EXPECT_EQ(PollOnce(OpenReader("commits", config).get(), {}, &records), 0u);
}

TEST(Memory, PausesAndSharesPartitions) {
  MemoryLog& log = MemoryLog::Get("shared");
  log.Clear();
  size_t total = 0;
  for (int i = 0; i < 8; ++i) log.Append(i % 4, {std::nullopt, "x", i, {}});
  for (int worker = 0; worker < 3; ++worker) {
    ReaderConfig config;
    config.worker = worker;
    config.workers = 3;
    config.until_end = true;
    std::unique_ptr<Reader> reader = OpenReader("shared", config, {{"partitions", "4"}});
    std::vector<Record> records;
    reader->SetPaused(true);
    EXPECT_EQ(PollOnce(reader.get(), {}, &records), 0u);
    reader->SetPaused(false);
    total += ReadToEnd(reader.get(), 1).size();
  }
  EXPECT_EQ(total, 8u);
}

TEST(Memory, AnAppendWakesAWaitingReader) {
  MemoryLog& log = MemoryLog::Get("waking");
  log.Clear();
  std::unique_ptr<Reader> reader = OpenReader("waking", {});
  std::thread appender([&] { log.Append(0, {std::nullopt, "x", 1, {}}); });
  PollLimits limits;
  limits.max_wait_us = 60'000'000;
  std::vector<Record> records;
  while (records.empty()) PollOnce(reader.get(), limits, &records);
  appender.join();
  EXPECT_EQ(records[0].value, "x");
}

TEST(Memory, RecordsStayWhereTheyAre) {
  MemoryLog& log = MemoryLog::Get("stable");
  log.Clear();
  log.Append(0, {std::nullopt, "first", 1, {}});
  const MemoryRecord* first = &log.At(0, 0);
  for (int i = 0; i < 5000; ++i) log.Append(i % 40, {std::nullopt, "x", 1, {}});
  EXPECT_EQ(&log.At(0, 0), first);
  EXPECT_EQ(*first->value, "first");
}

}  // namespace
}  // namespace streamc::rt::connector
