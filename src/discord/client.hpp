#pragma once
// client: the small REST calls that the app makes at start and a user client (exec, shell) makes while it
// runs.
//
// No state; call from any executor. The scheduler outlives it. Errors: those of request_scheduler::send, and
// database::store_errc with one sentence for people, Discord's own text in `detail`.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "discord/multipart.hpp"
#include "discord/request_scheduler.hpp"

namespace dbcord::discord {

struct gateway_info {
  std::string url;    // wss://…, no query string
  int total = 1'000;  // IDENTIFYs a day
  int remaining = 1'000;
  base::duration reset_after{};
  int max_concurrency = 1;
};

struct user_info {
  base::user_id id;
  std::string username;
  bool bot = false;
};

struct application_info {
  base::application_id id;
  std::string name;
  std::uint64_t flags = 0;
  // GATEWAY_MESSAGE_CONTENT or its _LIMITED twin is switched on in the developer portal.
  bool message_content() const { return (flags & ((1u << 18) | (1u << 19))) != 0; }
};

struct guild_info {
  base::guild_id id;
  std::string name;
  base::user_id owner;
};

// Bits of Discord docs, Permissions.
namespace permission {
inline constexpr std::uint64_t administrator = 1ull << 3;
inline constexpr std::uint64_t manage_channels = 1ull << 4;
inline constexpr std::uint64_t view_channel = 1ull << 10;
inline constexpr std::uint64_t send_messages = 1ull << 11;
inline constexpr std::uint64_t manage_messages = 1ull << 13;
inline constexpr std::uint64_t embed_links = 1ull << 14;
inline constexpr std::uint64_t attach_files = 1ull << 15;
inline constexpr std::uint64_t read_message_history = 1ull << 16;
inline constexpr std::uint64_t manage_roles = 1ull << 28;
inline constexpr std::uint64_t manage_threads = 1ull << 34;
inline constexpr std::uint64_t create_public_threads = 1ull << 35;
inline constexpr std::uint64_t send_messages_in_threads = 1ull << 38;
// What dbcord needs in its guild.
inline constexpr std::uint64_t needed = manage_channels | view_channel | send_messages | manage_messages |
                                        embed_links | attach_files | read_message_history | manage_roles;
// What it needs for threads of rows, and to erase them.
inline constexpr std::uint64_t for_threads = create_public_threads | send_messages_in_threads | manage_threads;
}  // namespace permission

struct permission_report {
  std::uint64_t effective =
      0;  // in the guild, before channel overwrites; all bits for owner and administrator
  std::vector<std::string> missing;  // as Discord's settings name them, "Manage Channels"
  std::vector<base::role_id> roles = {};  // of the caller, @everyone among them
};

class client {
 public:
  client(const actor::environment& env, request_scheduler& scheduler) : env_(env), scheduler_(scheduler) {}

  const request_scheduler& scheduler() const { return scheduler_; }
  actor::task<base::result<gateway_info>> gateway_bot(base::steady_time deadline);
  actor::task<base::result<user_info>> me(base::steady_time deadline);
  actor::task<base::result<application_info>> application(base::steady_time deadline);
  actor::task<base::result<guild_info>> guild(base::guild_id id, base::steady_time deadline);
  // All of the guild, @everyone (whose id is the guild's) included.
  actor::task<base::result<std::vector<base::role_id>>> roles(base::guild_id guild, base::steady_time deadline);
  // Of the caller, `self`, in the guild.
  actor::task<base::result<permission_report>> permissions(base::guild_id guild, base::user_id self,
                                                           std::uint64_t needed, base::steady_time deadline);
  // Replaces all commands of the application in the guild; answers them with their ids.
  actor::task<base::result<boost::json::array>> put_guild_commands(base::application_id application,
                                                                   base::guild_id guild,
                                                                   boost::json::array commands,
                                                                   base::steady_time deadline);
  actor::task<base::result<boost::json::array>> guild_commands(base::application_id application,
                                                               base::guild_id guild,
                                                               base::steady_time deadline);
  // What a person's client sends for a slash command, button or modal: POST /interactions. `payload` is the
  // whole body: {type, application_id, guild_id, channel_id, session_id, nonce, data}. Not repeated after an
  // ambiguous answer. transport_errc::not_sent: nobody was reached.
  actor::task<base::result<void>> create_interaction(boost::json::object payload,
                                                     std::vector<file_part> files,
                                                     base::steady_time deadline);
  actor::task<base::result<boost::json::object>> message(base::channel_id channel, base::message_id id,
                                                         base::steady_time deadline);
  // Bytes behind an attachment's URL; sent without the token.
  actor::task<base::result<std::string>> download(std::string url, base::steady_time deadline);

 private:
  const actor::environment& env_;
  request_scheduler& scheduler_;
};

}  // namespace dbcord::discord
