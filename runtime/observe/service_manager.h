// Words to the service manager that started the job (systemd's protocol: datagrams to the socket named by NOTIFY_SOCKET).
//
// In: the environment, which is read once. Out: datagrams that never block; without a manager nothing.
#pragma once

#include <sys/un.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace streamc::rt::observe {

class ServiceManager {
 public:
  // `socket`: a path, or an abstract name after @; `watchdog_usec`, `watchdog_pid`: texts as in the environment. All may be null.
  ServiceManager(const char* socket, const char* watchdog_usec, const char* watchdog_pid);
  static ServiceManager FromEnvironment();
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  bool listens() const { return socket_ >= 0; }
  // How often it wants to hear that the job lives, microseconds: half of what it waits. 0: never.
  int64_t watchdog() const { return watchdog_; }
  // Lines such as READY=1.
  void Tell(std::string_view lines) const;

 private:
  int socket_ = -1;
  sockaddr_un address_{};
  unsigned length_ = 0;
  int64_t watchdog_ = 0;
};

}  // namespace streamc::rt::observe
