#include "guild/core_interaction_fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace dbcord::guild::test {

interaction_fixture::interaction_fixture(core_options given) : guild_fixture(std::move(given)) {
  define({});
  connect_bot(1);
  connect_owner(2);
}

void interaction_fixture::define(const json::array& options) {
  auto made = bot("POST", "/applications/" + application_id() + "/guilds/" + guild_id() + "/commands",
                  {{"name", "dbc"}, {"description", "d"}, {"options", options}});
  BOOST_REQUIRE_MESSAGE(made.status == 201 || made.status == 200, made.text);
  command = made.id();
  version = made.str("version");
}

json::object interaction_fixture::body(const json::array& options, int type) const {
  return {
      {"type", type},
      {"application_id", application_id()},
      {"guild_id", guild_id()},
      {"channel_id", channel_id()},
      {"session_id", "s"},
      {"nonce", "n1"},
      {"data", {{"id", command}, {"name", "dbc"}, {"type", 1}, {"version", version}, {"options", options}}}};
}

answer interaction_fixture::use(const json::array& options, int type) {
  return owner("POST", "/interactions", body(options, type));
}

used_interaction interaction_fixture::start(const json::array& options) {
  auto used = use(options);
  BOOST_REQUIRE_MESSAGE(used.status == 204, used.text);
  auto events = take_events(1, "INTERACTION_CREATE");
  BOOST_REQUIRE_EQUAL(events.size(), 1u);
  take_frames(2);
  return {std::string(at(events[0], "id").as_string()), std::string(at(events[0], "token").as_string()),
          events[0]};
}

answer interaction_fixture::callback(const used_interaction& i, int type, const json::value& data,
                                     bool with_response) {
  return request("POST",
                 "/api/v10/interactions/" + i.id + "/" + i.token + "/callback" +
                     (with_response ? "?with_response=true" : ""),
                 json::serialize(json::object{{"type", type}, {"data", data}}));
}

std::string interaction_fixture::webhook(const used_interaction& i, std::string_view rest) const {
  return "/api/v10/webhooks/" + application_id() + "/" + i.token + std::string(rest);
}

answer interaction_fixture::follow(std::string method, const used_interaction& i, std::string_view rest,
                                   const json::value& body) {
  return request(std::move(method), webhook(i, rest), body.is_null() ? std::string() : json::serialize(body));
}

}  // namespace dbcord::guild::test
