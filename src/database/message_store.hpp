#pragma once
// The message_store port: the database's only view of Discord. The implementation (discord/rest_message_store) adds
// authentication, rate limits, retries that are certain to be harmless, and the translation of errors.
// Any executor; concurrent calls are allowed. It outlives the calls made on it.

#include <optional>
#include <string>
#include <vector>

#include "actor/environment.hpp"
#include "database/errors.hpp"
#include "database/message_search.hpp"
#include "dbcord/base/ids.hpp"

namespace dbcord::database {

enum class priority { callback, commit, interactive, read, materialise, maintenance };

struct call_options {
  priority level = priority::interactive;
  base::steady_time deadline;
};

// Every answer says what Discord's clock showed (HTTP Date, whole seconds): fencing rests on it, never on our clock.
template <class T>
struct dated {
  T value;
  base::system_time date;
};

// How much of the rate limit that the call was counted in is left; absent when the server sent no headers.
struct pacing {
  int limit = 0;
  int remaining = 0;
  base::duration reset_after{};
};

struct attachment_info {
  base::attachment_id id;
  std::string filename;
  std::uint64_t size = 0;  // bytes
  std::string url;         // signed, expires
};

struct stored_message {
  base::message_id id;
  base::channel_id channel;
  base::user_id author;
  std::string content;
  std::vector<attachment_info> attachments;
  std::optional<pacing> rate;  // only in the answer of post()
};

struct new_attachment {
  std::string filename;  // [A-Za-z0-9_.-]
  std::string bytes;
};

struct new_message {
  std::string content;  // at most 2,000 code points; ASCII (see protocol/ascii_json)
  std::vector<new_attachment> attachments;
  std::string nonce;    // at most 25 characters, unique to this attempt; sent with enforce_nonce
};

enum class channel_kind { text = 0, category = 4 };

struct channel_info {
  base::channel_id id;
  channel_kind kind = channel_kind::text;
  std::string name;
  std::string topic;
  base::channel_id parent;            // zero: none
  base::message_id last_message;      // zero: none or not known
};

struct new_channel {
  channel_kind kind = channel_kind::text;
  std::string name;
  std::string topic;
  base::channel_id parent;
  bool private_to_bot = false;  // deny @everyone viewing and sending
};

class message_store {
 public:
  virtual ~message_store() = default;

  // Who we are: only records by this author count.
  virtual base::user_id self() const = 0;
  virtual base::guild_id guild() const = 0;

  // Sends once; after an ambiguous answer once more with the same nonce. store_errc::unknown unless every send was refused
  // for certain or the answer echoes the content. The echo is compared: an altered content is store_errc::content_refused
  // with detail "altered" if no earlier send may have been applied; else store_errc::unknown, since that one may stand there unaltered.
  virtual actor::task<base::result<dated<stored_message>>> post(base::channel_id channel, new_message message,
                                                                call_options options) = 0;
  // Up to `limit` (1-100) messages with ids above `after`, oldest first (the port sorts).
  virtual actor::task<base::result<dated<std::vector<stored_message>>>> history_after(
      base::channel_id channel, base::message_id after, int limit, call_options options) = 0;
  // The newest `limit` (1-100) messages with ids below `before` (zero: the newest of all), oldest first.
  virtual actor::task<base::result<dated<std::vector<stored_message>>>> history_before(
      base::channel_id channel, base::message_id before, int limit, call_options options) = 0;
  virtual actor::task<base::result<dated<stored_message>>> fetch(base::channel_id channel, base::message_id message,
                                                                 call_options options) = 0;
  // One page of what guild search finds of a word in a channel.
  virtual actor::task<base::result<search_page>> search(search_request request, call_options options) = 0;
  virtual actor::task<base::result<std::string>> download(attachment_info attachment, call_options options) = 0;
  // Repeating it is harmless: a message that is gone already counts as removed.
  virtual actor::task<base::result<void>> remove(base::channel_id channel, base::message_id message,
                                                 call_options options) = 0;
  // 2 to 100 messages younger than 14 days, at once. Repeating it is harmless.
  virtual actor::task<base::result<void>> remove_many(base::channel_id channel, std::vector<base::message_id> messages,
                                                      call_options options) = 0;

  virtual actor::task<base::result<dated<std::vector<channel_info>>>> channels(call_options options) = 0;
  // Not idempotent: after store_errc::unknown look for the topic among channels().
  virtual actor::task<base::result<dated<channel_info>>> create_channel(new_channel channel, call_options options) = 0;
  virtual actor::task<base::result<void>> delete_channel(base::channel_id channel, call_options options) = 0;
};

}  // namespace dbcord::database
