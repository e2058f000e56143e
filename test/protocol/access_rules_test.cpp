#include "protocol/access_rules.hpp"

#include <boost/test/unit_test.hpp>

#include "protocol/transaction.hpp"

using namespace dbcord;
using namespace dbcord::protocol;

BOOST_AUTO_TEST_SUITE(access_of_roles)

BOOST_AUTO_TEST_CASE(a_level_without_roles_is_open_and_higher_levels_include_lower_ones) {
  access_rules rules;
  std::vector<base::role_id> none, seven{{7}}, nine{{9}};
  BOOST_TEST(rules.allows(access_level::administer, none));
  rules.write = {base::role_id{7}};
  rules.administer = {base::role_id{9}};
  BOOST_TEST(rules.allows(access_level::read, none));
  BOOST_TEST(!rules.allows(access_level::write, none));
  BOOST_TEST(rules.allows(access_level::write, seven));
  BOOST_TEST(rules.allows(access_level::write, nine));
  BOOST_TEST(!rules.allows(access_level::administer, seven));
  BOOST_TEST(rules.allows(access_level::none, none));
  rules.write.clear();
  BOOST_TEST(rules.allows(access_level::write, none));
  rules.read = {base::role_id{7}};  // who writes is shown rows
  BOOST_TEST(!rules.allows(access_level::write, none));
  BOOST_TEST(rules.allows(access_level::write, seven));
  BOOST_TEST(rules.allows(access_level::write, nine));
}

BOOST_AUTO_TEST_CASE(rules_read_what_they_write_and_nothing_else) {
  access_rules rules;
  rules.read = {base::role_id{1}, base::role_id{2}};
  rules.administer = {base::role_id{3}};
  BOOST_TEST(rules.json() == R"({"read":["1","2"],"administer":["3"]})");
  BOOST_TEST(access_rules::parse(rules.json()).value().json() == rules.json());
  BOOST_TEST(access_rules::parse(R"({"read":["2","1","2"]})").value().json() == R"({"read":["1","2"]})");
  BOOST_TEST(access_rules::parse("{}").value().empty());
  for (auto bad : {"", "[]", R"({"read":7})", R"({"read":[7]})", R"({"read":["x"]})", R"({"read":"7"})"}) BOOST_TEST(!access_rules::parse(bad).has_value());
}

BOOST_AUTO_TEST_CASE(dropping_and_access_are_operations_of_the_log) {
  transaction t;
  t.operations.push_back(drop_table{3, "users", base::channel_id{44}});
  t.operations.push_back(set_access{0, R"({"write":["7"]})"});
  auto body = encode_transactions({t});
  BOOST_TEST(body == "{\"operations\":2}\n{\"drop\":\"users\",\"t\":3,\"channel\":\"44\"}\n{\"access\":{\"write\":[\"7\"]},\"t\":0}");
  auto read = decode_transactions(body);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(encode_transactions(*read) == body);
  BOOST_TEST(!decode_transactions("{\"operations\":1}\n{\"drop\":\"users\",\"t\":3}").has_value());
  BOOST_TEST(!decode_transactions("{\"operations\":1}\n{\"access\":[],\"t\":0}").has_value());
}

BOOST_AUTO_TEST_CASE(the_policy_of_deletions_is_an_operation_of_the_log) {
  transaction t;
  t.operations.push_back(set_deletions{0, true});
  t.operations.push_back(set_deletions{0, false});
  auto body = encode_transactions({t});
  BOOST_TEST(body == "{\"operations\":2}\n{\"deletions\":\"accept\",\"t\":0}\n{\"deletions\":\"restore\",\"t\":0}");
  auto read = decode_transactions(body);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(encode_transactions(*read) == body);
  BOOST_TEST(!decode_transactions("{\"operations\":1}\n{\"deletions\":\"maybe\",\"t\":0}").has_value());
}

BOOST_AUTO_TEST_CASE(that_rows_of_a_table_have_threads_is_an_operation_of_the_log) {
  transaction t;
  t.operations.push_back(set_row_threads{0, 7, true});
  t.operations.push_back(set_row_threads{0, 8, false});
  auto body = encode_transactions({t});
  BOOST_TEST(body == "{\"operations\":2}\n{\"row_threads\":\"on\",\"of\":7,\"t\":0}\n{\"row_threads\":\"off\",\"of\":8,\"t\":0}");
  auto read = decode_transactions(body);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(encode_transactions(*read) == body);
  BOOST_TEST(!decode_transactions("{\"operations\":1}\n{\"row_threads\":\"maybe\",\"of\":7,\"t\":0}").has_value());
  BOOST_TEST(!decode_transactions("{\"operations\":1}\n{\"row_threads\":\"on\",\"t\":0}").has_value());
}

BOOST_AUTO_TEST_CASE(that_an_index_has_a_channel_is_an_operation_of_the_log) {
  transaction t;
  t.operations.push_back(set_index_channel{7, 2, true});
  t.operations.push_back(set_index_channel{8, 1, false});
  auto body = encode_transactions({t});
  BOOST_TEST(body == "{\"operations\":2}\n{\"index_channel\":\"on\",\"t\":7,\"i\":2}\n{\"index_channel\":\"off\",\"t\":8,\"i\":1}");
  auto read = decode_transactions(body);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(encode_transactions(*read) == body);
  BOOST_TEST(!decode_transactions("{\"operations\":1}\n{\"index_channel\":\"maybe\",\"t\":7,\"i\":2}").has_value());
  BOOST_TEST(!decode_transactions("{\"operations\":1}\n{\"index_channel\":\"on\",\"t\":7}").has_value());
}

BOOST_AUTO_TEST_CASE(that_a_database_is_dropped_or_restored_is_an_operation_of_the_log) {
  transaction t;
  t.operations.push_back(drop_database{});
  t.operations.push_back(end_restore{});
  auto body = encode_transactions({t});
  BOOST_TEST(body == "{\"operations\":2}\n{\"database\":\"dropped\",\"t\":0}\n{\"database\":\"restored\",\"t\":0}");
  auto read = decode_transactions(body);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(encode_transactions(*read) == body);
  BOOST_TEST(!decode_transactions("{\"operations\":1}\n{\"database\":\"lost\",\"t\":0}").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
