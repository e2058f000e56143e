#pragma once
// A table with rows, pages and older versions that moves into a fresh channel, and all that can be read of it.

#include <fmt/format.h>

#include <map>
#include <set>

#include "database/database_administration.hpp"
#include "database/database_fixture.hpp"
#include "database/errors.hpp"
#include "database/storage_upkeep.hpp"
#include "protocol/row_message.hpp"
#include "protocol/row_page.hpp"

namespace dbcord::test {

struct move_fixture : database_fixture {
  move_fixture() { options.page_from = 10; }

  static std::string key(int i) { return fmt::format("k{:03}", (i * 37) % 100); }

  void import(int from, int to) {
    std::vector<database::new_row> some;
    for (int i = from; i < to; ++i) some.push_back({key(i), fmt::format(R"({{"n":{},"x":1.10}})", i)});
    auto put = run(stack->engine->import("prod", "users", std::move(some), context()));
    BOOST_REQUIRE(put.has_value());
    BOOST_TEST_REQUIRE(put->refused.empty());
  }
  void change(std::string k, int n) { BOOST_TEST_REQUIRE(update(std::move(k), fmt::format(R"({{"n":{}}})", n)).has_value()); }
  // Pages and messages of rows, older versions in both, a deleted row with a history, and garbage.
  void fill(int rows = 24) {
    create();
    import(0, rows);
    drain();
    for (const char* k : {"a", "b", "c"}) BOOST_TEST_REQUIRE(insert(k, R"({"n":1})").has_value());
    drain();
    for (int n : {2, 3}) {
      for (const char* k : {"a", "b"}) change(k, n);
      change(key(1), 100 + n);
      drain();
    }
    change(key(2), 200);
    BOOST_TEST_REQUIRE(remove("c").has_value());
    drain();
  }
  base::result<database::move_report> try_move(base::duration patience = 10min) {
    return run(stack->engine->administration().move_table("prod", "users", context(patience)));
  }
  database::move_report move() {
    auto done = try_move();
    if (!done) BOOST_FAIL(done.error().message);
    if (done->stopped) BOOST_FAIL(*done->stopped);
    return *done;
  }
  auto users() { return *run(stack->engine->inspect_table("prod", "users", reading())); }
  // All rows with their versions, and every older version that can be read.
  std::string everything() {
    database::find_request all;
    all.limit = 10'000;
    auto found = run(stack->engine->find("prod", "users", std::move(all), reading()));
    if (!found) return found.error().message;
    std::set<std::string> keys{"a", "b", "c"};
    std::string text;
    for (const auto& r : found->rows) {
      keys.insert(r.key);
      text += fmt::format("{} v{} {}\n", r.key, r.version, r.json);
    }
    for (const auto& k : keys) {
      auto past = run(stack->engine->history("prod", "users", {k, 100}, reading()));
      text += k + ":";
      if (!past) text += past.error().message;
      if (past) {
        for (const auto& c : past->changes) text += fmt::format(" v{} {}", c.version, c.deleted ? "deleted" : c.json);
      }
      text += '\n';
    }
    return text;
  }
  std::uint64_t problems() {
    auto found = run(stack->engine->verify("prod", "users", reading()));
    if (!found) BOOST_FAIL(found.error().message);
    for (const auto& f : found->findings) BOOST_TEST_MESSAGE(f.kind << " " << f.key << ": " << f.what);
    return found->problems;
  }
  std::vector<base::channel_id> channels_of_table() {
    database::call_options call{database::priority::read, world.now() + 1min};
    std::vector<base::channel_id> found;
    for (const auto& c : run(stack->store.channels(call)).value().value) {
      if (c.name == "table-users") found.push_back(c.id);
    }
    return found;
  }
  // Moves until `posts` messages are in the new channel.
  database::move_report move_half(int posts) {
    auto before = users().channel;
    stack->store.on_post = [left = posts, before](base::channel_id channel, const database::new_message& m) mutable {
      bool of_table = protocol::decode_row(m.content) || protocol::decode_page(m.content);
      if (!of_table || channel == before) return fault::none;
      return left-- > 0 ? fault::none : fault::refused;
    };
    auto done = try_move(30s);
    stack->store.on_post = nullptr;
    if (!done) BOOST_FAIL(done.error().message);
    BOOST_TEST_REQUIRE(done->stopped.has_value());
    return *done;
  }
};

inline actor::task<void> move_and_tell(database::engine& e, database::write_context c, std::optional<base::result<database::move_report>>& told) {
  auto done = co_await e.administration().move_table("prod", "users", std::move(c));
  told.emplace(std::move(done));
}

}  // namespace dbcord::test
