#pragma once
// A table of 1,200 rows most of whose values are not in memory: in messages of their own, in pages or in the log. What a find of them takes.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/find_cost.hpp"
#include "protocol/row_message.hpp"

namespace dbcord::test {

inline constexpr int filled_rows = 1'200, filled_groups = 20;

inline guild::core_options with_search(bool rate_limits = false) {
  auto how = database_fixture::guild_options(rate_limits);
  how.search_delay = 20s;
  return how;
}

struct find_requests_fixture : database_fixture {
  explicit find_requests_fixture(bool rate_limits = false) : database_fixture(with_search(rate_limits)) {
    options.memory_cap = 1024 * 1024;  // half of it is what memory keeps of the rows and two indexes on them
    options.page_from = 1'000'000;
    options.checkpoints.tail_messages = 20;
    options.lease = 1h;  // nothing else is asked of Discord while a find is
  }

  // Neighbours by key do not lie side by side.
  static int nth(int i) { return static_cast<int>(i * 7'919LL % filled_rows); }
  std::string json(int i) const {
    return fmt::format(R"({{"id":{},"n":{},"group":{},"kind":"{}","text":"{}"}})", i, i, i % filled_groups, i % 2, std::string(text_bytes, static_cast<char>('a' + i % 26)));
  }
  void fill(bool drained = true) {
    begin_process();
    BOOST_REQUIRE(open().has_value());
    BOOST_REQUIRE(run(stack->engine->create_database("prod", context())).has_value());
    BOOST_REQUIRE(run(stack->engine->create_table("prod", "users", "id", context())).has_value());
    for (int begun = 0; begun < filled_rows; begun += 40) {
      std::vector<database::new_row> some;
      for (int i = begun; i < begun + 40; ++i) some.push_back({{}, json(nth(i))});
      auto put = run(stack->engine->import("prod", "users", std::move(some), context()));
      BOOST_REQUIRE(put.has_value());
      BOOST_REQUIRE(put->refused.empty());
      if (drained) drain();
    }
    world.run_for(1min);
  }
  void fill_pages() {
    options.page_from = 32;
    fill(false);
    drain();
    BOOST_TEST_REQUIRE(users().pages > 0u);
  }
  void fill_log() {
    options.checkpoints.tail_messages = 1'000;
    in_log = true;
    fill(false);
    BOOST_TEST_REQUIRE(users().not_materialised == std::uint64_t{filled_rows});
  }
  database::table_summary users() { return *run(stack->engine->inspect_table("prod", "users", reading())); }
  engine_stack& begin_process() {
    auto& begun = start();
    auto is_row = [](base::channel_id, const database::new_message& m) { return protocol::decode_row(m.content) ? fault::refused : fault::none; };
    if (in_log) begun.store.on_post = is_row;
    return begun;
  }
  void add_index(const std::string& field, bool unique = false) {
    auto made = run(stack->engine->create_index("prod", "users", field, unique, context()));
    BOOST_TEST_REQUIRE(made.has_value(), made.error().message);
  }

  // What one find takes; its answer stays.
  std::uint64_t cost(database::find_request request) {
    auto before = net.stats().requests;
    auto found = run(stack->engine->find("prod", "users", std::move(request), reading()));
    BOOST_TEST_REQUIRE(found.has_value(), found.error().message);
    answer = std::move(*found);
    return net.stats().requests - before;
  }
  void begin_again() {
    kill();
    begin_process();
    BOOST_REQUIRE(open().has_value());
    if (!in_log) drain();
    world.run_for(1min);
  }
  // The same of a process that has nothing at hand yet.
  std::uint64_t first_cost(database::find_request request) {
    begin_again();
    return cost(std::move(request));
  }
  // The sentence with which it is refused, and what it has taken until then.
  std::string refusal(database::find_request request) {
    auto before = net.stats().requests;
    auto found = run(stack->engine->find("prod", "users", std::move(request), reading()));
    taken = net.stats().requests - before;
    return found ? "found " + std::to_string(found->matched) : found.error().message;
  }
  // Of a find that meets no row that matches.
  void check_budget_of(std::size_t most) {
    begin_again();
    world.run_for(10min);  // checkpoints and deltas are written
    auto nothing = asking(R"({"kind":{"$prefix":"2"}})", 5);
    nothing.request_budget = most;
    auto sentence = refusal(nothing);
    BOOST_TEST(sentence.starts_with("this find has found 0 of the 5 rows"), sentence);
    auto all = stated(sentence, "needs with ");
    BOOST_TEST(all == taken, sentence << "; it has taken " << taken);
    auto requests = sentence.find(" request", sentence.find("needs with ")) == sentence.npos ? 0 : std::stoull(sentence.substr(sentence.find("needs with ") + 11));
    database::find_cost cost;
    cost.fetches = requests;
    cost.downloads = all - requests;
    auto charged = cost.charged();
    BOOST_TEST((charged >= most && charged <= most + 2), sentence);
  }
  static database::find_request asking(std::string where, std::size_t limit = 10'000, std::string via = "memory") {
    database::find_request request;
    request.where_json = std::move(where);
    request.limit = limit;
    request.via = std::move(via);
    return request;
  }
  static database::find_request sorted(std::string where, std::string sort, std::size_t limit) {
    auto request = asking(std::move(where), limit);
    request.sort = std::move(sort);
    return request;
  }
  std::string keys() const {
    std::string all;
    for (const auto& r : answer.rows) all += (all.empty() ? "" : " ") + r.key;
    return all;
  }
  // "3 requests and 2 downloads" behind these words, both together; 0: there are none.
  static std::uint64_t stated(const std::string& text, const std::string& behind) {
    auto at = text.find(behind);
    if (at == text.npos) return 0;
    auto first = text.find_first_of("0123456789", at + behind.size()), end = text.find(" download", first), both = text.find(" and ", first);
    auto count = std::stoull(text.substr(first));
    return end != text.npos && both < end ? count + std::stoull(text.substr(both + 5)) : count;
  }
  std::uint64_t estimate(database::find_request request) {
    request.explain_only = true;
    BOOST_TEST(cost(std::move(request)) == 0u);
    return stated(answer.plan, "about ");
  }
  bool in_log = false;  // no row becomes a message
  std::size_t text_bytes = 1'600;  // of a row
  database::find_answer answer;
  std::uint64_t taken = 0;
};

}  // namespace dbcord::test
