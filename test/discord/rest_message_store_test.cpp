// The message store's contract against the guild's core, lost answers included.

#include <boost/test/unit_test.hpp>

#include "discord/guild_fixture.hpp"
#include "guild/nonce_window.hpp"
#include "simulation/owner_view.hpp"

namespace dbcord::discord::test {

using database::store_errc;

BOOST_FIXTURE_TEST_SUITE(message_store_on_a_guild, guild_fixture)

BOOST_AUTO_TEST_CASE(a_posted_message_is_read_back_as_it_was) {
  auto m = text("{\"k\": 1}\n**not bold**");
  m.attachments.push_back({"rows.jsonl", std::string("\0\r\n--x\xff", 8)});
  auto posted = run(store.post(general(), m, within()));
  BOOST_REQUIRE(posted.has_value());
  BOOST_TEST((posted->value.author == store.self()));
  BOOST_TEST(posted->value.rate->limit == 5);
  BOOST_TEST((posted->date > simulation::wall_origin - 1s));
  auto read = run(store.fetch(general(), posted->value.id, within()));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->value.content == m.content);
  BOOST_REQUIRE(read->value.attachments.size() == 1u);
  auto bytes = run(store.download(read->value.attachments[0], within()));
  BOOST_REQUIRE(bytes.has_value());
  BOOST_TEST(*bytes == m.attachments[0].bytes);
}

BOOST_AUTO_TEST_CASE(history_comes_oldest_first_and_pages_by_id) {
  std::vector<base::message_id> ids;
  for (int i = 0; i < 7; ++i) {
    auto posted = run(store.post(general(), text(std::to_string(i), "n" + std::to_string(i)), within()));
    BOOST_REQUIRE(posted.has_value());
    ids.push_back(posted->value.id);
  }
  auto contents = [](const auto& page) {
    std::string all;
    for (const auto& m : page->value) all += m.content;
    return all;
  };
  BOOST_TEST(contents(run(store.history_after(general(), ids[1], 3, within()))) == "234");
  BOOST_TEST(contents(run(store.history_after(general(), {}, 100, within()))) == "0123456");
  BOOST_TEST(contents(run(store.history_before(general(), {}, 2, within()))) == "56");
  BOOST_TEST(contents(run(store.history_before(general(), ids[3], 2, within()))) == "12");
}

BOOST_AUTO_TEST_CASE(search_says_that_it_is_not_ready_then_finds_a_word_page_by_page) {
  auto other = run(store.create_channel({database::channel_kind::text, "other", {}, {}, false}, within()));
  BOOST_REQUIRE(other.has_value());
  BOOST_REQUIRE(run(store.post(other->value.id, text("aaaaaaaaaa", "o"), within())).has_value());
  std::vector<base::message_id> ids;
  for (int i = 0; i < 30; ++i) {
    auto posted = run(store.post(general(), text(std::to_string(i) + " aaaaaaaaaa bbbbbbbbbb", "s" + std::to_string(i)), within()));
    BOOST_REQUIRE(posted.has_value());
    ids.push_back(posted->value.id);
  }
  database::search_request request{general(), "aaaaaaaaaa", {}, 0};
  auto first = run(store.search(request, within()));
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(!first->ready);
  world.run_for(10s);
  auto page = run(store.search(request, within()));
  BOOST_REQUIRE(page.has_value());
  BOOST_TEST(page->ready);
  BOOST_TEST(!page->still_indexing);
  BOOST_TEST(page->total == 30u);
  BOOST_REQUIRE(page->hits.size() == 25u);
  BOOST_TEST((page->hits.front().id == ids[29] && page->hits.back().id == ids[5]));
  BOOST_TEST(page->hits.front().content == "29 aaaaaaaaaa bbbbbbbbbb");
  request.below = page->hits.back().id;
  auto rest = run(store.search(request, within()));
  BOOST_REQUIRE(rest.has_value());
  BOOST_TEST(rest->total == 5u);
  BOOST_TEST((rest->hits.back().id == ids[0]));
  request = {general(), "aaaaaaaaaa", {}, 25};
  auto behind = run(store.search(request, within()));
  BOOST_REQUIRE(behind.has_value());
  BOOST_TEST((behind->hits.size() == 5u && behind->hits.front().id == ids[4]));
}

BOOST_AUTO_TEST_CASE(a_lost_answer_is_asked_for_again_and_the_message_exists_once) {
  simulation::fault_plan lost;
  lost.reset_after = 1;
  faults_for_a_moment(lost);
  auto posted = run(store.post(general(), text("once"), within()));
  BOOST_REQUIRE(posted.has_value());
  auto all = run(store.history_after(general(), {}, 100, within()));
  BOOST_REQUIRE(all->value.size() == 1u);
  BOOST_TEST((all->value[0].id == posted->value.id));
}

BOOST_AUTO_TEST_CASE(an_answer_that_never_comes_leaves_time_to_ask_again) {
  simulation::fault_plan silent;
  silent.answer_never = 1;
  faults_for_a_moment(silent);
  auto posted = run(store.post(general(), text("once"), within(10s)));
  BOOST_REQUIRE(posted.has_value());
  BOOST_TEST(run(store.history_after(general(), {}, 100, within()))->value.size() == 1u);
}

// Discord remembers a nonce for a few minutes only; the answer is that of the second.
BOOST_AUTO_TEST_CASE(what_is_sent_again_after_the_nonce_was_forgotten_stands_twice) {
  simulation::fault_plan lost, away;
  lost.reset_after = away.connect_refused = 1;
  net.plan = lost;
  world.after(100ms, [this, away] { net.plan = away; });
  world.after(100ms + guild::nonce_window::length, [this] { net.plan = {}; });
  auto posted = run(store.post(general(), text("twice"), within(3 * guild::nonce_window::length)));
  BOOST_REQUIRE(posted.has_value());
  auto all = run(store.history_after(general(), {}, 100, within()));
  BOOST_REQUIRE(all->value.size() == 2u);
  BOOST_TEST((all->value[1].id == posted->value.id));
}

namespace {

guild::fault_plan cut_and_nonces_forgotten() {
  guild::fault_plan plan;
  plan.upload_cut = plan.nonce_forgotten = 1;
  return plan;
}

}  // namespace

// What was stored by the first sending is not what the echo shows.
BOOST_AUTO_TEST_CASE(an_altered_echo_says_nothing_of_an_earlier_sending) {
  simulation::fault_plan lost;
  lost.reset_after = 1;
  faults_for_a_moment(lost);
  world.after(100ms, [this] { guild.set_faults(cut_and_nonces_forgotten()); });
  auto m = text("file");
  m.attachments.push_back({"rows.jsonl", std::string(1000, 'x')});
  auto posted = run(store.post(general(), m, within()));
  guild.set_faults({});
  auto all = run(store.history_after(general(), {}, 100, within()));
  BOOST_TEST_REQUIRE(all->value.size() == 2u);
  BOOST_TEST(all->value[0].attachments.at(0).size == 1000u);
  BOOST_TEST(all->value[1].attachments.at(0).size < 1000u);
  BOOST_REQUIRE(posted.has_error());
  BOOST_TEST((posted.error().code == store_errc::unknown));
}

BOOST_AUTO_TEST_CASE(an_altered_echo_of_the_only_sending_is_a_refusal) {
  guild.set_faults(cut_and_nonces_forgotten());
  auto m = text("file");
  m.attachments.push_back({"rows.jsonl", std::string(1000, 'x')});
  auto posted = run(store.post(general(), m, within()));
  BOOST_REQUIRE(posted.has_error());
  BOOST_TEST((posted.error().code == store_errc::content_refused));
  BOOST_TEST(posted.error().detail == "altered");
}

// Discord's answer to the second is that there is no such message. It must not be taken for a channel that is gone, or for nothing done.
BOOST_AUTO_TEST_CASE(what_is_sent_again_after_its_message_was_deleted_is_unknown) {
  simulation::fault_plan lost;
  lost.reset_after = 1;
  faults_for_a_moment(lost);
  world.after(50ms, [this] {
    auto there = simulation::messages_in(guild, general());
    BOOST_REQUIRE(there.size() == 1u);
    BOOST_REQUIRE(simulation::delete_message(guild, general(), there[0].id));
  });
  auto posted = run(store.post(general(), text("gone"), within()));
  BOOST_REQUIRE(posted.has_error());
  BOOST_TEST((posted.error().code == store_errc::unknown));
  BOOST_TEST(posted.error().detail.find("10008") != std::string::npos, posted.error().detail);
  BOOST_TEST(run(store.history_after(general(), {}, 100, within()))->value.empty());
}

BOOST_AUTO_TEST_CASE(when_both_sendings_are_in_doubt_the_outcome_is_unknown) {
  net.plan.reset_after = 1;
  auto posted = run(store.post(general(), text("x"), within()));
  BOOST_REQUIRE(posted.has_error());
  BOOST_TEST((posted.error().code == store_errc::unknown));
}

BOOST_AUTO_TEST_CASE(an_unreachable_server_is_certainly_not_done) {
  net.plan.connect_refused = 1;
  auto posted = run(store.post(general(), text("x"), within(5s)));
  BOOST_REQUIRE(posted.has_error());
  BOOST_TEST((posted.error().code == store_errc::not_done));
}

BOOST_AUTO_TEST_CASE(refusals_are_certain_and_say_what_is_wrong) {
  auto nowhere = run(store.post(base::channel_id{1234567890123456789}, text("x"), within()));
  BOOST_TEST((nowhere.error().code == store_errc::not_found));
  auto empty = run(store.post(general(), text(""), within()));
  BOOST_TEST((empty.error().code == store_errc::content_refused));
  auto long_text = run(store.post(general(), text(std::string(2'001, 'x')), within()));
  BOOST_TEST((long_text.error().code == store_errc::content_refused));
  BOOST_TEST(long_text.error().message.ends_with("."));
  BOOST_TEST(long_text.error().detail.find("50035") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(removing_what_is_gone_already_succeeds) {
  auto posted = run(store.post(general(), text("x"), within()));
  BOOST_TEST(run(store.remove(general(), posted->value.id, within())).has_value());
  BOOST_TEST(run(store.remove(general(), posted->value.id, within())).has_value());
  BOOST_TEST((run(store.fetch(general(), posted->value.id, within())).error().code == store_errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_private_channel_is_hidden_from_everyone_but_the_bot) {
  database::new_channel category{database::channel_kind::category, "dbcord-shop", "", {}, true};
  auto made = run(store.create_channel(category, within()));
  BOOST_REQUIRE(made.has_value());
  database::new_channel child{database::channel_kind::text, "table-t", "object 17", made->value.id, true};
  auto inside = run(store.create_channel(child, within()));
  BOOST_REQUIRE(inside.has_value());
  auto listed = run(store.channels(within()));
  BOOST_REQUIRE(listed.has_value());
  auto found = std::find_if(listed->value.begin(), listed->value.end(),
                            [&](const auto& c) { return c.id == inside->value.id; });
  BOOST_REQUIRE((found != listed->value.end()));
  BOOST_TEST(found->topic == "object 17");
  BOOST_TEST((found->parent == made->value.id));
  auto channel = run(scheduler.send({"GET",
                                     "/channels/{}",
                                     inside->value.id.str(),
                                     "/channels/" + inside->value.id.str(),
                                     {},
                                     {},
                                     database::priority::read,
                                     after(10s)}));
  BOOST_TEST(channel->body.find(R"("deny":"3072")") != std::string::npos);
  BOOST_TEST(channel->body.find(identity().self.str()) != std::string::npos);
  BOOST_TEST(run(store.post(inside->value.id, text("x"), within())).has_value());
  BOOST_TEST(run(store.delete_channel(inside->value.id, within())).has_value());
  BOOST_TEST(run(store.delete_channel(inside->value.id, within())).has_value());
}

BOOST_AUTO_TEST_CASE(messages_are_deleted_in_bulk_and_two_channels_earn_no_429) {
  database::new_channel wanted;
  wanted.name = "other";
  auto other = run(store.create_channel(std::move(wanted), within()));
  BOOST_REQUIRE(other.has_value());
  for (auto channel : {general(), other->value.id}) {
    std::vector<base::message_id> posted;
    for (auto nonce : {"a", "b", "c"}) posted.push_back(run(store.post(channel, text(nonce, channel.str() + nonce), within())).value().value.id);
    BOOST_TEST(run(store.remove_many(channel, {posted[0], posted[1]}, within())).has_value());
    BOOST_TEST((run(store.fetch(channel, posted[1], within())).error().code == store_errc::not_found));
    BOOST_TEST(run(store.fetch(channel, posted[2], within())).has_value());
  }
  BOOST_TEST(net.stats().limited == 0u);
}

BOOST_AUTO_TEST_CASE(a_burst_of_posts_earns_no_429) {
  auto all = std::make_shared<int>(0);
  struct poster {
    static actor::task<void> go(guild_fixture* f, int n, std::shared_ptr<int> done) {
      auto message = text(std::to_string(n), "b" + std::to_string(n));
      auto posted = co_await f->store.post(f->general(), std::move(message), f->within(5min));
      if (posted) ++*done;
    }
  };
  auto before = world.now();
  for (int n = 0; n < 60; ++n) process->spawn(poster::go(this, n, all));
  BOOST_TEST(world.run_until([&] { return *all == 60; }, 10min));
  BOOST_TEST(net.stats().limited == 0u);
  BOOST_TEST((world.now() - before <= 56s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::discord::test
