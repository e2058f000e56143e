#include <boost/test/unit_test.hpp>

#include "guild/log_store_frame.hpp"
#include "guild/record_files.hpp"
#include "guild/snapshot_file.hpp"
#include "guild/store_fixture.hpp"

using namespace dbcord;
using guild::message_entry;
using guild::record_place;
using dbcord::test::failing_files;
using dbcord::test::read_bytes;
using dbcord::test::write_bytes;

namespace {

class listed_bodies final : public guild::record_reader {
 public:
  std::string read(record_place place) override {
    if (place.where > bodies.size()) throw guild::unreadable_record("log-000001.dbl is damaged at offset 99: no such record");
    return bodies[place.where - 1];
  }
  std::vector<std::string> bodies;
};

// Two channels, one of them empty now, four messages, of which one is in memory only.
struct stored_snapshot_fixture {
  stored_snapshot_fixture() {
    bodies.bodies = {"first body", std::string(3000, 'b'), "third"};
    content.records = {"{\"t\":\"found\"}", "{\"t\":\"channel\"}"};
    content.messages.push_back({{1}, {50}, 0, {entry(10, 1, 0), entry(20, 2, message_entry::has_files), entry(30, 0, 0)}});
    content.messages.push_back({{2}, {60}, 0, {}});
    content.messages.push_back({{3}, {40}, 0, {entry(40, 3, 0)}});
    content.unplaced = {"in memory only"};
  }
  static message_entry entry(std::uint64_t id, std::uint64_t where, std::uint32_t marks) { return {{id}, where, 7, marks}; }

  base::result<guild::written_snapshot> write() {
    auto written = guild::write_snapshot(target, content, bodies, files, stop);
    if (written) BOOST_REQUIRE(guild::publish_snapshot(target, files));
    return written;
  }
  std::filesystem::path path() const { return directory.path() / "snapshot-000007.dbs"; }
  std::string refusal() {
    auto loaded = guild::load_snapshot(directory.path(), 7, files);
    return loaded ? std::string() : loaded.error().message;
  }

  dbcord::test::temporary_directory directory;
  failing_files files;
  listed_bodies bodies;
  guild::core_snapshot content;
  guild::snapshot_target target{directory.path(), 7, 1234};
  std::atomic<bool> stop = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(store_snapshot)

BOOST_FIXTURE_TEST_CASE(what_was_written_is_read_and_every_body_lies_at_its_place, stored_snapshot_fixture) {
  auto written = write();
  BOOST_REQUIRE(written);
  BOOST_TEST(written->places.size() == 4u);
  auto loaded = guild::load_snapshot(directory.path(), 7, files);
  BOOST_REQUIRE_MESSAGE(loaded, loaded.error().message);
  BOOST_TEST(loaded->sequence == 1234u);
  BOOST_TEST(loaded->size == std::filesystem::file_size(path()));
  BOOST_TEST(written->size == loaded->size);
  BOOST_TEST(loaded->records == content.records, boost::test_tools::per_element());
  BOOST_REQUIRE_EQUAL(loaded->messages.size(), 3u);
  BOOST_TEST(loaded->messages[1].last_message.value == 60u);
  BOOST_TEST(loaded->messages[1].entries.empty());
  guild::record_files reader(directory.path());
  std::vector<std::string> read, expected{"first body", std::string(3000, 'b'), "in memory only", "third"};
  std::vector<std::uint64_t> ids;
  std::size_t i = 0;
  for (auto& channel : loaded->messages) {
    for (auto& e : channel.entries) {
      ids.push_back(e.id.value);
      read.push_back(reader.read(e.place()));
      BOOST_TEST((e.place() == written->places[i++]));
    }
  }
  BOOST_TEST(read == expected, boost::test_tools::per_element());
  BOOST_TEST((ids == std::vector<std::uint64_t>{10, 20, 30, 40}));
  BOOST_TEST(loaded->messages[0].entries[1].marks == message_entry::has_files);
}

BOOST_FIXTURE_TEST_CASE(damage_to_any_byte_that_a_start_needs_is_refused_and_to_a_body_found_when_it_is_read, stored_snapshot_fixture) {
  BOOST_REQUIRE(write());
  auto good = read_bytes(path());
  auto places = guild::load_snapshot(directory.path(), 7, files)->messages[2].entries[0].place();
  auto directory_part = guild::file_place::unpacked(places.where).offset + guild::frame_header_size + places.size;
  for (std::size_t at = 0; at < good.size(); ++at) {
    bool body = at >= 32 && at < directory_part;
    if (body && at % 97 != 0) continue;
    auto bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x20);
    write_bytes(path(), bad);
    BOOST_TEST(refusal().empty() == body, "byte " << at << ": " << refusal());
    if (!body) BOOST_TEST(refusal().find("snapshot-000007.dbs") != std::string::npos);
  }
  auto bad = good;
  bad[bad.find("third")] = 'T';
  write_bytes(path(), bad);
  guild::record_files reader(directory.path());
  BOOST_CHECK_THROW(reader.read(places), guild::unreadable_record);
}

BOOST_FIXTURE_TEST_CASE(a_snapshot_cut_short_anywhere_is_refused, stored_snapshot_fixture) {
  BOOST_REQUIRE(write());
  auto good = read_bytes(path());
  for (std::size_t size = 0; size < good.size(); size += size < good.size() - 200 ? 53 : 1) {
    write_bytes(path(), good.substr(0, size));
    BOOST_TEST(!refusal().empty());
  }
}

BOOST_FIXTURE_TEST_CASE(it_has_its_name_only_when_it_is_durable, stored_snapshot_fixture) {
  BOOST_REQUIRE(write());
  auto names = std::vector<std::string>(files.trace.end() - 3, files.trace.end());
  std::vector<std::string> expected{"sync snapshot-000007.dbs.tmp", "name snapshot-000007.dbs",
                                    "sync names in " + directory.path().filename().string()};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_full_disk_a_failed_sync_an_unreadable_body_and_a_stop_leave_no_snapshot, stored_snapshot_fixture) {
  files.writable = 100;
  BOOST_TEST(write().error().message == "no space left");
  files = failing_files();
  files.syncs = 0;
  BOOST_TEST(write().error().message == "sync failed");
  files = failing_files();
  bodies.bodies.pop_back();
  BOOST_TEST(write().error().message.find("log-000001.dbl is damaged at offset 99") == 0u);
  bodies.bodies.push_back("third");
  stop = true;
  BOOST_TEST((write().error().code == base::errc::stopping));
  BOOST_TEST(!std::filesystem::exists(path()));
  stop = false;
  BOOST_TEST(write().has_value());  // over what the others have left
  BOOST_TEST(refusal().empty());
}

BOOST_FIXTURE_TEST_CASE(a_newer_format_version_is_refused_with_both_versions, stored_snapshot_fixture) {
  BOOST_REQUIRE(write());
  auto bytes = read_bytes(path());
  auto segment = guild::encode_segment_header({2, 7, 1234});  // the same layout
  write_bytes(path(), "DBCSNAPS" + segment.substr(8, 16) + bytes.substr(24));
  BOOST_TEST(!refusal().empty());
}

BOOST_AUTO_TEST_SUITE_END()
