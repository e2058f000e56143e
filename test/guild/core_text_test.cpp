// What Discord does to text, and the small parsers; each by its table of cases.

#include <set>

#include <boost/test/unit_test.hpp>

#include "guild/json_writer.hpp"
#include "guild/query_string.hpp"
#include "guild/route_table.hpp"
#include "guild/snowflake_generator.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

BOOST_AUTO_TEST_SUITE(core_text)

BOOST_AUTO_TEST_CASE(broken_utf8_is_told_from_sound) {
  for (auto text : {"", "a", "ü", "日", "😀"}) BOOST_TEST(is_valid_utf8(text));
  for (auto text : {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                    "\xF8\x88\x80\x80\x80", "\xFF"}) {
    BOOST_TEST(!is_valid_utf8(text));
  }
}

BOOST_AUTO_TEST_CASE(trimming_takes_unicode_space_at_both_ends_only) {
  BOOST_TEST(trim(" \t\u3000a b\u00A0\u2028") == "a b");
  BOOST_TEST(trim("\u200A \uFEFF") == "");
  BOOST_TEST(trim("\x80 ") == "\x80");
}

BOOST_AUTO_TEST_CASE(file_names_keep_only_safe_characters) {
  BOOST_TEST(sanitise_filename("../../etc/passwd") == "passwd");
  BOOST_TEST(sanitise_filename("C:\\x\\..hidden") == "hidden");
  BOOST_TEST(sanitise_filename("_a [1]?.tar.gz_") == "a_1.tar.gz");
  BOOST_TEST(sanitise_filename("...") == "");
  BOOST_TEST(sanitise_filename(std::string(2000, 'a')).size() == 1024u);
}

BOOST_AUTO_TEST_CASE(base64url_has_no_padding) {
  BOOST_TEST(base64url("") == "");
  BOOST_TEST(base64url("f") == "Zg");
  BOOST_TEST(base64url("fo") == "Zm8");
  BOOST_TEST(base64url("foo") == "Zm9v");
  BOOST_TEST(base64url("\xFB\xFF") == "-_8");
  BOOST_TEST(base64url("198622483471925248") == "MTk4NjIyNDgzNDcxOTI1MjQ4");  // Discord docs, Reference
}

BOOST_AUTO_TEST_CASE(queries_are_decoded_and_broken_escapes_are_absent) {
  query_string q("a=1&b&c=%20x&d=%2&e=%zz&a=2&f=true&g=0");
  BOOST_TEST(q.find("a").value() == "1");
  BOOST_TEST(q.find("b").value() == "");
  BOOST_TEST(q.find("c").value() == " x");
  for (auto name : {"d", "e", "x"}) BOOST_TEST(!q.find(name).has_value());
  BOOST_TEST(q.flag("f"));
  BOOST_TEST(q.flag("a"));
  BOOST_TEST(!q.flag("g"));
}

BOOST_AUTO_TEST_CASE(json_text_is_escaped) {
  std::string text;
  append_json_string(text, std::string_view("\"\\\n\t\x01\0ü", 8));
  BOOST_TEST(text == "\"\\\"\\\\\\n\\t\\u0001\\u0000ü\"");
}

BOOST_AUTO_TEST_CASE(ids_hold_their_time_and_rise_within_a_millisecond) {
  snowflake_generator ids;
  base::system_time now(std::chrono::milliseconds(1767225600000));
  auto first = ids.next<base::message_id>(now);
  BOOST_TEST(first.value == 1456074443980800000u);  // facts 1.4, worked encode
  BOOST_TEST(ids.next<base::message_id>(now).value == first.value + 1);
  BOOST_TEST((base::created_at(ids.next<base::message_id>(now)) == now));
  BOOST_TEST(ids.next<base::message_id>(base::system_time()).value == first.value + 3);
}

BOOST_AUTO_TEST_CASE(ids_of_a_clock_that_is_behind_are_never_those_of_others) {
  base::system_time now(std::chrono::milliseconds(1767225600000));
  std::set<std::uint64_t> all;
  snowflake_generator ids;
  for (int i = 0; i < 100; ++i) {
    all.insert(ids.next<base::message_id>(now).value);
    all.insert(ids.next_behind<base::message_id>(now, {}).value);
  }
  BOOST_TEST(all.size() == 200u);
  auto behind = ids.next_behind<base::message_id>(now, std::chrono::milliseconds(7));
  BOOST_TEST((base::created_at(behind) == now - std::chrono::milliseconds(7)));
  snowflake_generator restarted;
  restarted.raise(behind.value);
  BOOST_TEST(restarted.next_behind<base::message_id>(now, std::chrono::milliseconds(7)).value > behind.value);
}

// It would be behind by that as well.
BOOST_AUTO_TEST_CASE(a_clock_is_behind_the_ids_of_others_though_these_run_ahead_after_a_restart) {
  base::system_time now(std::chrono::milliseconds(1767225600000));
  snowflake_generator restarted;
  restarted.raise(base::id_at<base::message_id>(now + std::chrono::seconds(1)).value);
  auto behind = restarted.next_behind<base::message_id>(now, std::chrono::milliseconds(300));
  BOOST_TEST((base::created_at(behind) == now + std::chrono::milliseconds(700)));
}

BOOST_AUTO_TEST_CASE(literal_routes_go_before_parameters) {
  auto me = match_route("GET", "/users/@me");
  BOOST_TEST(me.parameters.empty());
  auto other = match_route("GET", "/users/123");
  BOOST_TEST(other.parameters.at(0) == "123");
  BOOST_TEST(match_route("POST", "/channels/1/messages/bulk-delete").found->limit == "bulk delete");
  BOOST_TEST(match_route("GET", "/channels/1/messages/%40x").parameters.at(1) == "@x");
  BOOST_TEST(!match_route("GET", "/channels//messages").found);
  BOOST_TEST(!match_route("GET", "/channels/1/messages/").found);
  BOOST_TEST(match_route("PUT", "/users/1").path_known);
}

BOOST_AUTO_TEST_CASE(times_are_read_with_any_fraction_and_offset) {
  using std::chrono::milliseconds;
  auto noon = base::system_time(std::chrono::seconds(1786017661));  // 2026-08-06T12:01:01Z
  BOOST_TEST((parse_iso8601("2026-08-06T12:01:01Z") == noon));
  BOOST_TEST((parse_iso8601("2026-08-06T12:01:01.25+00:00") == noon + milliseconds(250)));
  BOOST_TEST((parse_iso8601("2026-08-06T14:01:01.123456789123+02:00") ==
              noon + std::chrono::nanoseconds(123456789)));
  BOOST_TEST((parse_iso8601("2026-08-06 10:01:01-0200") == noon));
  for (auto text : {"", "2026", "2026-08-06", "2026-08-06T12:01:01.Z", "2026-13-06T12:01:01Z",
                    "2026-02-30T12:01:01Z", "2026-08-06T25:01:01Z", "2026-08-06T12:01:01Zx",
                    "9999-08-06T12:01:01Z", "2026-08-06T12:01:01+1", "-026-08-06T12:01:01Z"}) {
    BOOST_TEST(!parse_iso8601(text), text);
  }
}

BOOST_AUTO_TEST_CASE(every_limit_that_a_route_names_exists) {
  for (auto& r : all_routes()) BOOST_TEST((r.limit.empty() || find_rate_rule(r.limit)), r.limit);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild
