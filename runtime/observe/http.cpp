#include "runtime/observe/http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

namespace streamc::rt::observe {
namespace {

constexpr size_t kMaxRequest = 8192;
constexpr int kReadMs = 1000, kWriteMs = 2000;

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
  bool loopback = false;
};

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool ParseEndpoint(std::string_view text, Endpoint* endpoint) {
  std::string host = "127.0.0.1";
  std::string_view port = text;
  if (const size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    if (colon > 0) host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size()) return false;
  if (host == "localhost") host = "127.0.0.1";
  auto* v4 = reinterpret_cast<sockaddr_in*>(&endpoint->address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&endpoint->address);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6->sin6_addr) != 1) return false;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(number);
    endpoint->size = sizeof(sockaddr_in6);
    endpoint->loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
    return true;
  }
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) != 1) return false;
  v4->sin_family = AF_INET;
  v4->sin_port = htons(number);
  endpoint->size = sizeof(sockaddr_in);
  endpoint->loopback = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
  return true;
}

std::string AddressText(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
    inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6->sin6_port));
  }
  const auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
  inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
  return std::string(text) + ":" + std::to_string(ntohs(v4->sin_port));
}

// Waits until the socket is ready for `events`; false at the deadline.
bool Await(int socket, short events, int64_t deadline) {
  while (true) {
    pollfd wanted{socket, events, 0};
    const int64_t left = deadline - NowMs();
    if (left <= 0) return false;
    const int ready = poll(&wanted, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

// The request up to the empty line after its headers; empty when it did not come in time or was cut off.
std::string ReadRequest(int connection, bool* too_large) {
  std::string request;
  char buffer[2048];
  const int64_t deadline = NowMs() + kReadMs;
  while (request.find("\r\n\r\n") == std::string::npos && request.find("\n\n") == std::string::npos) {
    if (request.size() >= kMaxRequest) {
      *too_large = true;
      return {};
    }
    if (!Await(connection, POLLIN, deadline)) return {};
    const ssize_t n = recv(connection, buffer, sizeof buffer, 0);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) return {};
    request.append(buffer, static_cast<size_t>(n));
  }
  return request;
}

void Send(int connection, std::string_view text) {
  const int64_t deadline = NowMs() + kWriteMs;
  while (!text.empty()) {
    const ssize_t n = send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (n > 0) {
      text.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {
      if (!Await(connection, POLLOUT, deadline)) return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

const char* Reason(int code) {
  switch (code) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    default: return "Error";
  }
}

// `GET /path HTTP/1.1`; false when it is nothing of the kind.
bool ParseRequestLine(std::string_view request, std::string_view* method, std::string_view* path) {
  std::string_view line = request.substr(0, request.find('\n'));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const size_t first = line.find(' ');
  if (first == std::string_view::npos) return false;
  const size_t second = line.find(' ', first + 1);
  if (second == std::string_view::npos || line.substr(second + 1, 5) != "HTTP/") return false;
  *method = line.substr(0, first);
  *path = line.substr(first + 1, second - first - 1);
  *path = path->substr(0, path->find('?'));
  return !path->empty() && path->front() == '/';
}

}  // namespace

Status HttpServer::Start(std::string_view address, HttpHandler handler, std::unique_ptr<HttpServer>* server) {
  const std::string written(address);
  const bool open_to_all = address.starts_with("public:");
  if (open_to_all) address.remove_prefix(7);
  Endpoint endpoint;
  if (!ParseEndpoint(address, &endpoint)) {
    return Status::Error(Exit::Usage, "cannot serve at `" + written +
                                          "`: an address is PORT or HOST:PORT, such as 127.0.0.1:9404 or [::1]:9404");
  }
  if (!endpoint.loopback && !open_to_all) {
    return Status::Error(
        Exit::Usage,
        "metrics at " + written +
            " could be read from other machines, without a password or encryption; use 127.0.0.1, or consent: public:" +
            written);
  }
  std::unique_ptr<HttpServer> made(new HttpServer);
  made->handler_ = std::move(handler);
  made->stop_ = eventfd(0, EFD_CLOEXEC);
  made->listener_ = socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(made->listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (made->stop_ < 0 || made->listener_ < 0 ||
      bind(made->listener_, reinterpret_cast<sockaddr*>(&endpoint.address), endpoint.size) != 0 ||
      listen(made->listener_, 16) != 0) {
    const int error = errno;
    return Status::Error(Exit::Unreachable,
                         "cannot serve metrics at " + written + ": " + std::strerror(error) +
                             (error == EADDRINUSE ? "; choose another port, or 0 for any that is free" : ""));
  }
  made->address_ = AddressText(made->listener_);
  // Signals are for the job's own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  made->thread_ = std::thread([raw = made.get()] { raw->Serve(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  *server = std::move(made);
  return Status::Ok();
}

HttpServer::~HttpServer() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    if (write(stop_, &one, sizeof one) == sizeof one) thread_.join();
  }
  if (listener_ >= 0) close(listener_);
  if (stop_ >= 0) close(stop_);
}

void HttpServer::Serve() {
  while (true) {
    pollfd wanted[2] = {{listener_, POLLIN, 0}, {stop_, POLLIN, 0}};
    if (poll(wanted, 2, -1) < 0) continue;
    if (wanted[1].revents != 0) return;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) {
      // Out of descriptors, say: the waiting connection must not make this a busy loop.
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) poll(&wanted[1], 1, 100);
      continue;
    }
    Answer(connection);
    close(connection);
  }
}

void HttpServer::Answer(int connection) {
  bool too_large = false;
  const std::string request = ReadRequest(connection, &too_large);
  HttpAnswer answer;
  std::string_view method, path;
  if (too_large) {
    answer = {431, "text/plain", "the request is larger than 8 KiB\n"};
  } else if (request.empty()) {
    return;
  } else if (!ParseRequestLine(request, &method, &path)) {
    answer = {400, "text/plain", "not an HTTP request\n"};
  } else if (method != "GET" && method != "HEAD") {
    answer = {405, "text/plain", "only GET and HEAD\n"};
  } else {
    answer = handler_(path);
  }
  std::string head = "HTTP/1.0 " + std::to_string(answer.code) + " " + Reason(answer.code) +
                     "\r\nContent-Type: " + answer.content_type + "\r\nContent-Length: " + std::to_string(answer.body.size()) +
                     "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
  if (method != "HEAD") head += answer.body;
  Send(connection, head);
  // What the client still sends would otherwise reset the connection under the answer.
  shutdown(connection, SHUT_WR);
  char rest[2048];
  const int64_t deadline = NowMs() + kReadMs;
  while (Await(connection, POLLIN, deadline) && recv(connection, rest, sizeof rest, 0) > 0) {
  }
}

}  // namespace streamc::rt::observe
