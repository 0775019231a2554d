// Poco's HTTP server with few threads, short waits and a small queue: a client that hangs must not cost anything.
#include "adapters/hosts/watch_folder/status/status_server.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/ThreadPool.h>
#include <Poco/Timespan.h>

#include <istream>
#include <utility>

#include "adapters/hosts/watch_folder/status/status_text.h"

namespace inkfield::watch_folder {

namespace {

constexpr int kThreads = 2;
constexpr int kMostQueued = 16;
constexpr int kPatience_s = 5;
/// A status of a thousand folders is under half of this.
constexpr std::size_t kLargestAnswer = 1 << 20;

struct Answer {
  Poco::Net::HTTPResponse::HTTPStatus status = Poco::Net::HTTPResponse::HTTP_OK;
  std::string type = "text/plain; charset=utf-8";
  std::string text;
};

Answer answer_for(const std::string& path, const StatusServer::Snapshot& snapshot) {
  using Poco::Net::HTTPResponse;
  if (path == "/metrics") return {HTTPResponse::HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", metrics_text(snapshot())};
  if (path == "/status") return {HTTPResponse::HTTP_OK, "application/json", status_json(snapshot()) + '\n'};
  if (path == "/health") {
    const ServiceStatus status = snapshot();
    if (status.troubles.empty()) return {HTTPResponse::HTTP_OK, "text/plain; charset=utf-8", "ok\n"};
    Answer answer{HTTPResponse::HTTP_SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", ""};
    for (const std::string& trouble : status.troubles) answer.text += trouble + '\n';
    return answer;
  }
  return {HTTPResponse::HTTP_NOT_FOUND, "text/plain; charset=utf-8", "there are /health, /metrics and /status\n"};
}

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  explicit Handler(const StatusServer::Snapshot& snapshot) : snapshot_(snapshot) {}
  void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
    Answer answer;
    const bool head = request.getMethod() == Poco::Net::HTTPRequest::HTTP_HEAD;
    if (!head && request.getMethod() != Poco::Net::HTTPRequest::HTTP_GET) {
      answer = {Poco::Net::HTTPResponse::HTTP_METHOD_NOT_ALLOWED, answer.type, "only GET and HEAD\n"};
      response.set("Allow", "GET, HEAD");
    } else {
      const std::string& uri = request.getURI();
      try {
        answer = answer_for(uri.substr(0, uri.find('?')), snapshot_);
      } catch (const std::exception&) {
        answer = {Poco::Net::HTTPResponse::HTTP_INTERNAL_SERVER_ERROR, answer.type, "the status cannot be told\n"};
      }
    }
    response.setStatusAndReason(answer.status);
    response.setContentType(answer.type);
    response.set("Cache-Control", "no-store");
    response.setContentLength(static_cast<std::streamsize>(answer.text.size()));
    response.setKeepAlive(false);
    std::ostream& out = response.send();
    if (!head) out << answer.text;
  }

 private:
  const StatusServer::Snapshot& snapshot_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(StatusServer::Snapshot snapshot) : snapshot_(std::move(snapshot)) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override { return new Handler(snapshot_); }

 private:
  StatusServer::Snapshot snapshot_;
};

Poco::Net::HTTPServerParams::Ptr parameters() {
  Poco::Net::HTTPServerParams::Ptr parameters(new Poco::Net::HTTPServerParams);
  parameters->setMaxThreads(kThreads);
  parameters->setMaxQueued(kMostQueued);
  parameters->setTimeout(Poco::Timespan(kPatience_s, 0));
  parameters->setKeepAlive(false);
  return parameters;
}

Poco::Net::ServerSocket listening(std::uint16_t port) {
  try {
    Poco::Net::ServerSocket socket;
    // The address may be taken again right after a restart, but never by two at once.
    socket.bind(Poco::Net::SocketAddress("127.0.0.1", port), true, false);
    socket.listen();
    return socket;
  } catch (const Poco::Exception& error) {
    throw std::runtime_error("status port " + std::to_string(port) + ": " + error.displayText());
  }
}

}  // namespace

struct StatusServer::Server {
  Server(std::uint16_t port, Snapshot snapshot)
      : pool("status", kThreads, kThreads), socket(listening(port)), http(new Factory(std::move(snapshot)), pool, socket, parameters()) {
    http.start();
  }
  ~Server() {
    http.stopAll(true);
    pool.joinAll();
  }
  Poco::ThreadPool pool;
  Poco::Net::ServerSocket socket;
  Poco::Net::HTTPServer http;
};

StatusServer::StatusServer(std::uint16_t port, Snapshot snapshot) : server_(std::make_unique<Server>(port, std::move(snapshot))) {}
StatusServer::~StatusServer() = default;

std::uint16_t StatusServer::port() const { return server_->socket.address().port(); }

ServiceStatus fetch_status(std::uint16_t port, std::chrono::milliseconds patience) {
  const std::string place = "port " + std::to_string(port) + " of this machine: ";
  try {
    Poco::Net::HTTPClientSession session("127.0.0.1", port);
    session.setProxyConfig({});
    session.setTimeout(Poco::Timespan(std::chrono::duration_cast<std::chrono::microseconds>(patience).count()));
    Poco::Net::HTTPRequest request(Poco::Net::HTTPRequest::HTTP_GET, "/status", Poco::Net::HTTPRequest::HTTP_1_1);
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::istream& in = session.receiveResponse(response);
    std::string text(kLargestAnswer, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (response.getStatus() != Poco::Net::HTTPResponse::HTTP_OK) {
      throw std::runtime_error(place + "answers " + std::to_string(static_cast<int>(response.getStatus())));
    }
    return status_from_json(text);
  } catch (const Poco::Exception& error) {
    throw std::runtime_error(place + "no inkfieldd answers (" + error.displayText() + "); is status_port set and the service running?");
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(place + error.what());
  }
}

}  // namespace inkfield::watch_folder
