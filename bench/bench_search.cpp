// Guild search in the core, without sockets: a rare word, a phrase and a common word among a million
// messages, and what the index costs. The messages look like dbcord's rows: a heading, JSON, words of their
// own.
#include <fmt/format.h>

#include "actor/real_time.hpp"
#include "guild/core.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/report.hpp"

namespace dbcord::bench_search {
namespace {

class no_attachments final : public guild::attachment_store {
 public:
  std::optional<std::string> read(base::attachment_id) override { return std::nullopt; }
};

class searched_guild {
 public:
  searched_guild() {
    guild::core_options options;
    options.rate_limits = false;
    core_ = *guild::core::open(options, random_, files_, now_, {});
    core_->take_initial_effects();
  }

  guild::http_response request(const char* method, std::string path, std::string body = {}) {
    guild::http_request r{method, "/api/v10" + std::move(path), {}, std::move(body)};
    r.headers.emplace_back("Authorization", "Bot " + core_->get_credentials().bot_token);
    if (!r.body.empty()) r.headers.emplace_back("Content-Type", "application/json");
    now_ += std::chrono::microseconds(100);
    return std::move(*core_->handle(r, now_).response);
  }

  void fill(std::uint64_t messages) {
    auto path = "/channels/" + core_->get_credentials().channel.str() + "/messages";
    for (std::uint64_t i = 0; i < messages; ++i) {
      auto content = fmt::format("users u_{} v1 name Ada {} city Zurich lsn {} token q{:016x} {}", i,
                                 i % 1000, i * 7, random_.next(), i == messages / 2 ? "needle" : "hay");
      request("POST", path, fmt::format(R"({{"content":"{}"}})", content));
    }
  }

  guild::http_response search(const std::string& query) {
    return request("GET", "/guilds/" + core_->get_credentials().guild.str() + "/messages/search?" + query);
  }

  void pass_until_indexed() {
    search("content=x");
    while (search("content=x").body.find(R"("doing_deep_historical_index":false)") == std::string::npos)
      tick();
  }

  bool finds(const std::string& query, std::uint64_t total) {
    auto answer = search(query);
    return answer.status == 200 &&
           answer.body.find(fmt::format(R"("total_results":{},)", total)) != std::string::npos;
  }

  // Seconds of one search, the best of three.
  double time(const std::string& query) {
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
      auto begun = clock_.now();
      search(query);
      best = std::min(best, std::chrono::duration<double>(clock_.now() - begun).count());
    }
    return best;
  }
  double seconds_since(base::steady_time begun) const {
    return std::chrono::duration<double>(clock_.now() - begun).count();
  }
  base::steady_time begin() const { return clock_.now(); }

 private:
  void tick() {
    now_ += std::chrono::milliseconds(100);
    core_->tick(now_);
  }

  base::seeded_random random_{5};
  no_attachments files_;
  actor::real_clock clock_;
  base::system_time now_{std::chrono::seconds(1'790'000'000)};
  std::unique_ptr<guild::core> core_;
};

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::report report("bench_search", !args.smoke);
  std::uint64_t messages = args.smoke ? 5'000 : 1'000'000;
  searched_guild guild;
  guild.fill(messages);
  auto begun = guild.begin();
  guild.pass_until_indexed();
  bool right = guild.finds("content=needle", 1) && guild.finds("content=city", messages) &&
               guild.finds("content=nowhere", 0);
  if (!right) return fmt::print("search does not find what is there\n"), 1;
  report.add("messages", static_cast<double>(messages), "");
  report.add("indexing all", guild.seconds_since(begun), "s");
  report.below("a rare word", guild.time("content=needle") * 1e3, "ms", 5);
  report.below("a rare word beside common ones", guild.time("content=needle%20hay&slop=100") * 1e3, "ms", 5);
  report.add("a word that every message has", guild.time("content=city") * 1e3, "ms");
  report.add("a phrase that every message has", guild.time("content=name%20Ada") * 1e3, "ms");
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_search", run);

}  // namespace
}  // namespace dbcord::bench_search
