// Kills a local guild with SIGKILL under load, again and again, and looks whether it kept its word: every message that was
// acknowledged is there, and no nonce has made two.
//
// Usage: guild_kill_loop [--cycles 200] [--writers 8] [--seed N] [--dbcord FILE]
// Each writer posts messages with nonces of its own (enforce_nonce), one at a time, each with an embed of 4 KB, so that 200 cycles
// cross some snapshots. What was on its way when the guild died is posted again with the same nonce. Exit status 1 when something was lost or doubled; the seed says how to repeat the kills.
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <atomic>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <thread>

#include "actor/real_time.hpp"
#include "dbcord/base/random.hpp"
#include "guild/record_files.hpp"
#include "support/command_line.hpp"
#include "support/server_process.hpp"

using namespace dbcord;
namespace asio = boost::asio;
namespace json = boost::json;
using tcp = asio::ip::tcp;

namespace {

constexpr std::size_t embed_bytes = 4096;

struct guild_access {
  tcp::endpoint at;
  std::string channel, token;

  explicit guild_access(const std::filesystem::path& directory) {
    std::ifstream file(directory / "credentials.json");
    auto known = json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    auto url = std::string(known.at("gateway_url").as_string());
    auto colon = url.rfind(':');
    at = {asio::ip::make_address(url.substr(5, colon - 5)), static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1)))};
    channel = std::string(known.at("channel_id").as_string());
    token = std::string(known.at("bot_token").as_string());
  }
};

// A keep-alive connection. ask() answers nothing once the guild is dead.
class client {
 public:
  explicit client(const guild_access& guild) : guild_(guild), socket_(context_) {
    boost::system::error_code ignored;  // a dead guild shows at the first request
    socket_.connect(guild.at, ignored);
  }

  std::optional<json::value> ask(std::string_view method, const std::string& query, const std::string& body = {}) {
    auto text = fmt::format(
        "{} /api/v10/channels/{}/messages{} HTTP/1.1\r\nHost: x\r\nUser-Agent: t\r\nAuthorization: Bot {}\r\n"
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        method, guild_.channel, query, guild_.token, body.size(), body);
    boost::system::error_code ec;
    asio::write(socket_, asio::buffer(text), ec);
    if (ec) return std::nullopt;
    std::string in;
    auto head = asio::read_until(socket_, asio::dynamic_buffer(in), "\r\n\r\n", ec);
    if (ec) return std::nullopt;
    constexpr std::string_view name = "Content-Length: ";
    auto field = in.find(name);
    std::size_t length = 0;
    if (field < head) std::from_chars(in.data() + field + name.size(), in.data() + head, length);
    auto missing = head + length - std::min(head + length, in.size());
    if (missing != 0) asio::read(socket_, asio::dynamic_buffer(in), asio::transfer_exactly(missing), ec);
    if (ec) return std::nullopt;
    if (!in.starts_with("HTTP/1.1 200")) throw std::runtime_error("the guild refused: " + in);
    return json::parse(std::string_view(in).substr(head));
  }

 private:
  const guild_access& guild_;
  asio::io_context context_;
  tcp::socket socket_;
};

// Posts until the guild is dead; goes on with the next cycle's guild where it was.
class writer {
 public:
  explicit writer(int number) : number_(number) {}

  void work(const guild_access& guild, std::atomic<std::uint64_t>& acknowledged_by_all) {
    client c(guild);
    for (;; ++next_) {
      auto name = fmt::format("w{}-{}", number_, next_);
      auto answer = c.ask("POST", "", fmt::format(R"({{"content":"{0}","nonce":"{0}","enforce_nonce":true,"embeds":[{{"description":"{1}"}}]}})",
                                                  name, std::string(embed_bytes, 'e')));
      if (!answer) return;
      acknowledged[name] = std::string(answer->at("id").as_string());
      ++acknowledged_by_all;
    }
  }
  std::map<std::string, std::string> acknowledged;  // id by content

 private:
  int number_;
  std::uint64_t next_ = 0;
};

std::map<std::string, std::vector<std::string>> read_all(const guild_access& guild) {
  client c(guild);
  std::map<std::string, std::vector<std::string>> found;  // ids by content
  std::string after = "0";
  for (;;) {
    auto page = c.ask("GET", "?limit=100&after=" + after);
    if (!page) throw std::runtime_error("the guild does not answer");
    auto& messages = page->as_array();
    if (messages.empty()) return found;
    for (auto& m : messages) found[std::string(m.at("content").as_string())].push_back(std::string(m.at("id").as_string()));
    after = std::string(messages.front().at("id").as_string());  // newest first
  }
}

// Its number; 0 if there is none.
std::uint32_t newest_snapshot(const std::filesystem::path& directory) {
  std::uint32_t newest = 0;
  for (auto& entry : std::filesystem::directory_iterator(directory)) {
    newest = std::max(newest, guild::snapshot_number(entry.path().filename().string()));
  }
  return newest;
}

// Says what is wrong; the number of such things.
std::size_t compare(const std::vector<writer>& writers, const std::map<std::string, std::vector<std::string>>& found) {
  std::size_t wrong = 0;
  auto say = [&](const std::string& what) { ++wrong, fmt::print("WRONG: {}\n", what); };
  for (auto& [content, ids] : found) {
    if (ids.size() != 1) say(fmt::format("{} is there {} times", content, ids.size()));
  }
  for (auto& w : writers) {
    for (auto& [content, id] : w.acknowledged) {
      auto there = found.find(content);
      if (there == found.end()) say(fmt::format("{} was acknowledged and is lost", content));
      if (there != found.end() && there->second.front() != id) say(fmt::format("{} has another id than was told", content));
    }
  }
  return wrong;
}

struct kill_options {
  std::filesystem::path dbcord = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "dbcord";
  int cycles = 200;
  int writers = 8;
  std::uint64_t seed = 1;
};

int kill_in_a_loop(const kill_options& options) {
  bench::scratch_directory scratch("guild-kill-loop");
  auto directory = scratch.path() / "guild";
  base::seeded_random random(options.seed);
  std::vector<writer> writers;
  for (int i = 0; i < options.writers; ++i) writers.emplace_back(i);
  std::atomic<std::uint64_t> acknowledged = 0;
  for (int cycle = 0; cycle < options.cycles; ++cycle) {
    bench::server_process server(options.dbcord,
                                 {"guild", "--data", directory.string(), "--listen", "127.0.0.1:0", "--limits", "none"},
                                 scratch.path() / "log");
    guild_access guild(directory);
    std::vector<std::thread> threads;
    for (auto& w : writers) threads.emplace_back([&w, &guild, &acknowledged] { w.work(guild, acknowledged); });
    auto enough = acknowledged + 20 + random.below(400);
    for (auto seen = acknowledged.load(); seen < enough; seen = acknowledged.load()) std::this_thread::yield();
    server.kill();
    for (auto& t : threads) t.join();
  }
  bench::server_process server(options.dbcord, {"guild", "--data", directory.string(), "--listen", "127.0.0.1:0", "--limits", "none"},
                               scratch.path() / "log");
  auto wrong = compare(writers, read_all(guild_access(directory)));
  fmt::print("{} cycles, seed {}: {} messages acknowledged, {} snapshots made, {} wrong\n", options.cycles, options.seed, acknowledged.load(),
             newest_snapshot(directory), wrong);
  return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  kill_options options;
  bench::command_line line("kills a local guild under load and looks whether it kept its word");
  line.option("--dbcord", options.dbcord, "the program");
  line.option("--cycles", options.cycles, "how often it is killed (default 200)");
  line.option("--writers", options.writers, "connections that post (default 8)");
  line.option("--seed", options.seed, "of the moments when it is killed (default 1)");
  line.parse(argc, argv);
  try {
    return kill_in_a_loop(options);
  } catch (const std::exception& e) {
    fmt::print(stderr, "guild_kill_loop: {}\n", e.what());
    return 1;
  }
}
