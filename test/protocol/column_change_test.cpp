// What a change of columns makes of rows, patches and schemas.

#include "protocol/column_change.hpp"

#include <boost/test/unit_test.hpp>

#include "protocol/checkpoint_image.hpp"
#include "protocol/transaction.hpp"

using namespace dbcord;
using namespace dbcord::protocol;

namespace {

constexpr std::size_t row_cap = 1024;

json_node node(std::string_view json) {
  auto parsed = parse_json(json);
  BOOST_TEST_REQUIRE(parsed.has_value());
  return *parsed;
}

std::string applied(const column_change& change, std::string_view row) {
  auto changed = node(row);
  bool differs = change.apply(changed);
  BOOST_TEST(differs == (to_json(changed) != to_json(node(row))));
  BOOST_TEST(!change.apply(changed));  // it is in the new form now
  return to_json(changed);
}

std::string patched(const column_change& change, std::string_view patch) {
  auto changed = node(patch);
  change.apply_to_patch(changed);
  return to_json(changed);
}

std::string schema_after(const column_change& change, std::string_view schema) {
  auto after = change.apply_to(*row_schema::parse(schema));
  return after ? after->json() : after.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(column_changes)

BOOST_AUTO_TEST_CASE(rows_get_the_new_form_once) {
  auto add = *column_change::add("a.n", R"({"type":"int","default":7})");
  BOOST_TEST(applied(add, R"({"id":"x"})") == R"({"id":"x","a":{"n":7}})");
  BOOST_TEST(applied(add, R"({"a":{"n":null}})") == R"({"a":{"n":null}})");
  BOOST_TEST(applied(add, R"({"a":5})") == R"({"a":5})");
  auto drop = *column_change::drop("a.n");
  BOOST_TEST(applied(drop, R"({"a":{"n":1,"m":2},"n":3})") == R"({"a":{"m":2},"n":3})");
  BOOST_TEST(applied(drop, R"({"a.n":1})") == "{}");
  auto rename = *column_change::rename("n", "x.y");
  BOOST_TEST(applied(rename, R"({"n":1.50,"m":2})") == R"({"m":2,"x":{"y":1.50}})");
  BOOST_TEST(applied(rename, R"({"n":1,"x":{"y":2}})") == R"({"x":{"y":2}})");  // who writes both means the new one
  BOOST_TEST(applied(rename, R"({"n":1,"x":2})") == R"({"n":1,"x":2})");        // no room
}

BOOST_AUTO_TEST_CASE(patches_for_the_old_form_mean_the_same_in_the_new_one) {
  auto rename = *column_change::rename("a.n", "m");
  BOOST_TEST(patched(rename, R"({"a":{"n":2,"k":1}})") == R"({"a":{"k":1},"m":2})");
  BOOST_TEST(patched(rename, R"({"a":{"n":null}})") == R"({"a":{},"m":null})");
  BOOST_TEST(patched(rename, R"({"a":null})") == R"({"a":null})");
  BOOST_TEST(patched(*column_change::drop("n"), R"({"n":2,"m":1})") == R"({"m":1})");
  BOOST_TEST(patched(*column_change::add("n", R"({"default":1})"), R"({"m":1})") == R"({"m":1})");
}

BOOST_AUTO_TEST_CASE(schemas_follow) {
  std::string_view schema = R"({"required":["id","a.n"],"properties":{"id":"str","a":{"type":"dict","properties":{"n":"int","m":{"type":"int","min":1}}}}})";
  BOOST_TEST(schema_after(*column_change::drop("a.n"), schema) == R"({"required":["id"],"properties":{"id":"str","a":{"type":"dict"},"a.m":{"type":"int","min":1}}})");
  BOOST_TEST(schema_after(*column_change::drop("a"), schema) == R"({"required":["id"],"properties":{"id":"str"}})");
  BOOST_TEST(schema_after(*column_change::rename("a.n", "k"), schema) ==
             R"({"required":["id","k"],"properties":{"id":"str","a":{"type":"dict"},"k":"int","a.m":{"type":"int","min":1}}})");
  BOOST_TEST(schema_after(*column_change::add("k", R"({"type":"str","required":true})"), "{}") == R"({"properties":{"k":{"type":"str","required":true}}})");
  BOOST_TEST(schema_after(*column_change::add("a", "{}"), schema) == "the schema has a field a already");
  BOOST_TEST(schema_after(*column_change::rename("id", "a"), schema) == "the schema has a field a already");
}

BOOST_AUTO_TEST_CASE(obstacles_are_told) {
  auto rename = *column_change::rename("n", "m.k");
  BOOST_TEST(!rename.obstacle(node(R"({"n":1})"), row_cap).has_value());
  BOOST_TEST(*rename.obstacle(node(R"({"n":1,"m":{"k":2}})"), row_cap) == "it has a field m.k already");
  BOOST_TEST(*rename.obstacle(node(R"({"n":1,"m":[]})"), row_cap) == "there is no room for m.k: something on the way is no object");
  BOOST_TEST(*column_change::drop("a.n")->obstacle(node(R"({"a":[{"n":1}]})"), row_cap) == "the field a.n lies in a list");
  BOOST_TEST(*column_change::add("n", R"({"type":"int","required":true})")->obstacle(node("{}"), row_cap) == "the field n is missing");
  BOOST_TEST(!column_change::add("n", R"({"type":"int","required":true,"default":1})")->obstacle(node("{}"), row_cap).has_value());
  std::string deep = R"({"n":)";
  for (int i = 0; i < 62; ++i) deep += "[";
  deep += std::string(62, ']') + "}";
  BOOST_TEST(*column_change::rename("n", "m.k.l")->obstacle(node(deep), row_cap) == "it would be nested too deeply");
  auto large = node(R"({"n":")" + std::string(row_cap - 8, 'x') + R"("})");
  BOOST_TEST(*column_change::rename("n", "nn")->obstacle(large, row_cap) == "it would have 1025 bytes, and at most 1024 are allowed");
  BOOST_TEST(!column_change::rename("n", "m")->obstacle(large, row_cap).has_value());
  BOOST_TEST(column_change::add("m", R"({"default":1})")->unwritable(large, row_cap).has_value());
}

BOOST_AUTO_TEST_CASE(unusable_changes_are_refused_in_a_sentence) {
  for (auto field : {"", ".a", "a.", "a..b", "$a"}) BOOST_TEST(column_change::drop(field).error().message.find("is not usable as a field") != std::string::npos, field);
  BOOST_TEST(column_change::parse(R"({"rename":"a","to":"p.$b"})").has_value());  // not made any more, but logs have it
  BOOST_TEST(column_change::rename("a", "a.b").error().message == "a and a.b lie in each other; rename in two steps");
  BOOST_TEST(column_change::add("n", R"({"type":"int","default":"x"})").error().message.find("default") != std::string::npos);
  BOOST_TEST(column_change::add("n", "{").error().message.starts_with("not valid JSON"));
  for (auto json : {"", "{}", "[]", R"({"add":"n"})", R"({"rename":"n"})", R"({"drop":5})"}) BOOST_TEST(!column_change::parse(json).has_value(), json);
}

BOOST_AUTO_TEST_CASE(they_survive_the_log_and_the_checkpoint) {
  for (const auto& change : {*column_change::add("a.b", R"({"type":"int","default":1})"), *column_change::drop("x"), *column_change::rename("x", "y.z")}) {
    BOOST_TEST(column_change::parse(change.json())->json() == change.json());
    transaction t;
    t.operations.push_back(begin_alteration{3, change.json(), R"({"required":["id"]})"});
    t.operations.push_back(end_alteration{3});
    t.operations.push_back(create_index{3, 4, "f", true, true, true});
    t.operations.push_back(index_outcome{3, 4, true, {}});
    t.operations.push_back(index_outcome{3, 5, false, "rows \"a\" and \"b\" have 1"});
    auto body = encode_transactions({t});
    auto back = decode_transactions(body);
    BOOST_REQUIRE(back.has_value());
    BOOST_TEST(encode_transactions(*back) == body);
    BOOST_TEST(std::get<begin_alteration>(back->at(0).operations.at(0)).change == change.json());
    BOOST_TEST(std::get<create_index>(back->at(0).operations.at(2)).building);
    BOOST_TEST(std::get<create_index>(back->at(0).operations.at(2)).channel);
    BOOST_TEST(std::get<index_outcome>(back->at(0).operations.at(4)).why == "rows \"a\" and \"b\" have 1");
  }
  for (auto line : {R"({"alter":{"drop":""},"new_schema":{},"t":1})", R"({"alter":{"drop":"x"},"t":1})", R"({"alter":{"drop":"x"},"new_schema":5,"t":1})",
                    R"({"index_outcome":"maybe","t":1,"i":2})", R"({"index_outcome":"ready","t":1})"}) {
    BOOST_TEST(!decode_transactions(std::string("{\"operations\":1}\n") + line).has_value(), line);
  }
}

BOOST_AUTO_TEST_SUITE_END()
