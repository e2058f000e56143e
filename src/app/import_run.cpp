#include "app/import_run.hpp"

#include <fmt/format.h>

#include "app/client_connection.hpp"
#include "app/command_call.hpp"
#include "app/print_line.hpp"
#include "app/reply_message.hpp"
#include "bot/message_rendering.hpp"
#include "commands/import_summary.hpp"
#include "protocol/names.hpp"

namespace dbcord::app {
namespace {

constexpr base::duration file_time = std::chrono::minutes(2);

constexpr std::string_view key_option = "--key: ";

// As a refusal of `dbcord import`, which has another name for what tells rows apart.
std::string sentence_of(const boost::json::object& reply) {
  auto text = text_of(reply);
  if (text.starts_with(bot::failure_mark)) text.erase(0, bot::failure_mark.size());
  for (std::string_view argument : {"pk: ", "key_field: "})
    if (text.starts_with(argument)) text.replace(0, argument.size(), key_option);
  return text;
}

}  // namespace

import_run::import_run(const actor::environment& env, user_session& session, import_target target, import_chunks chunks,
                       import_tally& tally)
    : env_(env), session_(session), target_(std::move(target)), chunks_(std::move(chunks)), tally_(tally),
      strand_(env.make_strand()), workers_(env, "import"), bar_(stderr, chunks_.rows()) {}

actor::task<std::string> import_run::run() {
  co_await make_table();
  begun_ = env_.now();
  auto at_once = target_.upsert ? 1 : chunks_in_flight;  // of rows with one key in several chunks the last one is to stay
  for (std::size_t i = 0; i < at_once; ++i) workers_.spawn(strand_, work());
  co_await workers_.join(base::steady_time::max());
  co_return why_;
}

// Refused if there is such a table already; whatever else is wrong, the first chunk's reply says it, but for a name or key that no table could have.
actor::task<void> import_run::make_table() {
  auto call = make_call("dbc_table_create", {{"database", target_.database}, {"table", target_.table}, {"pk", target_.key}});
  auto reply = co_await session_.run(std::move(call), env_.after(reply_limit));
  if (!reply) co_return end(reply.error().message);
  auto text = sentence_of(*reply);
  bool unusable = !protocol::is_usable_name(target_.table) || text.starts_with(key_option);
  if (is_failure(*reply) && unusable) end(text);
  if (!is_failure(*reply))
    print_line(stderr, fmt::format("made table {}.{} with the key {}", target_.database, target_.table, target_.key));
}

actor::task<void> import_run::work() {
  while (!ended_) {
    auto chunk = chunks_.next();
    if (!chunk) co_return;
    co_await send(*chunk);
    settled_ += chunk->lines.size();
    bar_.show(settled_, env_.now() - begun_);
  }
}

actor::task<void> import_run::send(const import_chunk& chunk) {
  discord::file_part file{chunks_.file_name(), chunk.bytes};
  std::function<bool()> go_on = [this] { return !ended_; };
  auto reply = co_await upload_rows(env_, session_, target_, std::move(file), std::move(go_on));
  if (!reply) {
    if (may_have_been_done(reply.error())) tally_.all_unknown(chunk);  // else its rows are not sent
    end(reply.error().message);
    co_return;
  }
  auto message = std::move(*reply);
  co_await settle(chunk, message);
}

actor::task<void> import_run::settle(const import_chunk& chunk, const boost::json::object& reply) {
  auto text = sentence_of(reply);
  auto counts = commands::parse_import_sentence(text);
  if (!counts) {
    tally_.all_refused(chunk, text);
    end(text);
    co_return;
  }
  std::string refusals;
  for (auto& attachment : attachments_of(reply)) {
    if (attachment.filename != commands::refused_file) continue;
    auto bytes = co_await session_.download(attachment.url, env_.after(file_time));
    if (bytes) refusals = std::move(*bytes);
  }
  if (!tally_.settle(chunk, counts->accepted, refusals))
    end("the list of refused rows could not be read; which rows of the last chunk were accepted is not known");
}

void import_run::end(std::string why) {
  if (!ended_) why_ = std::move(why);
  ended_ = true;
}

}  // namespace dbcord::app
