// Pages of an index as messages: written, read, and refused when damaged.

#include "protocol/index_page.hpp"

#include <boost/test/unit_test.hpp>

#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::protocol;
using dbcord::test::contains;

namespace {

json_node value_of(std::string_view json) { return *parse_json(json); }

index_page page_of(std::vector<std::string> lines, index_page_kind kind = index_page_kind::base) {
  index_page page;
  page.of = {7, 2, kind, 3, 4, 99, kind == index_page_kind::base, index_digest{5, 0xABCDEF}, false, {}};
  page.table_name = "users";
  page.field = "address.city";
  page.unique = true;
  page.lines = std::move(lines);
  return page;
}

std::vector<std::string> many_entries(int count) {
  std::vector<std::string> lines;
  for (int i = 0; i < count; ++i) lines.push_back(index_entry(value_of(std::to_string(i)), "key " + std::to_string(i)));
  return lines;
}

index_digest digest_of(const encoded_index_page& page) {
  auto header = decode_index_page(page.content);
  BOOST_REQUIRE(header.has_value());
  index_digest all;
  if (!header->attached) {
    auto read = read_index_part(*header, 1, inline_lines(page.content));
    BOOST_REQUIRE(read.has_value());
    return *read;
  }
  BOOST_REQUIRE(header->parts.size() == page.parts.size());
  for (std::size_t i = 0; i < page.parts.size(); ++i) {
    auto read = read_index_part(*header, i + 1, page.parts[i]);
    if (!read) BOOST_FAIL(read.error().message);
    all.add(*read);
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(index_pages)

BOOST_AUTO_TEST_CASE(a_page_of_few_entries_can_be_read_in_the_message) {
  std::vector<std::string> lines{index_entry(value_of("\"K\xC3\xB6ln @here `x`\""), "u_1"), index_entry(value_of("12"), "u 2")};
  auto page = encode_index_page(page_of(lines));
  BOOST_TEST(page.parts.empty());
  BOOST_TEST(contains(page.content, "**users** unique index on \"address.city\": entries 1 to 2 of 2 at LSN 99\n"));
  BOOST_TEST(contains(page.content, "```json\n{\"value\":\"K\\u00f6ln \\u0040here \\u0060x\\u0060\",\"key\":\"u_1\"}\n{\"value\":12,\"key\":\"u 2\"}\n```\n"));
  auto header = decode_index_page(page.content);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(header->table == 7u);
  BOOST_TEST(header->index == 2u);
  BOOST_TEST((header->kind == index_page_kind::base));
  BOOST_TEST(header->generation == 3u);
  BOOST_TEST(header->sequence == 4u);
  BOOST_TEST(header->lsn == 99u);
  BOOST_TEST(header->last);
  BOOST_TEST(!header->attached);
  BOOST_TEST(header->lines() == 2u);
  BOOST_TEST((header->shown == index_digest{5, 0xABCDEF}));
  index_digest expected;
  expected.add(index_entry_hash(value_of("\"K\xC3\xB6ln @here `x`\""), "u_1"));
  expected.add(index_entry_hash(value_of("12"), "u 2"));
  BOOST_TEST((digest_of(page) == expected));
}

BOOST_AUTO_TEST_CASE(many_entries_go_into_files_of_bounded_size) {
  auto lines = many_entries(40'000);
  auto page = encode_index_page(page_of(lines));
  BOOST_TEST(page.parts.size() == 3u);
  BOOST_TEST(page.content.size() <= 2'000u);
  for (const auto& part : page.parts) BOOST_TEST(part.size() <= index_part_bytes);
  BOOST_TEST(decode_index_page(page.content)->lines() == 40'000u);
  index_digest expected;
  for (int i = 0; i < 40'000; ++i) expected.add(index_entry_hash(value_of(std::to_string(i)), "key " + std::to_string(i)));
  BOOST_TEST((digest_of(page) == expected));
}

BOOST_AUTO_TEST_CASE(few_entries_are_a_file_if_that_is_asked_for_and_none_are_a_page_too) {
  auto page = encode_index_page(page_of(many_entries(1)), true);
  BOOST_TEST(page.parts.size() == 1u);
  BOOST_TEST(decode_index_page(page.content)->attached);
  BOOST_TEST(digest_of(page).entries == 1u);
  for (bool attach : {false, true}) {
    auto none = encode_index_page(page_of({}), attach);
    BOOST_TEST(contains(none.content, "no entries at LSN 99"));
    BOOST_TEST(decode_index_page(none.content)->lines() == 0u);
    BOOST_TEST((digest_of(none) == index_digest()));
  }
}

BOOST_AUTO_TEST_CASE(changes_add_and_remove_and_come_to_what_the_index_is) {
  auto blue = index_entry(value_of("\"blue\""), "a"), red = index_entry(value_of("\"red\""), "a");
  auto page = encode_index_page(page_of({index_change(false, blue), index_change(true, red)}, index_page_kind::changes));
  BOOST_TEST(contains(page.content, "2 changes up to LSN 99\n"));
  BOOST_TEST(contains(page.content, R"({"op":"remove","value":"blue","key":"a"})"));
  index_digest all;
  all.add(index_entry_hash(value_of("\"blue\""), "a"));
  all.add(digest_of(page));
  index_digest expected;
  expected.add(index_entry_hash(value_of("\"red\""), "a"));
  BOOST_TEST((all == expected));
}

BOOST_AUTO_TEST_CASE(values_that_compare_equal_are_the_same_entry_and_keys_are_told_apart) {
  BOOST_TEST(index_entry_hash(value_of("1"), "a") == index_entry_hash(value_of("1.0"), "a"));
  BOOST_TEST(index_entry_hash(value_of("1"), "a") != index_entry_hash(value_of("\"1\""), "a"));
  BOOST_TEST(index_entry_hash(value_of("1"), "a") != index_entry_hash(value_of("1"), "b"));
}

BOOST_AUTO_TEST_CASE(a_long_value_is_shown_by_its_hash) {
  json_node a = json_node::make_string(std::string(1'999, 'x')), b = json_node::make_string(std::string(1'999, 'x') + "y");
  auto line = index_entry(a, "k");
  BOOST_TEST(line.size() < 200u);
  BOOST_TEST(contains(line, "\"value_bytes\":2001"));
  BOOST_TEST(line != index_entry(b, "k"));
  auto page = encode_index_page(page_of({line}));
  index_digest expected;
  expected.add(index_entry_hash(a, "k"));
  BOOST_TEST((digest_of(page) == expected));
}

BOOST_AUTO_TEST_CASE(what_is_damaged_is_refused_with_the_reason) {
  auto page = encode_index_page(page_of(many_entries(3)), true);
  auto header = *decode_index_page(page.content);
  auto bytes = page.parts.front();
  BOOST_TEST(contains(read_index_part(header, 2, bytes).error().message, "no such part"));
  bytes.front() = '[';
  BOOST_TEST(contains(read_index_part(header, 1, bytes).error().message, "checksum is wrong"));
  auto nonsense = encode_index_page(page_of({"{\"key\":1,\"value\":2}"}), true);
  BOOST_TEST(contains(read_index_part(*decode_index_page(nonsense.content), 1, nonsense.parts.front()).error().message, "line 1 is no entry"));
  auto base_in_changes = encode_index_page(page_of(many_entries(1), index_page_kind::changes), true);
  BOOST_TEST(!read_index_part(*decode_index_page(base_in_changes.content), 1, base_in_changes.parts.front()));
}

BOOST_AUTO_TEST_CASE(other_texts_are_no_pages) {
  auto good = encode_index_page(page_of(many_entries(2))).content;
  BOOST_TEST(decode_index_page(good).has_value());
  for (auto [from, to] : std::vector<std::pair<std::string, std::string>>{
           {" index ", " page "}, {" g=3", ""}, {" k=base", " k=other"}, {" n=2", " n=2.1"}, {" n=2", " n=x"}, {" c=5", ""}, {" f=0000000000abcdef", " f=xyz"}, {" i=2", " i=-2"}}) {
    auto text = good;
    auto at = text.rfind(from);
    BOOST_REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    BOOST_TEST(!decode_index_page(text).has_value(), text);
  }
  BOOST_TEST(!decode_index_page("").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
