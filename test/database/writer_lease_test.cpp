// What the lease costs those who read, and that nothing is acknowledged by an answer that does not say what time it is.
#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "protocol/control_record.hpp"
#include "protocol/roll_record.hpp"
#include "simulation/owner_view.hpp"
#include "support/contains.hpp"

namespace dbcord::database {
namespace {

using namespace dbcord::test;

struct lease_fixture : database_fixture {
  lease_fixture() {
    options.exclusive_by_lock = false;
    options.staleness = {};
  }
  void begin_with(base::duration lease) {
    options.lease = lease;
    create();
    BOOST_REQUIRE(insert("a", "{}").has_value());
    drain();
  }
  // The lease has run out, and nothing can be read.
  void go_out() {
    begin_with(10s);
    world.run_for(20s);
    stack->store.unreadable = true;
    world.run_for(20s);
  }
  void spawn_readers(int count, base::duration patience) {
    for (int i = 0; i < count; ++i) process->spawn(read(this, patience));
  }
  static actor::task<void> read(lease_fixture* self, base::duration patience) {
    read_context until{self->world.now() + patience};
    auto row = co_await self->stack->engine->get("prod", "users", "a", until);
    ++(row ? self->shown : self->refused);
  }
  static actor::task<void> write(lease_fixture* self, std::optional<base::result<write_receipt>>* done) {
    new_row row{"late", "{}"};
    *done = co_await self->stack->engine->insert("prod", "users", std::move(row), self->context(30s));
  }

  static actor::task<void> chat(lease_fixture* self, base::channel_id channel, int* said) {
    for (int i = 0; i < 150; ++i) {
      call_options call{priority::interactive, self->world.now() + 1min};
      new_message message;
      message.content = "a word";
      auto sent = co_await self->stack->store.post(channel, std::move(message), call);
      if (sent) ++*said;
    }
  }
  base::channel_id control() {
    for (const auto& c : simulation::channels_in(guild)) {
      if (c.name == "dbc-control") return c.id;
    }
    return {};
  }
  base::message_id post(base::channel_id channel, std::string content) {
    new_message message;
    message.content = std::move(content);
    auto sent = run(stack->store.post(channel, std::move(message), {priority::interactive, world.now() + 1min}));
    return sent.value().value.id;
  }
  void delete_claims() {
    for (const auto& m : simulation::messages_in(guild, control())) simulation::delete_message(guild, control(), m.id);
  }
  void take_over_by_another() {
    auto now = base::created_at(post(control(), "a word")).time_since_epoch();
    protocol::claim_record claim{"another", std::chrono::duration_cast<std::chrono::seconds>(now).count(), true};
    post(control(), protocol::encode_claim(claim));
    world.run_for(20s);  // our lease is over
  }
  // What somebody who had begun behind a record of that epoch would write; where it stands in the chain plays no part here.
  std::string record_of_another(std::uint64_t epoch) {
    protocol::log_header header;
    header.kind = protocol::record_kind::group;
    header.epoch = epoch;
    header.lsn = 1000;
    header.previous = std::string(32, '0');
    return protocol::encode_record(std::move(header), "of another process", {}).content;
  }
  // How long it took.
  base::duration hand_over() {
    run(stack->engine->close(world.now() + 10s));
    auto begun = world.now();
    restart();
    return world.now() - begun;
  }

  int shown = 0, refused = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(writer_lease_suite, lease_fixture)

// What time it is was guessed behind an opening, and checks ran without a pause until that time had come.
BOOST_AUTO_TEST_CASE(the_first_read_behind_an_opening_needs_a_check_or_two_however_short_the_lease) {
  for (auto lease : {5s, 10s, 30s}) {
    BOOST_TEST_CONTEXT("lease " << lease.count()) {
      if (lease == 5s) begin_with(lease);
      options.lease = lease;
      restart();
      auto before = stack->store.reads;
      auto asked = world.now();
      BOOST_TEST(get("a") == R"({"id":"a"})");
      BOOST_TEST(stack->store.reads - before <= 8);
      BOOST_TEST((world.now() - asked < 2s));
    }
  }
}

BOOST_AUTO_TEST_CASE(many_readers_behind_an_outage_share_a_check_and_hold_up_nobody) {
  go_out();
  spawn_readers(200, 1min);
  world.run_for(5s);
  BOOST_TEST(shown == 0);
  stack->store.unreadable = false;
  auto before = stack->store.reads;
  auto asked = world.now();
  BOOST_TEST(insert("b", "{}").has_value());
  BOOST_TEST((world.now() - asked < 4s));
  world.run_until([&] { return shown == 200; }, 4s);
  BOOST_TEST(shown == 200);
  BOOST_TEST(stack->store.reads - before < 30);
}

// It would have to wait for its turn at Discord otherwise.
BOOST_AUTO_TEST_CASE(readers_whose_time_is_over_are_refused_in_time) {
  go_out();
  spawn_readers(50, 5s);
  world.run_for(8s);
  BOOST_TEST(refused == 50);
}

BOOST_AUTO_TEST_CASE(an_answer_without_a_date_acknowledges_nothing_that_the_lease_does_not_cover) {
  begin_with(10s);
  stack->store.unreadable = true;
  stack->store.undated = true;
  world.run_for(20s);
  auto done = run(stack->engine->insert("prod", "users", {"b", "{}"}, context(30s)));
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST((done.error().code == errc::outcome_unknown));
  stack->store.undated = stack->store.unreadable = false;
  world.run_for(10s);
  BOOST_TEST(get("b") == R"({"id":"b"})");
}

BOOST_AUTO_TEST_CASE(a_start_that_no_answer_tells_the_time_says_so_and_leaves_few_claims) {
  begin_with(10s);
  kill();
  start();
  stack->store.never_dated = true;
  auto before = net.stats().requests;
  (void)open(1min);
  BOOST_TEST_REQUIRE(stack->engine->failed().size() == 1u);
  BOOST_TEST(contains(stack->engine->failed().front(), "Discord's answers do not say what time it is"), stack->engine->failed().front());
  BOOST_TEST(net.stats().requests - before < 30u);
}

BOOST_AUTO_TEST_CASE(one_answer_with_a_wrong_date_does_not_stretch_the_lease) {
  begin_with(10s);
  stack->store.dated_wrong = 1;
  auto asked = world.now();
  BOOST_TEST(insert("b", "{}").has_value());
  BOOST_TEST((world.now() - asked < 10s));
  take_over_by_another();
  BOOST_TEST(!insert("c", "{}").has_value());
  BOOST_TEST(contains(get("a"), "another dbcord process"));
}

// Each start leaves a claim in the control channel, for ever.
BOOST_AUTO_TEST_CASE(an_opening_reads_the_newest_of_the_control_channel_however_much_stands_there) {
  begin_with(10s);
  auto channel = control();
  for (int i = 0; i < 350; ++i) {
    call_options call{priority::interactive, world.now() + 1min};
    new_message message;
    message.content = "not a claim";
    BOOST_REQUIRE(run(stack->store.post(channel, std::move(message), call)).has_value());
  }
  world.run_for(1min);
  BOOST_TEST((hand_over() >= 10s));  // whether another one has claimed it since the last start is not looked for in all of them
  BOOST_TEST(stack->store.reads_of[channel] <= 4);
  BOOST_TEST((hand_over() < 10s));
  BOOST_TEST(stack->store.reads_of[channel] <= 4);
  BOOST_TEST(get("a") == R"({"id":"a"})");
}

// More than a page of them behind a claim that is still waiting: those are read, and it is found among them.
BOOST_AUTO_TEST_CASE(a_claim_is_found_in_spite_of_what_people_write_in_the_control_channel_meanwhile) {
  begin_with(10s);
  auto channel = control();
  kill();
  start();
  int said = 0;
  stack->store.on_post = [&](base::channel_id to, const new_message& m) {
    if (to != channel || m.content == "a word") return fault::none;
    process->spawn(chat(this, channel, &said));
    return fault::none;
  };
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(said == 150);
  BOOST_TEST(get("a") == R"({"id":"a"})");
}

// People delete claims, and a permission comes back between the list that showed none and the question for the one that was known. What was written meanwhile is
// not acknowledged, since somebody else may have begun in front of it.
BOOST_AUTO_TEST_CASE(a_list_from_before_it_is_known_that_a_claim_is_deleted_is_not_believed_by_itself) {
  begin_with(10s);
  delete_claims();
  world.run_for(20s);
  BOOST_TEST(get("a") == R"({"id":"a"})");  // deleted claims alone end nothing
  stack->store.faults_of_reads_in = control();
  stack->store.unreadable = true;
  take_over_by_another();
  std::optional<base::result<write_receipt>> done;
  process->spawn(write(this, &done));
  world.run_for(2s);
  BOOST_TEST(!done.has_value());
  stack->store.on_fetch = [&] { stack->store.hidden = false; };
  stack->store.hidden = true;
  stack->store.unreadable = false;
  world.run_until([&] { return done.has_value(); }, 30s);
  BOOST_REQUIRE(done.has_value());
  BOOST_REQUIRE(!done->has_value());
  BOOST_TEST((done->error().code == errc::outcome_unknown));
  const auto& told = done->error().message;
  BOOST_TEST(told.starts_with("whether this was done is not known yet, since database prod is closed here: another dbcord process has taken this database over"), told);
}

// The same, the other way round: what the first list showed counts although the second one shows nothing.
BOOST_AUTO_TEST_CASE(a_claim_that_only_the_first_list_showed_counts) {
  begin_with(10s);
  delete_claims();
  world.run_for(20s);
  take_over_by_another();
  stack->store.faults_of_reads_in = control();
  stack->store.on_fetch = [&] { stack->store.hidden = true; };
  auto row = run(stack->engine->get("prod", "users", "a", reading()));
  BOOST_REQUIRE(!row.has_value());
  BOOST_TEST((row.error().code == errc::fenced));
}

// Our roll stands there and its answer does not come: who has claimed the database meanwhile has begun behind it, where we do not write yet. People have deleted his claim.
BOOST_AUTO_TEST_CASE(what_another_process_has_begun_behind_a_roll_whose_answer_is_awaited_is_seen) {
  options.checkpoints.tail_messages = 5;
  options.checkpoints.share = 1000;
  options.checkpoints.segment_messages = 8;
  begin_with(10s);
  base::channel_id target;
  stack->store.on_post = [&](base::channel_id, const new_message& m) {
    auto header = protocol::decode_header(m.content);
    if (!header || header->kind != protocol::record_kind::roll) return fault::none;
    auto body = protocol::decode_body(*header, m.content, std::nullopt);
    target = protocol::decode_roll(body.value()).value().channel;
    return fault::unanswered;
  };
  for (int i = 0; i < 40 && !target; ++i) {
    BOOST_REQUIRE(insert(fmt::format("k{}", i), "{}").has_value());
    world.run_for(1s);
  }
  BOOST_REQUIRE(target);
  BOOST_TEST(get("a") == R"({"id":"a"})");
  auto claim = post(control(), "a claim that somebody deletes");
  post(target, record_of_another(claim.value));
  world.run_for(20s);
  auto row = run(stack->engine->get("prod", "users", "a", reading()));
  BOOST_REQUIRE(!row.has_value());
  BOOST_TEST((row.error().code == errc::fenced));
  stack->store.release.notify();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
