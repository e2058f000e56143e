// Buttons, forms, completion and the progress of long work.

#include "bot/dispatcher_fixture.hpp"
#include "bot/prepared_commands.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct controls_fixture : dispatcher_fixture {
  controls_fixture() { engine.table_names = {"users"}; }

  // Of the last edit of a reply: the custom_id of its n-th button.
  std::string button(std::size_t n = 0) const {
    auto body = json::parse(requests("/@original").back()->body).as_object();
    return std::string(body.at("components").at(0).at("components").at(n).at("custom_id").as_string());
  }
  static json::object pressed(std::uint64_t id, const std::string& custom_id, std::string permissions = "16") {
    json::object data;
    data["custom_id"] = custom_id;
    data["component_type"] = 2;
    auto e = event(id, json::serialize(data), 3);
    e["member"].as_object()["permissions"] = permissions;
    return e;
  }
  static json::object sent_form(std::uint64_t id, const std::string& custom_id, const std::string& typed) {
    json::object input{{"type", 4}, {"custom_id", "row_json"}, {"value", typed}};
    json::object label{{"type", 18}, {"component", input}};
    json::object data;
    data["custom_id"] = custom_id;
    data["components"] = json::array{label};
    return event(id, json::serialize(data), 5);
  }
  json::object find(std::uint64_t id, std::string where = "{}") {
    json::array options;
    const std::vector<std::pair<std::string, std::string>> typed{{"database", "prod"}, {"table", "users"}, {"where_json", where}};
    for (const auto& [name, value] : typed)
      options.push_back(json::object{{"name", name}, {"type", 3}, {"value", value}});
    json::object data;
    data["name"] = "dbc_find";
    data["options"] = std::move(options);
    return event(id, json::serialize(data));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dispatching_controls, controls_fixture)

BOOST_AUTO_TEST_CASE(a_page_button_shows_the_next_page_in_the_same_message) {
  engine.find_answer->rows = {fake_engine::row("a", 1, "{}")};
  engine.find_answer->matched = 2;
  deliver(find(5));
  settle();
  deliver(pressed(6, button()));
  settle();
  BOOST_TEST(callback(1).at("type").as_int64() == 6);
  BOOST_REQUIRE(engine.find_request.has_value());
  BOOST_TEST(engine.find_request->after.value() == "a");
  BOOST_TEST(requests("/tok6/messages/@original").size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_long_question_is_kept_for_its_buttons_and_a_lost_one_is_said_clearly) {
  engine.find_answer->rows = {fake_engine::row("a", 1, "{}")};
  engine.find_answer->matched = 2;
  auto where = "{\"name\":\"" + std::string(300, 'x') + "\"}";
  deliver(find(5, where));
  settle();
  auto id = button();
  BOOST_TEST(id.starts_with("#"));
  deliver(pressed(6, id));
  settle();
  BOOST_TEST(engine.find_request->where_json == where);
  deliver(pressed(7, "#unknown"));
  settle();
  BOOST_TEST(callback_text(2).starts_with("❌ This button or form is not known any more"));
}

BOOST_AUTO_TEST_CASE(dropping_takes_a_button_and_its_buttons_are_gone_afterwards) {
  engine.table_answer->id = "d1-1";
  deliver(event(5, R"({"name":"dbc_drop","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":"users"}]})"));
  settle();
  auto id = button();
  deliver(pressed(6, id, "0"));  // somebody without Manage Channels
  settle();
  BOOST_TEST(shown(1).starts_with("❌ You need the permission Manage Channels"));
  deliver(pressed(7, id));
  settle();
  BOOST_TEST(engine.calls.back() == "drop_table prod users");
  BOOST_TEST(engine.write_context->expected_id == "d1-1");
  BOOST_TEST(engine.write_context->idempotency_key == "7");
  BOOST_TEST(shown(2).starts_with("Dropped"));
  BOOST_TEST(json::parse(requests("/@original").back()->body).at("components").as_array().empty());
}

BOOST_AUTO_TEST_CASE(an_edit_opens_a_form_at_once_and_what_is_sent_back_replaces_the_version_that_was_shown) {
  engine.table_answer->id = "0123456789abcdef-1";
  engine.get_answer = fake_engine::row("u_1", 3, R"({"id":"u_1"})");
  deliver(event(5, R"({"name":"dbc_edit","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":"users"},{"name":"key","type":3,"value":"u_1"}]})"));
  settle();
  BOOST_TEST(callback(0).at("type").as_int64() == 9);
  auto modal = callback(0).at("data").as_object();
  BOOST_TEST(modal.at("title").as_string() == "Edit u_1");
  BOOST_TEST(!modal.at("custom_id").as_string().starts_with("#"));  // it outlives this process
  deliver(sent_form(6, std::string(modal.at("custom_id").as_string()), R"({"id":"u_1","n":1})"));
  settle();
  BOOST_TEST(callback(1).at("type").as_int64() == 5);
  BOOST_TEST(engine.calls.back() == R"(replace prod users u_1 {"id":"u_1","n":1})");
  BOOST_TEST(engine.write_context->expected_version.value() == 3u);
  BOOST_TEST(engine.write_context->expected_id == "012345-1");
  BOOST_TEST(edits_sent() == 1u);
}

BOOST_AUTO_TEST_CASE(what_was_typed_into_a_form_is_not_lost_when_it_is_refused) {
  engine.get_answer = fake_engine::row("u_1", 3, R"({"id":"u_1"})");
  deliver(event(5, R"({"name":"dbc_edit","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":"users"},{"name":"key","type":3,"value":"u_1"}]})"));
  settle();
  std::string form(callback(0).at("data").at("custom_id").as_string()), typed = "{\n  \"id\": \"u_1\"\n";
  deliver(sent_form(6, form, typed));
  settle();
  BOOST_TEST(shown(0).starts_with("❌ row_json: not valid JSON"), shown(0));
  BOOST_TEST(shown(0).ends_with("What was typed:\n```json\n" + typed + "\n```"), shown(0));
  deliver(pressed(7, button()));
  settle();
  BOOST_TEST(callback(2).at("type").as_int64() == 9);
  auto modal = callback(2).at("data").as_object();
  BOOST_TEST(modal.at("components").at(0).at("component").at("value").as_string() == typed);
  engine.throws = "a bug";
  deliver(sent_form(8, std::string(modal.at("custom_id").as_string()), R"({"id":"u_1"})"));
  settle();
  BOOST_TEST(shown(1).starts_with("❌ Internal error."), shown(1));
  BOOST_TEST(shown(1).ends_with("What was typed:\n```json\n{\"id\":\"u_1\"}\n```"), shown(1));
  deliver(sent_form(9, "#unknown", typed));  // dbcord was started anew meanwhile
  settle();
  BOOST_TEST(callback_text(4).starts_with("❌ This button or form is not known any more"), callback_text(4));
  BOOST_TEST(callback_text(4).ends_with("What was typed:\n```json\n" + typed + "\n```"), callback_text(4));
  deliver(sent_form(10, "#unknown", std::string(4'000, 'x')));
  settle();
  auto sent = requests("/callback").at(5)->body;
  BOOST_TEST(sent.find("draft.json") != sent.npos);
  BOOST_TEST(sent.find(std::string(4'000, 'x')) != sent.npos);
}

BOOST_AUTO_TEST_CASE(a_form_that_cannot_be_opened_is_a_sentence_in_time) {
  engine.get_answer = base::error(database::errc::unknown_key, "no such row");
  deliver(event(5, R"({"name":"dbc_edit","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":"users"},{"name":"key","type":3,"value":"u_1"}]})"));
  settle();
  BOOST_TEST(callback(0).at("type").as_int64() == 4);
  BOOST_TEST(callback_text(0) == "❌ No such row.");
  BOOST_TEST(edits_sent() == 0u);
}

BOOST_AUTO_TEST_CASE(the_menu_of_a_message_names_it) {
  auto e = event(5, R"({"type":3,"name":"Edit row","target_id":"77","resolved":{"messages":{"77":{"id":"77","channel_id":"2","content":"hello"}}}})");
  deliver(e);
  settle();
  BOOST_TEST(callback_text(0).starts_with("❌ This message is no row of a table"));
}

BOOST_AUTO_TEST_CASE(inspect_tells_how_the_requests_to_discord_fare) {
  engine.database_answer = database::database_summary{};
  deliver(event(5, R"({"name":"dbc_inspect","options":[{"name":"database","type":3,"value":"prod"}]})"));
  settle();
  BOOST_TEST(shown(0).find(" Requests to Discord: 0 waiting, 0 under way, 0 refused since the start (429)") != std::string::npos, shown(0));
}

BOOST_AUTO_TEST_CASE(long_work_tells_how_far_it_is_can_be_cancelled_and_ends_in_its_reply) {
  engine.takes = 9s;
  deliver(event(5, R"({"name":"dbc_verify","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":"users"}]})"));
  sim.advance(4s);
  BOOST_TEST(shown(0) == "⏳ `dbc_verify prod.users` is at work. Job 1.");
  auto cancel = button();
  engine.takes = {};
  deliver(pressed(6, cancel, "0"));
  sim.advance(1s);
  BOOST_TEST(callback(1).at("type").as_int64() == 5);  // a message of its own
  BOOST_TEST(dispatcher->jobs().find(1)->progress->cancelled);
  settle();
  auto last = json::parse(requests("/tok5/messages/@original").back()->body).as_object();
  BOOST_TEST(last.at("content").as_string().starts_with("`prod.users`:"));
  BOOST_TEST(last.at("components").as_array().empty());
  BOOST_TEST(dispatcher->jobs().find(1)->outcome.has_value());
}

BOOST_AUTO_TEST_CASE(work_that_outlives_its_token_goes_on_as_a_job_and_tells_later_what_it_found) {
  engine.takes = 30min;
  database::verify_finding missing;
  missing.kind = "missing";
  missing.key = "u_7";
  engine.verify_answer->problems = 1;
  engine.verify_answer->findings.push_back(missing);
  deliver(event(5, R"({"name":"dbc_verify","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":"users"}]})"));
  sim.advance(15min);
  auto told = json::parse(requests("/@original").back()->body).as_object();
  BOOST_TEST(told.at("content").as_string().starts_with("`dbc_verify prod.users` goes on as job 1"));
  sim.advance(16min);
  BOOST_REQUIRE(dispatcher->jobs().find(1)->outcome.has_value());
  engine.takes = {};
  deliver(event(6, R"({"name":"dbc_jobs","options":[{"name":"job","type":4,"value":1}]})"));
  settle();
  auto later = requests("/tok6/messages/@original").back()->body;
  BOOST_TEST(later.find("u_7") != std::string::npos, later);
}

BOOST_AUTO_TEST_CASE(what_is_refused_before_it_began_is_no_job) {
  auto verify = [&](std::uint64_t id, const std::string& table) {
    deliver(event(id, R"({"name":"dbc_verify","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":")" + table + "\"}]}"));
  };
  engine.verify_answer = base::error(database::errc::unknown_table, "no");
  verify(5, "usres");
  settle();
  BOOST_TEST(shown(0).starts_with("❌ There is no table `usres`"), shown(0));
  BOOST_TEST(dispatcher->jobs().all().empty());
  engine.takes = 9s;  // its person was told its number meanwhile
  verify(6, "users");
  sim.advance(20s);
  BOOST_REQUIRE(dispatcher->jobs().all().size() == 1u);
  BOOST_TEST(!dispatcher->jobs().all().front().ok);
}

BOOST_AUTO_TEST_CASE(short_commands_are_no_jobs) {
  deliver(remove(5));
  settle();
  deliver(event(6, R"({"name":"dbc_policy","options":[{"name":"database","type":3,"value":"prod"},{"name":"deletions","type":3,"value":"accept"}]})"));
  settle();
  BOOST_TEST(!shown(1).starts_with("❌"), shown(1));
  BOOST_TEST(dispatcher->jobs().all().empty());
}

BOOST_AUTO_TEST_CASE(a_find_is_a_job_only_if_it_takes_long) {
  auto find = [&](std::uint64_t id) {
    deliver(event(id, R"({"name":"dbc_find","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":"users"},)"
                      R"({"name":"where_json","type":3,"value":"{}"}]})"));
  };
  find(5);
  settle();
  BOOST_TEST(dispatcher->jobs().all().empty());
  engine.takes = 9s;
  find(6);
  sim.advance(4s);
  BOOST_TEST(shown(1).starts_with("⏳ `dbc_find prod.users` is at work. Job "), shown(1));
  sim.advance(20s);
  BOOST_REQUIRE(dispatcher->jobs().all().size() == 1u);
  BOOST_TEST(dispatcher->jobs().all().front().outcome.has_value());
}

BOOST_AUTO_TEST_CASE(what_is_kept_for_buttons_is_bounded_and_foreign_ids_are_nothing) {
  bot::prepared_commands prepared(sim.env().random);
  commands::prepared_command small{"dbc_get", {{"key", std::string("ä\"")}, {"n", std::int64_t{-3}}, {"b", true}}, false};
  auto id = prepared.custom_id(small);
  BOOST_TEST(id.size() <= 100u);
  auto read = prepared.find(id);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->name == "dbc_get");
  BOOST_TEST((read->arguments == small.arguments));
  BOOST_TEST(!read->in_place);
  commands::prepared_command large{"dbc_find", {{"where_json", std::string(200, 'x')}}};
  auto first = prepared.custom_id(large);
  BOOST_TEST(prepared.find(first).has_value());
  for (std::size_t i = 0; i < bot::prepared_commands::most; ++i) prepared.custom_id(large);
  BOOST_TEST(!prepared.find(first).has_value());
  for (auto foreign : {"", "x", "=", "=x", "={}", "=a{", "=a{\"b\":[1]}", "=a{\"b\":1.5}", "#"}) BOOST_TEST(!prepared.find(foreign).has_value(), foreign);
}

BOOST_AUTO_TEST_SUITE_END()
