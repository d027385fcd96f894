#include "runtime/observe/process_memory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace streamc::rt::observe {
namespace {

class ControlGroup : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(mkdtemp(folder_.data())); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = folder_ + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  int64_t Limit() const { return ControlGroupLimit(folder_ + "/cgroup", folder_ + "/fs"); }

  std::string folder_ = (std::filesystem::temp_directory_path() / "streamc-cgroup.XXXXXX").string();
};

TEST_F(ControlGroup, Version2TakesTheSmallestOnTheWay) {
  EXPECT_EQ(Limit(), 0) << "no control groups at all";
  Write("cgroup", "0::/jobs/one\n");
  EXPECT_EQ(Limit(), 0);
  Write("fs/jobs/one/memory.max", "max\n");
  EXPECT_EQ(Limit(), 0);
  Write("fs/jobs/memory.max", "1073741824\n");
  EXPECT_EQ(Limit(), 1 << 30);
  Write("fs/jobs/one/memory.max", "536870912\n");
  EXPECT_EQ(Limit(), 512 << 20);
}

TEST_F(ControlGroup, Version1) {
  Write("cgroup", "9:name=systemd:/\n4:memory:/docker/abc\n1:cpu:/\n");
  Write("fs/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(Limit(), 0);
  // In a container the group is mounted as the root, and the path is one of outside.
  Write("fs/memory/memory.limit_in_bytes", "268435456\n");
  EXPECT_EQ(Limit(), 256 << 20);
}

TEST(Resident, IsMoreThanWhatIsTouched) { EXPECT_GT(ResidentBytes(), 1 << 20); }

}  // namespace
}  // namespace streamc::rt::observe
