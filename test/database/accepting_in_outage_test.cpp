// A loss is accepted while Discord stops answering.

#include "database/database_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct accepting_fixture : database_fixture {
  accepting_fixture() {
    options.exclusive_by_lock = false;
    options.checkpoints.enabled = false;
  }

  void lose_a_record() {
    create();
    for (const auto* key : {"k0", "k1", "k2"}) BOOST_REQUIRE(insert(key, "{}").has_value());
    database::call_options call{database::priority::read, world.now() + 1min};
    auto log = run(stack->store.history_after(inspect().log_channel, {}, 100, call)).value().value;
    BOOST_REQUIRE(run(stack->store.remove(inspect().log_channel, log.at(3).id, call)).has_value());  // start, create_table, k0, k1, ...
    kill();
    options.accept_loss = {"prod"};
    options.checkpoints.enabled = true;
  }
  static actor::task<void> close_in_outage(accepting_fixture* self, bool& ended) {
    while (!self->stack->store.unreadable) co_await actor::sleep_for(self->process->env(), 1s);
    co_await actor::sleep_for(self->process->env(), 20s);
    co_await self->stack->engine->close(self->world.now() + 1min);
    ended = true;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(accepting_in_outage)

// The log's loops hold the database, and whoever opened it would have forgotten it: that was the end of the process.
BOOST_AUTO_TEST_CASE(an_outage_while_a_loss_is_accepted_is_an_opening_that_failed_and_the_next_one_succeeds) {
  for (std::string from : {"a part of a checkpoint", "a record in doubt", "a record that was written"}) {
    for (bool told : {false, true}) {
      BOOST_TEST_CONTEXT("nothing is answered from " << from << " on, " << (told ? "and it is told to end" : "and nobody ends it")) {
        accepting_fixture f;
        f.lose_a_record();
        f.start();
        auto& store = f.stack->store;
        store.on_post = [&store, from](base::channel_id, const database::new_message& m) {
          bool begins = from == "a part of a checkpoint" ? !m.attachments.empty() : contains(m.content, "** checkpoint");
          if (!store.unreadable && !begins) return fault::none;
          bool first = !std::exchange(store.unreadable, true);
          return first && from == "a record that was written" ? fault::none : fault::lost_before;
        };
        bool ended = false;
        if (told) f.process->spawn(accepting_fixture::close_in_outage(&f, ended));
        auto begun = f.world.now();
        (void)f.open(1min);
        BOOST_TEST(store.unreadable);
        BOOST_TEST(f.stack->engine->databases().empty());
        BOOST_TEST((f.world.now() - begun < (told ? 3min : 20min)));
        f.world.run_for(5min);
        BOOST_TEST(ended == told);
        f.kill();
        f.start();
        BOOST_REQUIRE(f.open().has_value());
        BOOST_TEST(f.inspect().state == "open");
        BOOST_TEST(f.find("{}") == "k0 k1 k2 ");  // of k1 its message tells
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
