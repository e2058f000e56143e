#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <mutex>

#include "actor/real_time.hpp"
#include "guild/local_guild_store.hpp"
#include "guild/record_files.hpp"
#include "guild/server_committer.hpp"
#include "guild/store_fixture.hpp"

using namespace dbcord;
using guild::sync_mode;
using dbcord::test::store_fixture;
using records = std::vector<std::string>;

namespace {

// A store that waits for the disk later, and says when it was asked to.
class lazy_store final : public guild::durable_store {
 public:
  base::result<void> commit(const guild::durable_batch&) override {
    std::lock_guard lock(mutex_);
    unsettled_ = true;
    return {};
  }
  std::optional<base::duration> settle_within() const override {
    std::lock_guard lock(mutex_);
    if (!unsettled_) return std::nullopt;
    return std::chrono::milliseconds(20);
  }
  base::result<void> settle() override {
    std::lock_guard lock(mutex_);
    unsettled_ = false;
    ++settled_;
    changed_.notify_all();
    if (fail) return base::error(boost::system::errc::make_error_code(boost::system::errc::io_error), "sync failed");
    return {};
  }
  void wait_until_settled(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return settled_ >= times; });
  }
  bool fail = false;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool unsettled_ = false;
  int settled_ = 0;
};

guild::durable_batch batch_of(std::string record) {
  guild::durable_batch batch;
  batch.records.push_back(std::move(record));
  return batch;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_sync_mode)

BOOST_FIXTURE_TEST_CASE(interval_waits_for_the_disk_only_when_asked_to_sync_and_at_the_end, store_fixture) {
  options.preallocation = 0;
  options.sync = sync_mode::interval;
  auto log = open();
  files.trace.clear();
  BOOST_REQUIRE(log.store->append({"one"}));
  BOOST_REQUIRE(log.store->append({"two"}));
  BOOST_TEST(log.store->unsynced());
  records written{"write log-000001.dbl", "write log-000001.dbl"};
  BOOST_TEST(files.trace == written, boost::test_tools::per_element());
  BOOST_REQUIRE(log.store->sync());
  BOOST_REQUIRE(log.store->sync());  // nothing to do
  written.push_back("sync log-000001.dbl");
  BOOST_TEST(files.trace == written, boost::test_tools::per_element());
  BOOST_TEST(!log.store->unsynced());
  BOOST_REQUIRE(log.store->append({"three"}));
  files.syncs = 0;
  BOOST_TEST(log.store->sync().error().message == "sync failed");
  BOOST_TEST(log.store->append({"four"}).error().message == "sync failed");
}

BOOST_FIXTURE_TEST_CASE(never_waits_for_the_disk_only_at_an_orderly_end, store_fixture) {
  options.preallocation = 0;
  options.sync = sync_mode::never;
  auto log = open();
  files.trace.clear();
  BOOST_REQUIRE(log.store->append({"one"}));
  BOOST_REQUIRE(log.store->sync());
  BOOST_TEST(files.trace == records{"write log-000001.dbl"}, boost::test_tools::per_element());
  BOOST_REQUIRE(log.store->close());
  BOOST_TEST(files.trace.back() == "sync log-000001.dbl");
}

BOOST_AUTO_TEST_CASE(what_was_committed_is_settled_in_time_with_and_without_further_work) {
  actor::real_clock clock;
  lazy_store store;
  guild::committer work(store, clock, [](base::result<guild::committer::outcome>) {});
  work.submit(1, batch_of("x"));
  store.wait_until_settled(1);  // nothing else comes
  work.submit(2, batch_of("x"));
  store.wait_until_settled(2);
  work.submit(3, batch_of("x"));
  work.finish();
  store.wait_until_settled(3);  // at the end at the latest
}

BOOST_AUTO_TEST_CASE(a_sync_that_fails_later_ends_the_committer) {
  actor::real_clock clock;
  lazy_store store;
  store.fail = true;
  std::mutex mutex;
  std::string failure;
  guild::committer work(store, clock, [&](base::result<guild::committer::outcome> outcome) {
    std::lock_guard lock(mutex);
    if (!outcome) failure = outcome.error().message;
  });
  work.submit(1, batch_of("x"));
  work.finish();
  std::lock_guard lock(mutex);
  BOOST_TEST(failure == "sync failed");
}

BOOST_FIXTURE_TEST_CASE(every_record_can_be_read_again_from_its_place, store_fixture) {
  options.segment_size = 1000;
  std::map<std::string, guild::record_place> written, replayed;
  {
    auto log = open();
    for (int i = 0; i < 30; ++i) {
      records batch{std::to_string(i), std::to_string(i) + std::string(100, 'x')};
      BOOST_REQUIRE(log.store->append(batch));
      auto places = log.store->take_places();
      BOOST_REQUIRE_EQUAL(places.size(), 2u);
      for (std::size_t j = 0; j < 2; ++j) written[batch[j]] = places[j];
    }
  }
  auto log = guild::log_store::lock(directory.path(), options, files);
  BOOST_REQUIRE((*log)->load(0, [&](std::string_view record, guild::record_place place) -> base::result<void> {
    replayed[std::string(record)] = place;
    return {};
  }));
  BOOST_TEST((written == replayed));
  guild::record_files reader(directory.path());
  for (auto& [record, place] : written) BOOST_TEST(reader.read(place) == record);
}

BOOST_FIXTURE_TEST_CASE(a_record_that_is_not_what_was_written_is_named_with_file_and_offset, store_fixture) {
  auto log = open();
  BOOST_REQUIRE(log.store->append({"first", "second"}));
  auto place = log.store->take_places().at(1);
  auto bytes = dbcord::test::read_bytes(segment(1));
  bytes[bytes.find("second")] = 'S';
  dbcord::test::write_bytes(segment(1), bytes);
  guild::record_files reader(directory.path());
  auto says = [&](guild::record_place at) {
    try {
      reader.read(at);
    } catch (const guild::unreadable_record& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  BOOST_TEST(says(place).starts_with(segment(1).string() + " is damaged at offset 61:"));
  BOOST_TEST(says({guild::file_place{guild::file_place::kind::segment, 1, 1 << 30}.packed(), 5}).find("it ends there") !=
             std::string::npos);
  BOOST_TEST(says({guild::file_place{guild::file_place::kind::snapshot, 7, 0}.packed(), 5}).find("snapshot-000007.dbs") !=
             std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(records_that_a_snapshot_holds_are_skipped_and_their_segments_not_read, store_fixture) {
  options.segment_size = 200;
  std::uint64_t last = 0;
  {
    auto log = open();
    for (int i = 0; i < 20; ++i) BOOST_REQUIRE(log.store->append({std::to_string(i) + std::string(100, 'x')}));
    last = log.store->last_sequence();
  }
  for (std::uint64_t after : {std::uint64_t(0), std::uint64_t(7), last - 1, last, last + 1}) {
    auto log = guild::log_store::lock(directory.path(), options, files);
    std::size_t count = 0;
    BOOST_REQUIRE((*log)->load(after, [&](std::string_view, guild::record_place) -> base::result<void> {
      ++count;
      return {};
    }));
    BOOST_TEST(count == 20 - std::min<std::uint64_t>(after, 20));
    // Seals of earlier rounds count as well, and hold nothing.
  }
  std::filesystem::remove(segment(1));
  std::filesystem::remove(segment(2));
  BOOST_TEST(refusal().find("log-000002.dbl is missing") != std::string::npos);
  auto log = guild::log_store::lock(directory.path(), options, files);
  BOOST_TEST((*log)->load(8, [](std::string_view, guild::record_place) -> base::result<void> { return {}; }).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
