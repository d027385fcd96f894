#include "runtime/observe/service_manager.h"

#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace streamc::rt::observe {
namespace {

int64_t Number(const char* text) {
  int64_t number = 0;
  if (text == nullptr) return 0;
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, number);
  return error == std::errc() && rest == end ? number : 0;
}

}  // namespace

ServiceManager::ServiceManager(const char* socket, const char* watchdog_usec, const char* watchdog_pid) {
  const std::string_view name = socket == nullptr ? "" : socket;
  if ((!name.starts_with('/') && !name.starts_with('@')) || name.size() < 2 || name.size() >= sizeof address_.sun_path) return;
  address_.sun_family = AF_UNIX;
  std::memcpy(address_.sun_path, name.data(), name.size());
  if (name[0] == '@') address_.sun_path[0] = '\0';
  length_ = static_cast<unsigned>(offsetof(sockaddr_un, sun_path) + name.size());
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (watchdog_pid == nullptr || Number(watchdog_pid) == getpid()) watchdog_ = Number(watchdog_usec) / 2;
}

ServiceManager ServiceManager::FromEnvironment() {
  return {std::getenv("NOTIFY_SOCKET"), std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID")};
}

ServiceManager::~ServiceManager() {
  if (socket_ >= 0) close(socket_);
}

void ServiceManager::Tell(std::string_view lines) const {
  if (socket_ < 0) return;
  [[maybe_unused]] const ssize_t sent =
      sendto(socket_, lines.data(), lines.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address_), length_);
}

}  // namespace streamc::rt::observe
