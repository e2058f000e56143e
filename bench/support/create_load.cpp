#include "support/create_load.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <vector>

#include "actor/real_time.hpp"
#include "support/processor_time.hpp"
#include "support/report.hpp"

namespace dbcord::bench {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

struct load_state {
  asio::io_context context{1};
  actor::real_clock clock;
  std::string request;
  std::uint64_t to_start = 0;
  std::vector<float> times;  // ms
  std::string failure;

  void fail(std::string why) {
    failure = std::move(why);
    context.stop();
  }
};

class connection {
 public:
  connection(load_state& all, const tcp::endpoint& to) : all_(all), socket_(all.context) {
    socket_.connect(to);
    socket_.set_option(tcp::no_delay(true));
  }

  void next() {
    if (all_.to_start == 0) return;
    --all_.to_start;
    begun_ = all_.clock.now();
    filled_ = 0;
    asio::async_write(socket_, asio::buffer(all_.request), [this](error_code ec, std::size_t) {
      if (ec) return all_.fail(ec.message());
      read();
    });
  }

 private:
  void read() {
    socket_.async_read_some(asio::buffer(in_.data() + filled_, in_.size() - filled_), [this](error_code ec, std::size_t n) {
      if (ec) return all_.fail(ec.message());
      filled_ += n;
      if (!whole()) return read();
      std::string_view text(in_.data(), filled_);
      if (!text.starts_with("HTTP/1.1 200")) return all_.fail(std::string(text));
      all_.times.push_back(std::chrono::duration<float, std::milli>(all_.clock.now() - begun_).count());
      next();
    });
  }

  bool whole() const {
    std::string_view text(in_.data(), filled_);
    auto end = text.find("\r\n\r\n");
    if (end == text.npos) return false;
    constexpr std::string_view name = "Content-Length: ";
    auto length = text.find(name);
    std::size_t body = 0;
    if (length != text.npos) std::from_chars(text.data() + length + name.size(), text.data() + end, body);
    return filled_ >= end + 4 + body;
  }

  load_state& all_;
  tcp::socket socket_;
  base::steady_time begun_;
  std::vector<char> in_ = std::vector<char>(64 * 1024);
  std::size_t filled_ = 0;
};

}  // namespace

load_result post_messages(const load_options& options) {
  std::ifstream file(options.guild / "credentials.json");
  auto known = boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  auto url = std::string(known.at("gateway_url").as_string());  // ws://127.0.0.1:PORT
  auto colon = url.rfind(':');
  tcp::endpoint to(asio::ip::make_address(url.substr(5, colon - 5)), static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1))));

  load_state all;
  auto body = fmt::format("{{\"content\":\"{}\"}}", std::string(options.content_bytes, 'm'));
  all.request = fmt::format(
      "POST /api/v10/channels/{}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bot {}\r\nUser-Agent: DiscordBot (bench, 1)\r\n"
      "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      known.at("channel_id").as_string().c_str(), known.at("bot_token").as_string().c_str(), body.size(), body);
  all.to_start = options.messages;
  all.times.reserve(options.messages);
  std::vector<std::unique_ptr<connection>> connections;
  for (int i = 0; i < options.connections; ++i) connections.push_back(std::make_unique<connection>(all, to));
  auto cpu_before = processor_seconds();
  auto begun = all.clock.now();
  for (auto& c : connections) c->next();
  all.context.run();
  if (!all.failure.empty()) throw std::runtime_error("a message create failed: " + all.failure);
  load_result out;
  out.seconds = std::chrono::duration<double>(all.clock.now() - begun).count();
  out.client_cpu_seconds = processor_seconds() - cpu_before;
  std::vector<double> times(all.times.begin(), all.times.end());
  out.p50_ms = percentile(times, 0.5);
  out.p99_ms = percentile(std::move(times), 0.99);
  return out;
}

}  // namespace dbcord::bench
