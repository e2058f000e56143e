// What stands on Discord: log records, transactions, control records, row messages, topics.
#include <boost/test/unit_test.hpp>

#include "protocol/channel_topic.hpp"
#include "protocol/control_record.hpp"
#include "protocol/json_node.hpp"
#include "protocol/log_record.hpp"
#include "protocol/machine_line.hpp"
#include "protocol/row_message.hpp"
#include "protocol/transaction.hpp"

using namespace dbcord;
using namespace dbcord::protocol;

namespace {

log_header some_header() {
  log_header h;
  h.epoch = 77;
  h.attempt = 3;
  h.lsn = 12;
  h.previous = std::string(32, 'a');
  return h;
}

transaction some_transaction() {
  transaction t{"1403", "1400", "dbc_insert", "", {}};
  t.operations.push_back(put_row{2, "ключ \"`<@", 4, R"({"id":"x","n":1.50})"});
  t.operations.push_back(delete_row{2, "gone", 9});
  t.operations.push_back(create_table{3, "posts", "slug", base::channel_id{55}});
  return t;
}

row_version some_row(std::string json) { return {7, "users", "u_1 é@", 3, 99, std::move(json)}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(record_suite)

BOOST_AUTO_TEST_CASE(a_log_record_survives_its_message) {
  auto body = encode_transactions({some_transaction()});
  auto encoded = encode_record(some_header(), "**log 12** 3 changes", body);
  BOOST_TEST(!encoded.attachment.has_value());
  BOOST_TEST(encoded.content.size() <= 2000u);
  auto header = decode_header(encoded.content);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(header->hash == encoded.header.hash);
  auto decoded = decode_transactions(*decode_body(*header, encoded.content, {}));
  BOOST_REQUIRE(decoded.has_value());
  BOOST_TEST(encode_transactions(*decoded) == body);
}

BOOST_AUTO_TEST_CASE(a_large_body_goes_into_an_attachment_byte_for_byte) {
  std::string body = "{\"operations\":0,\"id\":\"" + std::string(5000, 'x') + "é\"}";
  auto encoded = encode_record(some_header(), "**log**", body);
  BOOST_REQUIRE(encoded.attachment.has_value());
  BOOST_TEST(*encoded.attachment == body);
  auto header = decode_header(encoded.content);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(*decode_body(*header, encoded.content, body) == body);
}

BOOST_AUTO_TEST_CASE(damage_anywhere_is_noticed) {
  auto encoded = encode_record(some_header(), "**log**", encode_transactions({some_transaction()}));
  for (std::size_t i = encoded.content.find("```json"); i < encoded.content.size(); ++i) {
    auto damaged = encoded.content;
    damaged[i] = damaged[i] == '1' ? '2' : '1';
    auto header = decode_header(damaged);
    bool noticed = !header || !decode_body(*header, damaged, {});
    BOOST_TEST(noticed, "byte " << i);
  }
}

BOOST_AUTO_TEST_CASE(a_missing_or_wrong_attachment_is_an_error) {
  auto encoded = encode_record(some_header(), "**log**", std::string(3000, 'x'));
  auto header = *decode_header(encoded.content);
  BOOST_TEST(!decode_body(header, encoded.content, {}).has_value());
  BOOST_TEST(!decode_body(header, encoded.content, std::string(3000, 'y')).has_value());
  BOOST_TEST(!decode_body(header, encoded.content, std::string(2999, 'x')).has_value());
}

BOOST_AUTO_TEST_CASE(what_people_write_is_no_record) {
  for (std::string text : {"", "hello", "`dbcord/1 group`", "`dbcord/2 group a=1`", "`dbcord/1 group a=1 a=2`", "`dbcord/1 group a=`",
                           "`dbcord/1 `", "`dbcord/1 nonsense a=1`"}) {
    BOOST_TEST(!decode_header(text).has_value(), text);
    BOOST_TEST(!decode_row(text).has_value(), text);
    BOOST_TEST(!decode_claim(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(a_table_that_moves_survives_the_log) {
  transaction t;
  t.operations.push_back(move_table{3, base::channel_id{77}, base::channel_id{76}, base::message_id{1'234}});
  t.operations.push_back(move_table{4, base::channel_id{78}, base::channel_id{75}, {}});  // an empty one
  auto back = decode_transactions(encode_transactions({t}));
  BOOST_REQUIRE(back.has_value());
  auto moved = std::get<move_table>(back->at(0).operations.at(0));
  BOOST_TEST((moved.table == 3u && moved.channel == base::channel_id{77} && moved.before == base::channel_id{76} && moved.last == base::message_id{1'234}));
  BOOST_TEST(!std::get<move_table>(back->at(0).operations.at(1)).last);
  auto older = decode_transactions("{\"operations\":1}\n{\"move\":\"5\",\"t\":1,\"channel\":\"7\"}\n");
  BOOST_REQUIRE(older.has_value());
  BOOST_TEST(!std::get<move_table>(older->at(0).operations.at(0)).before);
  for (auto line : {R"({"move":"5","t":1})", R"({"move":"x","t":1,"channel":"7"})", R"({"move":"5","t":1,"channel":"x"})", R"({"move":5,"t":1,"channel":"7"})",
                    R"({"move":"5","t":1,"channel":"7","before":"x"})"}) {
    BOOST_TEST(!decode_transactions(std::string("{\"operations\":1}\n") + line).has_value(), line);
  }
}

BOOST_AUTO_TEST_CASE(damaged_transactions_are_refused) {
  auto body = encode_transactions({some_transaction()});
  BOOST_TEST(!decode_transactions(body.substr(0, body.rfind('\n'))).has_value());
  for (std::string bad : {"x", "{}", "{\"operations\":1}\n{\"t\":1}", "{\"operations\":1}\n{\"put\":\"k\",\"t\":1,\"v\":-1,\"row\":{}}",
                          "{\"operations\":1}\n{\"put\":\"k\",\"t\":1,\"v\":1,\"row\":5}", "{\"operations\":1}\n{\"create\":\"t\",\"t\":1,\"pk\":\"id\",\"channel\":\"x\"}"}) {
    BOOST_TEST(!decode_transactions(bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_CASE(a_row_survives_its_message) {
  auto row = some_row(R"({"id":"u_1 é@","text":"`<@& //  é"})");
  auto message = encode_row(row);
  BOOST_TEST(!message.attachment.has_value());
  auto header = decode_row(message.content);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(header->key == row.key);
  BOOST_TEST(header->lsn == row.lsn);
  BOOST_TEST(*decode_row_json(*header, message.content, {}) == row.json);
}

BOOST_AUTO_TEST_CASE(a_large_row_goes_into_an_attachment) {
  auto row = some_row("{\"id\":\"" + std::string(3000, 'z') + "\"}");
  auto message = encode_row(row);
  BOOST_REQUIRE(message.attachment.has_value());
  auto header = decode_row(message.content);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(*decode_row_json(*header, message.content, message.attachment) == row.json);
  BOOST_TEST(!decode_row_json(*header, message.content, std::string("{}")).has_value());
}

BOOST_AUTO_TEST_CASE(the_longest_key_still_fits_into_a_message) {
  auto row = some_row("{}");
  row.key = std::string(max_key_bytes, '`');
  row.table_name = std::string(32, 't');
  row.version = row.lsn = UINT64_MAX;
  auto message = encode_row(row);
  BOOST_TEST(message.content.size() <= 2000u);
  BOOST_TEST(decode_row(message.content)->key == row.key);
}

BOOST_AUTO_TEST_CASE(a_changed_row_message_is_not_a_row) {
  auto content = encode_row(some_row(R"({"id":"u_1","n":1})")).content;
  content.replace(content.find("\"n\":1"), 5, "\"n\":2");
  BOOST_TEST(!decode_row(content).has_value());
}

BOOST_AUTO_TEST_CASE(control_records_and_topics_survive) {
  auto claim = decode_claim(encode_claim({"abc", 1700000000, true}));
  BOOST_REQUIRE(claim.has_value());
  BOOST_TEST((claim->instance == "abc" && claim->stated_s == 1700000000 && claim->take_over));
  auto held = decode_held(encode_held({base::message_id{5}, base::message_id{4}}));
  BOOST_REQUIRE(held.has_value());
  BOOST_TEST((held->claim.value == 5u && held->holder.value == 4u));
  channel_topic topic{channel_role::table, "0123456789abcdef", "prod", "users-x"};
  auto decoded = decode_topic(encode_topic(topic));
  BOOST_REQUIRE(decoded.has_value());
  BOOST_TEST((decoded->role == channel_role::table && decoded->database_name == "prod" && decoded->object == "users-x"));
  BOOST_TEST(!decode_topic("just a topic with a `tick`").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
