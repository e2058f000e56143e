// Components and modals, and commands of context menus: what is shown, what may come back.

#include <boost/test/unit_test.hpp>

#include "guild/core_interaction_fixture.hpp"

namespace dbcord::guild::test {
namespace {

json::object row(json::value component) {
  return {{"type", 1}, {"components", {std::move(component)}}};
}
json::object button(std::string_view id) {
  return {{"type", 2}, {"style", 1}, {"label", "go"}, {"custom_id", id}};
}
json::object field(std::string_view id, json::object more = {}) {
  json::object made{{"type", 4}, {"style", 1}, {"custom_id", id}};
  for (auto& [key, value] : more) made[key] = value;
  return made;
}
json::object labelled(json::object component) {
  return {{"type", 18}, {"label", "Value"}, {"component", std::move(component)}};
}
json::object modal(json::array components) {
  return {{"custom_id", "edit"}, {"title", "Edit a row"}, {"components", std::move(components)}};
}
json::object filled(std::string_view id, std::string_view value) {
  return labelled({{"type", 4}, {"custom_id", id}, {"value", value}});
}

struct modal_fixture : interaction_fixture {
  // A message of the bot with these components.
  std::string show(const json::array& components) {
    auto made = bot("POST", channel_path() + "/messages", {{"content", "pick"}, {"components", components}});
    BOOST_REQUIRE_MESSAGE(made.status == 200, made.text);
    take_frames(1), take_frames(2);
    return made.id();
  }
  answer refused(const json::array& components) {
    return bot("POST", channel_path() + "/messages", {{"content", "pick"}, {"components", components}});
  }
  answer act(int type, json::object data, json::object more = {}) {
    json::object request{{"type", type},           {"application_id", application_id()},
                         {"guild_id", guild_id()}, {"channel_id", channel_id()},
                         {"session_id", "s"},      {"data", std::move(data)}};
    for (auto& [key, value] : more) request[key] = value;
    return owner("POST", "/interactions", request);
  }
  used_interaction taken() {
    auto events = take_events(1, "INTERACTION_CREATE");
    BOOST_REQUIRE_EQUAL(events.size(), 1u);
    return {std::string(at(events[0], "id").as_string()), std::string(at(events[0], "token").as_string()),
            events[0]};
  }
  answer use_component(const std::string& message, json::object data) {
    return act(3, std::move(data), {{"message_id", message}});
  }
  // Answers a command with that modal; gives the interaction.
  used_interaction open(const json::object& shown) {
    auto i = start();
    auto answered = callback(i, 9, shown);
    BOOST_REQUIRE_MESSAGE(answered.status == 204, answered.text);
    return i;
  }
  answer submit(const used_interaction& i, json::array components, std::string_view custom_id = "edit") {
    return act(5, {{"id", i.id}, {"custom_id", custom_id}, {"components", std::move(components)}});
  }
  std::string define_menu(int type) {
    auto made = bot("POST", "/applications/" + application_id() + "/guilds/" + guild_id() + "/commands",
                    {{"name", "menu"}, {"type", type}});
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.text);
    return made.id();
  }
};

BOOST_FIXTURE_TEST_SUITE(core_modal, modal_fixture)

BOOST_AUTO_TEST_CASE(components_that_discord_refuses_are_refused_by_place) {
  auto code = [&](const json::array& components, const char* place) {
    auto answered = refused(components);
    BOOST_TEST(answered.code() == 50035);
    return answered.str(std::string("errors.components.") + place + "._errors.0.code");
  };
  BOOST_TEST(code({button("a")}, "0.type") == "BASE_TYPE_CHOICES");
  BOOST_TEST(code({row(button("a")), row(button("a"))}, "1.components.0.custom_id") ==
             "COMPONENT_CUSTOM_ID_DUPLICATED");
  BOOST_TEST(code({row({{"type", 2}, {"style", 1}, {"label", "x"}})}, "0.components.0.custom_id") ==
             "BASE_TYPE_REQUIRED");
  BOOST_TEST(code({row({{"type", 2}, {"style", 1}, {"custom_id", "x"}})}, "0.components.0") ==
             "BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL");
  BOOST_TEST(code({row({{"type", 2}, {"style", 5}, {"label", "x"}, {"url", "ftp://x"}})},
                  "0.components.0.url") == "URL_TYPE_INVALID_SCHEME");
  BOOST_TEST(code({row({{"type", 3}, {"custom_id", "x"}, {"options", json::array()}})},
                  "0.components.0.options") == "BASE_TYPE_BAD_LENGTH");
  json::object twice{{"label", "l"}, {"value", "v"}};
  BOOST_TEST(code({row({{"type", 3}, {"custom_id", "x"}, {"options", {twice, twice}}})},
                  "0.components.0.options.1.value") == "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED");
  BOOST_TEST(code({row(field("x"))}, "0.components.0.type") == "BASE_TYPE_CHOICES");
  json::array six;
  for (auto id : {"a", "b", "c", "d", "e", "f"}) six.push_back(row(button(id)));
  BOOST_TEST(refused(six).code() == 50035);
}

BOOST_AUTO_TEST_CASE(a_select_brings_values_that_it_offers) {
  json::array options;
  for (auto v : {"a", "b", "c"}) options.push_back({{"label", v}, {"value", v}});
  auto message = show({row({{"type", 3}, {"custom_id", "s"}, {"options", options}, {"max_values", 2}})});
  BOOST_TEST(use_component(message, {{"custom_id", "s"}, {"values", {"x"}}}).code() == 50035);
  BOOST_TEST(use_component(message, {{"custom_id", "s"}, {"values", {"a", "b", "c"}}}).code() == 50035);
  BOOST_TEST(use_component(message, {{"custom_id", "s"}, {"values", {"a", "a"}}}).code() == 50035);
  BOOST_TEST(use_component(message, {{"custom_id", "s"}, {"values", json::array()}}).code() == 50035);
  BOOST_TEST(use_component(message, {{"custom_id", "s"}, {"values", {"c", "a"}}}).status == 204);
  auto i = taken();
  BOOST_TEST(at(i.event, "type").as_int64() == 3);
  BOOST_TEST(at(i.event, "data.component_type").as_int64() == 3);
  BOOST_TEST(json::serialize(at(i.event, "data.values")) == R"(["c","a"])");
  BOOST_TEST(at(i.event, "message.id").as_string() == message);
}

BOOST_AUTO_TEST_CASE(what_a_select_names_is_resolved) {
  auto message = show({row({{"type", 8}, {"custom_id", "c"}}), row({{"type", 5}, {"custom_id", "u"}})});
  BOOST_TEST(use_component(message, {{"custom_id", "c"}, {"values", {"12345"}}}).code() == 50035);
  BOOST_TEST(use_component(message, {{"custom_id", "c"}, {"values", {channel_id()}}}).status == 204);
  BOOST_TEST(at(taken().event, "data.resolved.channels." + channel_id() + ".id").as_string() == channel_id());
  BOOST_TEST(use_component(message, {{"custom_id", "u"}, {"values", {application_id()}}}).status == 204);
  BOOST_TEST(has(taken().event, "data.resolved.members." + application_id() + ".roles"));
}

BOOST_AUTO_TEST_CASE(a_modal_is_shown_to_the_user_and_comes_back_filled_in) {
  auto i = open(modal({labelled(field("key")), labelled(field("note", {{"required", false}}))}));
  auto shown = take_events(2, "INTERACTION_MODAL_CREATE");
  BOOST_REQUIRE_EQUAL(shown.size(), 1u);
  BOOST_TEST(at(shown[0], "title").as_string() == "Edit a row");
  BOOST_TEST(at(shown[0], "id").as_string() == i.id);
  BOOST_TEST(at(shown[0], "components.0.component.id").as_int64() > 0);
  BOOST_TEST(submit(i, {filled("key", "u_1")}).status == 204);
  auto answered = taken();
  BOOST_TEST(at(answered.event, "type").as_int64() == 5);
  BOOST_TEST(at(answered.event, "data.custom_id").as_string() == "edit");
  BOOST_TEST(at(answered.event, "data.components.0.type").as_int64() == 18);
  BOOST_TEST(at(answered.event, "data.components.0.component.custom_id").as_string() == "key");
  BOOST_TEST(at(answered.event, "data.components.0.component.value").as_string() == "u_1");
  BOOST_TEST(at(answered.event, "data.components.1.component.value").as_string() == "");
  BOOST_TEST(callback(answered, 4, {{"content", "saved"}}).status == 204);
  auto made = follow("GET", answered, "/messages/@original");
  BOOST_TEST(made.at("interaction_metadata.type").as_int64() == 5);
  BOOST_TEST(made.str("interaction_metadata.triggering_interaction_metadata.id") == i.id);
  BOOST_TEST(made.str("interaction_metadata.triggering_interaction_metadata.name") == "dbc");
  restart();
  auto kept = bot("GET", channel_path() + "/messages/" + made.id());
  BOOST_TEST(kept.str("interaction_metadata.triggering_interaction_metadata.id") == i.id);
}

BOOST_AUTO_TEST_CASE(the_old_form_of_a_modal_comes_back_in_rows) {
  auto input = field("key", {{"label", "Key"}});
  auto i = open(modal({row(input)}));
  BOOST_TEST(submit(i, {row({{"type", 4}, {"custom_id", "key"}, {"value", "v"}})}).status == 204);
  auto answered = taken();
  BOOST_TEST(at(answered.event, "data.components.0.type").as_int64() == 1);
  BOOST_TEST(at(answered.event, "data.components.0.components.0.value").as_string() == "v");
}

BOOST_AUTO_TEST_CASE(selects_and_choices_stand_in_modals_too) {
  json::array options{{{"label", "A"}, {"value", "a"}}, {{"label", "B"}, {"value", "b"}}};
  auto i = open(modal({labelled({{"type", 3}, {"custom_id", "s"}, {"options", options}}),
                       labelled({{"type", 21}, {"custom_id", "r"}, {"options", options}}),
                       labelled({{"type", 23}, {"custom_id", "c"}})}));
  auto pick = [](int type, const char* id, const char* key, json::value value) {
    return labelled({{"type", type}, {"custom_id", id}, {key, std::move(value)}});
  };
  BOOST_TEST(submit(i, {pick(3, "s", "values", {"x"}), pick(21, "r", "value", "a")}).code() == 50035);
  BOOST_TEST(submit(i, {pick(3, "s", "values", {"b"}), pick(21, "r", "value", "z")}).code() == 50035);
  auto sent =
      submit(i, {pick(3, "s", "values", {"b"}), pick(21, "r", "value", "a"), pick(23, "c", "value", true)});
  BOOST_TEST(sent.status == 204);
  auto answered = taken();
  BOOST_TEST(at(answered.event, "data.components.0.component.values.0").as_string() == "b");
  BOOST_TEST(at(answered.event, "data.components.1.component.value").as_string() == "a");
  BOOST_TEST(at(answered.event, "data.components.2.component.value").as_bool());
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_the_modal_is_refused) {
  auto i = open(modal({labelled(field("key", {{"min_length", 3}, {"max_length", 5}}))}));
  BOOST_TEST(submit(i, {}).code() == 50035);
  BOOST_TEST(submit(i, {filled("key", "ab")}).code() == 50035);
  BOOST_TEST(submit(i, {filled("key", "abcdef")}).code() == 50035);
  BOOST_TEST(submit(i, {filled("key", "abc")}, "other").code() == 50035);
  BOOST_TEST(submit({"123", "", {}}, {filled("key", "abc")}).code() == 10062);
  BOOST_TEST(submit(i, {filled("key", "abc")}).status == 204);
  BOOST_TEST(submit(i, {filled("key", "abc")}).code() == 10062);  // once only
}

BOOST_AUTO_TEST_CASE(senseless_modals_are_refused_and_the_interaction_stays_open) {
  auto i = start();
  BOOST_TEST(callback(i, 9, modal({})).code() == 50035);
  BOOST_TEST(callback(i, 9, modal({row(button("a"))})).code() == 50035);
  BOOST_TEST(callback(i, 9, {{"title", "t"}, {"components", {labelled(field("a"))}}}).code() == 50035);
  BOOST_TEST(callback(i, 9, modal({labelled(field("a")), labelled(field("a"))})).code() == 50035);
  auto long_title = modal({labelled(field("a"))});
  long_title["title"] = std::string(46, 'x');
  BOOST_TEST(callback(i, 9, long_title).code() == 50035);
  auto good = callback(i, 9, modal({labelled(field("a"))}), true);
  BOOST_TEST(good.status == 200);
  BOOST_TEST(good.at("interaction.type").as_int64() == 2);
  BOOST_TEST(!has(good.body, "resource"));
  BOOST_TEST(callback(i, 4, {{"content", "x"}}).code() == 40060);
}

BOOST_AUTO_TEST_CASE(a_modal_cannot_be_answered_with_a_modal_or_outside_of_its_message_with_an_update) {
  auto i = open(modal({labelled(field("key"))}));
  submit(i, {filled("key", "v")});
  auto answered = taken();
  BOOST_TEST(callback(answered, 9, modal({labelled(field("key"))})).code() == 50035);
  BOOST_TEST(callback(answered, 7, {{"content", "x"}}).code() == 50035);
  BOOST_TEST(callback(answered, 5).status == 204);
}

BOOST_AUTO_TEST_CASE(a_modal_of_a_button_may_change_the_buttons_message) {
  auto message = show({row(button("edit"))});
  use_component(message, {{"custom_id", "edit"}});
  auto pressed = taken();
  BOOST_TEST(callback(pressed, 9, modal({labelled(field("key"))})).status == 204);
  BOOST_TEST(submit(pressed, {filled("key", "v")}).status == 204);
  auto answered = taken();
  BOOST_TEST(at(answered.event, "message.id").as_string() == message);
  BOOST_TEST(callback(answered, 7, {{"content", "changed"}}).status == 204);
  BOOST_TEST(bot("GET", channel_path() + "/messages/" + message).str("content") == "changed");
  BOOST_TEST(follow("GET", answered, "/messages/@original").id() == message);
}

BOOST_AUTO_TEST_CASE(a_deferred_update_is_finished_by_an_edit_of_the_source) {
  auto message = show({row(button("go"))});
  use_component(message, {{"custom_id", "go"}});
  auto pressed = taken();
  BOOST_TEST(callback(pressed, 6).status == 204);
  BOOST_TEST(follow("PATCH", pressed, "/messages/@original", {{"content", "done"}}).id() == message);
  BOOST_TEST(bot("GET", channel_path() + "/messages/" + message).str("content") == "done");
}

BOOST_AUTO_TEST_CASE(commands_of_menus_are_used_on_users_and_messages) {
  auto on_user = define_menu(2);
  BOOST_TEST(act(2, {{"id", on_user}, {"type", 2}, {"target_id", "1"}}).code() == 10013);
  BOOST_TEST(act(2, {{"id", on_user}, {"type", 2}}).code() == 50035);
  BOOST_TEST(act(2, {{"id", on_user}, {"type", 2}, {"target_id", application_id()}}).status == 204);
  auto i = taken();
  BOOST_TEST(at(i.event, "data.target_id").as_string() == application_id());
  BOOST_TEST(has(i.event, "data.resolved.users." + application_id() + ".username"));
  callback(i, 4, {{"content", "seen"}});
  auto made = follow("GET", i, "/messages/@original");
  BOOST_TEST(made.at("type").as_int64() == 23);
  BOOST_TEST(made.str("interaction_metadata.target_user.id") == application_id());
  auto on_message = define_menu(3);
  auto target = owner("POST", channel_path() + "/messages", {{"content", "look at me"}}).id();
  take_frames(1);
  BOOST_TEST(act(2, {{"id", on_message}, {"type", 3}, {"target_id", target}}).status == 204);
  i = taken();
  BOOST_TEST(at(i.event, "data.resolved.messages." + target + ".content").as_string() == "look at me");
  callback(i, 4, {{"content", "seen"}});
  BOOST_TEST(follow("GET", i, "/messages/@original").str("interaction_metadata.target_message_id") == target);
}

BOOST_AUTO_TEST_CASE(choices_that_discord_refuses_are_refused) {
  define({{{"type", 3}, {"name", "q"}, {"description", "d"}, {"autocomplete", true}}});
  json::array typed{{{"type", 3}, {"name", "q"}, {"value", "a"}, {"focused", true}}};
  BOOST_REQUIRE_EQUAL(use(typed, 4).status, 204);
  auto i = taken();
  auto choice = [](json::value name, json::value value) {
    return json::object{{"choices", {{{"name", std::move(name)}, {"value", std::move(value)}}}}};
  };
  BOOST_TEST(callback(i, 8, choice("", "v")).code() == 50035);
  BOOST_TEST(callback(i, 8, choice(json::string(101, 'n'), "v")).code() == 50035);
  BOOST_TEST(callback(i, 8, choice("n", nullptr)).code() == 50035);
  BOOST_TEST(callback(i, 8, choice("n", json::string(101, 'v'))).code() == 50035);
  BOOST_TEST(callback(i, 8, choice("n", "v")).status == 204);
}

BOOST_AUTO_TEST_CASE(commands_are_answered_in_threads) {
  auto thread = bot("POST", channel_path() + "/threads", {{"name", "t"}, {"type", 11}}).id();
  take_frames(1);
  auto request = body({});
  request["channel_id"] = thread;
  BOOST_TEST(owner("POST", "/interactions", request).status == 204);
  auto i = taken();
  BOOST_TEST(at(i.event, "channel.id").as_string() == thread);
  BOOST_TEST(at(i.event, "channel.type").as_int64() == 11);
  BOOST_TEST(has(i.event, "channel.thread_metadata.archived"));
  bot("PATCH", "/channels/" + thread, {{"archived", true}});
  BOOST_TEST(callback(i, 4, {{"content", "here"}}).status == 204);
  BOOST_TEST(!bot("GET", "/channels/" + thread).at("thread_metadata.archived").as_bool());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
