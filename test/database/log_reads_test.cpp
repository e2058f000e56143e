// What one attempt to read the log keeps of the messages that it has read.

#include "database/database_fixture.hpp"
#include "database/log_reads.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct reads_fixture : database_fixture {
  database::call_options soon() { return {database::priority::read, world.now() + 1min}; }
  // How many messages it answers; -1: it failed.
  int read(database::log_reads& reads, base::message_id after) {
    auto all = run(reads.read(inspect().log_channel, after, soon()));
    return all ? static_cast<int>((*all)->all.size()) : -1;
  }
  int requests() { return stack->store.reads_of[inspect().log_channel]; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log_reads_suite, reads_fixture)

BOOST_AUTO_TEST_CASE(a_channel_is_listed_once_unless_more_of_it_is_asked_for) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto records = run(stack->store.history_after(inspect().log_channel, {}, 100, soon()))->value;
  BOOST_TEST_REQUIRE(records.size() > 2u);
  database::log_reads reads(stack->store, {});
  auto before = requests();
  BOOST_TEST(read(reads, records[0].id) == static_cast<int>(records.size()) - 1);
  BOOST_TEST(read(reads, records[1].id) == static_cast<int>(records.size()) - 1);  // at least what is asked for
  BOOST_TEST(requests() == before + 1);
  BOOST_TEST(read(reads, {}) == static_cast<int>(records.size()));
  BOOST_TEST(requests() == before + 2);
  BOOST_TEST(read(reads, records[0].id) == static_cast<int>(records.size()));
  BOOST_TEST(requests() == before + 2);
}

BOOST_AUTO_TEST_CASE(what_was_not_answered_is_asked_for_again_and_what_was_is_kept_until_it_is_forgotten) {
  create();
  database::log_reads reads(stack->store, {});
  stack->store.unreadable = true;
  BOOST_TEST(read(reads, {}) == -1);
  stack->store.unreadable = false;
  auto shown = read(reads, {});
  BOOST_TEST(shown > 0);
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_TEST(read(reads, {}) == shown);
  reads.forget();
  BOOST_TEST(read(reads, {}) == shown + 1);
}

BOOST_AUTO_TEST_SUITE_END()
