#pragma once
// How exec, shell and import come to a session: from the directory of a local guild, or a URL and a token.
// Owned by the front door for as long as it works. Lives on the caller's environment.

#include <memory>

#include "app/options.hpp"
#include "app/user_session.hpp"
#include "discord/beast_transport.hpp"

namespace dbcord::app {

base::result<user_identity> identify(const client_options& options);

class client_connection {
 public:
  client_connection(const actor::environment& env, user_identity who) : net_(env), session_(env, net_, std::move(who)) {}
  user_session& session() { return session_; }

 private:
  discord::beast_transport net_;
  user_session session_;
};

inline constexpr base::duration connect_limit = std::chrono::seconds(10);
// An interaction's token lives that long (Discord docs, Receiving and Responding); nobody answers after it.
inline constexpr base::duration reply_limit = std::chrono::minutes(15);

}  // namespace dbcord::app
