#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "discord/beast_transport.hpp"
#include "guild/guild_check.hpp"
#include "guild/local_guild.hpp"
#include "support/real_environment.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

void flip(const fs::path& file, std::streamoff at) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekg(at);
  auto c = static_cast<char>(bytes.get() ^ 1);
  bytes.seekp(at);
  bytes.put(c);
}

// A guild that makes a snapshot every few kilobytes, and its bot.
struct snapshot_guild {
  snapshot_guild() {
    options.directory = directory.path() / "guild";
    options.port = 0;
    options.core.rate_limits = false;
    options.snapshots.log_bytes_min = 6000;
    options.segment_size = 4000;
  }
  ~snapshot_guild() {
    stop();
    world.leave();
  }

  void start() {
    auto opened = guild::local_guild::open(world.env(), options);
    if (!opened) throw std::runtime_error(opened.error().message);
    running = std::move(*opened);
    running->start();
  }
  void stop() {
    if (running) world.run(running->stop(world.after(2s)));
    running.reset();
  }
  json::value call(std::string method, std::string path, const json::value& body = nullptr) {
    auto answer = exchange(std::move(method), "/channels/" + running->get_credentials().channel.str() + "/messages" + path, body);
    BOOST_TEST(answer.status < 300, answer.body);
    return answer.body.empty() ? json::value() : json::parse(answer.body);
  }
  discord::http_response exchange(std::string method, std::string path, const json::value& body = nullptr) {
    auto secret = running->get_credentials();
    discord::http_request request;
    request.method = std::move(method);
    request.url = running->api_url() + path;
    request.headers = {{"Authorization", "Bot " + secret.bot_token}, {"User-Agent", "t"}, {"Content-Type", "application/json"}};
    if (!body.is_null()) request.body = json::serialize(body);
    auto answer = world.run(client.send(std::move(request), world.after(20s)));
    if (!answer) throw std::runtime_error(answer.error().message);
    return std::move(*answer);
  }
  // A bit of that message's record in the snapshot changes.
  void damage_body(int snapshot, const std::string& id) {
    std::ifstream in(file(snapshot), std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    auto at = bytes.find(id);
    BOOST_REQUIRE(at != bytes.npos);
    flip(file(snapshot), static_cast<std::streamoff>(at));
  }
  std::size_t complaints_about(const std::string& place) const {
    std::size_t count = 0;
    for (auto& line : world.log.lines()) {
      count += line.starts_with("the guild's disk does not give back what it was told") && line.find(place) != line.npos;
    }
    return count;
  }
  void post(std::string content, std::string nonce = {}) {
    json::object body{{"content", content}};
    if (!nonce.empty()) body["nonce"] = nonce, body["enforce_nonce"] = true;
    auto id = std::string(call("POST", "", body).at("id").as_string());
    expected[id] = content;
  }
  bool has(int snapshot) const { return fs::exists(file(snapshot)); }
  fs::path file(int snapshot) const { return options.directory / ("snapshot-00000" + std::to_string(snapshot) + ".dbs"); }
  // Posts, edits and deletes until the snapshot is there and what it supersedes is gone.
  void work_until(int snapshot) {
    for (int i = 0; i < 5000 && !(has(snapshot) && !has(snapshot - 2)); ++i) {
      post("message " + std::to_string(i));
      if (i % 5 == 1) {
        auto changed = expected.begin();
        changed->second = "changed " + std::to_string(i);
        call("PATCH", "/" + changed->first, {{"content", changed->second}});
      }
      if (i % 7 == 3) {
        call("DELETE", "/" + expected.rbegin()->first);
        expected.erase(std::prev(expected.end()));
      }
      if (hoard) keep_links();
    }
    BOOST_REQUIRE(has(snapshot));
  }
  // Second names for the log and the snapshots, so that they are still there when the guild has removed them.
  void keep_links() {
    auto aside = directory.path() / "aside";
    fs::create_directory(aside);
    for (auto& entry : fs::directory_iterator(options.directory)) {
      auto kind = entry.path().extension();
      if (kind != ".dbl" && kind != ".dbs") continue;
      std::error_code there_already_or_just_removed;
      fs::create_hard_link(entry.path(), aside / entry.path().filename(), there_already_or_just_removed);
    }
  }
  std::size_t put_removed_files_back() {
    std::size_t count = 0;
    for (auto& entry : fs::directory_iterator(directory.path() / "aside")) {
      auto place = options.directory / entry.path().filename();
      if (fs::exists(place)) continue;
      fs::rename(entry.path(), place);
      ++count;
    }
    return count;
  }
  void check_all() {
    std::map<std::string, std::string> found;
    std::string before = "9223372036854775807";
    for (;;) {
      auto page = call("GET", "?limit=100&before=" + before).as_array();
      if (page.empty()) break;
      for (auto& m : page) {
        bool told_by_the_guild = m.at("type").as_int64() != 0;  // that somebody pinned
        if (!told_by_the_guild) found[std::string(m.at("id").as_string())] = std::string(m.at("content").as_string());
      }
      before = std::string(page.back().at("id").as_string());
    }
    BOOST_TEST((found == expected));
  }
  std::size_t segments() const {
    std::size_t count = 0;
    for (auto& entry : fs::directory_iterator(options.directory)) count += entry.path().extension() == ".dbl";
    return count;
  }

  dbcord::test::temporary_directory directory;
  dbcord::test::real_environment world;
  guild::local_guild_options options;
  std::unique_ptr<guild::local_guild> running;
  discord::beast_transport client{world.env()};
  std::map<std::string, std::string> expected;  // content by id
  bool hoard = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(server_snapshot)

BOOST_FIXTURE_TEST_CASE(a_guild_is_the_same_from_a_snapshot_and_the_log_behind_it, snapshot_guild) {
  start();
  work_until(3);
  check_all();  // bodies are read from the snapshot while it runs
  stop();
  BOOST_TEST(segments() < 8u);  // of far more that were written
  start();
  BOOST_TEST(!running->warning());
  check_all();
  work_until(4);
  check_all();
}

BOOST_FIXTURE_TEST_CASE(a_damaged_newest_snapshot_loses_nothing, snapshot_guild) {
  start();
  work_until(3);
  stop();
  int newest = has(4) ? 4 : 3;
  flip(file(newest), static_cast<std::streamoff>(fs::file_size(file(newest))) - 40);
  auto checked = guild::check_directory(options.directory);
  BOOST_REQUIRE(checked);
  BOOST_REQUIRE_EQUAL(checked->damage.size(), 1u);
  BOOST_TEST(checked->damage[0].find(file(newest).string() + " is damaged at offset ") == 0u);
  start();
  BOOST_REQUIRE(running->warning());
  BOOST_TEST(running->warning()->find(file(newest).string() + " is damaged at offset ") == 0u);
  check_all();
  work_until(newest + 1);
  check_all();
}

BOOST_FIXTURE_TEST_CASE(a_kill_between_publishing_a_snapshot_and_removing_what_it_supersedes_loses_nothing, snapshot_guild) {
  hoard = true;
  start();
  work_until(4);
  stop();
  hoard = false;
  BOOST_TEST(put_removed_files_back() > 2u);  // snapshots and segments: what such a kill leaves
  BOOST_TEST(has(1));
  auto report = guild::check_directory(options.directory);
  BOOST_REQUIRE(report);
  BOOST_TEST(report->damage.empty());
  start();
  BOOST_TEST(!running->warning());
  check_all();
  work_until(has(5) ? 6 : 5);  // which also removes the leftovers
  stop();
  BOOST_TEST(!has(1));
  BOOST_TEST(!fs::exists(options.directory / "log-000001.dbl"));
  start();
  check_all();
}

BOOST_FIXTURE_TEST_CASE(a_body_that_the_disk_does_not_give_back_is_an_error_to_who_asks_and_in_the_log, snapshot_guild) {
  start();
  work_until(2);
  stop();
  auto victim = std::next(expected.begin())->first;  // the first is edited again and again
  damage_body(2, victim);                             // which a start does not read
  start();
  auto secret = running->get_credentials();
  auto place = file(2).string() + " is damaged at offset ";
  auto first = "/channels/" + secret.channel.str() + "/messages/" + victim;
  BOOST_TEST(complaints_about(place) == 0u);
  auto answer = exchange("GET", first);
  BOOST_TEST(answer.status == 500);
  BOOST_TEST(answer.body == R"({"message": "500: Internal Server Error", "code": 0})");
  BOOST_TEST(complaints_about(place) == 1u);
  // The others are there, and search finds them without it.
  call("GET", "/" + expected.begin()->first);
  auto search = "/guilds/" + secret.guild.str() + "/messages/search?content=changed";
  BOOST_TEST(exchange("GET", search).status == 202);
  for (int i = 0; i < 1000 && exchange("GET", search).status != 200; ++i) {}
  BOOST_TEST(complaints_about(place) == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_body_that_a_start_must_read_and_cannot_is_a_sentence_with_its_place, snapshot_guild) {
  start();
  post("first");
  post("pinned");
  auto pinned = expected.rbegin()->first;
  call("PUT", "/pins/" + pinned);
  work_until(2);
  stop();
  damage_body(2, pinned);
  auto opened = guild::local_guild::open(world.env(), options);
  BOOST_REQUIRE(!opened);
  BOOST_TEST(opened.error().message.starts_with(file(2).string() + " is damaged at offset "), opened.error().message);
  fs::remove(file(2));  // as the README says
  start();
  check_all();
}

BOOST_FIXTURE_TEST_CASE(a_nonce_counts_also_when_its_message_is_only_in_a_snapshot, snapshot_guild) {
  start();
  post("once", "n-1");
  work_until(3);
  stop();
  start();
  auto again = call("POST", "", {{"content", "once"}, {"nonce", "n-1"}, {"enforce_nonce", true}});
  BOOST_TEST(std::string(again.at("id").as_string()) == expected.begin()->first);
  check_all();
}

BOOST_FIXTURE_TEST_CASE(a_check_tells_what_a_directory_holds_and_where_it_is_damaged, snapshot_guild) {
  start();
  work_until(2);
  BOOST_TEST(guild::check_directory(options.directory).error().message ==
             "the data directory " + options.directory.string() + " is in use; stop the guild first");
  stop();
  auto good = guild::check_directory(options.directory);
  BOOST_REQUIRE(good);
  BOOST_TEST(good->damage.empty());
  BOOST_TEST(good->warnings.empty());
  auto summary = ": 1 channels, " + std::to_string(expected.size()) + " messages, 0 attachments of 0 bytes";
  BOOST_TEST(good->contents.back().ends_with(summary), good->contents.back());

  flip(file(2), 60);  // in the first body, which a start does not read
  auto bad = guild::check_directory(options.directory);
  BOOST_REQUIRE_EQUAL(bad->damage.size(), 1u);
  BOOST_TEST(bad->damage[0].starts_with(file(2).string() + " is damaged at offset 32"));
  flip(file(2), 60);
  BOOST_TEST(guild::check_directory(options.directory)->damage.empty());
  BOOST_TEST(guild::check_directory(directory.path()).error().message.starts_with("there is no guild in "));
}

BOOST_AUTO_TEST_SUITE_END()
