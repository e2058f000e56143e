// The thread store's contract against the guild's core.

#include "discord/rest_thread_store.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

#include "discord/guild_fixture.hpp"

namespace dbcord::discord::test {

using database::store_errc;

namespace {

struct thread_store_fixture : guild_fixture {
  using guild_fixture::guild_fixture;

  rest_thread_store threads{scheduler, identity().guild};

  base::result<database::thread_info> make(std::string name) { return run(threads.create_thread(general(), std::move(name), within(1h))); }
  bool patch(base::channel_id thread, std::string body) {
    rest_request r;
    r.method = "PATCH";
    r.route = "/channels/{}";
    r.top_level = thread.str();
    r.path = "/channels/" + thread.str();
    r.body = std::move(body);
    r.headers.emplace_back("Content-Type", "application/json");
    r.deadline = after(1h);
    auto answer = run(scheduler.send(std::move(r)));
    return answer && answer->status == 200;
  }
};

guild::core_options without_limits() {
  guild::core_options o;
  o.rate_limits = false;
  return o;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(thread_store_on_a_guild, thread_store_fixture)

BOOST_AUTO_TEST_CASE(a_thread_is_made_listed_archived_and_reopened_by_a_message) {
  auto made = make("one");
  BOOST_REQUIRE(made.has_value());
  BOOST_TEST((made->parent == general()));
  BOOST_TEST((made->owner == store.self()));
  auto active = run(threads.active_threads(within()));
  BOOST_REQUIRE(active->size() == 1u);
  BOOST_TEST((active->front().id == made->id));
  BOOST_TEST(active->front().name == "one");
  BOOST_TEST(patch(made->id, R"({"archived":true})"));
  BOOST_TEST(run(threads.active_threads(within()))->empty());
  auto archived = run(threads.archived_threads(general(), {}, within()));
  BOOST_REQUIRE(archived->threads.size() == 1u);
  BOOST_TEST(archived->next == "");
  BOOST_REQUIRE(run(store.post(made->id, text("hello"), within())).has_value());
  BOOST_TEST(run(threads.active_threads(within()))->size() == 1u);
  BOOST_REQUIRE(run(store.delete_channel(made->id, within())).has_value());
  BOOST_TEST(run(threads.active_threads(within()))->empty());
  BOOST_TEST((run(store.post(made->id, text("hello", "n2"), within())).error().code == store_errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_thread_of_a_channel_that_is_gone_is_refused) {
  auto other = run(store.create_channel({database::channel_kind::text, "other", {}, {}, false}, within()));
  BOOST_REQUIRE(run(store.delete_channel(other->value.id, within())).has_value());
  BOOST_TEST((run(threads.create_thread(other->value.id, "x", within())).error().code == store_errc::not_found));
  BOOST_TEST((run(threads.archived_threads(other->value.id, {}, within())).error().code == store_errc::not_found));
}

BOOST_AUTO_TEST_CASE(past_the_hidden_limit_on_new_threads_a_short_patience_ends_with_a_refusal) {
  base::error last;
  for (int i = 0; i < 200 && last.message.empty(); ++i) {
    auto made = run(threads.create_thread(general(), "t" + std::to_string(i), within(10s)));
    if (!made) last = made.error();
  }
  BOOST_TEST((last.code == store_errc::busy), last.message);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(archived_threads_are_paged_and_none_is_left_out_even_if_many_were_archived_at_once) {
  thread_store_fixture f(without_limits());
  std::set<base::channel_id> all, seen;
  for (int i = 0; i < 250; ++i) {
    auto made = f.make("t" + std::to_string(i));
    BOOST_REQUIRE(made.has_value());
    all.insert(made->id);
    if (i % 3 == 0) BOOST_TEST(f.patch(made->id, R"({"archived":true})"));
  }
  f.world.run_for(24h * 8);  // the others go by themselves, those that were made at one moment together
  BOOST_TEST(f.run(f.threads.active_threads(f.within()))->empty());
  std::string from;
  int pages = 0;
  do {
    auto page = f.run(f.threads.archived_threads(f.general(), from, f.within()));
    BOOST_REQUIRE(page.has_value());
    for (const auto& t : page->threads) seen.insert(t.id);
    from = page->next;
    ++pages;
  } while (!from.empty() && pages < 20);
  BOOST_TEST(pages >= 3);
  BOOST_TEST((seen == all));
}

BOOST_AUTO_TEST_CASE(a_locked_thread_and_a_guild_full_of_threads_are_refused_with_a_sentence) {
  auto o = without_limits();
  o.bot_permissions = permission::needed | permission::create_public_threads | permission::send_messages_in_threads;
  thread_store_fixture f(o);
  auto made = f.make("one");
  BOOST_REQUIRE(made.has_value());
  auto& owner = f.process->make<request_scheduler>(f.env, f.transport, f.options(f.guild.credentials().owner_token));
  rest_request lock;
  lock.method = "PATCH";
  lock.route = "/channels/{}";
  lock.top_level = made->id.str();
  lock.path = "/channels/" + made->id.str();
  lock.body = R"({"archived":true,"locked":true})";
  lock.headers.emplace_back("Content-Type", "application/json");
  lock.deadline = f.after(1min);
  BOOST_REQUIRE(f.run(owner.send(std::move(lock)))->status == 200);
  auto refused = f.run(f.store.post(made->id, text("hello"), f.within()));
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().message == "Writing the message failed: the thread is locked; unlock it first.");
  BOOST_TEST((f.run(f.store.delete_channel(made->id, f.within())).error().code == store_errc::forbidden));
  base::error full;
  for (int i = 0; i < 1'001 && full.message.empty(); ++i) {
    auto next = f.make("t" + std::to_string(i));
    if (!next) full = next.error();
  }
  BOOST_TEST((full.code == store_errc::channel_limit));
  BOOST_TEST(full.message.find("active threads") != std::string::npos, full.message);
}

}  // namespace dbcord::discord::test
