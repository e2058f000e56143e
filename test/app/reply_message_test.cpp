#include "app/reply_message.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "app/guild_view.hpp"

using namespace dbcord::app;

namespace {

boost::json::object message_object(std::string_view text) {
  return boost::json::parse(boost::json::string_view(text.data(), text.size())).as_object();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reply_message)

BOOST_AUTO_TEST_CASE(content_and_embeds_are_shown_as_text) {
  auto message = message_object(R"({"content":"Found 1 row.","embeds":[{"title":"t","description":"d","fields":[{"name":"n","value":"v"}],
                            "footer":{"text":"f"}},{"description":"second"}]})");
  BOOST_TEST(text_of(message) == "Found 1 row.\nt\nd\nn: v\nf\nsecond");
}

BOOST_AUTO_TEST_CASE(a_reply_cannot_steer_the_terminal) {
  BOOST_TEST(text_of(message_object(R"({"content":"a\u001b[2Jb\u0007\tc\nd\u007f"})")) == "a [2Jb \tc\nd ");
}

BOOST_AUTO_TEST_CASE(attachments_have_name_url_and_size) {
  auto found = attachments_of(message_object(R"({"attachments":[{"filename":"rows.json","url":"http://h/x?ex=1","size":12},5]})"));
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST(found[0].filename == "rows.json");
  BOOST_TEST(found[0].url == "http://h/x?ex=1");
  BOOST_TEST(found[0].size == 12u);
}

BOOST_AUTO_TEST_CASE(a_message_of_work_in_progress_names_its_job) {
  BOOST_TEST((job_of(message_object(R"({"content":"⏳ `dbc_vacuum`: 40 %, 400 of 1000. Job 31."})")) == 31));
  BOOST_TEST((job_of(message_object(R"({"content":"⏳ `dbc_vacuum` is at work. Job 2."})")) == 2));
  BOOST_TEST(!job_of(message_object(R"({"content":"⏳ `dbc_vacuum` is at work. Job x."})")).has_value());
  BOOST_TEST(!job_of(message_object(R"({"content":"Done. Job 2."})")).has_value());
  BOOST_TEST(!job_of(message_object(R"({"flags":128})")).has_value());
}

BOOST_AUTO_TEST_CASE(a_command_that_outlives_its_reply_is_answered_by_its_job) {
  auto content = [](std::string text) {
    boost::json::object message;
    message["content"] = std::move(text);
    return message;
  };
  auto job = goes_on_as(content("`dbc_vacuum p` goes on as job 4, longer than Discord lets this message be changed; `/dbc_jobs job:4` tells how it ends."));
  BOOST_TEST_REQUIRE(job.has_value());
  BOOST_TEST(job->number == 4);
  BOOST_TEST(job->command == "dbc_vacuum p");
  BOOST_TEST(!goes_on_as(content("Row `a` of `p.t`:\n` goes on as job 4")).has_value());
  using kind = job_report::kind;
  auto report = [&](std::string text) { return report_of_job(content(std::move(text)), *job); };
  auto running = report("Job 4 (`dbc_vacuum p`) is running: 40 %, 400 of 1000.");
  BOOST_TEST((running.is == kind::at_work));
  BOOST_TEST((job_of(running.answer) == 4));
  BOOST_TEST_REQUIRE(progress_of(running.answer).has_value());
  BOOST_TEST(progress_of(running.answer)->done == 400u);
  auto done = report("Job 4 (`dbc_vacuum p`): Vacuum: done.");
  BOOST_TEST((done.is == kind::done));
  BOOST_TEST(text_of(done.answer) == "Vacuum: done.");
  auto failed = report("❌ Job 4 (`dbc_vacuum p`): Cancelled.");
  BOOST_TEST((failed.is == kind::done));
  BOOST_TEST(is_failure(failed.answer));
  BOOST_TEST(text_of(failed.answer) == "❌ Cancelled.");
  BOOST_TEST((report("❌ job: there is no job 4 that you may see.").is == kind::unknown));
  BOOST_TEST((report("Job 4 (`dbc_verify p`): All is well.").is == kind::unknown));
  BOOST_TEST((report("❌ Too many commands run at the moment; nothing was done.").is == kind::unclear));
}

BOOST_AUTO_TEST_CASE(a_button_that_destroys_makes_a_reply_a_question) {
  auto with_style = [](const char* style) {
    return message_object(std::string(R"({"content":"x","components":[{"type":1,"components":[{"type":2,"style":2},{"type":2,"style":)") + style + "}]}]}");
  };
  BOOST_TEST(asks_first(with_style("4")));
  BOOST_TEST(!asks_first(with_style("1")));
  BOOST_TEST(!asks_first(message_object(R"({"content":"x","components":[5,{"components":[null]},{}]})")));
}

BOOST_AUTO_TEST_CASE(strange_messages_are_empty_not_errors) {
  auto message = message_object(R"({"content":5,"embeds":{},"attachments":null,"interaction_metadata":[],"flags":"x"})");
  BOOST_TEST(text_of(message).empty());
  BOOST_TEST(attachments_of(message).empty());
  BOOST_TEST(interaction_of(message).empty());
  BOOST_TEST(!is_unfinished(message));
}

BOOST_AUTO_TEST_CASE(a_guild_gives_its_first_text_channel_and_its_only_bot) {
  auto guild = message_object(R"({"id":"5","channels":[{"id":"1","type":4,"position":0},{"id":"3","type":0,"position":2},
     {"id":"2","type":0,"position":1}],"members":[{"user":{"id":"8"}},{"user":{"id":"9","bot":true}}]})");
  auto view = read_guild(guild);
  BOOST_TEST(view.id.value == 5u);
  BOOST_TEST(view.first_text_channel.value == 2u);
  BOOST_TEST(view.only_bot.value == 9u);
  guild["members"].as_array().push_back(message_object(R"({"user":{"id":"10","bot":true}})"));
  BOOST_TEST(read_guild(guild).only_bot.value == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
