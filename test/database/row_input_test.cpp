// Rows as people send them.

#include "database/row_input.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "support/contains.hpp"

namespace dbcord::database {
using dbcord::test::contains;

namespace {

constexpr std::size_t cap = 1000;

std::string refusal(std::string key, std::string json) {
  auto checked = check_row({key, json}, "id", cap);
  return checked ? "accepted" : checked.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(row_input_suite)

BOOST_AUTO_TEST_CASE(the_key_comes_from_either_place) {
  BOOST_TEST(check_row({"", R"({"id":"u_1"})"}, "id", cap)->key == "u_1");
  BOOST_TEST(check_row({"", R"({"id":42.0,"a":1})"}, "id", cap)->key == "42");
  auto added = check_row({"u_1", R"({ "a": 1 })"}, "id", cap);
  BOOST_TEST(added->json == R"({"id":"u_1","a":1})");
}

BOOST_AUTO_TEST_CASE(bad_rows_get_one_clear_sentence) {
  BOOST_TEST(contains(refusal("k", "{\"a\":"), "value_json is not valid JSON"));
  BOOST_TEST(contains(refusal("k", "[1]"), "value_json must be a JSON object"));
  BOOST_TEST(contains(refusal("", "{}"), "the row has no key"));
  BOOST_TEST(check_row({"", "{}"}, "id", cap, row_source::file).error().message == "the row has no field \"id\", the primary key of the table");
  BOOST_TEST(contains(check_row({"a", R"({"id":"b"})"}, "id", cap, row_source::step).error().message, "the row's primary key field \"id\" is \"b\""));
  BOOST_TEST(contains(check_row({"", "[1]"}, "id", cap, row_source::file).error().message, "the row must be a JSON object"));
  BOOST_TEST(contains(refusal("u_1", R"({"id":"u_2"})"), "make them agree"));
  BOOST_TEST(contains(refusal("", R"({"id":1.5})"), "value_json's primary key field \"id\" must be a string or an integer"));
  BOOST_TEST(contains(refusal("", R"({"id":""})"), "value_json's primary key field \"id\": key is empty"));
  BOOST_TEST(contains(refusal("a\nb", "{}"), "control characters"));
  BOOST_TEST(contains(refusal("\xFF", "{}"), "UTF-8"));
  BOOST_TEST(contains(refusal(std::string(257, 'k'), "{}"), "at most 256"));
  BOOST_TEST(contains(refusal("k", "{\"a\":\"" + std::string(cap, 'x') + "\"}"), "at most 1000"));
}

BOOST_AUTO_TEST_CASE(a_field_that_begins_with_a_dollar_is_refused_with_what_to_write_instead) {
  BOOST_TEST(refusal("k", R"({"$x":1})") == "value_json names a field \"$x\", which no query could name, since $ begins an operator there; give it a name without $ in front");
  BOOST_TEST(refusal("k", R"({"a":{"$x":1}})") == "accepted");  // a.$x can be named
  BOOST_TEST(contains(check_row({"", R"({"id":"k","$x":1})"}, "id", cap, row_source::file).error().message, "the row names a field \"$x\""));
  BOOST_TEST(check_row({"", R"({"id":"k","$x":1})"}, "id", cap, row_source::copy).has_value());
  BOOST_TEST(contains(check_whole_row(R"({"$x":1})", cap).error().message, "row_json names a field \"$x\""));
  auto patched = [](std::string patch) {
    auto checked = check_patch(patch, cap);
    return checked ? "accepted" : checked.error().message;
  };
  BOOST_TEST(patched(R"({"$set":{"role":"admin"}})") == R"(patch_json is no patch with $set in it: write the fields themselves, {"role":"admin"})");
  BOOST_TEST(patched(R"({"$inc":{"n":2}})") == R"(patch_json is no patch with $inc in it: /dbc_txn adds to numbers: {"op": "update", …, "add": {"n":2}})");
  BOOST_TEST(patched(R"({"n":{"$inc":1}})") == R"(patch_json is no patch with $inc in it: /dbc_txn adds to numbers: {"op": "update", …, "add": {"n":1}})");
  BOOST_TEST(patched(R"({"a":{"b":{"$push":"c"}}})") == R"(patch_json is no patch with $push in it: write the whole list, e.g. {"tags": ["a", "b"]})");
  BOOST_TEST(patched(R"({"when":{"$date":"2026-11-29"}})") == "accepted");
  BOOST_TEST(patched(R"({"$unset":{"a":"","b":1}})") == R"(patch_json is no patch with $unset in it: null removes a field: write {"a":null,"b":null})");
  BOOST_TEST(contains(patched(R"({"$push":{"tags":"a"}})"), "write the whole list"));
  BOOST_TEST(contains(patched(R"({"a":1,"$x":1})"), "patch_json names a field \"$x\""));
  BOOST_TEST(patched(R"({"$x":null})") == "accepted");  // so that one that is there can go
}

BOOST_AUTO_TEST_CASE(a_row_is_no_larger_with_its_key_than_rows_may_be) {
  std::string json = R"({"n":")" + std::string(64, 'x') + R"("})";
  auto checked = [&](std::size_t cap) { return check_row({"k", json}, "id", cap); };
  BOOST_TEST(checked(json.size() + 9).has_value());
  BOOST_TEST((checked(json.size() + 8).error().code == errc::too_large));
  BOOST_TEST(checked(json.size() + 8).error().message == "value_json would have 81 bytes as it is kept; at most 80 are allowed");
}

BOOST_AUTO_TEST_CASE(a_patch_with_a_field_and_a_path_into_it_is_ambiguous_in_either_order) {
  auto patched = [](std::string patch) {
    auto checked = check_patch(patch, cap);
    return checked ? "accepted" : checked.error().message;
  };
  auto refused = R"(patch_json names both "a" and "a.b", which may be a field in it: put what changes into one object, like {"a": {…}}, or give two updates)";
  BOOST_TEST(patched(R"({"a":{"c":1},"a.b":2})") == refused);
  BOOST_TEST(patched(R"({"a.b":2,"a":{"c":1}})") == refused);
  BOOST_TEST(contains(patched(R"({"o":{"a.b.c":2,"a.b":null}})"), R"(both "a.b" and "a.b.c")"));
  BOOST_TEST(patched(R"({"a.b":2,"a.c":1,"ab":3})") == "accepted");
  auto deep = [](int parts) {
    std::string path = "a";
    for (int i = 1; i < parts; ++i) path += ".a";
    return path;
  };
  BOOST_TEST(contains(patched(fmt::format(R"({{"{}":1,"{}":2}})", deep(15), deep(16))), "names both"));
  BOOST_TEST(patched(fmt::format(R"({{"{}":1,"{}":2}})", deep(16), deep(17))) == "accepted");  // neither is a path into anything
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
