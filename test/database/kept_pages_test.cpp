// Which pages' addresses stay known, and until when.

#include "database/kept_pages.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

namespace dbcord::database {

namespace {

using namespace std::chrono_literals;
constexpr base::system_time noon{std::chrono::seconds(1'764'331'200)};

stored_message page(std::uint64_t id, base::system_time expires, std::size_t files = 1) {
  stored_message m;
  m.id = base::message_id{id};
  m.content = "a page";
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(expires.time_since_epoch()).count();
  for (std::size_t i = 0; i < files; ++i) m.attachments.push_back({base::attachment_id{i + 1}, "page-1-1.jsonl", 10, fmt::format("https://cdn/x?ex={:x}&is=1&hm=0", seconds)});
  return m;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pages_that_are_kept)

BOOST_AUTO_TEST_CASE(a_page_is_known_until_its_first_address_is_about_to_expire) {
  kept_pages pages;
  auto mixed = page(1, noon + 24h, 2);
  mixed.attachments.push_back(page(1, noon + 1h).attachments.front());
  pages.add(mixed);
  BOOST_REQUIRE(pages.find(base::message_id{1}, noon));
  BOOST_TEST(pages.find(base::message_id{1}, noon)->attachments.size() == 3u);
  BOOST_TEST(!pages.find(base::message_id{2}, noon));
  BOOST_TEST(pages.ids(noon + 30min).size() == 1u);
  BOOST_TEST(!pages.find(base::message_id{1}, noon + 1h - 30s));
  BOOST_TEST(pages.ids(noon + 1h).empty());
  pages.add(page(1, noon + 24h));  // seen again
  BOOST_TEST(pages.find(base::message_id{1}, noon + 2h));
  pages.forget(base::message_id{1});
  BOOST_TEST(!pages.find(base::message_id{1}, noon));
}

BOOST_AUTO_TEST_CASE(an_address_that_does_not_say_when_it_expires_is_not_kept_in_use) {
  kept_pages pages;
  std::uint64_t id = 0;
  for (std::string url : {"https://cdn/x", "https://cdn/x?is=1", "https://cdn/x?ex=", "https://cdn/x?ex=zz", "https://cdn/ex=7fffffff", "https://cdn/x?ex=ffffffffffffffffffff"}) {
    auto m = page(++id, noon);
    m.attachments.front().url = url;
    pages.add(std::move(m));
    BOOST_TEST(!pages.find(base::message_id{id}, noon), url);
  }
  stored_message empty;
  empty.id = base::message_id{++id};
  pages.add(empty);
  BOOST_TEST(!pages.find(base::message_id{id}, noon));
}

BOOST_AUTO_TEST_CASE(those_that_were_used_last_stay_within_the_limit) {
  kept_pages pages;
  constexpr std::uint64_t many = 5'000;
  for (std::uint64_t id = 1; id <= many; ++id) {
    pages.add(page(id, noon + 24h, 10));
    (void)pages.find(base::message_id{1}, noon);
  }
  auto ids = pages.ids(noon);
  BOOST_TEST(ids.contains(base::message_id{1}));
  BOOST_TEST(ids.contains(base::message_id{many}));
  BOOST_TEST(!ids.contains(base::message_id{2}));
  BOOST_TEST((ids.size() > 200 && ids.size() < 1'000), ids.size());
  pages.clear();
  BOOST_TEST(pages.ids(noon).empty());
  pages.add(page(7, noon + 24h));
  BOOST_TEST(pages.find(base::message_id{7}, noon));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
