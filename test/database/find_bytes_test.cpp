// Finds whose rows are more bytes than they may show: what they show is the same, and what they had let go of is read again.

#include <fmt/format.h>

#include "database/database_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct many_bytes : database_fixture {
  static constexpr int rows = 400;

  many_bytes() { options.memory_cap = 256 * 1024; }  // holds about a third of the rows

  static std::string json(int i) { return fmt::format(R"({{"id":"k{}","n":{},"t":"{}"}})", 1'000 + i, i, std::string(1'000, static_cast<char>('a' + i % 26))); }
  void fill() {
    create();
    for (int begun = 0; begun < rows; begun += 40) {
      std::vector<database::new_row> some;
      for (int i = begun; i < begun + 40; ++i) some.push_back({{}, json(i)});
      put_all(std::move(some));
    }
    drain();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(finds_of_many_bytes, many_bytes)

BOOST_AUTO_TEST_CASE(a_sorted_page_behind_many_rows_shows_values_that_were_let_go_of) {
  fill();
  for (std::string sort : {"-n", "n"}) {
    for (int skip : {0, 10, 200, 390}) {
      database::find_request request;
      request.sort = sort;
      request.skip = static_cast<std::size_t>(skip);
      request.limit = 20;
      request.byte_budget = 8 * 1'024;  // seven rows
      auto found = run(stack->engine->find("prod", "users", request, reading()));
      BOOST_TEST_REQUIRE(found.has_value(), found.error().message);
      BOOST_TEST(found->matched == static_cast<std::uint64_t>(rows));
      BOOST_REQUIRE(found->rows.size() == 7u);
      for (int i = 0; i < 7; ++i) BOOST_TEST(found->rows[static_cast<std::size_t>(i)].json == json(sort == "n" ? skip + i : rows - 1 - skip - i));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_page_in_the_order_of_keys_ends_where_its_bytes_do) {
  fill();
  database::find_request request;
  request.limit = 300;
  request.skip = 50;
  request.byte_budget = 8 * 1'024;
  request.where_json = R"({"n":{"$gte":0}})";
  auto found = run(stack->engine->find("prod", "users", request, reading()));
  BOOST_TEST_REQUIRE(found.has_value(), found.error().message);
  BOOST_REQUIRE(found->rows.size() == 7u);
  for (int i = 0; i < 7; ++i) BOOST_TEST(found->rows[static_cast<std::size_t>(i)].json == json(50 + i));
}

BOOST_AUTO_TEST_SUITE_END()
