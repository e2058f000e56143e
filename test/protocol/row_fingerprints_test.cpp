// What fingerprints tell of a row: never that it lacks a value which a query would find in it.

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include "dbcord/base/random.hpp"
#include "protocol/predicate.hpp"
#include "protocol/row_fingerprints.hpp"

using namespace dbcord;
using namespace dbcord::protocol;

namespace {

bool is_never_known(std::string_view) { return false; }

std::string fingerprints_of(std::string_view row_json) { return row_fingerprints(*parse_json(row_json), is_never_known); }

// Of a query of one condition. Empty: nothing can be said.
std::optional<bool> may_match(std::string_view row_json, std::string_view where_json) {
  auto where = *predicate::parse(where_json);
  auto row = fingerprints_of(row_json);
  if (where.condition().fingerprints.empty() || row.empty()) return std::nullopt;
  return may_have(row, where.condition().fingerprints);
}

std::string with_scalars(std::size_t count) {
  std::string row = "{";
  for (std::size_t i = 0; i < count; ++i) row += fmt::format("{}\"f{}\":{}", i == 0 ? "" : ",", i, i);
  return row + "}";
}

std::string draw_row_scalar(base::random_source& random) {
  static const char* scalars[] = {"null", "true", "false", "1", "1.0", "10e-1", "0", "-0.0", "2", R"("1")", R"("a")", R"("")", R"("\u0061")"};
  return scalars[random.below(std::size(scalars))];
}

std::string draw_row_value(base::random_source& random, int depth) {
  static const char* names[] = {"a", "b", "", "0", "ab"};
  auto kind = depth == 0 ? 0 : random.below(5);
  if (kind < 2) return draw_row_scalar(random);
  std::string inner;
  for (auto n = random.below(4); n > 0; --n) {
    if (!inner.empty()) inner += ',';
    if (kind != 2) inner += fmt::format("\"{}\":", names[random.below(std::size(names))]);
    inner += draw_row_value(random, depth - 1);
  }
  return kind == 2 ? "[" + inner + "]" : "{" + inner + "}";
}

std::string draw_fingerprinted(base::random_source& random) {
  static const char* paths[] = {"a", "b", "", "0", "ab", "a.a", "a.b", "b.0", "a.", ".a", "b.ab", "a.b.a", "a.0.b", "a.a.", "..", "b.a.b"};
  std::string path = paths[random.below(std::size(paths))];
  switch (random.below(3)) {
    case 0: return fmt::format(R"({{"{}":{}}})", path, draw_row_value(random, 1));
    case 1: return fmt::format(R"({{"{}":{{"$in":[{},{}]}}}})", path, draw_row_scalar(random), draw_row_scalar(random));
    default: return fmt::format(R"({{"{}":{{"$eq":{}}}}})", path, draw_row_scalar(random));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(row_fingerprints_suite)

BOOST_AUTO_TEST_CASE(a_row_that_matches_is_never_ruled_out_and_most_others_are) {
  base::seeded_random random(20261129);
  int matched = 0, ruled_out = 0, missed = 0;
  for (int i = 0; i < 60'000; ++i) {
    auto row = fmt::format(R"({{"a":{},"b":{},"{}":{}}})", draw_row_value(random, 3), draw_row_value(random, 3), random.below(2) == 0 ? "" : "0", draw_row_value(random, 2));
    auto query = draw_fingerprinted(random);
    auto matches = predicate::parse(query)->matches(*parse_json(row));
    auto may = may_match(row, query);
    matched += matches && may;
    ruled_out += may == std::optional(false);
    missed += !matches && may == std::optional(true);
    if (matches) BOOST_TEST_REQUIRE((may != std::optional(false)), row << " is ruled out by " << query);
  }
  BOOST_TEST(matched > 600);
  BOOST_TEST(ruled_out > 15'000);
  BOOST_TEST(missed < 30, missed << " may match and do not");
}

BOOST_AUTO_TEST_CASE(equality_is_what_queries_take_for_it) {
  BOOST_TEST((may_match(R"({"n":1})", R"({"n":1.0})") == std::optional(true)));
  BOOST_TEST((may_match(R"({"n":1.50})", R"({"n":{"$eq":15e-1}})") == std::optional(true)));
  BOOST_TEST((may_match(R"({"n":-0})", R"({"n":0})") == std::optional(true)));
  BOOST_TEST((may_match(R"({"n":1})", R"({"n":"1"})") == std::optional(false)));
  BOOST_TEST((may_match(R"({"n":1})", R"({"m":1})") == std::optional(false)));
  BOOST_TEST((may_match(R"({"n":true})", R"({"n":false})") == std::optional(false)));
  BOOST_TEST((may_match(R"({"tags":["x","y"]})", R"({"tags":"y"})") == std::optional(true)));
  BOOST_TEST((may_match(R"({"tags":[["y"]]})", R"({"tags":"y"})") == std::optional(false)));
  BOOST_TEST((may_match(R"({"o":[{"p":{"q":[1,2]}},3]})", R"({"o.p.q":2})") == std::optional(true)));
  BOOST_TEST((may_match(R"({"n":3})", R"({"n":{"$in":[1,2,3]}})") == std::optional(true)));
  BOOST_TEST((may_match(R"({"n":4})", R"({"n":{"$in":[1,2,3]}})") == std::optional(false)));
}

BOOST_AUTO_TEST_CASE(of_other_conditions_they_tell_nothing) {
  for (auto where : {R"({"n":null})", R"({"n":{"$in":[1,null]}})", R"({"n":{"$in":[]}})", R"({"n":[1]})", R"({"n":{"x":1}})", R"({"n":{"$in":[[1]]}})",
                     R"({"n":{"$gt":1}})",
                     R"({"n":{"$prefix":"a"}})", R"({"n":{"$contains":1}})", R"({"n":{"$exists":true}})", R"({"n.0":1})", R"({"n.12.x":1})"}) {
    BOOST_TEST(!may_match(R"({"n":7})", where).has_value(), where);
  }
}

BOOST_AUTO_TEST_CASE(a_row_with_a_dot_in_a_name_or_with_too_many_scalars_has_none) {
  BOOST_TEST(fingerprints_of(R"({"a.b":1})").empty());
  BOOST_TEST(fingerprints_of(R"({"a":{"b":[{"c.d":1}]}})").empty());
  BOOST_TEST(row_fingerprints(*parse_json(R"({"a.b":1})"), [](std::string_view) { return true; }).empty());
  BOOST_TEST(fingerprints_of(with_scalars(fingerprints_most)).size() == 1 + 2 * fingerprints_most);
  BOOST_TEST(fingerprints_of(with_scalars(fingerprints_most + 1)).empty());
  BOOST_TEST(fingerprints_of("{}") == std::string(1, fingerprints_mark));  // it has nothing, and that is known
  BOOST_TEST(row_fingerprints(*parse_json(R"({"a":1,"b":2})"), [](std::string_view name) { return name == "a"; }) == fingerprints_of(R"({"b":2})"));
}

// Checkpoints hold them.
BOOST_AUTO_TEST_CASE(they_are_made_as_they_were_made_before) {
  std::string hex;
  for (unsigned char byte : fingerprints_of(R"({"id":"u_1","n":1.50,"o":{"tags":["x",true]}})")) hex += fmt::format("{:02x}", byte);
  BOOST_TEST(hex == "01e0501dcdbedd83e6");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_none_are_told_and_do_no_harm) {
  std::string mark(1, fingerprints_mark), most(2 * fingerprints_most, 'x');
  for (const auto& bytes : {mark, mark + "xx", mark + most}) BOOST_TEST(are_fingerprints(bytes));
  for (const auto& bytes : {std::string(), std::string("xxx"), mark + "x", mark + most + "xx", std::string("\x02xx")}) BOOST_TEST(!are_fingerprints(bytes));
  auto where = *predicate::parse(R"({"n":1})");
  for (const auto& bytes : {std::string(), mark, mark + "x", mark + "xxx"}) BOOST_TEST(!may_have(bytes, where.condition().fingerprints));
}

BOOST_AUTO_TEST_SUITE_END()
