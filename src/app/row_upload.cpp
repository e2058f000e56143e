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

command_call import_call(const import_target& target, const std::string& bytes) {
  auto call = make_call("dbc_import", {{"database", target.database}, {"table", target.table}, {"key_field", target.key}});
  commands::parsed_argument file{"file", commands::argument_kind::attachment, std::string("rows.jsonl")};
  call.line.arguments.push_back(std::move(file));
  call.files = [&bytes](const std::string& name) -> base::result<discord::file_part> {
    discord::file_part part;
    part.filename = name;
    part.bytes = bytes;
    return part;
  };
  return call;
}

}  // namespace

actor::task<base::result<boost::json::object>> upload_rows(const actor::environment& env, user_session& session, import_target target,
                                                           std::string json_lines) {
  for (int attempt = 1;; ++attempt) {
    auto reply = co_await session.run(import_call(target, json_lines), env.after(reply_limit));
    if (!reply || !may_come_again(*reply) || attempt == attempts_max) co_return std::move(reply);
    co_await actor::sleep_for(env, attempt_pause);
  }
}

}  // namespace dbcord::app
