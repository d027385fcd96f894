#include "runtime/observe/http.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>

namespace streamc::rt::observe {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Http : public testing::Test {
 protected:
  void SetUp() override {
    const Status status = HttpServer::Start("127.0.0.1:0", [this](std::string_view path) { return Page(path); }, &server_);
    ASSERT_TRUE(status.ok()) << status.message;
  }
  HttpAnswer Page(std::string_view path) {
    ++asked_;
    if (path == "/large") return {200, "text/plain", std::string(5'000'000, 'x')};
    return {path == "/x" ? 200 : 404, "text/plain", "path " + std::string(path)};
  }
  int Connect() const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(std::stoi(server_->address().substr(server_->address().rfind(':') + 1))));
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  // Sends the bytes, then reads until the server closes.
  std::string Ask(const std::string& request, bool half_close = false) const {
    const int fd = Connect();
    std::string answer;
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
      if (half_close) shutdown(fd, SHUT_WR);
      char buffer[65536];
      for (ssize_t n = 0; (n = recv(fd, buffer, sizeof buffer, 0)) > 0;) answer.append(buffer, static_cast<size_t>(n));
    }
    close(fd);
    return answer;
  }
  std::unique_ptr<HttpServer> server_;
  int asked_ = 0;
};

TEST_F(Http, Answers) {
  EXPECT_EQ(Ask("GET /x?a=b HTTP/1.1\r\nHost: h\r\n\r\n"),
            "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\nCache-Control: no-store\r\nConnection: "
            "close\r\n\r\npath /x");
  EXPECT_THAT(Ask("GET /y HTTP/1.0\n\n"), StartsWith("HTTP/1.0 404 Not Found\r\n"));
  EXPECT_THAT(Ask("HEAD /x HTTP/1.0\r\n\r\n"),
              testing::EndsWith("Content-Length: 7\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"));
}

TEST_F(Http, LargeAnswersArriveWhole) {
  EXPECT_EQ(Ask("GET /large HTTP/1.1\r\n\r\n").size(), 5'000'000u + 114u);
}

TEST_F(Http, WhatIsNotARequest) {
  EXPECT_THAT(Ask("POST /x HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.0 405 "));
  EXPECT_THAT(Ask("hello\r\n\r\n"), StartsWith("HTTP/1.0 400 "));
  EXPECT_THAT(Ask("GET x HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.0 400 "));
  EXPECT_THAT(Ask("\r\n\r\n"), StartsWith("HTTP/1.0 400 "));
  EXPECT_THAT(Ask("GET /" + std::string(20000, 'a') + " HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.0 431 "));
  EXPECT_EQ(Ask("GET /x HT", true), "");
  EXPECT_EQ(Ask("GET /x HT"), "") << "a request that does not end in time";
  EXPECT_EQ(asked_, 0);
}

TEST_F(Http, GarbageDoesNotHurt) {
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    std::string bytes(random() % 300, 0);
    for (char& c : bytes) c = static_cast<char>(random());
    Ask(bytes + (i % 2 == 0 ? "\r\n\r\n" : ""), true);
  }
  close(Connect());
  EXPECT_THAT(Ask("GET /x HTTP/1.1\r\n\r\n"), HasSubstr("path /x"));
}

TEST_F(Http, AddressInUse) {
  std::unique_ptr<HttpServer> second;
  const Status status = HttpServer::Start(server_->address(), nullptr, &second);
  EXPECT_EQ(status.code, Exit::Unreachable);
  EXPECT_THAT(status.message, HasSubstr("Address already in use; choose another port"));
  const std::string address = server_->address();
  server_.reset();
  EXPECT_TRUE(HttpServer::Start(address, [](std::string_view) { return HttpAnswer{}; }, &second).ok());
}

TEST(HttpAddress, OnlyLoopbackUnlessConsented) {
  std::unique_ptr<HttpServer> server;
  const auto handler = [](std::string_view) { return HttpAnswer{}; };
  for (const char* refused : {"0.0.0.0:0", "10.0.0.1:0", "[::]:0", "192.168.1.1:9404"}) {
    const Status status = HttpServer::Start(refused, handler, &server);
    EXPECT_EQ(status.code, Exit::Usage) << refused;
    EXPECT_THAT(status.message, HasSubstr("public:" + std::string(refused)));
  }
  for (const char* bad :
       {"", "host:1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:-1", "1.2.3:4", "[::1:4", "127.0.0.1:80x"}) {
    EXPECT_EQ(HttpServer::Start(bad, handler, &server).code, Exit::Usage) << bad;
  }
  for (const char* good : {"0", ":0", "localhost:0", "127.1.2.3:0", "public:0.0.0.0:0"}) {
    const Status status = HttpServer::Start(good, handler, &server);
    EXPECT_TRUE(status.ok()) << good << ": " << status.message;
  }
}

}  // namespace
}  // namespace streamc::rt::observe
