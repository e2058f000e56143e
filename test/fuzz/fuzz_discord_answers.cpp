// What Discord answers, as the client reads it: messages, channels, errors, interactions, and the URLs in them. Input: a body.

#include "bot/interaction.hpp"
#include "discord/api_error.hpp"
#include "discord/beast_transport_url.hpp"
#include "discord/json_read.hpp"
#include "discord/message_json.hpp"
#include "fuzz/fuzz_input.hpp"

using namespace dbcord;

DBCORD_FUZZ_TARGET(fuzz_discord_answers, data, size) {
  auto text = fuzz::text_of(data, size);
  (void)discord::read_message(text);
  (void)discord::read_messages(text);
  (void)discord::read_channel(text);
  (void)discord::read_channels(text);
  (void)discord::read_api_error(text);
  if (auto event = discord::parse_object(text)) (void)bot::parse_interaction(*event);
  (void)discord::parse_url(text, discord::url_kind::http);
  (void)discord::parse_url(text, discord::url_kind::websocket);
  return 0;
}
