#include "simulation/store_checks.hpp"

#include <boost/test/unit_test.hpp>

#include "protocol/row_message.hpp"

using namespace dbcord;
using namespace dbcord::simulation;

namespace {

constexpr base::channel_id table_channel{100};
constexpr base::channel_id log_channel{200};

seen_message message(std::uint64_t id, const std::string& key, std::uint64_t version, std::uint64_t lsn,
                     const std::string& json) {
  protocol::row_version row;
  row.table = 7;
  row.table_name = "t";
  row.key = key;
  row.version = version;
  row.lsn = lsn;
  row.json = json;
  return {base::message_id{id}, protocol::encode_row(row).content};
}

table_content table(const std::string& key, std::uint64_t version, std::uint64_t lsn, const std::string& json,
                    std::uint64_t location, base::channel_id channel = table_channel) {
  database::row row;
  row.key = key;
  row.version = version;
  row.lsn = lsn;
  row.json = json;
  row.location.channel = channel;
  row.location.message = base::message_id{location};
  table_content content;
  content.name = "t";
  content.channel = table_channel;
  content.rows[key] = row;
  return content;
}

std::size_t faults(const table_content& memory, const std::vector<seen_message>& messages) {
  return check_table_messages(memory, messages).size();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_row_with_its_message_and_older_versions_of_it_is_fine) {
  auto memory = table("k", 2, 9, R"({"id":"k","v":2})", 12);
  BOOST_TEST(faults(memory, {message(11, "k", 1, 5, R"({"id":"k","v":1})"), message(12, "k", 2, 9, R"({"id":"k","v":2})")}) == 0);
}

BOOST_AUTO_TEST_CASE(a_row_whose_message_is_gone_is_a_violation) {
  auto memory = table("k", 1, 5, R"({"id":"k"})", 12);
  BOOST_TEST(faults(memory, {}) == 1);
  BOOST_TEST(faults(memory, {message(11, "k", 1, 5, R"({"id":"k"})")}) == 1);
}

BOOST_AUTO_TEST_CASE(a_row_that_was_never_written_to_its_table_is_a_violation) {
  BOOST_TEST(faults(table("k", 1, 5, R"({"id":"k"})", 12, log_channel), {}) == 1);
}

BOOST_AUTO_TEST_CASE(a_message_that_says_something_else_than_memory_is_a_violation) {
  auto memory = table("k", 1, 5, R"({"id":"k","v":1})", 12);
  BOOST_TEST(faults(memory, {message(12, "k", 1, 5, R"({"id":"k","v":2})")}) == 1);
  BOOST_TEST(faults(memory, {message(12, "k", 1, 4, R"({"id":"k","v":1})")}) == 1);
}

BOOST_AUTO_TEST_CASE(a_message_newer_than_memory_is_a_violation) {
  auto memory = table("k", 1, 5, R"({"id":"k","v":1})", 12);
  BOOST_TEST(faults(memory, {message(12, "k", 1, 5, R"({"id":"k","v":1})"), message(13, "k", 2, 6, R"({"id":"k","v":2})")}) == 1);
}

BOOST_AUTO_TEST_CASE(a_restart_that_loses_changes_or_invents_a_row_is_a_violation) {
  auto before = table("k", 1, 5, R"({"id":"k"})", 12);
  BOOST_TEST(compare({before}, {before}).empty());
  BOOST_TEST(compare({before}, {table("k", 2, 5, R"({"id":"k"})", 12)}).size() == 1);
  auto empty = before;
  empty.rows.clear();
  BOOST_TEST(compare({before}, {empty}).size() == 1);
  BOOST_TEST(compare({empty}, {before}).size() == 1);
  BOOST_TEST(compare({before}, {}).size() == 2);
  BOOST_TEST(compare({before}, {empty}, {true, true, before.name}).empty());
}

BOOST_AUTO_TEST_CASE(a_restart_keeps_past_versions_and_a_kill_may_only_bring_some_back) {
  auto one = table("k", 1, 5, R"({"id":"k"})", 12), two = one;
  two.past_versions = 1;
  BOOST_TEST(compare({one}, {two}).size() == 1);
  BOOST_TEST(compare({two}, {one}).size() == 1);
  BOOST_TEST(compare({one}, {two}, {true, true}).empty());
  BOOST_TEST(compare({two}, {one}, {true, true}).size() == 1);
  BOOST_TEST(compare({two}, {one}, {true, false}).empty());
  BOOST_TEST(compare({two}, {one}, {false, false}).empty());
}
