// Lists of fields and orders of rows, as people type them.

#include "protocol/projection.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord::protocol;

namespace {

std::string told_of_fields(std::string_view list) {
  auto parsed = projection::parse(list);
  return parsed ? "fine" : parsed.error().message;
}

std::string told_of_order(std::string_view list) {
  auto parsed = sort_order::parse(list);
  return parsed ? "fine" : parsed.error().message;
}

// Whether a row with the lower value comes first.
bool ascends(std::string_view list) {
  auto order = sort_order::parse(list);
  BOOST_TEST_REQUIRE(order.has_value(), list);
  return order->before(order->key_of(*parse_json(R"({"age":1})")), order->key_of(*parse_json(R"({"age":2})")));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(projections)

BOOST_AUTO_TEST_CASE(an_order_descends_where_it_says_so) {
  for (auto up : {"age", "age asc", "age ASC", " age "}) BOOST_TEST(ascends(up), up);
  for (auto down : {"age desc", "age DESC", "age Desc", "-age", "-age, name"}) BOOST_TEST(!ascends(down), down);
}

BOOST_AUTO_TEST_CASE(what_is_no_order_is_shown) {
  for (auto bad : {"age down", "-", "--age", "-age desc", "- age", "+age", "{\"age\":-1}", "[age]", "desc asc desc"})
    BOOST_TEST(told_of_order(bad).starts_with("a sort order is like age desc, name; "), bad << ": " << told_of_order(bad));
  BOOST_TEST(told_of_order("-age desc") == "a sort order is like age desc, name; \"-age desc\" is not");
}

// Else a field that begins with a minus, or has a comma or a blank in its name, could not be sorted by.
BOOST_AUTO_TEST_CASE(a_name_in_quotes_is_taken_as_it_stands) {
  auto terms = [](std::string_view list) {
    auto order = sort_order::parse(list);
    std::string text = order ? "" : order.error().message;
    for (std::size_t i = 0; order && i < order->terms().size(); ++i) text += (i > 0 ? "|" : "") + order->terms()[i].path + (order->terms()[i].descending ? " down" : "");
    return text;
  };
  BOOST_TEST(terms(R"("-age")") == "-age");
  BOOST_TEST(terms(R"("-age" desc, -age, "age" ASC)") == "-age down|age down|age");
  BOOST_TEST(terms(R"(-"-age")") == "-age down");
  BOOST_TEST(terms(R"( "a, b" desc ,"c d", "e ""f""" , g)") == "a, b down|c d|e \"f\"|g");
  BOOST_TEST(terms(R"("address.city")") == "address.city");
  BOOST_TEST(terms(R"("a desc")") == "a desc");
  for (auto bad : {R"(")", R"("")", R"("age)", R"("age"x)", R"("age" down)", R"(-"age" desc)", R"("age" "name")", R"("age, name)"}) {
    BOOST_TEST(told_of_order(bad).starts_with("a sort order is like age desc, name; "), bad << ": " << told_of_order(bad));
  }
  BOOST_TEST(terms(R"(age")") == "age\"");
}

BOOST_AUTO_TEST_CASE(paths_have_names_between_their_dots) {
  for (auto path : {"a..b", ".a", "a.", "."}) {
    auto sentence = "\"" + std::string(path) + "\" is no field: a path like address.city has a name on each side of a dot";
    BOOST_TEST(told_of_fields(path) == sentence);
    BOOST_TEST(told_of_fields("id, " + std::string(path)) == sentence);
    BOOST_TEST(told_of_order(path) == sentence);
    BOOST_TEST(told_of_order(std::string(path) + " desc") == sentence);
  }
  BOOST_TEST(told_of_fields("a.b, c") == "fine");
  BOOST_TEST(told_of_fields("a,,b") == "a list of fields needs a name between its commas, like id, email");
}

BOOST_AUTO_TEST_SUITE_END()
