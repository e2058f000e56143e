// Which rows wait for their threads to follow them, and that they are never too many.

#include "database/row_thread_queue.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord;
using database::row_thread_queue;

namespace {

protocol::put_row put(std::string key, protocol::table_id table = 1) { return {table, std::move(key), 1, "{}"}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(rows_that_wait_for_their_threads)

BOOST_AUTO_TEST_CASE(a_row_waits_once_however_often_it_changes_and_only_in_tables_with_threads) {
  row_thread_queue q;
  BOOST_TEST(!q.note(put("a")));
  q.set(1, true);
  BOOST_TEST(q.note(put("a")));
  BOOST_TEST(!q.note(put("a")));
  BOOST_TEST(q.note(protocol::delete_row{1, "b", 2, false}));
  BOOST_TEST(!q.note(protocol::delete_row{1, "c", 2, true}));  // erased
  BOOST_TEST(!q.note(put("a", 2)));
  BOOST_TEST(!q.note(protocol::drop_database{}));
  BOOST_TEST(q.status().waiting == 2u);
  BOOST_TEST(q.next({})->key == "a");
  BOOST_TEST(q.note(put("a")));  // it changes while its thread is written
  BOOST_TEST(q.next({})->key == "b");
  BOOST_TEST(q.next({})->key == "a");
  BOOST_TEST(!q.next({}).has_value());
}

BOOST_AUTO_TEST_CASE(what_there_is_no_room_for_is_left_out_and_counted) {
  row_thread_queue q;
  q.set(1, true);
  for (std::size_t i = 0; i < row_thread_queue::rows_max; ++i) BOOST_TEST(q.note(put(std::to_string(i))));
  BOOST_TEST(!q.note(put("one more")));
  BOOST_TEST(!q.note(put("0")));
  BOOST_TEST(q.status().waiting == row_thread_queue::rows_max);
  BOOST_TEST(q.status().left_out == 1u);
  BOOST_TEST(q.status().why == "more rows change than threads can follow");
  q.leave_out("no");
  BOOST_TEST(q.status().left_out == 2u);
  BOOST_TEST(q.status().why == "no");
}

BOOST_AUTO_TEST_CASE(a_row_that_is_tried_again_waits_behind_the_others_unless_its_table_has_no_threads_any_more) {
  row_thread_queue q;
  q.set(1, true);
  q.set(2, true);
  q.note(put("a"));
  q.note(put("b"));
  q.note(put("c", 2));
  auto a = *q.next({});
  a.attempts = 2;
  q.again(a);
  BOOST_TEST(q.next({})->key == "b");
  q.set(2, false);
  auto again = q.next({});
  BOOST_TEST(again->key == "a");
  BOOST_TEST(again->attempts == 2);
  BOOST_TEST(!q.next({}).has_value());
  q.set(1, false);
  q.again(*again);
  BOOST_TEST(q.status().waiting == 0u);
  BOOST_TEST(q.tables().empty());
}

BOOST_AUTO_TEST_CASE(a_row_that_is_put_off_lets_the_others_pass) {
  using namespace std::chrono_literals;
  row_thread_queue q;
  q.set(1, true);
  BOOST_TEST(!q.earliest().has_value());
  q.note(put("a"));
  auto a = *q.next({});
  base::steady_time now(10s);
  a.not_before = now + 30s;
  q.again(a);
  BOOST_TEST((q.earliest() == now + 30s));
  q.note(put("b"));
  BOOST_TEST(!q.note(put("a")));  // it waits
  BOOST_TEST((*q.earliest() <= now));
  BOOST_TEST(q.next(now)->key == "b");
  BOOST_TEST(!q.next(now + 29s).has_value());
  BOOST_TEST(q.next(now + 30s)->key == "a");
  BOOST_TEST(!q.next(now + 30s).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
