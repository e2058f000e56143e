#pragma once
// interaction_client: a bot's answers to interactions: callback, edits of the first answer, follow-ups. The
// token in the path authenticates; priority callback; outside the global rate limit (Discord docs, Receiving
// and Responding).
//
// No state of its own; call from any executor. The scheduler outlives it. Errors: interaction_errc, and those
// of request_scheduler::send and database::store_errc. A callback that was sent and not answered gives
// transport_errc::interrupted: it may have been accepted.

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "discord/multipart.hpp"
#include "discord/request_scheduler.hpp"

namespace dbcord::discord {

enum class interaction_errc {
  expired = 1,          // 3 s until the first answer, 15 min in all; or an unknown token
  already_acknowledged  // somebody (an earlier delivery) has answered it
};
const boost::system::error_category& interaction_category() noexcept;
inline boost::system::error_code make_error_code(interaction_errc e) noexcept {
  return {static_cast<int>(e), interaction_category()};
}

// Interaction callback types (Discord docs, Receiving and Responding).
enum class callback_type {
  message = 4,
  deferred_message = 5,
  deferred_update = 6,
  update_message = 7,
  autocomplete = 8,
  modal = 9
};

class interaction_client {
 public:
  interaction_client(const actor::environment& env, request_scheduler& scheduler)
      : env_(env), scheduler_(scheduler) {}

  // `data` as in the docs (content, embeds, flags, choices …); allowed_mentions {parse: []} is added to
  // messages.
  actor::task<base::result<void>> respond(base::interaction_id id, std::string token, callback_type type,
                                          boost::json::object data, std::vector<file_part> files,
                                          base::steady_time deadline);
  // The message as it is now.
  actor::task<base::result<boost::json::object>> edit_original(base::application_id application,
                                                               std::string token, boost::json::object payload,
                                                               std::vector<file_part> files,
                                                               base::steady_time deadline);
  // The new message. Sent once: after an ambiguous answer it may be there.
  actor::task<base::result<boost::json::object>> follow_up(base::application_id application,
                                                           std::string token, boost::json::object payload,
                                                           std::vector<file_part> files,
                                                           base::steady_time deadline);
  actor::task<base::result<boost::json::object>> get_original(base::application_id application,
                                                              std::string token, base::steady_time deadline);

 private:
  const actor::environment& env_;
  request_scheduler& scheduler_;
};

}  // namespace dbcord::discord

template <>
struct boost::system::is_error_code_enum<dbcord::discord::interaction_errc> : std::true_type {};
