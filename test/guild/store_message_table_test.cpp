#include <boost/test/unit_test.hpp>
#include <map>

#include "dbcord/base/random.hpp"
#include "guild/message_bodies.hpp"

using namespace dbcord;
using base::message_id;
using guild::message_bodies;
using guild::message_entry;
using guild::message_table;
using ids = std::vector<std::uint64_t>;

namespace {

ids values(const std::vector<message_id>& found) {
  ids out;
  for (auto id : found) out.push_back(id.value);
  return out;
}

guild::stored_message body(std::uint64_t id, std::string content) {
  guild::stored_message m;
  m.id = {id};
  m.content = std::move(content);
  return m;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_message_table)

BOOST_AUTO_TEST_CASE(pages_are_newest_first_and_know_their_bounds) {
  message_table table;
  for (std::uint64_t id : {10, 20, 30, 40, 50}) table.need({id});
  BOOST_TEST(values(table.newest(2)) == (ids{50, 40}));
  BOOST_TEST(values(table.below({30}, 9)) == (ids{20, 10}));
  BOOST_TEST(values(table.below({31}, 1)) == (ids{30}));
  BOOST_TEST(values(table.from({30}, 2)) == (ids{40, 30}));
  BOOST_TEST(values(table.from({51}, 2)) == ids{});
  BOOST_TEST(values(message_table().newest(3)) == ids{});
}

BOOST_AUTO_TEST_CASE(it_agrees_with_a_map_whatever_is_put_and_removed) {
  base::seeded_random random(11);
  message_table table;
  std::map<std::uint64_t, std::uint64_t> model;
  for (int step = 0; step < 20000; ++step) {
    auto id = random.next() % 700 + 1;
    if (random.next() % 5 < 2) {
      BOOST_REQUIRE_EQUAL(table.erase({id}), model.erase(id) != 0);
    } else {
      table.need({id}).where = static_cast<std::uint64_t>(step);
      model[id] = static_cast<std::uint64_t>(step);
    }
    BOOST_REQUIRE_EQUAL(table.size(), model.size());
    auto asked = random.next() % 700 + 1;
    auto* found = table.find(message_id{asked});
    BOOST_REQUIRE_EQUAL(found != nullptr, model.contains(asked));
    if (found) BOOST_REQUIRE_EQUAL(found->where, model[asked]);
    ids expected;
    for (auto it = model.lower_bound(asked); it != model.begin() && expected.size() < 5;) expected.push_back((--it)->first);
    BOOST_REQUIRE(values(table.below({asked}, 5)) == expected);
  }
  ids all, expected;
  table.for_each([&](const message_entry& entry) { all.push_back(entry.id.value); });
  for (auto& [id, where] : model) expected.push_back(id);
  BOOST_TEST(all == expected);
}

BOOST_AUTO_TEST_CASE(a_body_stays_until_its_last_record_is_durable_and_the_budget_is_spent) {
  message_bodies bodies(1000);
  bodies.keep(body(1, "first"));
  bodies.keep(body(1, std::string(5000, 'x')));
  BOOST_TEST(!bodies.settle({1}));  // an older record than the body
  bodies.trim();
  BOOST_REQUIRE(bodies.find({1}));
  BOOST_TEST(bodies.settle({1}));
  BOOST_REQUIRE(bodies.find({1}));  // until the next input
  bodies.trim();
  BOOST_TEST(!bodies.find({1}));
  BOOST_TEST(!bodies.settle({1}));
  BOOST_TEST(bodies.evictable_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(the_bodies_used_last_stay) {
  message_bodies bodies(2000);
  for (std::uint64_t id = 1; id <= 20; ++id) {
    bodies.remember(body(id, std::string(100, 'x')));
    BOOST_TEST(bodies.find({1}));
    bodies.trim();
  }
  BOOST_TEST(bodies.find({1}));
  BOOST_TEST(bodies.find({20}));
  BOOST_TEST(!bodies.find({2}));
  BOOST_TEST(bodies.evictable_bytes() <= 2000u);
  bodies.forget({20});
  BOOST_TEST(!bodies.find({20}));
  bodies.keep(body(1, "new"));  // on its way again: not to be let go
  for (std::uint64_t id = 30; id <= 60; ++id) bodies.remember(body(id, std::string(100, 'x'))), bodies.trim();
  BOOST_TEST(bodies.find({1})->content == "new");
}

BOOST_AUTO_TEST_SUITE_END()
