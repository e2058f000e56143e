#pragma once
// The local guild's core: a Discord-compatible server as a pure state machine. Every input carries the time;
// every output is returned. No I/O, no clock, no threads: one caller at a time. The Beast shell and the
// simulator drive it.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dbcord/base/clock.hpp"
#include "dbcord/base/ids.hpp"
#include "dbcord/base/random.hpp"
#include "dbcord/base/result.hpp"
#include "guild/core_storage.hpp"
#include "guild/fault_plan.hpp"
#include "guild/rate_table.hpp"

namespace dbcord::guild {

using connection_id = std::uint64_t;  // a WebSocket connection, named by the driver

struct http_request {
  std::string method;
  std::string target;  // path and query, e.g. "/api/v10/gateway/bot"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// How an answer travels, if not at once and whole; only with faults on.
struct delivery {
  bool broken = false;              // no answer: the connection is reset
  bool silent = false;              // no answer, the connection stays open until the client or the driver gives up
  base::duration delay{};           // before the first byte
  std::uint64_t bytes_a_second = 0;  // of the body; 0: as fast as it goes
  std::optional<std::size_t> cut_after;  // bytes of the body; then the connection is reset
};

struct http_response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>>
      headers;  // Content-Type, X-RateLimit-*, Retry-After, Via, Date …
  std::string body;
  guild::delivery delivery = {};
};

// Something to be said to a gateway connection: a text frame, or (with close_code) the close frame that ends
// it. Code 1006: no frame, the connection vanishes.
struct outgoing_frame {
  connection_id to = 0;
  std::string text;
  std::optional<int> close_code;
};

struct attachment_write {
  base::attachment_id id;
  std::string bytes;
};

// What one input caused. The driver first makes `attachments` and then `records` durable, and only then sends
// `response` and `frames`: nothing that anybody was told is ever lost.
struct effects {
  std::optional<http_response> response;  // set by handle()
  std::vector<outgoing_frame> frames;
  std::vector<attachment_write> attachments;
  std::vector<std::string> records;
  // No message shows these any more: the driver may delete their bytes, now or never. Not before `records`
  // are durable.
  std::vector<base::attachment_id> forgotten_attachments;
  // What the operator must hear of, a sentence each, for the log: a body that the disk does not give back.
  std::vector<std::string> complaints;
};

// Where the bytes of attachments are kept; files in a real guild, a map in simulation.
class attachment_store {
 public:
  virtual ~attachment_store() = default;
  virtual std::optional<std::string> read(base::attachment_id id) = 0;
};

struct credentials {
  base::guild_id guild;
  base::channel_id channel;  // a text channel "general" where people type commands
  base::application_id application;
  std::string bot_token;
  std::string owner_token;
};

struct core_options {
  std::string public_url =
      "http://127.0.0.1:8080";                  // what gateway and attachment URLs begin with (ws:// derived)
  bool rate_limits = true;
  rate_table limits;                            // if there are any: Discord's observed figures by default
  bool message_content_intent = true;           // as switched on in the developer portal
  bool members_intent = false;                  // the same for GUILD_MEMBERS
  std::chrono::milliseconds search_delay{2000};  // from writing to being found; Discord publishes none
  std::uint32_t search_misses_per_million = 0;   // messages that search never finds
  std::uint64_t bot_permissions = 0x8;          // of the bot's managed role; default ADMINISTRATOR
  std::size_t upload_limit = 10 * 1024 * 1024;  // bytes a file
  fault_plan faults;                            // what goes wrong; nothing by default
};

class core {
 public:
  // Replays `records` (in the order in which they were made durable). An error names the record that makes no
  // sense. When there are none, creates guild, owner, application and bot; the caller makes initial_effects()
  // durable.
  static base::result<std::unique_ptr<core>> open(core_options options, base::random_source& random,
                                                  attachment_store& attachments, base::system_time now,
                                                  const std::vector<std::string>& records);
  // The same, but bodies of messages may leave memory and are read from `reader` again. Both the history, during the call, and
  // the reader, always, are used on the core's strand.
  static base::result<std::unique_ptr<core>> open(core_options options, base::random_source& random,
                                                  attachment_store& attachments, base::system_time now,
                                                  core_history& history, record_reader& reader);
  virtual ~core() = default;

  virtual effects take_initial_effects() = 0;
  // With a reader: where the records lie that were emitted first of those without a place. They are durable.
  virtual void placed(std::span<const record_place>) {}
  // With a reader: everything until now. Takes some milliseconds for a million messages.
  virtual core_snapshot take_snapshot(base::system_time) { return {}; }
  // The bodies of that snapshot's messages, in its order, lie there as well, and soon only there.
  virtual void moved(const core_snapshot&, std::span<const record_place>) {}
  virtual credentials get_credentials() const = 0;
  virtual void set_public_url(std::string url) = 0;
  // From the next request on; windows that are open keep their end, but for those that end later than a new one would.
  virtual void set_limits(const rate_table&) {}
  // False: no message or open interaction shows it, its bytes are left over from before a restart.
  virtual bool knows_attachment(base::attachment_id) const { return true; }

  // In all channels.
  virtual std::size_t message_count() const { return 0; }

  virtual effects handle(const http_request& request, base::system_time now) = 0;

  // Gateway connections. `query` is the URL's query string ("v=10&encoding=json").
  virtual effects connect(connection_id id, std::string_view query, base::system_time now) = 0;
  virtual effects receive(connection_id id, std::string_view text, base::system_time now) = 0;
  // The peer closed (its code) or vanished (1006).
  virtual effects disconnect(connection_id id, int code, base::system_time now) = 0;

  // Heartbeat timeouts, expiring interactions. tick() is called at next_tick() or soon after.
  virtual std::optional<base::system_time> next_tick() const = 0;
  virtual effects tick(base::system_time now) = 0;
};

}  // namespace dbcord::guild
