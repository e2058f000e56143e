#include "guild/guild_fixture.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/test/unit_test.hpp>

namespace dbcord::guild::test {

// A disk that holds a snapshot: its bodies are read from there.
class snapshot_history final : public core_history, public record_reader {
 public:
  explicit snapshot_history(const core_snapshot& held) : held_(held) {}

  base::result<void> replay(history_sink& to) override {
    for (auto& record : held_.records) {
      auto taken = to.take_record(record, {});
      if (!taken) return taken;
    }
    std::uint64_t next = 0;
    for (auto messages : held_.messages) {
      for (auto& entry : messages.entries) entry.where = ++next;
      auto taken = to.take_messages(std::move(messages));
      if (!taken) return taken;
    }
    return {};
  }
  std::string read(record_place place) override { return held_.unplaced.at(place.where - 1); }

 private:
  const core_snapshot& held_;
};

std::optional<std::string> memory_attachments::read(base::attachment_id id) {
  auto found = files.find(id);
  if (found == files.end()) return std::nullopt;
  return found->second;
}

namespace {

const json::value* walk(const json::value& root, std::string_view path) {
  auto* place = &root;
  while (!path.empty()) {
    auto dot = path.find('.');
    auto key = path.substr(0, dot);
    path = dot == path.npos ? std::string_view() : path.substr(dot + 1);
    if (auto* object = place->if_object()) {
      place = object->if_contains(key);
    } else if (auto* array = place->if_array()) {
      auto index = static_cast<std::size_t>(std::stoul(std::string(key)));
      place = index < array->size() ? &(*array)[index] : nullptr;
    } else {
      return nullptr;
    }
    if (!place) return nullptr;
  }
  return place;
}

json::value parse(std::string_view text) {
  boost::system::error_code ec;
  auto value = json::parse(text, ec);
  return ec ? json::value() : value;
}

}  // namespace

const json::value& at(const json::value& root, std::string_view path) {
  auto* found = walk(root, path);
  BOOST_REQUIRE_MESSAGE(found, "no " << path << " in " << json::serialize(root));
  return *found;
}

bool has(const json::value& root, std::string_view path) {
  return walk(root, path) != nullptr;
}

json::object option(int type, std::string_view name, bool required) {
  return {{"type", type}, {"name", name}, {"description", "d"}, {"required", required}};
}

std::optional<std::string> answer::header(std::string_view name) const {
  for (auto& [key, value] : headers) {
    if (boost::algorithm::iequals(key, name)) return value;
  }
  return std::nullopt;
}

std::int64_t answer::code() const {
  return at("code").as_int64();
}
std::string answer::id() const {
  return str("id");
}
const json::value& answer::at(std::string_view path) const {
  return guild::test::at(body, path);
}
std::string answer::str(std::string_view path) const {
  return std::string(at(path).as_string());
}

core_options guild_fixture::default_options() {
  core_options made;
  made.rate_limits = false;
  return made;
}

guild_fixture::guild_fixture(core_options given) : options(std::move(given)) {
  now = base::system_time(seconds(1'790'000'000));
  restart();
}

// What the owner can see of the guild.
std::vector<std::string> guild_fixture::everything_in(guild::core& shown) const {
  std::vector<std::string> found;
  auto secret = shown.get_credentials();
  auto look = [&](const std::string& path) {
    http_request r{"GET", "/api/v10" + path, {{"Authorization", secret.owner_token}}, {}};
    auto response = shown.handle(r, now).response;
    BOOST_REQUIRE(response);
    found.push_back(path + " " + response->body);
    return parse(response->body);
  };
  auto guild = "/guilds/" + secret.guild.str();
  look(guild);
  look(guild + "/threads/active");
  auto commands = "/applications/" + secret.application.str();
  for (auto scope : {commands, commands + guild}) {
    http_request r{"GET", "/api/v10" + scope + "/commands", {{"Authorization", "Bot " + secret.bot_token}}, {}};
    found.push_back(shown.handle(r, now).response->body);
  }
  auto channels = look(guild + "/channels");
  for (auto& channel : channels.as_array()) {
    auto path = "/channels/" + std::string(channel.at("id").as_string());
    look(path);
    look(path + "/messages?limit=100");
    look(path + "/messages/pins");
    look(path + "/threads/archived/public");
  }
  return found;
}

void guild_fixture::restart() {
  auto opened = guild::core::open(options, random, attachments, now, records);
  BOOST_REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
  if (core_) {
    auto snapshot = (*opened)->take_snapshot(now);
    snapshot_history disk(snapshot);
    auto again = guild::core::open(options, random, attachments, now, disk, disk);
    BOOST_REQUIRE_MESSAGE(again.has_value(), again.error().message);
    BOOST_TEST(everything_in(**again) == everything_in(**opened), boost::test_tools::per_element());
    BOOST_TEST((*again)->take_snapshot(now).records == snapshot.records, boost::test_tools::per_element());
    opened = guild::core::open(options, random, attachments, now, records);  // untouched by the questions above
  }
  core_ = std::move(*opened);
  frames_.clear();
  closed_.clear();
  take(core_->take_initial_effects());
}

void guild_fixture::advance(base::duration d) {
  auto end = now + d;
  while (auto next = core_->next_tick()) {
    if (*next > end) break;
    now = std::max(now, *next);
    take(core_->tick(now));
  }
  now = end;
}

std::optional<http_response> guild_fixture::take(effects e) {
  for (auto& file : e.attachments) attachments.files[file.id] = file.bytes;
  records.insert(records.end(), e.records.begin(), e.records.end());
  for (auto id : e.forgotten_attachments) forgotten.push_back(id), attachments.files.erase(id);
  for (auto& frame : e.frames) {
    if (frame.close_code) {
      closed_[frame.to] = *frame.close_code;
      continue;
    }
    auto value = parse(frame.text);
    BOOST_REQUIRE_MESSAGE(value.is_object(), "no JSON: " << frame.text);
    frames_[frame.to].push_back(std::move(value));
  }
  return std::move(e.response);
}

answer guild_fixture::request(std::string method, std::string path, std::string body,
                              std::string authorization, std::string content_type) {
  http_request r{std::move(method), std::move(path), {}, std::move(body)};
  if (!authorization.empty()) r.headers.emplace_back("Authorization", std::move(authorization));
  if (!r.body.empty()) r.headers.emplace_back("Content-Type", std::move(content_type));
  auto response = take(core_->handle(r, now));
  BOOST_REQUIRE(response);
  return {response->status, response->headers, response->body, parse(response->body)};
}

answer guild_fixture::bot(std::string method, std::string path, const json::value& body) {
  return request(std::move(method), "/api/v10" + path, body.is_null() ? std::string() : json::serialize(body),
                 bot_header());
}

answer guild_fixture::owner(std::string method, std::string path, const json::value& body) {
  return request(std::move(method), "/api/v10" + path, body.is_null() ? std::string() : json::serialize(body),
                 credentials().owner_token);
}

answer guild_fixture::upload(std::string method, std::string path, const json::value& payload,
                             const std::vector<file>& files, std::string authorization) {
  std::string body;
  for (std::size_t i = 0; i < files.size(); ++i) {
    body += "--B\r\nContent-Disposition: form-data; name=\"files[" + std::to_string(i) + "]\"; filename=\"" +
            files[i].name + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + files[i].bytes + "\r\n";
  }
  body += "--B\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n" + json::serialize(payload) +
          "\r\n--B--\r\n";
  return request(std::move(method), "/api/v10" + path, std::move(body), std::move(authorization),
                 "multipart/form-data; boundary=B");
}

answer guild_fixture::download(std::string_view url) {
  BOOST_REQUIRE(url.starts_with(options.public_url));
  return request("GET", std::string(url.substr(options.public_url.size())));
}

answer guild_fixture::post(std::string_view content) {
  return bot("POST", channel_path() + "/messages", {{"content", content}});
}

std::string guild_fixture::channel_path() const {
  return "/channels/" + channel_id();
}

void guild_fixture::connect(connection_id id, std::string query) {
  take(core_->connect(id, query, now));
}

void guild_fixture::send(connection_id id, const json::value& payload) {
  send_text(id, json::serialize(payload));
}

void guild_fixture::send_text(connection_id id, std::string_view text) {
  take(core_->receive(id, text, now));
}

void guild_fixture::disconnect(connection_id id, int code) {
  take(core_->disconnect(id, code, now));
}

json::value guild_fixture::connect_bot(connection_id id, std::uint64_t intents) {
  connect(id);
  send(id,
       {{"op", 2},
        {"d", {{"token", credentials().bot_token}, {"intents", intents}, {"properties", json::object()}}}});
  auto ready = take_events(id, "READY");
  BOOST_REQUIRE(ready.size() == 1);
  return ready[0];
}

json::value guild_fixture::connect_owner(connection_id id) {
  connect(id);
  send(id, {{"op", 2}, {"d", {{"token", credentials().owner_token}, {"properties", json::object()}}}});
  auto ready = take_events(id, "READY");
  BOOST_REQUIRE(ready.size() == 1);
  return ready[0];
}

std::vector<json::value> guild_fixture::take_frames(connection_id id) {
  return std::exchange(frames_[id], {});
}

std::vector<json::value> guild_fixture::take_events(connection_id id, std::string_view name) {
  std::vector<json::value> found;
  for (auto& frame : take_frames(id)) {
    auto& t = at(frame, "t");
    if (t.is_string() && t.as_string() == name) found.push_back(at(frame, "d"));
  }
  return found;
}

std::optional<int> guild_fixture::close_code(connection_id id) const {
  auto found = closed_.find(id);
  if (found == closed_.end()) return std::nullopt;
  return found->second;
}

}  // namespace dbcord::guild::test
