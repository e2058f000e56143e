// What search has been seen to show, and what reading takes.

#include <boost/test/unit_test.hpp>
#include <numeric>

#include "database/read_estimate.hpp"
#include "database/search_sightings.hpp"

namespace dbcord::database {

namespace {

constexpr base::message_id m1{1}, m2{2}, m3{3};

stored_row lying_in(std::uint64_t message, std::uint64_t size = 100, std::uint64_t log_message = 7) {
  stored_row row;
  row.row_message = base::message_id{message};
  row.log_message = base::message_id{log_message};
  row.lsn = log_message;
  row.json_size = size;
  row.resident = false;
  return row;
}

std::uint64_t total(const find_cost& cost) { return cost.requests() + cost.downloads; }

message_spread thousand_messages() {
  std::vector<std::uint64_t> ids(1'000);
  std::iota(ids.begin(), ids.end(), std::uint64_t{1});
  return {std::move(ids), 1'000};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(find_plans)

BOOST_AUTO_TEST_CASE(a_find_rests_on_what_was_seen_before_it_began) {
  search_sightings sightings(10);
  sightings.add(m1);
  auto early = sightings.begin();
  sightings.add(m2);
  sightings.add(m1);
  auto late = sightings.begin();
  BOOST_TEST((early->shows(m1) && !early->shows(m2) && !early->shows(m3)));
  BOOST_TEST((late->shows(m1) && late->shows(m2)));
  sightings.forget(m1);
  BOOST_TEST((!early->shows(m1) && !late->shows(m1)));
  sightings.add(m1);
  BOOST_TEST((!early->shows(m1) && !late->shows(m1)));
}

BOOST_AUTO_TEST_CASE(nothing_is_rested_on_once_the_index_was_lost) {
  search_sightings sightings(10);
  sightings.add(m1);
  auto view = sightings.begin();
  sightings.reset();
  sightings.add(m1);
  BOOST_TEST(!view->shows(m1));
  BOOST_TEST(sightings.begin()->shows(m1));
}

BOOST_AUTO_TEST_CASE(what_there_is_no_room_for_stays_unseen) {
  search_sightings sightings(2);
  for (auto m : {m1, m2, m3}) sightings.add(m);
  BOOST_TEST(sightings.size() == 2u);
  BOOST_TEST(!sightings.begin()->shows(m3));
  BOOST_TEST(sightings.memory() == 2 * search_sightings::bytes_each);
  search_sightings again(1);
  again.load(sightings.all());
  BOOST_TEST(again.size() == 1u);
}

BOOST_AUTO_TEST_CASE(neighbours_are_read_with_one_request_and_a_record_of_the_log_once) {
  read_estimate close(1'000'000), apart(1'000'000), logged(1'000'000), files(1'000'000), pages(1'000'000);
  for (std::uint64_t i = 1; i <= 1'000; ++i) {
    close.add(lying_in(i), 4, true);
    apart.add(lying_in(i), 4, i % 200 == 0);
    logged.add(lying_in(0, 100, i % 3), 4, true);
    files.add(lying_in(i, 5'000), 4, i == 5);
    auto row = lying_in(1'000);
    row.part = 1 + static_cast<unsigned>(i % 3);
    pages.add(row, 4, true);
  }
  auto spread = thousand_messages();
  BOOST_TEST(total(close.cost(spread)) == 10u);
  BOOST_TEST(close.rows() == 1'000u);
  BOOST_TEST(total(apart.cost(spread)) == 5u);
  BOOST_TEST(total(logged.cost(spread)) == 4u);  // one listing, three files
  BOOST_TEST(total(files.cost(spread)) == 2u);
  BOOST_TEST(total(pages.cost(spread)) == 4u);
}

BOOST_AUTO_TEST_CASE(a_scan_reads_slice_by_slice) {
  read_estimate slices(10'000);  // of about a hundred rows
  for (std::uint64_t i = 1; i <= 1'000; ++i) slices.add(lying_in(i * 7'919 % 1'000 + 1), 0, true);
  auto requests = total(slices.cost(thousand_messages()));
  BOOST_TEST((requests >= 90u && requests <= 110u), requests);
}

BOOST_AUTO_TEST_CASE(what_a_reader_has_at_hand_is_not_read_and_what_it_has_let_go_of_is_read_again) {
  auto row = lying_in(1'000);
  value_reader::kept_sources kept;
  kept.add({row.row_message, 1});
  read_estimate some(1, kept), many(1);
  for (unsigned part : {1u, 2u, 1u, 2u}) {
    row.part = part;
    some.add(row, 4, true);
  }
  for (unsigned i = 0; i < 4 * value_reader::parts_kept; ++i) {
    row.row_message = base::message_id{1 + i % (2 * value_reader::parts_kept)};
    many.add(row, 4, true);
  }
  BOOST_TEST(total(some.cost(thousand_messages())) == 2u);
  auto again = many.cost(thousand_messages());
  BOOST_TEST(again.downloads == 4 * value_reader::parts_kept);
  BOOST_TEST(again.requests() == 2 * value_reader::parts_kept);  // whose addresses are known from then on
}

BOOST_AUTO_TEST_CASE(a_listing_reaches_as_far_as_messages_lie_close) {
  std::vector<std::uint64_t> ids;  // a thousand within a second, a year later as many again
  for (std::uint64_t i = 0; i < 1'000; ++i) ids.insert(ids.end(), {1'000 + i, 1'000'000'000 + i});
  message_spread exact(ids, ids.size());
  BOOST_TEST(exact.end_of_listing(1'000) == 1'099u);
  BOOST_TEST(exact.end_of_listing(1'950) == 1'000'000'049u);
  BOOST_TEST(exact.end_of_listing(2'000'000'000) == 2'000'000'000u);
  BOOST_TEST(exact.looks(ids).listings == 20u);
  std::vector<std::uint64_t> tenth;
  for (std::uint64_t i = 0; i < 1'000; i += 10) tenth.insert(tenth.end(), {1'000 + i, 1'000'000'000 + i});
  BOOST_TEST(message_spread(tenth, 2'000).looks(tenth).listings == 20u);
  BOOST_TEST(message_spread().end_of_listing(5) == 5u);
}

BOOST_AUTO_TEST_CASE(a_page_whose_addresses_are_known_takes_one_download_a_part) {
  value_reader::kept_sources kept;
  kept.pages = {base::message_id{1'000}};
  read_estimate known(1'000, kept);
  auto row = lying_in(1'000);
  for (row.part = 1; row.part <= 3; ++row.part) known.add(row, 4, true);
  BOOST_TEST(known.cost(thousand_messages()).requests() == 0u);
  BOOST_TEST(known.cost(thousand_messages()).downloads == 3u);
}

BOOST_AUTO_TEST_CASE(a_cost_is_told_in_requests_downloads_and_seconds) {
  using namespace std::chrono_literals;
  auto cost = [](std::uint64_t listings, std::uint64_t searches, std::uint64_t downloads) {
    find_cost c;
    c.listings = listings;
    c.searches = searches;
    c.downloads = downloads;
    return c;
  };
  BOOST_TEST(find_cost().text() == "0 requests");
  BOOST_TEST(find_cost().estimated_text(100ms) == "0 requests");
  BOOST_TEST(cost(1, 0, 0).estimated_text(100ms) == "about 1 request, 1 s");
  BOOST_TEST(cost(5, 0, 0).estimated_text(100ms) == "about 5 requests, 1 s");
  BOOST_TEST(cost(6, 0, 1).estimated_text(100ms) == "about 6 requests and 1 download, 5 s");
  BOOST_TEST(cost(100, 10, 0).estimated_text(100ms) == "about 110 requests, 95 s");
  BOOST_TEST(cost(3, 28, 0).estimated_text(100ms) == "about 31 requests, 27 s");
  BOOST_TEST(cost(0, 0, 200).estimated_text(100ms) == "about 200 downloads, 20 s");
  BOOST_TEST(cost(6, 0, 200).estimated_text(50ms) == "about 6 requests and 200 downloads, 10 s");  // the limit passes while files come
  BOOST_TEST(cost(6, 0, 200).charged() == 46u);
  BOOST_TEST(cost(6, 0, 1).charged() == 7u);
  auto both = cost(6, 0, 1);
  both += cost(1, 2, 3);
  BOOST_TEST((both.listings == 7u && both.searches == 2u && both.downloads == 4u));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
