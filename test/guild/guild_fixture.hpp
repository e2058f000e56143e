#pragma once
// A guild's core driven directly, on a time of its own. For tests; one thread. Effects are taken at once:
// records and attachments are kept, so that a restart can replay them, frames are sorted by connection.

#include <boost/json.hpp>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guild/core.hpp"

namespace dbcord::guild::test {

namespace json = boost::json;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class memory_attachments final : public attachment_store {
 public:
  std::optional<std::string> read(base::attachment_id id) override;
  std::map<base::attachment_id, std::string> files;
};

struct answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string text;
  json::value body;  // null if the text is no JSON

  std::optional<std::string> header(std::string_view name) const;
  std::int64_t code() const;  // of an error body
  std::string id() const;     // body.id
  // body at a path such as "errors.content._errors.0.code"
  const json::value& at(std::string_view path) const;
  std::string str(std::string_view path) const;
};

const json::value& at(const json::value& root, std::string_view path);
bool has(const json::value& root, std::string_view path);

// An option of a command, as it is registered.
json::object option(int type, std::string_view name, bool required = false);

struct file {
  std::string name;
  std::string bytes;
};

class guild_fixture {
 public:
  explicit guild_fixture(core_options options = default_options());
  static core_options default_options();  // without rate limits

  // Replays everything made so far into a new core; connections are gone. A snapshot of the old core must bring back the same.
  void restart();
  void advance(base::duration d);

  answer request(std::string method, std::string path, std::string body = {}, std::string authorization = {},
                 std::string content_type = "application/json");
  // As it stands: nothing is added, and how the answer is to be delivered is in it.
  http_response exchange(const http_request& request) { return *take(core_->handle(request, now)); }
  // As the bot and as the owner; paths below /api/v10.
  answer bot(std::string method, std::string path, const json::value& body = nullptr);
  answer owner(std::string method, std::string path, const json::value& body = nullptr);
  // Multipart with payload_json.
  answer upload(std::string method, std::string path, const json::value& payload,
                const std::vector<file>& files, std::string authorization);
  answer download(std::string_view url);

  answer post(std::string_view content);  // a message of the bot in the first channel
  std::string channel_path() const;

  void connect(connection_id id, std::string query = "v=10&encoding=json");
  void send(connection_id id, const json::value& payload);
  void send_text(connection_id id, std::string_view text);
  void disconnect(connection_id id, int code);
  // HELLO and IDENTIFY done, READY and GUILD_CREATE taken; gives READY's d.
  json::value connect_bot(connection_id id, std::uint64_t intents = all_intents);
  json::value connect_owner(connection_id id);

  // The frames that a connection got and that were not taken yet.
  std::vector<json::value> take_frames(connection_id id);
  // The d of the events of that name among them.
  std::vector<json::value> take_events(connection_id id, std::string_view name);
  std::optional<int> close_code(connection_id id) const;

  std::string bot_header() const { return "Bot " + credentials().bot_token; }
  guild::credentials credentials() const { return core_->get_credentials(); }
  std::string guild_id() const { return credentials().guild.str(); }
  std::string application_id() const { return credentials().application.str(); }
  std::string channel_id() const { return credentials().channel.str(); }

  static constexpr std::uint64_t all_intents = 1 | 1 << 9 | 1 << 12 | 1 << 15;

  core_options options;
  base::system_time now;
  base::seeded_random random{7};
  memory_attachments attachments;
  std::vector<std::string> records;
  std::vector<base::attachment_id> forgotten;

  guild::core& core() { return *core_; }

 private:
  std::optional<http_response> take(effects e);
  std::vector<std::string> everything_in(guild::core& shown) const;

  std::unique_ptr<guild::core> core_;
  std::map<connection_id, std::vector<json::value>> frames_;
  std::map<connection_id, int> closed_;
};

}  // namespace dbcord::guild::test
