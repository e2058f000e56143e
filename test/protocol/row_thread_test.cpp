// What threads of rows are called, and what stands in them.

#include "protocol/row_thread.hpp"

#include <boost/test/unit_test.hpp>

#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::protocol;
using dbcord::test::contains;

namespace {

shown_version version(std::string json) {
  shown_version v;
  v.of = {row_thread_tag(7, "k"), 3, 99};
  v.when = "2026-11-26T12:00:00.000000+00:00";
  v.who = "42";
  v.command = "dbc_update";
  v.json = std::move(json);
  return v;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(row_thread)

BOOST_AUTO_TEST_CASE(a_name_tells_which_row_it_is_of_whatever_the_key) {
  std::string smile = "\xF0\x9F\x98\x80", many;
  for (int i = 0; i < 64; ++i) many += smile;
  for (const std::string& key : {std::string("u_1"), std::string("a@b.c x"), many, std::string(256, 'k'), std::string("\n\t`"), std::string("x (history 0123456789abcdef0123)")}) {
    auto tag = row_thread_tag(7, key);
    auto name = row_thread_name(key, tag);
    BOOST_TEST((tag_of_thread_name(name) == tag), name);
    BOOST_TEST(name.find('@') == std::string::npos);
    BOOST_TEST(name.find('\n') == std::string::npos);
  }
  BOOST_TEST(row_thread_name("u_1", "0123456789abcdef0123") == "u_1 (history 0123456789abcdef0123)");
  auto cut = row_thread_name(many, "0123456789abcdef0123");
  BOOST_TEST(cut.size() == 30 * smile.size() + 31);  // 60 UTF-16 units of the key
  BOOST_TEST(row_thread_tag(7, "k") != row_thread_tag(8, "k"));
  BOOST_TEST(row_thread_tag(7, "k") != row_thread_tag(7, "l"));
}

BOOST_AUTO_TEST_CASE(other_names_tell_nothing) {
  for (auto name : {"", "general", "u_1 (history 0123456789abcdef012)", "u_1 (history 0123456789ABCDEF0123)", " (history 0123456789abcdef0123)",
                    "u_1 (history 0123456789abcdef0123) "})
    BOOST_TEST(!tag_of_thread_name(name).has_value(), name);
}

BOOST_AUTO_TEST_CASE(an_entry_is_read_by_people_and_machines) {
  auto v = version(R"({"a":"@everyone ```"})");
  auto text = encode_thread_entry(v);
  BOOST_TEST(text.starts_with("**Version 3**, 2026-11-26T12:00:00.000000+00:00, LSN 99: written by <@42> with `/dbc_update`\n```json\n"));
  BOOST_TEST(!contains(text, "@everyone"));
  auto entry = decode_thread_entry(text);
  BOOST_REQUIRE(entry.has_value());
  BOOST_TEST(entry->tag == v.of.tag);
  BOOST_TEST(entry->version == 3u);
  BOOST_TEST(entry->lsn == 99u);
  v.deleted = true;
  BOOST_TEST(contains(encode_thread_entry(v), ": deleted by <@42>"));
  BOOST_TEST(!contains(encode_thread_entry(v), "json"));
  v.deleted = false;
  v.instead = "It is gone.";
  BOOST_TEST(contains(encode_thread_entry(v), "\nIt is gone.\n"));
}

BOOST_AUTO_TEST_CASE(a_long_value_is_cut_between_its_characters_and_the_entry_says_so) {
  for (std::size_t size = 1'700; size < 2'100; ++size) {
    std::string json = "{\"t\":\"" + std::string(size % 7, 'x');
    while (json.size() < size) json += "\xC3\xA4";  // two bytes here, six there
    json += "\"}";
    auto text = encode_thread_entry(version(json));
    BOOST_TEST(text.size() <= 2000u);
    BOOST_TEST(decode_thread_entry(text).has_value());
    auto end = text.rfind("\n```");
    BOOST_TEST(contains(text, "all " + std::to_string(json.size()) + " bytes"));
    BOOST_TEST(text.substr(end - 6, 6) == "\\u00e4");
  }
}

BOOST_AUTO_TEST_CASE(who_and_what_are_left_out_if_they_are_no_ids_and_commands) {
  auto v = version("{}");
  v.who = "@everyone";
  v.command = "a\nb";
  BOOST_TEST(encode_thread_entry(v).starts_with("**Version 3**, 2026-11-26T12:00:00.000000+00:00, LSN 99: written\n"));
}

BOOST_AUTO_TEST_CASE(whatever_else_stands_in_a_thread_is_no_entry) {
  for (auto text : {"", "hello", "`dbcord/1 version k=0123456789abcdef0123 v=1`", "`dbcord/1 version k=zz l=1 v=1`", "`dbcord/1 row k=0123456789abcdef0123 l=1 v=1`",
                    "`dbcord/1 version k=0123456789abcdef0123 l=x v=1`"})
    BOOST_TEST(!decode_thread_entry(text).has_value(), text);
}

BOOST_AUTO_TEST_SUITE_END()
