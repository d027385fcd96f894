// A small HTTP/1.0 server for status pages: GET and HEAD, one request at a time, on loopback unless told otherwise.
//
// In: an address and a function from path to answer, called on the server's own thread. It cannot slow the job down or be made
// to keep memory: requests are at most 8 KiB and take at most a second, whatever arrives.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "runtime/batch/status.h"

namespace streamc::rt::observe {

struct HttpAnswer {
  int code = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};
using HttpHandler = std::function<HttpAnswer(std::string_view path)>;

class HttpServer {
 public:
  // `address`: PORT, :PORT or HOST:PORT with a numeric HOST, [IPv6] or localhost; without a host 127.0.0.1; port 0: any free
  // one. Hosts that others can reach are refused unless written as public:HOST:PORT. Exit 64 for a bad address, 69 when it is
  // in use.
  static Status Start(std::string_view address, HttpHandler handler, std::unique_ptr<HttpServer>* server);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // HOST:PORT where it listens.
  const std::string& address() const { return address_; }

 private:
  HttpServer() = default;
  void Serve();
  void Answer(int connection);

  HttpHandler handler_;
  std::string address_;
  int listener_ = -1, stop_ = -1;
  std::thread thread_;
};

}  // namespace streamc::rt::observe
