#include "simulation/owner_view.hpp"

#include <boost/json/parse.hpp>
#include <stdexcept>

#include "database/page_reader.hpp"
#include "protocol/index_page.hpp"

namespace dbcord::simulation {

namespace json = boost::json;

namespace {

constexpr std::size_t listing_page = 100;  // Discord docs, Get Channel Messages

guild::http_request owner_request(simulated_guild& guild, std::string method, std::string target) {
  guild::http_request r;
  r.method = std::move(method);
  r.target = std::move(target);
  r.headers = {{"Authorization", guild.credentials().owner_token}, {"User-Agent", "simulation"}};  // the bot alone uses the bot's token
  return r;
}

std::string path_of(base::channel_id channel) { return "/api/v10/channels/" + channel.str(); }

std::string text_in(const json::object& o, std::string_view name) {
  const auto* value = o.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

json::array list(simulated_guild& guild, std::string target) {
  auto answer = guild.inspect(owner_request(guild, "GET", target));
  if (answer.status != 200) throw std::runtime_error("cannot list " + target + ": " + answer.body);
  return json::parse(answer.body).as_array();
}

seen_message seen(simulated_guild& guild, const json::object& message) {
  seen_message m{base::parse_id<base::message_id>(message.at("id").as_string()).value(), text_in(message, "content")};
  auto row = protocol::decode_row(m.content);
  bool filed = row && row->attached;
  if (filed || protocol::decode_page(m.content) || protocol::decode_index_page(m.content)) m.files = files_of(guild, message);
  return m;
}

bool remove(simulated_guild& guild, const std::string& target) {
  auto answer = guild.inspect(owner_request(guild, "DELETE", target));
  if (answer.status / 100 != 2 && answer.status != 404) throw std::runtime_error("cannot delete " + target + ": " + answer.body);
  return answer.status != 404;
}

}  // namespace

std::map<std::string, std::string> files_of(simulated_guild& guild, const json::object& message) {
  std::map<std::string, std::string> files;
  for (const auto& entry : message.at("attachments").as_array()) {
    const auto& file = entry.as_object();
    auto url = text_in(file, "url");
    guild::http_request r;
    r.method = "GET";
    r.target = url.substr(url.find("/attachments/"));
    r.headers = {{"User-Agent", "simulation"}};
    auto answer = guild.inspect(r);
    if (answer.status != 200) throw std::runtime_error("cannot download " + url + ": " + answer.body);
    files[text_in(file, "filename")] = std::move(answer.body);
  }
  return files;
}

base::result<std::vector<protocol::page_slot>> part_of_page(const seen_message& message, const protocol::page_header& page, unsigned part) {
  auto file = message.files.find(database::page_part_name(page.newest_lsn, part));
  if (file == message.files.end()) return base::error(base::errc::invalid_argument, "it is not there");
  return protocol::decode_page_part(page, part, file->second);
}

std::vector<seen_channel> channels_in(simulated_guild& guild) {
  std::vector<seen_channel> all;
  for (const auto& entry : list(guild, "/api/v10/guilds/" + guild.credentials().guild.str() + "/channels")) {
    const auto& c = entry.as_object();
    all.push_back({base::parse_id<base::channel_id>(c.at("id").as_string()).value(), text_in(c, "name"), text_in(c, "topic")});
  }
  return all;
}

std::vector<seen_thread> threads_in(simulated_guild& guild, base::channel_id parent) {
  std::vector<seen_thread> threads;
  for (const auto& target : {"/api/v10/guilds/" + guild.credentials().guild.str() + "/threads/active", path_of(parent) + "/threads/archived/public?limit=100"}) {
    auto answer = guild.inspect(owner_request(guild, "GET", target));
    if (answer.status != 200) throw std::runtime_error("cannot list " + target + ": " + answer.body);
    auto listed = json::parse(answer.body).as_object();
    const auto* more = listed.if_contains("has_more");
    if (more && more->as_bool()) throw std::runtime_error("more threads than one page of " + target);
    for (const auto& entry : listed.at("threads").as_array()) {
      const auto& t = entry.as_object();
      if (text_in(t, "parent_id") == parent.str()) threads.push_back({base::parse_id<base::channel_id>(t.at("id").as_string()).value(), text_in(t, "name")});
    }
  }
  return threads;
}

bool is_there(simulated_guild& guild, base::channel_id channel) {
  return guild.inspect(owner_request(guild, "GET", path_of(channel))).status == 200;
}

std::vector<seen_message> messages_in(simulated_guild& guild, base::channel_id channel) {
  std::vector<seen_message> all;
  std::string before;
  for (;;) {
    auto listed = list(guild, path_of(channel) + "/messages?limit=100" + before);
    for (const auto& entry : listed) all.push_back(seen(guild, entry.as_object()));
    if (listed.size() < listing_page) return all;
    before = "&before=" + all.back().id.str();
  }
}

bool delete_message(simulated_guild& guild, base::channel_id channel, base::message_id message) {
  return remove(guild, path_of(channel) + "/messages/" + message.str());
}

bool delete_channel(simulated_guild& guild, base::channel_id channel) { return remove(guild, path_of(channel)); }

std::optional<base::message_id> delete_some_message(simulated_guild& guild, base::channel_id channel, base::random_source& random,
                                                    const std::function<bool(const seen_message&)>& spared) {
  auto answer = guild.request(owner_request(guild, "GET", path_of(channel) + "/messages?limit=100"));
  if (answer.status != 200) return std::nullopt;
  auto listed = json::parse(answer.body).as_array();
  if (listed.empty()) return std::nullopt;
  auto chosen = seen(guild, listed[random.below(listed.size())].as_object());
  if (spared(chosen)) return std::nullopt;
  auto gone = guild.request(owner_request(guild, "DELETE", path_of(channel) + "/messages/" + chosen.id.str()));
  return gone.status / 100 == 2 ? std::optional(chosen.id) : std::nullopt;
}

}  // namespace dbcord::simulation
