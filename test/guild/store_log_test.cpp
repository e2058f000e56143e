#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "guild/log_store_frame.hpp"
#include "guild/store_fixture.hpp"

using namespace dbcord;
using dbcord::test::read_bytes;
using dbcord::test::store_fixture;
using dbcord::test::write_bytes;
using records = std::vector<std::string>;

namespace {

// Ends of the frames of the three batches {one, two}, {three}, {four, five, six}, as an undisturbed store writes them.
struct three_batches : store_fixture {
  three_batches() {
    options.preallocation = 0;
    auto log = open();
    for (const auto& batch : batches) BOOST_REQUIRE(log.store->append(batch));
    bytes = read_bytes(segment(1));  // before the seal
    log.store.reset();
    std::size_t at = guild::segment_header_size;
    for (const auto& batch : batches) {
      for (const auto& r : batch) {
        all.push_back(r);
        ends.push_back(at += guild::frame_header_size + r.size());
      }
    }
  }
  std::size_t whole_frames(std::size_t size) const {
    return static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), size) - ends.begin());
  }
  records first(std::size_t n) const { return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n)}; }

  std::vector<records> batches{{"one", "two"}, {"three"}, {"four", "five", std::string(70, '6')}};
  records all;
  std::vector<std::size_t> ends;
  std::string bytes;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(store_log)

BOOST_FIXTURE_TEST_CASE(what_was_appended_is_read_in_order_over_many_runs, store_fixture) {
  records expected;
  for (int run = 0; run < 5; ++run) {
    files.wait = run == 0;
    auto log = open();
    BOOST_TEST(log.records == expected);
    BOOST_TEST(!log.warning);
    for (int i = 0; i < 3; ++i) {
      records batch{std::to_string(run), std::string(1, '\0') + std::to_string(i), std::string(5000, 'x')};
      BOOST_REQUIRE(log.store->append(batch));
      expected.insert(expected.end(), batch.begin(), batch.end());
    }
  }
}

BOOST_FIXTURE_TEST_CASE(the_directory_is_created_for_its_owner_only, store_fixture) {
  auto path = directory.path() / "a" / "b";
  BOOST_REQUIRE(guild::log_store::open(path));
  struct ::stat about {};
  BOOST_REQUIRE_EQUAL(::stat(path.c_str(), &about), 0);
  BOOST_TEST((about.st_mode & 0777) == 0700u);
  BOOST_REQUIRE_EQUAL(::stat((path / "log-000001.dbl").c_str(), &about), 0);
  BOOST_TEST((about.st_mode & 0777) == 0600u);
}

BOOST_FIXTURE_TEST_CASE(an_unusable_directory_is_named, store_fixture) {
  write_bytes(directory.path() / "file", "x");
  auto opened = guild::log_store::open(directory.path() / "file");
  BOOST_REQUIRE(!opened);
  BOOST_TEST(opened.error().message.find("file cannot be used: Not a directory") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_full_segment_is_followed_by_the_next, store_fixture) {
  options.segment_size = 1000;
  records expected;
  for (int i = 0; i < 40; ++i) {
    auto log = open();
    BOOST_TEST(log.records == expected);
    expected.push_back(std::string(100, static_cast<char>('A' + i)));
    BOOST_REQUIRE(log.store->append({expected.back()}));
  }
  BOOST_TEST(std::filesystem::exists(segment(4)));
  BOOST_TEST(open().records == expected);
}

BOOST_FIXTURE_TEST_CASE(a_tail_torn_at_any_byte_is_cut_off_with_a_warning, three_batches) {
  for (std::size_t size = guild::segment_header_size; size <= bytes.size(); ++size) {
    auto n = whole_frames(size);
    auto good = n == 0 ? guild::segment_header_size : ends[n - 1];
    for (std::string tail : {std::string(), std::string(100, '\0'), std::string(100, '\xee')}) {
      write_bytes(segment(1), bytes.substr(0, size) + tail);
      auto log = open();
      BOOST_TEST(log.records == first(n));
      // Zeros at the end cannot be told from space written ahead.
      auto rest = bytes.substr(good, size - good) + tail;
      auto torn = rest.find_last_not_of('\0') + 1;
      BOOST_TEST(log.warning.has_value() == (torn != 0));
      if (torn != 0) {
        auto expected = "dropped " + std::to_string(torn) + " bytes of an unfinished write at offset " + std::to_string(good);
        BOOST_TEST(log.warning->ends_with(expected), *log.warning);
      }
      BOOST_REQUIRE(log.store->append({"more"}));
      log.store.reset();
      auto expected = first(n);
      expected.push_back("more");
      auto again = open();
      BOOST_TEST(again.records == expected);
      BOOST_TEST(!again.warning);
    }
  }
}

BOOST_FIXTURE_TEST_CASE(damage_with_later_batches_behind_it_is_refused_with_file_and_offset, three_batches) {
  for (std::size_t at = guild::segment_header_size; at < ends[2]; ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    write_bytes(segment(1), damaged);
    auto n = whole_frames(at);
    auto offset = n == 0 ? guild::segment_header_size : ends[n - 1];
    auto expected = segment(1).string() + " is damaged at offset " + std::to_string(offset) + ":";
    BOOST_TEST(refusal().starts_with(expected));
    BOOST_TEST(read_bytes(segment(1)) == damaged);  // evidence is left alone
  }
}

// A disk may write the pages of one batch in any order, so a power cut can leave a hole in the last one, which nobody was told of.
BOOST_FIXTURE_TEST_CASE(a_hole_in_the_unfinished_last_batch_is_an_unfinished_write, three_batches) {
  auto torn = bytes;
  std::fill(torn.begin() + static_cast<std::ptrdiff_t>(ends[2]), torn.begin() + static_cast<std::ptrdiff_t>(ends[3]), '\0');
  write_bytes(segment(1), torn);
  auto log = open();
  BOOST_TEST(log.records == first(3));
  BOOST_TEST(log.warning.has_value());
}

BOOST_FIXTURE_TEST_CASE(after_a_clean_end_damage_to_the_last_batch_is_refused_as_well, three_batches) {
  write_bytes(segment(1), bytes);
  open().store->close();
  auto sealed = read_bytes(segment(1));
  sealed[ends[2] + 26] ^= 1;
  write_bytes(segment(1), sealed);
  BOOST_TEST(refusal().find("is damaged at offset " + std::to_string(ends[2])) != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(damage_in_a_segment_that_is_not_the_last_is_refused, store_fixture) {
  options.segment_size = 100;
  {
    auto log = open();
    for (int i = 0; i < 3; ++i) BOOST_REQUIRE(log.store->append({std::string(200, 'x')}));
  }
  auto whole = read_bytes(segment(1));
  write_bytes(segment(1), whole.substr(0, whole.size() - 1));
  BOOST_TEST(refusal().find("log-000001.dbl is damaged at offset 32") != std::string::npos);
  write_bytes(segment(1), whole.substr(0, 32));  // every record lost, cleanly
  BOOST_TEST(refusal().find("log-000002.dbl is damaged at offset 0: it begins with record 2 where 1 is next") != std::string::npos);
  write_bytes(segment(1), whole);
  BOOST_TEST(open().records.size() == 3u);
  std::filesystem::remove(segment(2));
  BOOST_TEST(refusal().find("log-000002.dbl is missing while log-000003.dbl is there") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_header_that_cannot_be_read_or_is_of_another_version_is_refused, three_batches) {
  for (std::size_t at = 0; at < guild::segment_header_size; ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    write_bytes(segment(1), damaged);
    BOOST_TEST(refusal().find("log-000001.dbl is damaged at offset 0") != std::string::npos);
    write_bytes(segment(1), bytes.substr(0, at));
    BOOST_TEST(refusal().find("log-000001.dbl is damaged at offset 0") != std::string::npos);
  }
  write_bytes(segment(1), guild::encode_segment_header({2, 1, 1}));
  BOOST_TEST(refusal().find("has format version 2, this program reads 1") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
