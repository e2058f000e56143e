// What makes rows findable by Discord's search: whoever fulfils an equality has its token in his message.

#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "dbcord/base/random.hpp"
#include "protocol/canonical_value.hpp"
#include "protocol/row_message.hpp"
#include "protocol/search_tokens.hpp"

using namespace dbcord;
using namespace dbcord::protocol;

namespace {

constexpr base::channel_id channel{77};

std::vector<std::string> tokens(const std::string& json) { return tokens_of(channel, *parse_json(json), 1'000).words; }

std::optional<std::string> demanded(const std::string& where) {
  auto p = predicate::parse(where);
  BOOST_REQUIRE(p.has_value());
  auto conditions = p->demanded();
  return conditions.size() == 1 ? token_demanded(channel, *conditions.front()) : std::nullopt;
}

bool has(const std::vector<std::string>& words, const std::string& word) { return std::find(words.begin(), words.end(), word) != words.end(); }

// Small values, so that a query and a row meet often.
std::string draw_value(base::random_source& random, int depth) {
  static const char* scalars[] = {"1", "1.0", "10e-1", "\"1\"", "true", "false", "null", "\"\\u0061\"", "\"a\"", "-0", "0", "\"\""};
  static const char* names[] = {"a", "b", "a.b", "b.a", "0", "é"};
  auto kind = random.below(depth > 3 ? 1 : 3);
  if (kind == 0) return scalars[random.below(std::size(scalars))];
  std::string out = kind == 1 ? "[" : "{";
  for (auto n = random.below(4); n > 0; --n) {
    if (kind == 2) out += "\"" + std::string(names[random.below(std::size(names))]) + "\":";
    out += draw_value(random, depth + 1) + (n > 1 ? "," : "");
  }
  return out + (kind == 1 ? "]" : "}");
}

std::string draw_row(base::random_source& random) {
  std::string row = "{\"id\":\"k\"";
  for (auto name : {"a", "b", "a.b"}) {
    if (random.below(3) != 0) row += ",\"" + std::string(name) + "\":" + draw_value(random, 0);
  }
  return row + "}";
}

std::string draw_equality(base::random_source& random) {
  static const char* paths[] = {"a", "b", "a.b", "b.a", "a.a", "a.b.a", "b.b.b", "a.0", "0", "a.0.b", "é", "a.é"};
  return "{\"" + std::string(paths[random.below(std::size(paths))]) + "\":" + draw_value(random, 4) + "}";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(search_tokens)

BOOST_AUTO_TEST_CASE(tokens_are_letters_of_one_length_and_depend_on_table_field_and_value) {
  auto words = tokens(R"({"id":"u_1","n":1,"ok":true,"none":null,"address":{"city":"Köln"},"tags":["x","y","x"]})");
  BOOST_TEST(words.size() == 7u);  // the table, id, n, ok, city, x, y
  for (const auto& word : words) {
    BOOST_TEST(word.size() == search_token_letters);
    BOOST_TEST(std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; }), word);
  }
  BOOST_TEST(words.front() == table_token(channel));
  BOOST_TEST(table_token(base::channel_id{78}) != table_token(channel));
  BOOST_TEST(value_token(channel, "a", "1") != value_token(channel, "b", "1"));
  BOOST_TEST(value_token(channel, "a", "1") != value_token(channel, "a", "2"));
  BOOST_TEST(value_token(channel, "a", "b 1") != value_token(channel, "a b", "1"));
  BOOST_TEST(value_token(channel, "a", "1") != value_token(base::channel_id{78}, "a", "1"));
}

// They stand in messages for good.
BOOST_AUTO_TEST_CASE(tokens_never_change) {
  BOOST_TEST(table_token(base::channel_id{1'000}) == "rblzqvybot");
  BOOST_TEST(value_token(base::channel_id{1'000}, "address.city", "\"Bonn\"") == "ouvwitlurt");
}

BOOST_AUTO_TEST_CASE(equal_values_have_one_token_however_they_are_written) {
  for (std::string where : {R"({"n":1})", R"({"n":1.0})", R"({"n":10e-1})", R"({"n":{"$eq":1}})"}) {
    BOOST_TEST(has(tokens(R"({"n":1.00})"), *demanded(where)), where);
  }
  BOOST_TEST(!has(tokens(R"({"n":1})"), *demanded(R"({"n":"1"})")));
  BOOST_TEST(has(tokens(R"({"p":[{"q":["a",2]}]})"), *demanded(R"({"p.q":2})")));
  BOOST_TEST(has(tokens(R"({"p.q":2})"), *demanded(R"({"p.q":2})")));
}

BOOST_AUTO_TEST_CASE(what_tokens_cannot_answer_has_none) {
  for (std::string where : {R"({"n":null})", R"({"n":[1]})", R"({"n":{"a":1}})", R"({"n":{"$gt":1}})", R"({"n":{"$in":[1]}})", R"({"tags.0":1})",
                            R"({"0":1})", R"({"a.7.b":1})"}) {
    BOOST_TEST(!demanded(where).has_value(), where);
  }
}

BOOST_AUTO_TEST_CASE(every_row_that_fulfils_an_equality_has_its_token) {
  base::seeded_random random{20261126};
  int matched = 0;
  for (int i = 0; i < 50'000; ++i) {
    auto row = draw_row(random), where = draw_equality(random);
    auto token = demanded(where);
    if (!token || !predicate::parse(where)->matches(*parse_json(row))) continue;
    ++matched;
    BOOST_TEST_REQUIRE(has(tokens(row), *token), row << " fulfils " << where);
  }
  BOOST_TEST(matched > 500);
}

BOOST_AUTO_TEST_CASE(a_row_message_holds_the_tokens_and_says_so) {
  row_version row{7, "users", "u_1", 3, 99, R"({"id":"u_1","role":"student"})", channel};
  auto with = encode_row(row);
  for (const auto& word : tokens(row.json)) BOOST_TEST(with.content.find(word) != std::string::npos, word);
  auto header = decode_row(with.content);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(header->searchable);
  BOOST_TEST(*decode_row_json(*header, with.content, {}) == row.json);
  row.channel = {};
  auto without = decode_row(encode_row(row).content);  // as older versions wrote them
  BOOST_REQUIRE(without.has_value());
  BOOST_TEST(!without->searchable);
}

BOOST_AUTO_TEST_CASE(a_row_with_too_many_values_says_that_it_lacks_tokens) {
  std::string many = "{\"id\":\"u_1\"";
  for (int i = 0; i < 120; ++i) many += ",\"f" + std::to_string(i) + "\":" + std::to_string(i);
  many += "}";
  row_version row{7, "users", "u_1", 3, 99, many, channel};
  auto message = encode_row(row);
  BOOST_TEST(message.content.size() <= 2000u);
  BOOST_TEST(!message.attachment.has_value());
  auto header = decode_row(message.content);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(!header->searchable);
  BOOST_TEST(message.content.find(value_token(channel, "f0", canonical_number("0"))) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tokens_never_push_a_row_out_of_its_message) {
  for (std::size_t size = 1'500; size < 2'000; ++size) {
    row_version row{7, "users", "u_1", 3, 99, "{\"id\":\"u_1\",\"text\":\"" + std::string(size, 'x') + "\"}", channel};
    auto with = encode_row(row);
    row.channel = {};
    auto without = encode_row(row);
    BOOST_TEST_REQUIRE(with.content.size() <= 2000u);
    BOOST_TEST_REQUIRE(with.attachment.has_value() == without.attachment.has_value());
    auto header = decode_row(with.content);
    BOOST_TEST_REQUIRE(header.has_value());
    if (with.attachment) BOOST_TEST_REQUIRE(header->searchable);
  }
}

BOOST_AUTO_TEST_SUITE_END()
