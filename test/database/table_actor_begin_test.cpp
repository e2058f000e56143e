// A table that a start fills from another strand: others must not get at it before it begins. On real threads, for the thread sanitizer.
#include <fmt/format.h>

#include <thread>

#include "actor/real_time.hpp"
#include "database/database_fixture.hpp"
#include "database/table_actor.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

constexpr std::uint64_t memory_cap = 64 * 1024;

struct lone_table {
  std::shared_ptr<database::table_actor> make() {
    database::table_services services{queue, memory, values, last_ticket, "prod", "d1", base::guild_id{1}, log_segments, 1'000'000, 32, 1'000, store};
    auto table = std::make_shared<database::table_actor>(env, protocol::create_table{1, "users", "id", base::channel_id{2}}, services);
    memory.join(table);
    return table;
  }
  static void fill(database::table_actor& table, int rows) {
    for (int i = 0; i < rows; ++i) {
      protocol::put_row put{1, fmt::format("k{}", i), 1, fmt::format(R"({{"id":"k{}","t":"{}"}})", i, std::string(300, 'x'))};
      table.replay(put, static_cast<std::uint64_t>(i + 1), base::message_id{static_cast<std::uint64_t>(i + 1)});
    }
  }

  database_fixture unused;  // for a store; none of its guild is asked
  database::message_store& store = unused.start().store;
  actor::asio::io_context context;
  actor::real_clock clock;
  actor::real_timers timers{context};
  base::seeded_random random{1};
  base::null_logger log;
  actor::environment env{context, clock, timers, random, log};
  database::commit_queue queue{1'000'000};
  database::memory_account memory{memory_cap};
  database::log_segments log_segments{base::channel_id{3}};
  database::value_reader values{env, store, log_segments};
  std::atomic<database::ticket> last_ticket{0};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(table_actor_begin)

BOOST_AUTO_TEST_CASE(nothing_runs_on_its_strand_before) {
  lone_table f;
  auto table = f.make();
  lone_table::fill(*table, 1'000);
  f.memory.relieve_all();
  bool made = false;
  table->forget_past(f.memory, {1'000'000, true}, [&] { made = true; });
  BOOST_TEST(made);
  BOOST_TEST(f.context.poll() == 0u);
  f.context.restart();
  table->begin();
  BOOST_TEST(f.context.poll() > 0u);
  table.reset();
  f.timers.shut_down();
}

BOOST_AUTO_TEST_CASE(others_ask_for_room_while_it_is_filled) {
  lone_table f;
  auto table = f.make();
  auto work = actor::asio::make_work_guard(f.context);
  std::thread runs([&] { f.context.run(); });
  std::atomic<bool> filled{false};
  std::thread asks([&] {
    while (!filled) f.memory.relieve_all();
  });
  lone_table::fill(*table, 3'000);
  table->begin();
  filled = true;
  asks.join();
  work.reset();
  f.timers.shut_down();
  runs.join();
  BOOST_TEST(f.memory.excess() > 0u);  // 3,000 keys alone take more than that
  BOOST_TEST(f.memory.used() - f.memory.fixed() < 1'000u);
}

BOOST_AUTO_TEST_SUITE_END()
