// What the service manager hears: datagrams on a socket of the test's own.
#include "runtime/observe/watch.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace streamc::rt::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

class Manager : public testing::Test {
 protected:
  void SetUp() override {
    name_ = "@streamc-test-" + std::to_string(getpid());
    socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name_.data() + 1, name_.size() - 1);
    ASSERT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size())), 0);
    timeval patience{30, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    counters_.job = "trending";
    counters_.lanes.push_back(std::make_unique<LaneCounters>(0, 0, 0));
  }
  void TearDown() override {
    close(socket_);
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }
  std::string Receive() {
    char text[1024];
    const ssize_t n = recv(socket_, text, sizeof text, 0);
    EXPECT_GT(n, 0) << "nothing arrives";
    return {text, static_cast<size_t>(std::max<ssize_t>(n, 0))};
  }
  // All that comes until `what` was said.
  std::string Until(const std::string& what) {
    std::string all;
    while (all.find(what) == std::string::npos) {
      const std::string next = Receive();
      if (next.empty()) break;
      all += next;
    }
    return all;
  }

  std::string name_;
  int socket_ = -1;
  JobCounters counters_;
};

TEST_F(Manager, HearsOfReadinessLifeAndTheEnd) {
  setenv("NOTIFY_SOCKET", name_.c_str(), 1);
  setenv("WATCHDOG_USEC", "20000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  {
    const Watch watch(counters_, true);
    const std::string before = Until("WATCHDOG=1\n");
    EXPECT_THAT(before, HasSubstr("STATUS=trending: opening"));
    EXPECT_THAT(before, Not(HasSubstr("READY=1")));
    counters_.phase.Set(static_cast<int64_t>(Phase::Reading));
    Until("READY=1\n");
    EXPECT_THAT(Until("WATCHDOG=1\n"), Not(HasSubstr("READY=1"))) << "said once";
    counters_.stopping.Set(1);
  }
  EXPECT_THAT(Until("STOPPING=1\n"), Not(HasSubstr("READY=1")));
}

TEST_F(Manager, AWatchdogOfAnotherProcessIsNotFed) {
  const ServiceManager other(name_.c_str(), "20000", "1");
  EXPECT_TRUE(other.listens());
  EXPECT_EQ(other.watchdog(), 0);
  const ServiceManager own(name_.c_str(), "20000", nullptr);
  EXPECT_EQ(own.watchdog(), 10000);
  own.Tell("STATUS=here\n");
  EXPECT_EQ(Receive(), "STATUS=here\n");
}

TEST(ServiceManager, WhatIsNoSocketIsNoManager) {
  for (const char* name : {static_cast<const char*>(nullptr), "", "/", "vsock:2:1234", "relative"}) {
    const ServiceManager manager(name, "1000000", nullptr);
    EXPECT_FALSE(manager.listens());
    manager.Tell("READY=1\n");
  }
}

TEST(Notices, NothingFeedsTheWatchdogOfAJobThatHangs) {
  JobCounters counters;
  Notices notices;
  EXPECT_THAT(notices.Due(counters, "a", 1'000'000, 1), HasSubstr("WATCHDOG=1\n"));
  EXPECT_EQ(notices.Due(counters, "a", 1'000'000, 500'000), "") << "not due yet, and nothing new";
  EXPECT_EQ(notices.Due(counters, "a", 1'000'000, 1'000'001), "WATCHDOG=1\n");
  EXPECT_EQ(notices.Due(counters, "a", 1'000'000, 1 + Liveness::kHang), "");
  counters.turns.Add(1);
  EXPECT_EQ(notices.Due(counters, "b", 1'000'000, 2 + Liveness::kHang), "WATCHDOG=1\nSTATUS=b\n");
}

}  // namespace
}  // namespace streamc::rt::observe
