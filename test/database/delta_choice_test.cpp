// Which deltas a start downloads, and what the log remembers for the next one.
#include <boost/test/unit_test.hpp>

#include "database/delta_choice.hpp"
#include "database/log_files.hpp"

using namespace dbcord;
using database::choose_deltas;
using database::log_files;

namespace {

std::string chosen(const std::vector<protocol::delta_header>& found, const std::vector<std::uint64_t>& files) {
  std::string text;
  for (auto i : choose_deltas(found, files)) text += std::to_string(i) + " ";
  return text;
}

protocol::delta_header over(std::uint64_t first, std::uint64_t last, std::uint64_t records) { return {first, last, records, 1, ""}; }

std::string lsns_of(const log_files& files) {
  std::string text;
  for (const auto& f : files.all()) text += std::to_string(f.lsn) + " ";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(delta_choice_suite)

BOOST_AUTO_TEST_CASE(a_delta_is_chosen_if_it_saves_more_than_one_file) {
  const std::vector<std::uint64_t> files{10, 12, 20, 30};
  BOOST_TEST(chosen({over(10, 12, 2)}, files) == "0 ");
  BOOST_TEST(chosen({over(13, 29, 5)}, files) == "");
  BOOST_TEST(chosen({over(1, 9, 5), over(31, 40, 5)}, files) == "");
  BOOST_TEST(chosen({over(20, 30, 2), over(10, 12, 2)}, files) == "1 0 ");
  BOOST_TEST(chosen({over(10, 30, 1)}, files) == "");
  BOOST_TEST(chosen({}, files) == "");
  BOOST_TEST(chosen({over(1, 9, 5)}, {}) == "");
}

BOOST_AUTO_TEST_CASE(of_deltas_that_overlap_the_larger_is_chosen_and_of_equal_ones_the_newer) {
  const std::vector<std::uint64_t> files{1, 2, 3, 4, 5, 6, 7, 8};
  BOOST_TEST(chosen({over(1, 2, 2), over(1, 4, 4), over(5, 6, 2)}, files) == "1 2 ");
  BOOST_TEST(chosen({over(1, 4, 4), over(1, 4, 4)}, files) == "1 ");
  BOOST_TEST(chosen({over(1, 5, 5), over(4, 8, 5), over(1, 3, 3)}, files) == "2 1 ");
  // One that states a wide range and few records takes no place from those that hold them.
  BOOST_TEST(chosen({over(1, 1000, 2), over(1, 4, 4)}, files) == "1 ");
}

BOOST_AUTO_TEST_CASE(files_are_forgotten_by_range_and_beyond_a_bound_the_oldest_first) {
  log_files files;
  for (std::uint64_t lsn = 1; lsn <= 6; ++lsn) files.add({lsn, {}, {}, 1, ""});
  files.forget(2, 4);
  BOOST_TEST(lsns_of(files) == "1 5 6 ");
  files.forget(0, 1);
  BOOST_TEST(lsns_of(files) == "5 6 ");
  for (std::uint64_t lsn = 7; lsn < 7 + 2 * log_files::files_max; ++lsn) files.add({lsn, {}, {}, 1, ""});
  BOOST_TEST(files.size() <= log_files::files_max);
  BOOST_TEST(files.all().back().lsn == 6 + 2 * log_files::files_max);
}

BOOST_AUTO_TEST_SUITE_END()
