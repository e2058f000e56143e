// Attachments: upload, limits, names, signed URLs, edits.

#include <boost/test/unit_test.hpp>

#include "guild/guild_fixture.hpp"

namespace dbcord::guild::test {
namespace {

core_options small_uploads() {
  auto options = guild_fixture::default_options();
  options.upload_limit = 10;
  return options;
}

struct attachment_fixture : guild_fixture {
  attachment_fixture() : guild_fixture(small_uploads()) {}
  answer create(const json::value& payload, const std::vector<file>& files) {
    return upload("POST", channel_path() + "/messages", payload, files, bot_header());
  }
};

BOOST_FIXTURE_TEST_SUITE(core_attachment, attachment_fixture)

BOOST_AUTO_TEST_CASE(a_file_comes_back_byte_for_byte_without_a_token) {
  std::string bytes("\0\r\n--A\xFFz", 9);
  auto made = create({{"content", "x"}}, {{"rows.json", bytes}});
  BOOST_REQUIRE_EQUAL(made.status, 200);
  BOOST_TEST(made.str("attachments.0.filename") == "rows.json");
  BOOST_TEST(made.at("attachments.0.size").as_int64() == 9);
  BOOST_TEST(made.str("attachments.0.url") == made.str("attachments.0.proxy_url"));
  auto got = download(made.str("attachments.0.url"));
  BOOST_TEST(got.status == 200);
  BOOST_TEST(got.text == bytes);
  BOOST_TEST(got.header("Content-Type").value() == "application/json; charset=utf-8");
}

BOOST_AUTO_TEST_CASE(a_url_is_good_for_a_day_and_fresh_at_every_showing) {
  auto made = create(json::object(), {{"a.txt", "1"}});
  auto url = made.str("attachments.0.url");
  advance(hours(24) - seconds(1));
  BOOST_TEST(download(url).status == 200);
  advance(seconds(1));
  auto refused = download(url);
  BOOST_TEST(refused.status == 404);
  BOOST_TEST(refused.text == "This content is no longer available.");
  auto shown = bot("GET", channel_path() + "/messages/" + made.id()).str("attachments.0.url");
  BOOST_TEST(shown != url);
  BOOST_TEST(download(shown).status == 200);
}

BOOST_AUTO_TEST_CASE(an_unsigned_or_altered_url_is_refused) {
  auto url = create(json::object(), {{"a.txt", "1"}}).str("attachments.0.url");
  BOOST_TEST(download(url.substr(0, url.find('?'))).status == 404);
  auto longer = url;
  longer.replace(longer.find("ex=") + 3, 1, "7");
  BOOST_TEST(download(longer).status == 404);
  auto renamed = url;
  renamed.replace(renamed.find("a.txt"), 5, "b.txt");
  BOOST_TEST(download(renamed).status == 404);
  BOOST_TEST(download(url.substr(0, url.size() - 1)).status == 404);
  BOOST_TEST(request("GET", "/attachments/").status == 404);
  BOOST_TEST(request("GET", "/attachments/x?ex=zz&is=&hm=").status == 404);
}

BOOST_AUTO_TEST_CASE(names_are_made_safe_and_the_original_is_kept_as_title) {
  auto made = create(json::object(), {{"a b(1).txt", "1"}, {"..\\x/__é.", "2"}, {"日本", "3"}});
  BOOST_TEST(made.str("attachments.0.filename") == "a_b1.txt");
  BOOST_TEST(made.str("attachments.0.title") == "a b(1).txt");
  BOOST_TEST(made.str("attachments.1.filename") == "unknown");
  BOOST_TEST(made.str("attachments.2.filename") == "unknown");
  BOOST_TEST(made.str("attachments.2.title") == "日本");
}

BOOST_AUTO_TEST_CASE(too_large_and_too_many_files_are_refused) {
  BOOST_TEST(create(json::object(), {{"a", std::string(10, 'x')}}).status == 200);
  auto large = create(json::object(), {{"a", std::string(11, 'x')}});
  BOOST_TEST(large.status == 413);
  BOOST_TEST(large.code() == 40005);
  BOOST_TEST(create(json::object(), std::vector<file>(10, {"a", "1"})).status == 200);
  BOOST_TEST(create(json::object(), std::vector<file>(11, {"a", "1"})).code() == 30015);
}

BOOST_AUTO_TEST_CASE(listed_attachments_take_their_descriptions_and_must_exist) {
  json::value payload{{"attachments", {{{"id", 0}, {"description", "crc=1"}}}}};
  auto made = create(payload, {{"a", "1"}, {"b", "2"}});
  BOOST_TEST(made.str("attachments.0.description") == "crc=1");
  BOOST_TEST(made.str("attachments.1.filename") == "b");
  json::value wrong{{"content", "x"}, {"attachments", {{{"id", 7}}}}};
  BOOST_TEST(create(wrong, {}).code() == 50035);
  json::value nameless{{"content", "x"}, {"attachments", {{{"filename", "a"}}}}};
  BOOST_TEST(create(nameless, {}).code() == 50035);
}

BOOST_AUTO_TEST_CASE(an_edit_keeps_what_it_lists_and_forgets_the_rest) {
  auto made = create({{"content", "x"}}, {{"a", "1"}, {"b", "2"}});
  auto path = channel_path() + "/messages/" + made.id();
  auto kept = made.str("attachments.1.id");
  json::value payload{{"attachments", {{{"id", kept}}, {{"id", 0}}}}};
  auto edited = upload("PATCH", path, payload, {{"c", "3"}}, bot_header());
  BOOST_TEST(edited.at("attachments").as_array().size() == 2u);
  BOOST_TEST(edited.str("attachments.0.id") == kept);
  BOOST_TEST(edited.str("attachments.1.filename") == "c");
  BOOST_TEST(forgotten.size() == 1u);
  BOOST_TEST(download(made.str("attachments.0.url")).status == 404);
  BOOST_TEST(download(made.str("attachments.1.url")).text == "2");
  auto more = upload("PATCH", path, json::object(), {{"d", "4"}}, bot_header());
  BOOST_TEST(more.at("attachments").as_array().size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_deleted_message_takes_its_files_along) {
  auto made = create(json::object(), {{"a", "1"}});
  auto url = made.str("attachments.0.url");
  base::attachment_id id{std::stoull(made.str("attachments.0.id"))};
  BOOST_TEST(core().knows_attachment(id));
  bot("DELETE", channel_path() + "/messages/" + made.id());
  BOOST_TEST(download(url).status == 404);
  BOOST_TEST((forgotten == std::vector{id}));
  BOOST_TEST(!core().knows_attachment(id));
}

BOOST_AUTO_TEST_CASE(files_and_their_signatures_survive_a_restart) {
  auto url = create(json::object(), {{"a", "1"}}).str("attachments.0.url");
  restart();
  BOOST_TEST(download(url).text == "1");
}

BOOST_AUTO_TEST_CASE(an_embed_shows_an_uploaded_picture) {
  json::value payload{{"embeds", {{{"title", "t"}, {"image", {{"url", "attachment://p.png"}}}}}}};
  auto made = create(payload, {{"p.png", "png"}});
  BOOST_TEST(download(made.str("embeds.0.image.url")).text == "png");
}

BOOST_AUTO_TEST_CASE(the_parts_may_come_in_any_order_and_plain_fields_will_do) {
  std::string body =
      "--B\r\ncontent-disposition: form-data; name=content\r\n\r\nhello\r\n"
      "--B\r\nContent-Disposition: form-data; filename=\"a.txt\"; name=\"files[3]\"\r\n\r\n\r\n--B--";
  auto made = request("POST", "/api/v10" + channel_path() + "/messages", body, bot_header(),
                      "multipart/form-data; boundary=\"B\"");
  BOOST_TEST(made.str("content") == "hello");
  BOOST_TEST(made.at("attachments.0.size").as_int64() == 0);
}

BOOST_AUTO_TEST_CASE(two_files_of_one_number_or_without_a_name_are_refused) {
  auto send = [&](std::string headers) {
    std::string body = "--B\r\nContent-Disposition: form-data; " + headers + "\r\n\r\nx\r\n";
    body = body + body + "--B--\r\n";
    return request("POST", "/api/v10" + channel_path() + "/messages", body, bot_header(),
                   "multipart/form-data; boundary=B");
  };
  BOOST_TEST(send("name=\"files[0]\"; filename=\"a\"").code() == 50035);
  BOOST_TEST(send("name=\"files[0]\"").code() == 50035);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
