#pragma once
// rest_message_store: database::message_store over Discord's REST API. The promises are those of
// message_store.hpp.
//
// No state but who we are; call from any executor. The scheduler outlives it. Every message is sent with
// allowed_mentions {parse: []} and flags SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS, so that stored text pings
// nobody.

#include "database/message_store.hpp"
#include "discord/request_scheduler.hpp"

namespace dbcord::discord {

struct store_identity {
  base::guild_id guild;
  base::user_id self;  // the bot's user
};

class rest_message_store final : public database::message_store {
 public:
  rest_message_store(const actor::environment& env, request_scheduler& scheduler, store_identity who)
      : env_(env), scheduler_(scheduler), who_(who) {}

  base::user_id self() const override { return who_.self; }
  base::guild_id guild() const override { return who_.guild; }

  actor::task<base::result<database::dated<database::stored_message>>> post(
      base::channel_id channel, database::new_message message, database::call_options options) override;
  actor::task<base::result<database::dated<std::vector<database::stored_message>>>> history_after(
      base::channel_id channel, base::message_id after, int limit, database::call_options options) override;
  actor::task<base::result<database::dated<std::vector<database::stored_message>>>> history_before(
      base::channel_id channel, base::message_id before, int limit, database::call_options options) override;
  actor::task<base::result<database::dated<database::stored_message>>> fetch(
      base::channel_id channel, base::message_id message, database::call_options options) override;
  actor::task<base::result<database::search_page>> search(database::search_request request,
                                                          database::call_options options) override;
  actor::task<base::result<std::string>> download(database::attachment_info attachment,
                                                  database::call_options options) override;
  actor::task<base::result<void>> remove(base::channel_id channel, base::message_id message,
                                         database::call_options options) override;
  actor::task<base::result<void>> remove_many(base::channel_id channel, std::vector<base::message_id> messages,
                                              database::call_options options) override;
  actor::task<base::result<database::dated<std::vector<database::channel_info>>>> channels(
      database::call_options options) override;
  actor::task<base::result<database::dated<database::channel_info>>> create_channel(
      database::new_channel channel, database::call_options options) override;
  actor::task<base::result<void>> delete_channel(base::channel_id channel,
                                                 database::call_options options) override;

 private:
  actor::task<base::result<database::dated<std::vector<database::stored_message>>>> history(
      base::channel_id channel, std::string query, database::call_options options);

  const actor::environment& env_;
  request_scheduler& scheduler_;
  store_identity who_;
};

}  // namespace dbcord::discord
