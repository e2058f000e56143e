#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "discord/beast_transport.hpp"
#include "guild/local_guild.hpp"
#include "support/real_environment.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

json::object read_credentials(const fs::path& directory) {
  std::ifstream in(directory / "credentials.json");
  return json::parse(std::string(std::istreambuf_iterator<char>(in), {})).as_object();
}

std::string text_of(const json::object& o, std::string_view key) { return std::string(o.at(key).as_string()); }

// A user of a guild that runs somewhere, who knows no more than its credentials file.
struct guild_user {
  guild_user(dbcord::test::real_environment& w, const fs::path& directory) : world(w), known(read_credentials(directory)) {}

  discord::http_response call(std::string method, std::string path, std::string token, std::string body = {},
                              std::string type = "application/json") {
    discord::http_request request;
    request.method = std::move(method);
    request.url = path.starts_with("http") ? path : text_of(known, "api_url") + path;
    request.headers = {{"Authorization", std::move(token)}, {"User-Agent", "DiscordBot (test, 1)"}, {"Content-Type", type}};
    request.body = std::move(body);
    auto answer = world.run(client.send(std::move(request), world.after(20s)));
    if (!answer) throw std::runtime_error(answer.error().message);
    return std::move(*answer);
  }
  std::string bot() const { return "Bot " + text_of(known, "bot_token"); }
  std::string messages() const { return "/channels/" + text_of(known, "channel_id") + "/messages"; }
  std::string post(const std::string& content) {
    auto answer = call("POST", messages(), bot(), json::serialize(json::object{{"content", content}}));
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return text_of(json::parse(answer.body).as_object(), "id");
  }
  std::string content(const std::string& id) {
    auto answer = call("GET", messages() + "/" + id, bot());
    return answer.status == 200 ? text_of(json::parse(answer.body).as_object(), "content") : std::to_string(answer.status);
  }

  dbcord::test::real_environment& world;
  discord::beast_transport client{world.env()};
  json::object known;
};

struct local_guild_fixture {
  local_guild_fixture() : local_guild_fixture(fs::path()) {}
  explicit local_guild_fixture(const fs::path& elsewhere) {
    options.directory = elsewhere.empty() ? directory.path() / "guild" : elsewhere;
    options.port = 0;
    options.core.rate_limits = false;
  }
  ~local_guild_fixture() {
    stop();
    world.leave();
  }
  base::result<std::unique_ptr<guild::local_guild>> try_open() { return guild::local_guild::open(world.env(), options); }
  void start() {
    auto opened = try_open();
    if (!opened) throw std::runtime_error(opened.error().message);
    running = std::move(*opened);
    running->start();
  }
  void stop() {
    if (running) world.run(running->stop(world.after(2s)));
    running.reset();
  }
  guild_user user() { return {world, options.directory}; }

  dbcord::test::temporary_directory directory;
  dbcord::test::real_environment world;
  guild::local_guild_options options;
  std::unique_ptr<guild::local_guild> running;
};

using messages = std::vector<std::pair<std::string, std::string>>;  // id, content

[[noreturn]] void serve_until_killed(const fs::path& directory, int ready) {
  dbcord::test::real_environment world;
  guild::local_guild_options options;
  options.directory = directory;
  options.port = 0;
  options.core.rate_limits = false;
  auto opened = guild::local_guild::open(world.env(), options);
  if (!opened) ::_exit(1);
  (*opened)->start();
  if (::write(ready, "r", 1) != 1) ::_exit(1);
  for (;;) ::pause();
}

void post_until_killed(local_guild_fixture& here, pid_t guild, messages& acknowledged) {
  auto me = here.user();
  for (int i = 0;; ++i) {
    auto content = std::to_string(acknowledged.size());
    try {
      acknowledged.emplace_back(me.post(content), content);
    } catch (const std::runtime_error&) {
      return;  // the connection broke: it is dead
    }
    if (i == 20) ::kill(guild, SIGKILL);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(server_local_guild)

BOOST_FIXTURE_TEST_CASE(the_credentials_file_is_private_and_opens_the_guild, local_guild_fixture) {
  start();
  struct ::stat about {};
  BOOST_REQUIRE_EQUAL(::stat((options.directory / "credentials.json").c_str(), &about), 0);
  BOOST_TEST((about.st_mode & 0777) == 0600u);
  auto me = user();
  auto port = std::to_string(running->port());
  BOOST_TEST(text_of(me.known, "api_url") == "http://127.0.0.1:" + port + "/api/v10");
  BOOST_TEST(text_of(me.known, "gateway_url") == "ws://127.0.0.1:" + port);
  BOOST_TEST(text_of(me.known, "guild_id") == running->get_credentials().guild.str());
  BOOST_TEST(me.call("GET", "/users/@me", me.bot()).status == 200);
  BOOST_TEST(me.call("GET", "/users/@me", text_of(me.known, "owner_token")).status == 200);
  BOOST_TEST(me.call("GET", "/users/@me", "Bot nonsense").status == 401);
  auto gateway = me.call("GET", "/gateway/bot", me.bot());
  BOOST_TEST(gateway.body.find("ws://127.0.0.1:" + port) != std::string::npos);
  auto stream = world.run(me.client.open(text_of(me.known, "gateway_url") + "/?v=10&encoding=json", world.after(5s)));
  BOOST_REQUIRE(stream);
  auto hello = std::get<discord::stream_frame>(world.run((*stream)->receive()));
  BOOST_TEST(json::parse(hello.data).as_object().at("op").as_int64() == 10);
}

BOOST_FIXTURE_TEST_CASE(messages_and_identities_survive_a_restart, local_guild_fixture) {
  start();
  auto before = user();
  auto id = before.post("still here");
  stop();
  start();
  auto after = user();
  BOOST_TEST(after.content(id) == "still here");
  BOOST_TEST(text_of(after.known, "bot_token") == text_of(before.known, "bot_token"));
  BOOST_TEST(!running->warning());
}

BOOST_FIXTURE_TEST_CASE(attachments_survive_a_restart_and_strays_are_swept, local_guild_fixture) {
  start();
  std::string bytes(200000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  auto form = "--B\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a.bin\"\r\n\r\n" + bytes + "\r\n--B--\r\n";
  auto made = user().call("POST", user().messages(), user().bot(), form, "multipart/form-data; boundary=B");
  BOOST_REQUIRE_MESSAGE(made.status == 200, made.body);
  auto id = text_of(json::parse(made.body).as_object(), "id");
  stop();
  std::ofstream(options.directory / "attachments" / "12345") << "nobody shows this";
  start();
  BOOST_TEST(!fs::exists(options.directory / "attachments" / "12345"));
  auto me = user();
  auto message = json::parse(me.call("GET", me.messages() + "/" + id, me.bot()).body).as_object();
  auto url = text_of(message.at("attachments").as_array().at(0).as_object(), "url");
  BOOST_TEST((me.call("GET", url, "").body == bytes));
}

BOOST_AUTO_TEST_CASE(a_guild_killed_while_it_answers_has_every_message_it_acknowledged) {
  dbcord::test::temporary_directory directory;
  messages acknowledged;
  for (int round = 0; round < 3; ++round) {
    int ready[2];
    BOOST_REQUIRE_EQUAL(::pipe(ready), 0);
    auto guild = ::fork();  // while this process has one thread
    BOOST_REQUIRE(guild >= 0);
    if (guild == 0) serve_until_killed(directory.path(), ready[1]);
    ::close(ready[1]);
    char byte = 0;
    BOOST_REQUIRE_EQUAL(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    local_guild_fixture here(directory.path());
    auto before = acknowledged.size();
    post_until_killed(here, guild, acknowledged);
    int status = 0;
    ::waitpid(guild, &status, 0);
    BOOST_TEST(WIFSIGNALED(status));
    BOOST_TEST(acknowledged.size() > before + 20);
    here.start();
    auto me = here.user();
    for (const auto& [id, content] : acknowledged) BOOST_TEST(me.content(id) == content);
  }
}

BOOST_FIXTURE_TEST_CASE(a_directory_in_use_a_port_in_use_and_a_damaged_log_are_refused_with_one_sentence, local_guild_fixture) {
  start();
  auto id = user().post("x");
  BOOST_TEST(try_open().error().message.starts_with("the data directory " + options.directory.string() + " is in use by process "));
  auto first = options.directory;
  options.directory = directory.path() / "other";
  options.port = running->port();
  BOOST_TEST(try_open().error().message.find("is in use by another process; choose another with --listen") != std::string::npos);
  BOOST_TEST(!fs::exists(options.directory / "credentials.json"));
  options.directory = first;
  options.port = 0;
  stop();

  auto log = options.directory / "log-000001.dbl";
  {
    std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60);
    file.put('\xff');
    file.put('\xff');
  }
  BOOST_TEST(try_open().error().message.starts_with(log.string() + " is damaged at offset 32:"));
}

BOOST_FIXTURE_TEST_CASE(a_torn_tail_is_reported_and_logged, local_guild_fixture) {
  start();
  auto id = user().post("x");
  stop();
  std::ofstream(options.directory / "log-000001.dbl", std::ios::app | std::ios::binary) << "half a fra";
  start();
  BOOST_REQUIRE(running->warning().has_value());
  BOOST_TEST(running->warning()->find("dropped 10 bytes of an unfinished write at offset ") != std::string::npos);
  BOOST_TEST(user().content(id) == "x");
}

BOOST_AUTO_TEST_SUITE_END()
