#include "bot/dispatcher_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

const std::string deleted = "Deleted `k` from `prod.users`. https://discord.com/channels/1/2/3";

reply refusal(int status, int code) { return answer(status, "{\"code\":" + std::to_string(code) + ",\"message\":\"no\"}"); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dispatching, dispatcher_fixture)

BOOST_AUTO_TEST_CASE(a_command_is_deferred_executed_and_answered) {
  deliver(remove(5));
  settle();
  BOOST_REQUIRE(callbacks_sent() == 1u);
  BOOST_TEST(requests("/callback")[0]->url == "http://guild/api/v10/interactions/5/tok5/callback");
  BOOST_TEST(callback(0).at("type").as_int64() == 5);
  BOOST_TEST(callback(0).at("data").at("flags").as_int64() == 64);
  BOOST_TEST(requests("/@original").at(0)->url == "http://guild/api/v10/webhooks/88/tok5/messages/@original");
  BOOST_TEST(shown() == deleted);
  BOOST_TEST(engine.write_context->idempotency_key == "5");
  BOOST_TEST(engine.write_context->who == "42");
  auto body = json::parse(requests("/@original").at(0)->body).as_object();
  BOOST_TEST(body.at("allowed_mentions").at("parse").as_array().empty());
}

BOOST_AUTO_TEST_CASE(nothing_executes_before_its_callback_was_accepted) {
  callbacks.push_back(answer(204, "", {}, 1s));
  deliver(remove(5));
  settle(900ms);
  BOOST_TEST(engine.calls.empty());
  settle();
  BOOST_TEST(engine.calls.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_refused_callback_means_that_the_command_does_not_execute) {
  callbacks.push_back(refusal(404, 10062));
  callbacks.push_back(refusal(400, 40060));
  deliver(remove(5));
  deliver(remove(6));
  settle();
  BOOST_TEST(engine.calls.empty());
  BOOST_TEST(edits_sent() == 0u);
  BOOST_TEST(dispatcher->stats().unaccepted == 2u);
}

BOOST_AUTO_TEST_CASE(a_callback_in_doubt_is_sent_again_and_then_the_command_executes_once) {
  callbacks.push_back(failure(transport_errc::interrupted));
  deliver(remove(5));
  settle();
  BOOST_TEST(callbacks_sent() == 2u);
  BOOST_TEST(engine.calls.size() == 1u);
  BOOST_TEST(shown() == deleted);
}

BOOST_AUTO_TEST_CASE(a_lost_acceptance_is_recognised_by_the_second_callback) {
  callbacks.push_back(failure(transport_errc::interrupted));
  callbacks.push_back(refusal(400, 40060));
  deliver(remove(5));
  settle();
  BOOST_TEST(engine.calls.size() == 1u);
}

// It may have been another process's, which carries the command out.
BOOST_AUTO_TEST_CASE(a_refusal_behind_a_lost_acceptance_says_that_it_may_be_done_elsewhere) {
  callbacks.push_back(failure(transport_errc::interrupted));
  callbacks.push_back(refusal(400, 40060));
  engine.write_answer = base::error(database::errc::unavailable, "database prod is read only");
  deliver(remove(5));
  settle();
  BOOST_TEST(shown(1).ends_with("\nIf another dbcord process runs, it may have been done there: look before you send it again."));
  deliver(remove(6));
  settle();
  BOOST_TEST(shown(2) == "❌ Database prod is read only.");
}

BOOST_AUTO_TEST_CASE(a_command_that_another_process_has_answered_meanwhile_does_not_execute) {
  for (const auto& shown : {answer(200, R"({"id":"1","flags":64,"content":"nothing was done"})"), answer(404, "{}")}) {
    callbacks.push_back(failure(transport_errc::interrupted));
    callbacks.push_back(refusal(400, 40060));
    original = shown;
    deliver(remove(5 + callbacks_sent()));
    settle();
    BOOST_TEST(engine.calls.empty());
  }
  for (const auto* r : requests("/@original")) BOOST_TEST(r->method == "GET");
}

BOOST_AUTO_TEST_CASE(a_callback_that_stays_in_doubt_does_not_execute_and_says_so) {
  callbacks.push_back(failure(transport_errc::interrupted));
  callbacks.push_back(answer(502, "bad gateway"));
  deliver(remove(5));
  settle();
  BOOST_TEST(engine.calls.empty());
  BOOST_TEST(shown() == "❌ Discord lost track of this command before it began here. If another dbcord process runs, it may have been done there: look before you send it again.");
  BOOST_TEST(log.has("outcome=not executed: "));
}

BOOST_AUTO_TEST_CASE(an_interaction_delivered_twice_acts_once) {
  deliver(remove(5));
  deliver(remove(5));
  settle();
  deliver(remove(5));
  settle();
  BOOST_TEST(engine.calls.size() == 1u);
  BOOST_TEST(callbacks_sent() == 1u);
  BOOST_TEST(dispatcher->stats().duplicates == 2u);
}

BOOST_AUTO_TEST_CASE(the_memory_of_ids_is_bounded) {
  bot::recent_ids ids(2);
  for (std::uint64_t i = 1; i <= 3; ++i) BOOST_TEST(ids.add(base::interaction_id{i}));
  BOOST_TEST(!ids.add(base::interaction_id{3}));
  BOOST_TEST(!ids.add(base::interaction_id{2}));
  BOOST_TEST(ids.add(base::interaction_id{1}));
}

BOOST_AUTO_TEST_CASE(one_command_too_many_is_told_busy_at_once_and_the_others_go_on) {
  options.concurrent_commands = 2;
  engine.takes = 10s;
  for (std::uint64_t id = 1; id <= 3; ++id) deliver(remove(id));
  settle(1s);
  BOOST_REQUIRE(callbacks_sent() == 3u);
  int busy = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    if (callback(i).at("type").as_int64() != 4) continue;
    ++busy;
    BOOST_TEST(callback_text(i) == "❌ Too many commands run at the moment; nothing was done. Try again in a few seconds.");
    BOOST_TEST(callback(i).at("data").at("flags").as_int64() == 64);
  }
  BOOST_TEST(busy == 1);
  settle();
  BOOST_TEST(engine.calls.size() == 2u);
  deliver(remove(4));
  settle();
  BOOST_TEST(engine.calls.size() == 3u);
}

BOOST_AUTO_TEST_CASE(files_beyond_the_memory_for_attachments_are_told_busy) {
  options.attachment_bytes = 100;
  auto with_file = [](std::uint64_t id) {
    return event(id, R"({"name":"dbc_import","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":"users"},
      {"name":"file","type":11,"value":"7"}],"resolved":{"attachments":{"7":{"filename":"a","size":60,"url":"http://cdn/a"}}}})");
  };
  engine.takes = 10s;
  deliver(with_file(1));
  deliver(with_file(2));
  settle();
  BOOST_TEST(dispatcher->stats().busy == 1u);
  deliver(with_file(3));
  settle();
  BOOST_TEST(dispatcher->stats().busy == 1u);
  BOOST_TEST(dispatcher->stats().executed == 2u);
}

BOOST_AUTO_TEST_CASE(a_file_that_never_fits_is_refused_by_its_size) {
  deliver(event(1, R"({"name":"dbc_import","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":"users"},
    {"name":"file","type":11,"value":"7"}],"resolved":{"attachments":{"7":{"filename":"a","size":99000000,"url":"http://cdn/a"}}}})"));
  settle();
  BOOST_TEST(shown().starts_with("❌ file: `a` has 99,000,000 bytes, and at most 26,214,400 can be imported at once"));
  BOOST_TEST(net.seen().size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_import_fetches_its_file) {
  net.otherwise([this](const discord::http_request& r) {
    if (r.url == "http://cdn/rows?ex=1") return answer(200, "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
    return respond(r);
  });
  database::import_report report;
  report.accepted = 2;
  report.location = test::fake_engine::link();
  engine.import_answer = report;
  deliver(event(5, R"({"name":"dbc_import","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":"users"},
    {"name":"file","type":11,"value":"7"}],"resolved":{"attachments":{"7":{"filename":"a","size":20,"url":"http://cdn/rows?ex=1"}}}})"));
  settle();
  BOOST_TEST(engine.imported.size() == 2u);
  BOOST_TEST(shown().starts_with("Imported 2 rows into `prod.users`, refused 0."));
}

BOOST_AUTO_TEST_CASE(a_reply_in_doubt_is_sent_again_until_it_is_there) {
  for (int i = 0; i < 3; ++i) edits.push_back(failure(transport_errc::interrupted));
  edits.push_back(answer(503, "{}"));
  edits.push_back(failure(transport_errc::not_sent));
  deliver(remove(5));
  settle(3min);
  BOOST_TEST(edits_sent() == 6u);
  BOOST_TEST(shown(5) == deleted);
  BOOST_TEST(engine.calls.size() == 1u);
  BOOST_TEST(log.has("outcome=ok"));
}

BOOST_AUTO_TEST_CASE(a_reply_is_not_sent_beyond_the_tokens_life) {
  net.otherwise([this](const discord::http_request& r) {
    return r.method == "PATCH" ? answer(502, "{}") : respond(r);
  });
  deliver(remove(5));
  auto begin = sim.now();
  BOOST_TEST(sim.run_until([this] { return dispatcher->stats().undelivered == 1; }));
  BOOST_TEST((sim.now() - begin <= 14min));
  BOOST_TEST((sim.now() - begin >= 13min));
  BOOST_TEST(edits_sent() > 50u);
  BOOST_TEST(edits_sent() < 300u);
}

BOOST_AUTO_TEST_CASE(an_expired_token_ends_the_attempts) {
  edits.push_back(refusal(404, 10015));
  deliver(remove(5));
  settle();
  BOOST_TEST(edits_sent() == 1u);
  BOOST_TEST(dispatcher->stats().undelivered == 1u);
  BOOST_TEST(log.has("outcome=reply not delivered"));
}

BOOST_AUTO_TEST_CASE(a_reply_that_a_filter_refuses_is_replaced_by_a_sentence) {
  edits.push_back(refusal(400, 200000));
  deliver(remove(5));
  settle();
  BOOST_TEST(shown(1) == "The command was carried out, but Discord refuses to show its reply (a filter of this server, or its size).");
}

BOOST_AUTO_TEST_CASE(a_reply_over_2000_characters_becomes_a_file) {
  engine.get_answer = test::fake_engine::row("k", 1, "{\"id\":\"k\",\"a\":\"" + std::string(3'000, 'x') + "\"}");
  auto get = remove(5);
  get["data"].as_object()["name"] = "dbc_get";
  edits.push_back(failure(transport_errc::interrupted));
  deliver(get);
  settle();
  for (auto* request : requests("/@original")) {
    BOOST_TEST(request->body.find("filename=\"users.json\"") != std::string::npos);
    BOOST_TEST(request->body.find("{\"id\":\"k\",\"a\":\"xxx") != std::string::npos);
    // Only the new file is listed, so that a repeated edit does not show it twice.
    BOOST_TEST(request->body.find("\"attachments\":[{\"id\":0,\"filename\":\"users.json\"}]") != std::string::npos);
  }
  BOOST_TEST(edits_sent() == 2u);
}

BOOST_AUTO_TEST_CASE(an_exception_becomes_a_reply_with_the_number_and_harms_nobody_else) {
  engine.throws = "vector::_M_range_check";
  deliver(remove(5));
  settle();
  engine.throws.clear();
  deliver(remove(6));
  settle();
  BOOST_TEST(shown(0).starts_with("❌ Internal error."));
  BOOST_TEST(shown(0).find("`5`") != std::string::npos);
  BOOST_TEST(log.has("command failed command=dbc_delete interaction=5 error=vector::_M_range_check"));
  BOOST_TEST(shown(1) == deleted);
}

BOOST_AUTO_TEST_CASE(the_log_has_one_line_a_command_and_no_contents_or_tokens) {
  deliver(remove(5));
  settle();
  BOOST_TEST(log.has("command name=dbc_delete who=42 ms=20.0 outcome=ok interaction=5\n"));
  BOOST_TEST(!log.has("tok5"));
  BOOST_TEST(!log.has("prod"));
}

BOOST_AUTO_TEST_CASE(completion_comes_from_memory) {
  deliver(event(5, R"({"name":"dbc_get","options":[{"name":"database","type":3,"value":"pr","focused":true}]})", 4));
  settle();
  BOOST_TEST(callback(0).at("type").as_int64() == 8);
  BOOST_TEST(json::serialize(callback(0).at("data")) == R"({"choices":[{"name":"prod","value":"prod"}]})");
  BOOST_TEST(engine.calls.empty());
}

BOOST_AUTO_TEST_CASE(strangers_and_old_buttons_get_a_clear_answer) {
  deliver(event(5, R"({"name":"dbc_inspect"})", 2, "10"));
  deliver(event(6, R"({"custom_id":"x"})", 3));
  deliver(event(7, R"({"custom_id":"x"})", 5));
  deliver(event(8, R"({"name":"dbc_get","options":[{"name":"database","type":3,"value":"","focused":true}]})", 4, "10"));
  settle();
  BOOST_TEST(callback_text(0) == "❌ This dbcord serves another server; nothing was done. Use it there.");
  BOOST_TEST(callback_text(1).starts_with("❌ This button or form is not known any more"));
  BOOST_TEST(callback_text(2).starts_with("❌ This button or form"));
  BOOST_TEST(callback(3).at("data").at("choices").as_array().empty());
  BOOST_TEST(engine.calls.empty());
}

BOOST_AUTO_TEST_CASE(garbage_is_logged_and_nothing_else) {
  deliver(json::object{});
  deliver(json::object{{"id", "5"}, {"type", "2"}, {"token", 7}});
  settle();
  BOOST_TEST(net.seen().empty());
  BOOST_TEST(log.text == "interaction not understood\ninteraction not understood\n");
}

BOOST_AUTO_TEST_CASE(stopping_drains_what_runs_and_refuses_what_comes) {
  engine.takes = 5s;
  deliver(remove(5));
  settle(1s);
  dispatcher->refuse(sim.after(20s));
  deliver(remove(6));
  bool idle = sim.run(dispatcher->join_commands(sim.after(20s)));
  BOOST_TEST(idle);
  BOOST_TEST(shown() == deleted);
  BOOST_TEST(engine.calls.size() == 1u);
  BOOST_TEST(callback_text(1) == "❌ dbcord is shutting down; nothing was done. Try again when it is back.");
  BOOST_TEST(sim.run(dispatcher->join(sim.after(1s))));
}

BOOST_AUTO_TEST_CASE(stopping_cancels_the_jobs_that_run) {
  engine.takes = 5s;
  engine.verify_answer = base::error(base::errc::stopping, "the verification was cancelled");
  deliver(event(5, R"({"name":"dbc_verify","options":[{"name":"database","type":3,"value":"prod"},{"name":"table","type":3,"value":"users"}]})"));
  settle(1s);
  BOOST_REQUIRE(dispatcher->jobs().all().size() == 1u);
  auto job = dispatcher->jobs().all().front();
  BOOST_TEST(!job.progress->cancelled);
  dispatcher->cancel_jobs();
  BOOST_TEST(job.progress->cancelled);
  BOOST_TEST(sim.run(dispatcher->join(sim.after(30s))));
  BOOST_TEST(shown(requests("/@original").size() - 1) == "❌ The verification was cancelled. dbcord is being stopped; give the command again when it is back.");
}

BOOST_AUTO_TEST_CASE(once_another_process_has_taken_over_interactions_are_left_to_it) {
  *options.yielded = true;
  deliver(remove(5));
  settle();
  BOOST_TEST(net.seen().empty());
  BOOST_TEST(engine.calls.empty());
}

BOOST_AUTO_TEST_CASE(a_drain_ends_at_its_deadline_and_replies_are_not_tried_past_it) {
  engine.takes = 5s;
  net.otherwise([this](const discord::http_request& r) {
    return r.method == "PATCH" ? answer(502, "{}") : respond(r);
  });
  deliver(remove(5));
  settle(1s);
  dispatcher->refuse(sim.after(2s));
  BOOST_TEST(!sim.run(dispatcher->join_commands(sim.after(2s))));
  BOOST_TEST(sim.run(dispatcher->join(sim.after(30s))));
  BOOST_TEST(dispatcher->stats().undelivered == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
