// Pages: what is written is read again, by key and as a whole; what is damaged is refused.

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "protocol/json_node.hpp"
#include "protocol/row_page.hpp"

using namespace dbcord::protocol;

namespace {

std::vector<row_version> some_rows(std::size_t count, std::size_t json_bytes) {
  std::vector<row_version> rows;
  for (std::size_t i = 0; i < count; ++i) {
    row_version row{7, "users", fmt::format("k{:06}", i), 1 + i % 3, 1000 + i, {}};
    row.json = fmt::format(R"({{"id":"{}","text":"{}"}})", row.key, std::string(json_bytes, 'x'));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(row_page)

BOOST_AUTO_TEST_CASE(every_row_of_a_page_is_found_again) {
  auto rows = some_rows(9'000, 200);
  auto page = encode_page(rows);
  BOOST_TEST(page.content.size() <= 2000u);
  BOOST_TEST(page.part_of_row.size() == rows.size());
  BOOST_TEST(page.parts.size() == 5u);
  auto header = decode_page(page.content);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(header->table == 7u);
  BOOST_TEST(header->rows == rows.size());
  BOOST_TEST(header->newest_lsn == 9'999u);
  std::size_t next = 0;
  for (unsigned part = 1; part <= page.parts.size(); ++part) {
    const auto& bytes = page.parts[part - 1];
    BOOST_TEST(bytes.size() <= page_part_bytes);
    auto slots = decode_page_part(*header, part, bytes);
    BOOST_REQUIRE(slots.has_value());
    for (const auto& slot : *slots) {
      const auto& row = rows[next];
      BOOST_REQUIRE(page.part_of_row[next] == part);
      bool same = slot.key == row.key && slot.version == row.version && slot.lsn == row.lsn && slot.json == row.json;
      BOOST_REQUIRE(same);
      auto found = find_in_page_part(bytes, row.key);
      BOOST_REQUIRE(found.has_value());
      BOOST_REQUIRE(found->json == row.json);
      ++next;
    }
    BOOST_TEST(!find_in_page_part(bytes, "k").has_value());
    BOOST_TEST(!find_in_page_part(bytes, "k000000x").has_value());
    BOOST_TEST(!find_in_page_part(bytes, "z").has_value());
  }
  BOOST_TEST(next == rows.size());
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_left_to_the_next_page) {
  auto rows = some_rows(120, page_row_bytes_max - 100);
  auto page = encode_page(rows);
  BOOST_TEST(page.parts.size() == page_parts_max);
  BOOST_TEST(page.part_of_row.size() < rows.size());
  BOOST_TEST(page.part_of_row.size() >= 70u);
}

BOOST_AUTO_TEST_CASE(hostile_keys_stay_within_a_message_and_come_back) {
  std::vector<row_version> rows;
  std::string quotes(max_key_bytes, '"'), wide;
  for (int i = 0; i < 60; ++i) wide += "\xF0\x9F\x98\x80";
  for (std::string key : {std::string("`@everyone`"), quotes, std::string("a\\"), wide, std::string("[1,2,")}) {
    std::string json = "{\"id\":";
    append_json_string(json, key);
    rows.push_back({1, "t", key, 1, 5, json + "}"});
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  auto page = encode_page(rows);
  BOOST_TEST(page.content.size() <= 2000u);
  BOOST_TEST(page.content.find("@everyone") == std::string::npos);
  for (char c : page.content) BOOST_REQUIRE(static_cast<unsigned char>(c) < 0x80);
  for (const auto& row : rows) {
    BOOST_TEST(page_line_bound(row) >= row.json.size() + row.key.size());
    auto found = find_in_page_part(page.parts.at(0), row.key);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->json == row.json);
  }
}

BOOST_AUTO_TEST_CASE(ten_parts_of_the_longest_keys_fit_into_a_message) {
  std::vector<row_version> rows;
  for (int i = 0; i < 90; ++i) {
    row_version row{~0ull, std::string(32, 'n'), fmt::format("{:03}", i) + std::string(max_key_bytes - 3, '\''), 1, ~0ull, {}};
    row.json = "{\"a\":\"" + std::string(page_row_bytes_max - 20, 'b') + "\"}";
    rows.push_back(std::move(row));
  }
  auto page = encode_page(rows);
  BOOST_TEST(page.parts.size() == page_parts_max);
  BOOST_TEST(page.content.size() <= 2000u);
  BOOST_TEST(decode_page(page.content).has_value());
}

BOOST_AUTO_TEST_CASE(damage_is_refused_and_says_where) {
  auto page = encode_page(some_rows(100, 20));
  auto header = decode_page(page.content);
  BOOST_REQUIRE(header.has_value());
  auto bytes = page.parts.at(0);
  BOOST_TEST(decode_page_part(*header, 2, bytes).error().message == "part 2 of the page is damaged: the page has no such part");
  auto other = bytes;
  other[500] ^= 1;
  BOOST_TEST(decode_page_part(*header, 1, other).error().message == "part 1 of the page is damaged: its checksum is wrong");
  auto lied = *header;
  lied.parts[0].rows = 99;
  BOOST_TEST(decode_page_part(lied, 1, bytes).error().message == "part 1 of the page is damaged: it has 100 rows, not 99");
  for (std::string text : {std::string("x"), std::string("[\"a\",1,2,{}]"), std::string("[\"a,1,2,{}]\n"), std::string("[\"a\",1,{}]\n"), std::string("[\"a\",x,2,{}]\n")}) {
    page_header made{1, 1, 1, {{1, record_hash(text)}}};
    BOOST_TEST(decode_page_part(made, 1, text).error().message == "part 1 of the page is damaged: line 1 is no row");
    BOOST_TEST(!find_in_page_part(text, "a").has_value());
  }
}

BOOST_AUTO_TEST_CASE(other_messages_are_no_pages) {
  auto page = encode_page(some_rows(3, 20));
  row_version row{1, "t", "a", 1, 5, "{}"};
  BOOST_TEST(!decode_page(encode_row(row).content).has_value());
  BOOST_TEST(!decode_row(page.content).has_value());
  for (std::string what : {" n=", " d=", " l=", " t="}) {
    auto content = page.content;
    content.replace(content.find(what), 3, " q=");
    BOOST_TEST(!decode_page(content).has_value());
  }
  auto content = page.content;
  content.replace(content.find(" n=3"), 4, " n=0");
  BOOST_TEST(!decode_page(content).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
