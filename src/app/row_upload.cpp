#include "app/row_upload.hpp"

#include "actor/event.hpp"
#include "app/client_connection.hpp"
#include "app/command_call.hpp"
#include "app/reply_message.hpp"

namespace dbcord::app {
namespace {

// What a refusal for lack of room ends with; nothing was changed then and the same rows may be sent again.
constexpr std::string_view come_again = "try again in a moment";
constexpr int attempts_max = 30;
constexpr base::duration attempt_pause = std::chrono::seconds(2);

bool may_come_again(const boost::json::object& reply) {
  return is_failure(reply) && text_of(reply).find(come_again) != std::string::npos;
}

command_call import_call(const import_target& target, const discord::file_part& rows) {
  auto call = make_call("dbc_import", {{"database", target.database}, {"table", target.table}, {"key_field", target.key}});
  if (target.upsert) call.line.arguments.push_back({"mode", commands::argument_kind::text, std::string("upsert")});
  return with_file(std::move(call), rows);
}

}  // namespace

actor::task<base::result<boost::json::object>> upload_rows(const actor::environment& env, user_session& session, import_target target,
                                                           discord::file_part rows, std::function<bool()> go_on) {
  for (int attempt = 1;; ++attempt) {
    auto reply = co_await session.run(import_call(target, rows), env.after(reply_limit));
    if (!reply || !may_come_again(*reply) || attempt == attempts_max) co_return std::move(reply);
    co_await actor::sleep_for(env, attempt_pause);
    if (go_on && !go_on()) co_return std::move(reply);
  }
}

}  // namespace dbcord::app
