// Helpers for tests of connectors: a folder of its own for each test, bindings, reading a source to its end.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "runtime/connector/connector.h"

namespace streamc::rt::connector {

inline Binding Bind(const std::string& text, std::map<std::string, std::string> options = {}) {
  Binding binding;
  binding.name = "rows";
  Status status = ParseBinding(text, &binding);
  EXPECT_TRUE(status.ok()) << status.message;
  for (auto& [name, value] : options) binding.options[name] = value;
  return binding;
}

struct Record {
  int32_t slot;
  int64_t offset;
  std::string value;
  int64_t timestamp;
  auto operator<=>(const Record&) const = default;
};

// Polls once and appends copies of what came.
inline size_t PollOnce(Reader* reader, const PollLimits& limits, std::vector<Record>* out) {
  std::vector<RawRecords> batches;
  Status status = reader->Poll(limits, &batches);
  EXPECT_TRUE(status.ok()) << status.message;
  size_t count = 0;
  for (const RawRecords& batch : batches) {
    for (size_t i = 0; i < batch.size(); ++i, ++count) {
      out->push_back({batch.slot, batch.offset[i], std::string(batch.value[i], static_cast<size_t>(batch.value_len[i])), batch.timestamp[i]});
    }
    EXPECT_EQ(batch.next_offset, reader->partitions()[static_cast<size_t>(batch.slot)].position);
  }
  reader->Release();
  return count;
}

inline bool AllEnded(const Reader& reader) {
  for (const PartitionInfo& partition : reader.partitions()) {
    if (partition.state != PartitionState::Ended) return false;
  }
  return true;
}

// Everything until all partitions have ended.
inline std::vector<Record> ReadToEnd(Reader* reader, int64_t max_records = 65536) {
  std::vector<Record> records;
  PollLimits limits;
  limits.max_records = max_records;
  limits.max_wait_us = 1000;
  for (int64_t polls = 0; !AllEnded(*reader); ++polls) {
    size_t got = PollOnce(reader, limits, &records);
    EXPECT_LE(got, static_cast<size_t>(std::max<int64_t>(max_records, static_cast<int64_t>(reader->partitions().size()))));
    if (polls > 1'000'000) {
      ADD_FAILURE() << "the source does not end";
      break;
    }
  }
  return records;
}

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "streamc_connector_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  std::string WriteFile(const std::string& name, const std::string& text, bool append = false) const {
    std::ofstream file(Path(name), std::ios::binary | (append ? std::ios::app : std::ios::trunc));
    file << text;
    return Path(name);
  }
  std::string ReadFile(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::filesystem::path folder_;
};

}  // namespace streamc::rt::connector
