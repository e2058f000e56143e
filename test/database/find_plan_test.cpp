// What search has been seen to show, and what reading takes.

#include <boost/test/unit_test.hpp>

#include "database/read_estimate.hpp"
#include "database/search_sightings.hpp"

namespace dbcord::database {

namespace {

constexpr base::message_id m1{1}, m2{2}, m3{3};

stored_row lying_in(std::uint64_t message, std::uint64_t size = 100, std::uint64_t log_message = 7) {
  stored_row row;
  row.row_message = base::message_id{message};
  row.log_message = base::message_id{log_message};
  row.json_size = size;
  row.resident = false;
  return row;
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
  read_estimate close(1'000, 1'000'000), apart(1'000, 1'000'000), logged(1'000, 1'000'000), files(1'000, 1'000'000);
  for (std::uint64_t i = 1; i <= 1'000; ++i) {
    close.add(lying_in(i * 1'000), 4, true);
    apart.add(lying_in(i * 1'000), 4, i % 200 == 0);
    logged.add(lying_in(0, 100, i % 3), 4, true);
    files.add(lying_in(i * 1'000, 5'000), 4, i == 5);
  }
  BOOST_TEST((close.requests() >= 10u && close.requests() <= 11u));
  BOOST_TEST(close.rows() == 1'000u);
  BOOST_TEST(apart.requests() == 5u);
  BOOST_TEST(logged.requests() == 6u);
  BOOST_TEST(files.requests() == 2u);
  read_estimate pages(1'000, 1'000'000);
  for (std::uint64_t i = 1; i <= 1'000; ++i) {
    auto row = lying_in(1'000);
    row.part = 1 + static_cast<unsigned>(i % 3);
    pages.add(row, 4, true);
  }
  BOOST_TEST(pages.requests() == 4u);
}

BOOST_AUTO_TEST_CASE(a_scan_reads_slice_by_slice) {
  read_estimate slices(1'000, 10'000);  // of about a hundred rows
  for (std::uint64_t i = 1; i <= 1'000; ++i) slices.add(lying_in((i * 7'919 % 1'000 + 1) * 1'000), 0, true);
  BOOST_TEST((slices.requests() >= 90u && slices.requests() <= 110u), slices.requests());
}

BOOST_AUTO_TEST_CASE(a_cost_is_told_in_requests_and_seconds) {
  BOOST_TEST(find_cost{}.text() == "0 requests");
  BOOST_TEST((find_cost{1, 0}.text()) == "about 1 request, 1 s");
  BOOST_TEST((find_cost{100, 10}.text()) == "about 110 requests, 115 s");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
