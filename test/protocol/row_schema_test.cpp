// Schemas: what fits, what is said of what does not, and of schemas that make no sense.

#include "protocol/row_schema.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord::protocol;

namespace {

std::string verdict(std::string_view schema, std::string_view row) {
  auto parsed = row_schema::parse(schema);
  BOOST_TEST_REQUIRE(parsed.has_value(), schema);
  auto node = parse_json(row);
  BOOST_TEST_REQUIRE(node.has_value(), row);
  return parsed->check(*node).value_or("fits");
}

std::string schema_refusal(std::string_view schema) {
  auto parsed = row_schema::parse(schema);
  return parsed ? "accepted" : parsed.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(row_schemas)

BOOST_AUTO_TEST_CASE(the_source_documents_schema_means_what_it_says) {
  auto schema = R"({"required":["id","email"],"properties":{"id":"str","email":"str","role":"str"}})";
  BOOST_TEST(verdict(schema, R"({"id":"u","email":"a@b"})") == "fits");
  BOOST_TEST(verdict(schema, R"({"id":"u","email":"a@b","free":[1]})") == "fits");
  BOOST_TEST(verdict(schema, R"({"id":"u"})") == "the field email is missing");
  BOOST_TEST(verdict(schema, R"({"id":"u","email":"a","role":5})") == "the field role must be of type str, not 5");
  BOOST_TEST(verdict(schema, R"({"id":"u","email":null})") == "the field email must be of type str, not null");
}

BOOST_AUTO_TEST_CASE(every_type_takes_its_own_values_only) {
  const char* values[] = {"\"x\"", "1", "1.0", "1.5", "true", "[]", "{}", "null"};
  struct {
    const char* type;
    const char* fits;  // a 1 for every value that does
  } types[] = {{"str", "10000000"}, {"int", "01100000"}, {"float", "01110000"}, {"bool", "00001000"},
               {"list", "00000100"}, {"dict", "00000010"}, {"any", "11111111"}};
  for (auto& t : types) {
    for (std::size_t i = 0; i < std::size(values); ++i) {
      auto schema = std::string(R"({"properties":{"a":")") + t.type + "\"}}";
      bool fits = verdict(schema, std::string("{\"a\":") + values[i] + "}") == "fits";
      BOOST_TEST(fits == (t.fits[i] == '1'), t.type << " " << values[i]);
    }
  }
}

BOOST_AUTO_TEST_CASE(rules_bound_values) {
  auto schema = R"({"properties":{"age":{"type":"int","min":0,"max":1.5e2},"name":{"type":"str","max_length":3,"nullable":true},
                    "role":{"enum":["admin","user",1]},"tags":{"type":"list","max_length":2},"big":{"min":123456789012345678901}}})";
  BOOST_TEST(verdict(schema, R"({"age":150,"name":"äöü","role":1.0,"tags":[1,2]})") == "fits");
  BOOST_TEST(verdict(schema, R"({"age":-1})") == "the field age must be at least 0, not -1");
  BOOST_TEST(verdict(schema, R"({"age":151})") == "the field age must be at most 1.5e2, not 151");
  BOOST_TEST(verdict(schema, R"({"name":"abcd"})") == "the field name may have at most 3 characters, not 4");
  BOOST_TEST(verdict(schema, R"({"name":null})") == "fits");
  BOOST_TEST(verdict(schema, R"({"role":"root"})") == R"(the field role must be one of "admin", "user", 1, not "root")");
  BOOST_TEST(verdict(schema, R"({"tags":[1,2,3]})") == "the field tags may have at most 2 items, not 3");
  BOOST_TEST(verdict(schema, R"({"big":123456789012345678900})").starts_with("the field big must be at least"));
}

BOOST_AUTO_TEST_CASE(paths_and_nested_properties_are_the_same) {
  for (auto schema : {R"({"required":["a.b"],"properties":{"a.b":"int"}})",
                      R"({"properties":{"a":{"type":"dict","properties":{"b":{"type":"int","required":true}}}}})"}) {
    BOOST_TEST(verdict(schema, R"({"a":{"b":1}})") == "fits");
    BOOST_TEST(verdict(schema, R"({"a":{"b":"x"}})") == R"(the field a.b must be of type int, not "x")");
    BOOST_TEST(verdict(schema, R"({"a":{}})") == "the field a.b is missing");
  }
  BOOST_TEST(verdict(R"({"properties":{"items.price":"float"}})", R"({"items":[{"price":1},{"price":"x"}]})") ==
             R"(the field items.price must be of type float, not "x")");
}

BOOST_AUTO_TEST_CASE(what_an_optional_object_must_have_may_be_missing_with_it) {
  auto optional = R"({"properties":{"o":{"type":"dict","properties":{"p":{"type":"dict","required":true,"properties":{"n":{"required":true}}}}}}})";
  BOOST_TEST(verdict(optional, "{}") == "fits");
  BOOST_TEST(verdict(optional, R"({"o":{}})") == "the field o.p is missing");
  BOOST_TEST(verdict(optional, R"({"o":{"p":{}}})") == "the field o.p.n is missing");
  BOOST_TEST(verdict(optional, R"({"o":{"p":{"n":1}}})") == "fits");
  BOOST_TEST(verdict(R"({"required":["o","o.n"],"properties":{"o":"dict"}})", "{}") == "the field o is missing");
  BOOST_TEST(verdict(R"({"required":["o.n"]})", "{}") == "the field o.n is missing");  // of an object without a rule
}

BOOST_AUTO_TEST_CASE(defaults_fill_what_is_missing) {
  auto schema = row_schema::parse(R"({"properties":{"role":{"type":"str","default":"user"},"a.b":{"default":1},"n":{"nullable":true,"default":null}}})");
  BOOST_TEST_REQUIRE(schema.has_value());
  auto filled = [&](const char* row) {
    auto node = parse_json(row);
    schema->fill_defaults(*node);
    return to_json(*node);
  };
  BOOST_TEST(filled(R"({"id":1})") == R"({"id":1,"a":{"b":1},"n":null,"role":"user"})");
  BOOST_TEST(filled(R"({"role":"admin","a":{"b":2},"n":5})") == R"({"role":"admin","a":{"b":2},"n":5})");
  BOOST_TEST(filled(R"({"a":7,"role":null})") == R"({"a":7,"role":null,"n":null})");
}

BOOST_AUTO_TEST_CASE(schemas_that_make_no_sense_are_refused_with_the_fields_name) {
  BOOST_TEST(schema_refusal("{").starts_with("not valid JSON"));
  BOOST_TEST(schema_refusal("[]").starts_with("a schema must be a JSON object"));
  BOOST_TEST(schema_refusal(R"({"fields":{}})") == "a schema has no part \"fields\"; known are required and properties");
  BOOST_TEST(schema_refusal(R"({"required":"id"})").starts_with("required must be a list"));
  BOOST_TEST(schema_refusal(R"({"required":[1]})").starts_with("required must be a list"));
  BOOST_TEST(schema_refusal(R"({"properties":[]})").starts_with("properties must be an object"));
  BOOST_TEST(schema_refusal(R"({"properties":{"a":"string"}})") ==
             "the field a has the type \"string\", which is not known; known are str, int, float, bool, list, dict, any");
  BOOST_TEST(schema_refusal(R"({"properties":{"a":1}})") == "the field a needs a type or an object of rules");
  BOOST_TEST(schema_refusal(R"({"properties":{"a":{"maximum":1}}})").starts_with("the field a has the rule \"maximum\", which is not known"));
  BOOST_TEST(schema_refusal(R"({"properties":{"a":{"min":"1"}}})") == "the field a needs a number for min");
  BOOST_TEST(schema_refusal(R"({"properties":{"a":{"min":2,"max":1}}})") == "the field a has a min above its max");
  BOOST_TEST(schema_refusal(R"({"properties":{"a":{"enum":[]}}})") == "the field a needs a list of values for enum");
  BOOST_TEST(schema_refusal(R"({"properties":{"a":{"max_length":-1}}})") == "the field a needs a whole number from 0 for max_length");
  BOOST_TEST(schema_refusal(R"({"properties":{"a":{"required":1}}})") == "the field a needs true or false for required");
  BOOST_TEST(schema_refusal(R"({"properties":{"a":{"type":"int","default":"x"}}})") ==
             "the field a has a default that breaks its own rules: the field a must be of type int, not \"x\"");
  BOOST_TEST(schema_refusal(R"({"properties":{"":"int"}})") == "a field's name is empty");
}

BOOST_AUTO_TEST_SUITE_END()
