#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "guild/attachment_files.hpp"
#include "guild/local_guild_store.hpp"
#include "guild/store_fixture.hpp"

using namespace dbcord;
using dbcord::test::failing_files;
using dbcord::test::store_fixture;
using records = std::vector<std::string>;

namespace {

// Runs `body` in a child process, which must end by a signal or with status 0.
template <class Body>
pid_t start_process(Body body) {
  auto pid = ::fork();
  BOOST_REQUIRE(pid >= 0);
  if (pid == 0) ::_exit(body());
  return pid;
}

int wait_for(pid_t pid) {
  int status = 0;
  BOOST_REQUIRE_EQUAL(::waitpid(pid, &status, 0), pid);
  return status;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_failure)

BOOST_FIXTURE_TEST_CASE(a_write_cut_short_at_any_byte_loses_nothing_acknowledged, store_fixture) {
  options = {300, 64};
  for (std::uint64_t budget = 0; budget < 1500; budget += 7) {
    auto path = directory.path() / std::to_string(budget);
    std::size_t acknowledged = 0, asked = 0;
    files.writable = budget;
    if (auto log = guild::log_store::open(path, options, files)) {
      while (log->store->append({"record " + std::to_string(asked++), "and another"})) acknowledged = asked;
      auto again = log->store->append({"never"});
      BOOST_REQUIRE(!again);
      BOOST_TEST(again.error().message == "no space left");
    }
    files.writable = static_cast<std::uint64_t>(-1);
    auto log = guild::log_store::open(path, options, files);
    BOOST_REQUIRE(log);
    BOOST_TEST(log->records.size() >= 2 * acknowledged);
    BOOST_TEST(log->records.size() <= 2 * asked);
    for (std::size_t i = 0; i < log->records.size(); i += 2) BOOST_TEST(log->records[i] == "record " + std::to_string(i / 2));
  }
}

BOOST_FIXTURE_TEST_CASE(a_failed_sync_is_final_and_never_tried_again, store_fixture) {
  for (int good = 0; good < 12; ++good) {
    auto path = directory.path() / std::to_string(good);
    files = failing_files();
    files.syncs = good;
    auto log = guild::log_store::open(path, {100, 64}, files);
    if (!log) continue;  // failed while it created the first segment
    while (log->store->append({std::string(60, 'x')})) {}
    auto asked = files.syncs_asked;
    BOOST_TEST(log->store->append({"x"}).error().message == "sync failed");
    BOOST_TEST(log->store->close().error().message == "sync failed");
    BOOST_TEST(files.syncs_asked == asked);
  }
}

BOOST_FIXTURE_TEST_CASE(a_directory_in_use_is_refused_with_the_holders_pid, store_fixture) {
  auto held = open();
  BOOST_TEST(refusal() == "the data directory " + directory.path().string() + " is in use by process " +
                              std::to_string(::getpid()) + "; stop it or choose another directory");
  held.store.reset();
  BOOST_TEST(refusal().empty());
}

BOOST_FIXTURE_TEST_CASE(another_process_keeps_us_out_until_it_dies, store_fixture) {
  int ready[2];
  BOOST_REQUIRE_EQUAL(::pipe(ready), 0);
  auto holder = start_process([&] {
    auto log = guild::log_store::open(directory.path(), options);
    char ok = log ? 'y' : 'n';
    if (::write(ready[1], &ok, 1) != 1) return 1;
    for (;;) ::pause();
  });
  char ok = 0;
  BOOST_REQUIRE_EQUAL(::read(ready[0], &ok, 1), 1);
  BOOST_TEST(ok == 'y');
  BOOST_TEST(refusal().find("process " + std::to_string(holder)) != std::string::npos);
  ::kill(holder, SIGKILL);
  wait_for(holder);
  BOOST_TEST(refusal().empty());
  ::close(ready[0]);
  ::close(ready[1]);
}

BOOST_FIXTURE_TEST_CASE(a_process_killed_while_it_appends_has_lost_nothing_it_reported, store_fixture) {
  options = {20000, 4096};
  std::uint64_t expected = 0;
  for (int round = 0; round < 8; ++round) {
    int reports[2];
    BOOST_REQUIRE_EQUAL(::pipe(reports), 0);
    auto writer = start_process([&] {
      auto log = guild::log_store::open(directory.path(), options);
      if (!log) return 1;
      for (std::uint64_t n = log->records.size();; n += 3) {
        records batch;
        for (std::uint64_t i = n; i < n + 3; ++i) batch.push_back(std::to_string(i) + std::string(i % 700, '.'));
        auto reported = n + 3;
        if (!log->store->append(batch) || ::write(reports[1], &reported, sizeof(reported)) != sizeof(reported)) return 1;
      }
    });
    ::close(reports[1]);
    std::uint64_t reported = 0;
    for (int i = 0; i < 5 + 3 * round; ++i) {
      BOOST_REQUIRE_EQUAL(::read(reports[0], &reported, sizeof(reported)), ssize_t(sizeof(reported)));
    }
    ::kill(writer, SIGKILL);
    BOOST_TEST(WTERMSIG(wait_for(writer)) == SIGKILL);
    while (::read(reports[0], &reported, sizeof(reported)) > 0) {}
    ::close(reports[0]);

    auto log = open();
    BOOST_TEST(log.records.size() >= reported);
    BOOST_TEST(reported > expected);
    expected = log.records.size();
    for (std::uint64_t i = 0; i < expected; ++i) BOOST_REQUIRE_EQUAL(log.records[i], std::to_string(i) + std::string(i % 700, '.'));
    // Records of a batch may survive without the rest of it; the next round counts on threes.
    if (expected % 3 != 0) {
      records rest;
      for (; expected % 3 != 0; ++expected) rest.push_back(std::to_string(expected) + std::string(expected % 700, '.'));
      BOOST_REQUIRE(log.store->append(rest));
    }
  }
}

BOOST_FIXTURE_TEST_CASE(an_attachment_is_whole_or_absent_whatever_fails, store_fixture) {
  const std::string bytes(1000, 'a');
  for (int good = 0; good < 3; ++good) {
    for (std::uint64_t budget : {std::uint64_t(0), std::uint64_t(999), std::uint64_t(1000)}) {
      files = failing_files();
      auto opened = guild::attachment_files::open(directory.path(), files);
      BOOST_REQUIRE(opened);
      files.syncs = good;
      files.writable = budget;
      base::attachment_id id{static_cast<std::uint64_t>(100 * good) + budget + 1};
      bool written = (*opened)->write({{id, bytes}}).has_value();
      auto found = (*opened)->read(id);
      BOOST_TEST(written == (budget == 1000 && good == 2));
      if (written) BOOST_TEST(found.has_value());
      if (found) BOOST_TEST(*found == bytes);
      opened = guild::attachment_files::open(directory.path(), files);
      for (auto known : *(*opened)->all()) BOOST_TEST((*opened)->read(known)->size() == bytes.size());
      for (const auto& entry : std::filesystem::directory_iterator(directory.path() / "attachments")) {
        BOOST_TEST(entry.path().extension() != ".tmp");
      }
    }
  }
}

// The order is the promise: an attachment before the record that names it, both before the answer, deletions after both.
BOOST_FIXTURE_TEST_CASE(a_commit_asks_the_disk_for_everything_in_the_promised_order, store_fixture) {
  options.preallocation = 0;
  auto log = open();
  auto attachments = guild::attachment_files::open(directory.path(), files);
  guild::local_guild_store store(*log.store, **attachments);
  guild::durable_batch batch;
  batch.attachments.push_back({base::attachment_id{8}, "bytes"});
  batch.records = {"one", "two"};
  batch.forgotten.push_back(base::attachment_id{7});
  files.trace.clear();
  BOOST_REQUIRE(store.commit(batch));
  records expected{"write 8.tmp", "sync 8.tmp", "name 8", "sync names in attachments", "write log-000001.dbl",
                   "sync log-000001.dbl", "remove 7"};
  BOOST_TEST(files.trace == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_new_segment_is_named_when_it_and_the_old_one_are_durable, store_fixture) {
  options = {100, 0};
  auto log = open();
  BOOST_REQUIRE(log.store->append({std::string(200, 'x')}));
  files.trace.clear();
  BOOST_REQUIRE(log.store->append({"y"}));
  auto in_directory = "sync names in " + directory.path().filename().string();
  records expected{"sync log-000001.dbl", "write log-000002.dbl.tmp", "sync log-000002.dbl.tmp", "name log-000002.dbl",
                   in_directory, "write log-000002.dbl", "sync log-000002.dbl"};
  BOOST_TEST(files.trace == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(no_record_is_written_when_its_attachment_could_not_be, store_fixture) {
  auto log = open();
  auto attachments = guild::attachment_files::open(directory.path(), files);
  guild::local_guild_store store(*log.store, **attachments);
  guild::durable_batch batch;
  batch.attachments.push_back({base::attachment_id{8}, "bytes"});
  batch.records = {"one"};
  files.syncs = 0;
  BOOST_TEST(store.commit(batch).error().message == "sync failed");
  log.store.reset();
  files.syncs = -1;
  BOOST_TEST(open().records.empty());
}

BOOST_FIXTURE_TEST_CASE(attachments_are_found_again_and_can_be_removed, store_fixture) {
  auto opened = guild::attachment_files::open(directory.path());
  BOOST_REQUIRE((*opened)->write({{base::attachment_id{1}, "one"}, {base::attachment_id{2}, std::string("\0two", 4)}}));
  opened = guild::attachment_files::open(directory.path());
  BOOST_TEST(*(*opened)->read(base::attachment_id{2}) == std::string("\0two", 4));
  BOOST_TEST((*opened)->all()->size() == 2u);
  BOOST_REQUIRE((*opened)->remove({base::attachment_id{1}, base::attachment_id{3}}));
  BOOST_TEST(!(*opened)->read(base::attachment_id{1}));
}

BOOST_AUTO_TEST_SUITE_END()
