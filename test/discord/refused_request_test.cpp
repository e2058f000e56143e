// What Discord refuses for lack of a permission, which it does not name.

#include <boost/test/unit_test.hpp>

#include "discord/api_error.hpp"
#include "discord/refused_request.hpp"
#include "discord/guild_fixture.hpp"

namespace dbcord::discord::test {

using database::store_errc;

BOOST_AUTO_TEST_SUITE(refused_requests)

BOOST_AUTO_TEST_CASE(each_kind_of_request_names_the_permission_that_it_needs_and_where) {
  struct expectation {
    request_kind kind;
    const char* text;
  };
  const base::channel_id where{5};
  for (auto [kind, text] : std::vector<expectation>{
           {request_kind::write_message, "the bot lacks Send Messages in <#5>, if that is a thread Send Messages in Threads"},
           {request_kind::write_files,
            "the bot lacks a permission in <#5>: it needs Send Messages and Attach Files, if that is a thread Send Messages in Threads"},
           {request_kind::read_messages, "the bot lacks Read Message History in <#5>"},
           {request_kind::delete_message, "the bot lacks Manage Messages in <#5>"},
           {request_kind::delete_messages, "the bot lacks Manage Messages in <#5>"},
           {request_kind::create_channel, "the bot lacks Manage Channels in <#5>"},
           {request_kind::create_private_channel,
            "the bot lacks Manage Channels in <#5>, or one of the permissions that it gives itself in a new channel: View Channels, Send Messages, Manage Messages, "
            "Embed Links, Attach Files and Read Message History"},
           {request_kind::delete_channel, "the bot lacks Manage Channels in <#5>, if that is a thread Manage Threads"},
           {request_kind::list_threads, "the bot lacks Read Message History in <#5>"},
           {request_kind::make_thread, "the bot lacks Create Public Threads in <#5>"}}) {
    BOOST_TEST(missing_permission_text({kind, where}, 50013) == text);
    BOOST_TEST(missing_permission_text({kind, where}, 50001) == "the bot cannot see <#5>; give it View Channels there");
  }
  BOOST_TEST(missing_permission_text({request_kind::create_channel, {}}, 50013) == "the bot lacks Manage Channels in this server");
  BOOST_TEST(missing_permission_text({request_kind::create_channel, {}}, 50001) == "the bot has no access to this server");
}

// The guild is asked for each of them by a bot that may do nothing.
BOOST_AUTO_TEST_CASE(the_store_says_so_of_what_the_guild_refuses) {
  guild::core_options o;
  o.bot_permissions = permission::view_channel;
  guild_fixture f(o);
  auto owner_options = f.options(f.guild.credentials().owner_token);
  auto& owner = f.process->make<request_scheduler>(f.env, f.transport, owner_options);
  rest_request deny;  // what everybody has by default
  deny.method = "PUT";
  deny.route = "/channels/{}/permissions/{}";
  deny.top_level = f.general().str();
  deny.path = "/channels/" + f.general().str() + "/permissions/" + f.guild.credentials().guild.str();
  auto denied = permission::send_messages | permission::read_message_history | permission::create_public_threads;
  deny.body = "{\"type\":0,\"allow\":\"0\",\"deny\":\"" + std::to_string(denied) + "\"}";
  deny.headers.emplace_back("Content-Type", "application/json");
  deny.deadline = f.after(1min);
  BOOST_REQUIRE(f.run(owner.send(std::move(deny)))->status == 204);
  auto here = " in <#" + f.general().str() + ">";
  auto said = [](const base::error& e) { return e.code == store_errc::forbidden ? e.message : "other: " + e.message; };
  BOOST_TEST(said(f.run(f.store.post(f.general(), text("x"), f.within())).error()) ==
             "Writing the message failed: the bot lacks Send Messages" + here + ", if that is a thread Send Messages in Threads.");
  BOOST_TEST(said(f.run(f.store.fetch(f.general(), base::message_id{5}, f.within())).error()) ==
             "Reading the message failed: the bot lacks Read Message History" + here + ".");
  BOOST_TEST(said(f.run(f.store.remove_many(f.general(), {base::message_id{5}, base::message_id{6}}, f.within())).error()) ==
             "Deleting messages failed: the bot lacks Manage Messages" + here + ".");
  BOOST_TEST(said(f.run(f.store.create_channel({database::channel_kind::text, "new", {}, {}, false}, f.within())).error()) ==
             "Creating the channel failed: the bot lacks Manage Channels in this server.");
  BOOST_TEST(said(f.run(f.store.delete_channel(f.general(), f.within())).error()) ==
             "Deleting the channel failed: the bot lacks Manage Channels" + here + ", if that is a thread Manage Threads.");
}

// Whether a request that only reads was carried out is no question for anybody.
BOOST_AUTO_TEST_CASE(a_read_without_an_answer_was_not_done_and_says_so) {
  constexpr std::string_view what = "Reading the message";
  discord::rest_response failed;
  failed.status = 502;
  auto lost = discord::translate(base::error(discord::transport_errc::interrupted), what);
  for (auto e : {lost, discord::translate(failed, what)}) {
    BOOST_TEST((e.code == database::store_errc::unknown));
    auto read = discord::of_reading(e, what);
    BOOST_TEST((read.code == database::store_errc::not_done));
    BOOST_TEST(read.message == "Reading the message failed: Discord did not answer it; try again later.");
    BOOST_TEST(read.detail == e.detail);
  }
  failed.status = 403;
  auto forbidden = discord::translate(failed, what);
  BOOST_TEST((discord::of_reading(forbidden, what).code == forbidden.code));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::discord::test
