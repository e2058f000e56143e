#include "bot/message_rendering.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord;
using namespace dbcord::bot;

namespace {

commands::reply with_rows(std::vector<std::string> rows, std::string text = "Text.") {
  commands::reply r;
  r.text = std::move(text);
  r.rows = std::move(rows);
  r.rows_name = "users";
  return r;
}

std::size_t points(std::string_view text) {
  std::size_t n = 0;
  for (char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

rendered_message shown(const commands::reply& r, message_limits limits = {}) {
  auto message = render(r, limits);
  BOOST_TEST(points(message.content) <= limits.content);
  BOOST_TEST(message.files.size() <= limits.files);
  std::uint64_t total = 0;
  for (const auto& f : message.files) {
    BOOST_TEST(f.bytes.size() <= limits.file_bytes);
    total += f.bytes.size();
  }
  BOOST_TEST(total <= limits.total_bytes);
  return message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_rendering)

BOOST_AUTO_TEST_CASE(rows_stand_in_a_json_block_exactly_as_they_are) {
  BOOST_TEST(shown(with_rows({"{\"n\":1.50}"})).content == "Text.\n```json\n{\"n\":1.50}\n```");
  BOOST_TEST(shown(with_rows({"{\"a\":\"é<@1>`\"}", "{}"})).content == "Text.\n```json\n{\"a\":\"é<@1>`\"}\n{}\n```");
}

BOOST_AUTO_TEST_CASE(a_failure_can_be_told_from_a_success) {
  commands::reply r;
  r.ok = false;
  r.text = "No.";
  BOOST_TEST(shown(r).content == "❌ No.");
  BOOST_TEST(is_failure(shown(r).content));
  r.ok = true;
  BOOST_TEST(!is_failure(shown(r).content));
}

BOOST_AUTO_TEST_CASE(rows_that_do_not_fit_go_into_a_file) {
  std::string big = "{\"a\":\"" + std::string(2'000, 'x') + "\"}";
  auto one = shown(with_rows({big}));
  BOOST_TEST(one.content == "Text.\nThe row is in the attached `users.json`.");
  BOOST_REQUIRE(one.files.size() == 1u);
  BOOST_TEST(one.files[0].filename == "users.json");
  BOOST_TEST(one.files[0].bytes == big);
  auto two = shown(with_rows({big, "{}"}));
  BOOST_TEST(two.content == "Text.\nThe rows are in the attached `users.jsonl`, one a line.");
  BOOST_TEST(two.files[0].bytes == big + "\n{}\n");
}

BOOST_AUTO_TEST_CASE(the_limit_counts_code_points_and_is_used_to_the_last_one) {
  const std::size_t overhead = std::string_view("Text.\n```json\n\n```").size() + std::string_view("{\"a\":\"\"}").size();
  std::string euros;
  for (std::size_t i = overhead; i < 2'000; ++i) euros += "€";
  auto fits = shown(with_rows({"{\"a\":\"" + euros + "\"}"}));
  BOOST_TEST(fits.files.empty());
  BOOST_TEST(points(fits.content) == 2'000u);
  BOOST_TEST(shown(with_rows({"{\"a\":\"" + euros + "€\"}"})).files.size() == 1u);
}

BOOST_AUTO_TEST_CASE(rows_that_would_break_the_block_or_that_discord_alters_go_into_a_file) {
  for (std::string bad : {"{\"a\":\"```\"}", "{\"a\":\"\u200B\"}", "{\"a\":\"\u202E\"}", "{\"a\":\"e\u0301\"}", "{\"a\":\"\uFEFF\"}", "{\"a\":\"\u00A0\"}", "{\"a\":\"\U000E0041\"}"}) {
    auto message = shown(with_rows({"{}", bad}));
    BOOST_TEST_CONTEXT(bad) {
      BOOST_TEST(message.content.find("```") == std::string::npos);
      BOOST_REQUIRE(message.files.size() == 1u);
      BOOST_TEST(message.files[0].bytes == "{}\n" + bad + "\n");
    }
  }
  BOOST_TEST(shown(with_rows({"{\"a\":\"日本 😀 ß\"}"})).files.empty());
}

BOOST_AUTO_TEST_CASE(large_answers_are_cut_between_rows_and_say_what_is_missing) {
  message_limits limits;
  limits.file_bytes = 100;
  limits.total_bytes = 250;
  std::string row = "{\"a\":\"" + std::string(31, 'x') + "\"}";  // 39 bytes, 40 with its line end
  auto message = shown(with_rows(std::vector<std::string>(60, row)), limits);
  BOOST_REQUIRE(message.files.size() == 3u);
  BOOST_TEST(message.files[0].filename == "users.jsonl");
  BOOST_TEST(message.files[2].filename == "users-3.jsonl");
  BOOST_TEST(message.files[1].bytes == row + "\n" + row + "\n");
  BOOST_TEST(message.content == "Text.\nOnly the first 6 of 60 rows fit into the attached files; ask for fewer with limit and skip.");
}

BOOST_AUTO_TEST_CASE(all_files_that_hold_the_rows_are_named) {
  message_limits limits;
  limits.content = 250;
  limits.file_bytes = 200;
  std::string row = "{\"a\":\"" + std::string(31, 'x') + "\"}";  // five fit into a file
  auto noted = [&](std::size_t rows) { return shown(with_rows(std::vector<std::string>(rows, row)), limits).content; };
  BOOST_TEST(noted(10) == "Text.\nThe rows are in the attached `users.jsonl` and `users-2.jsonl`, one a line.");
  BOOST_TEST(noted(50) == "Text.\nThe rows are in the 10 attached files `users.jsonl` to `users-10.jsonl`, one a line.");
}

BOOST_AUTO_TEST_CASE(captioned_rows_stand_each_under_its_own) {
  auto r = with_rows({R"({"id":"a","n":2})", "", R"({"id":"a"})"});
  r.captions = {"- version 3", "- version 2", "- version 1"};
  BOOST_TEST(shown(r).content == "Text.\n- version 3\n```json\n{\"id\":\"a\",\"n\":2}\n```\n- version 2\n- version 1\n```json\n{\"id\":\"a\"}\n```");
  BOOST_TEST(shown(r).files.empty());
  r.rows[2] = "{\"x\":\"\xE2\x80\x8B\"}";  // Discord might drop it
  auto filed = shown(r);
  BOOST_TEST(filed.content == "Text. What they were stands in the attached `users.txt`.\n- version 3\n- version 2\n- version 1");
  BOOST_REQUIRE(filed.files.size() == 1u);
  BOOST_TEST(filed.files[0].filename == "users.txt");
  BOOST_TEST(filed.files[0].bytes == "- version 3\n{\"id\":\"a\",\"n\":2}\n- version 2\n- version 1\n" + r.rows[2] + "\n");
}

BOOST_AUTO_TEST_CASE(captions_that_do_not_fit_are_in_the_file_and_what_fits_is_in_the_message) {
  auto r = with_rows(std::vector<std::string>(100, "{}"));
  for (int i = 0; i < 100; ++i) r.captions.push_back("- version " + std::to_string(i) + std::string(90, 'x'));
  auto m = shown(r);
  BOOST_TEST(m.content.starts_with("Text. What they were stands in the attached `users.txt`.\n- version 0x"));
  BOOST_TEST(m.content.ends_with("xx"));
  BOOST_REQUIRE(m.files.size() == 1u);
  BOOST_TEST(m.files[0].bytes.find("- version 99xx") != std::string::npos);
  message_limits small;
  small.file_bytes = 100;
  BOOST_TEST(shown(r, small).content.starts_with("Text. What they were is too large to be attached; ask for fewer with limit.\n"));
}

BOOST_AUTO_TEST_CASE(a_row_larger_than_a_file_is_not_cut) {
  message_limits limits;
  limits.file_bytes = 10;
  auto message = shown(with_rows({"{\"a\":\"" + std::string(3'000, 'x') + "\"}"}), limits);
  BOOST_TEST(message.files.empty());
  BOOST_TEST(message.content == "Text.\nThe row is too large to be attached.");
}

BOOST_AUTO_TEST_CASE(what_was_typed_into_a_form_that_is_refused_is_shown_or_attached_whole) {
  commands::reply r;
  r.ok = false;
  r.text = "No.";
  r.draft = "{\n  \"a\": 1,\n\n";
  BOOST_TEST(shown(r).content == "❌ No.\nWhat was typed:\n```json\n{\n  \"a\": 1,\n\n\n```");
  BOOST_TEST(shown(r).files.empty());
  for (const auto& attached : {std::string(4'000, 'x'), std::string("a```b"), std::string("a\tb"), std::string("\xE2\x80\xAE")}) {
    r.draft = attached;
    auto message = shown(r);
    BOOST_TEST(message.content == "❌ No.\nWhat was typed is in the attached `draft.json`.");
    BOOST_REQUIRE(message.files.size() == 1u);
    BOOST_TEST(message.files[0].filename == "draft.json");
    BOOST_TEST(message.files[0].bytes == attached);
  }
  r.text = std::string(3'000, 'y');
  r.draft = std::string(500, 'x');
  auto both = shown(r);
  BOOST_REQUIRE(both.files.size() == 2u);
  BOOST_TEST(both.files[1].bytes == r.draft);
  BOOST_TEST(both.content.ends_with("`draft.json`."));
}

BOOST_AUTO_TEST_CASE(a_long_text_is_cut_and_attached_whole) {
  std::string text;
  for (int i = 0; i < 3'000; ++i) text += "ä";
  commands::reply r;
  r.text = text;
  auto message = shown(r);
  BOOST_TEST(message.content.ends_with("… (all of it in the attached `reply.txt`)"));
  BOOST_REQUIRE(message.files.size() == 1u);
  BOOST_TEST(message.files[0].bytes == text);
}

BOOST_AUTO_TEST_CASE(files_of_the_reply_come_along_unless_they_are_too_large) {
  commands::reply r;
  r.text = "Imported.";
  r.files.push_back({"refused.jsonl", "{}\n"});
  BOOST_TEST(shown(r).files.at(0).filename == "refused.jsonl");
  message_limits limits;
  limits.file_bytes = 2;
  BOOST_TEST(shown(r, limits).content == "Imported.\n`refused.jsonl` is too large to be attached.");
}

BOOST_AUTO_TEST_SUITE_END()
