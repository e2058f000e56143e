// Deltas that are damaged, gone, foreign, stale or lies: then the files of the log are read, nothing is lost, and what is no use is removed.

#include "database/delta_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct damaged_delta_fixture : delta_fixture {
  damaged_delta_fixture() {
    fill(40);
    kill();
    begin();
  }
  void expect_recovery() {
    reopen();
    expect_files_read();
  }
  // Everything was read from the log's own files; whoever begins next reads deltas again.
  void expect_files_read() {
    BOOST_TEST(files >= 35);
    check_rows();
    insert_rows(2);
    world.run_for(10s);
    check_rows();
    expect_order(7);
    open_again();
    BOOST_TEST(files <= 6);
    check_rows();
    BOOST_TEST(verify().problems == 0u);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(damaged_deltas, damaged_delta_fixture)

BOOST_AUTO_TEST_CASE(changed_bytes_are_noticed) {
  auto count = stack->store.on_download;
  stack->store.on_download = [count](const database::attachment_info& info, std::string& bytes) {
    count(info, bytes);
    if (info.filename.ends_with(".zst") && info.filename.starts_with("log-")) bytes[bytes.size() / 2] ^= 1;
  };
  reopen();
  stack->store.on_download = count;
  BOOST_TEST(files >= 35);
  check_rows();
}

BOOST_AUTO_TEST_CASE(cut_bytes_are_noticed_and_others_written) {
  auto count = stack->store.on_download;
  bool opened = false;
  stack->store.on_download = [count, &opened](const database::attachment_info& info, std::string& bytes) {
    count(info, bytes);
    if (!opened && info.filename.ends_with(".zst") && info.filename.starts_with("log-")) bytes.resize(bytes.size() / 2);
  };
  reopen();
  opened = true;
  expect_files_read();
}

BOOST_AUTO_TEST_CASE(those_that_people_delete_are_replaced) {
  for (const auto& d : deltas()) take_away(d.message);
  expect_recovery();
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_had_now_holds_nothing_up) {
  stack->store.on_fetch_of_file = [](const database::attachment_info& info) { return !(info.filename.ends_with(".zst") && info.filename.starts_with("log-")); };
  reopen();
  stack->store.on_fetch_of_file = nullptr;
  BOOST_TEST(files >= 35);
  check_rows();
}

// Header, checksum and messages are right, and what it says happened never did.
BOOST_AUTO_TEST_CASE(a_delta_that_lies_is_not_believed) {
  protocol::delta_packer packer;
  for (const auto& d : deltas()) {
    for (auto& r : records_of(d)) {
      if (auto at = r.body.find("pppp"); at != r.body.npos) r.body[at] = 'q';
      packer.add(r.lsn, r.message, r.body);
    }
    take_away(d.message);
  }
  post_delta(packer.finish());
  BOOST_TEST_REQUIRE(deltas().size() == 1u);
  BOOST_TEST_REQUIRE(contains(records_of(deltas().front()).front().body, "qppp"));
  expect_recovery();
  for (int i = 0; i < rows; ++i) BOOST_TEST(!contains(get(fmt::format("k{:03}", i)), "qppp"));
}

// Of another log: its LSNs are those of ours, its messages are not.
BOOST_AUTO_TEST_CASE(a_delta_of_other_messages_is_not_believed) {
  protocol::delta_packer packer;
  for (const auto& d : deltas()) {
    for (const auto& r : records_of(d)) packer.add(r.lsn, base::message_id{r.message.value + 1}, r.body);
    take_away(d.message);
  }
  post_delta(packer.finish());
  expect_recovery();
}

// What it holds is right and used, but it says of which LSNs it is, and they are others: nobody goes on from that.
BOOST_AUTO_TEST_CASE(a_delta_of_the_right_messages_and_other_lsns_is_removed) {
  protocol::delta_packer packer;
  for (const auto& d : deltas()) {
    for (const auto& r : records_of(d)) packer.add(r.lsn + 1, r.message, r.body);
    take_away(d.message);
  }
  post_delta(packer.finish());
  auto wrong = deltas().at(0).message.id;
  reopen();
  BOOST_TEST(files <= 6);
  check_rows();
  insert_rows(2);
  world.run_for(10s);
  for (const auto& d : deltas()) BOOST_TEST((d.message.id != wrong));
  open_again();
  BOOST_TEST(files <= 6);
  check_rows();
}

BOOST_AUTO_TEST_CASE(one_that_states_more_than_it_holds_takes_no_place_for_long) {
  protocol::delta_packer packer;
  packer.add(1, base::message_id{1}, "{}");
  packer.add(1'000'000, base::message_id{2}, "{}");
  auto lie = packer.finish();
  post_delta(std::move(lie));
  reopen();
  BOOST_TEST(files <= 6);
  check_rows();
  world.run_for(10s);
  for (const auto& d : deltas()) BOOST_TEST(d.header.last_lsn < 1'000'000u);
}

BOOST_AUTO_TEST_CASE(what_people_write_counts_for_nothing_and_stays) {
  auto content = deltas().front().message.content;
  for (auto at = content.find('\n'); at != content.npos; at = content.find('\n', at + 2)) content.replace(at, 1, "\\n");
  request("POST", "/channels/" + checkpoints().str() + "/messages", "{\"content\":\"" + content + "\"}", guild.credentials().owner_token);
  auto seen = deltas().size();
  reopen();
  BOOST_TEST(files <= 6);
  insert_rows(4);
  world.run_for(10s);
  int foreign = 0;
  for (const auto& d : deltas()) foreign += d.message.author != stack->store.self();
  BOOST_TEST(foreign == 1);
  BOOST_TEST(seen >= 2u);
  check_rows();
}

// They died before they could delete what their last delta replaces, or their answers were lost.
BOOST_AUTO_TEST_CASE(copies_of_what_others_hold_are_removed) {
  auto all = deltas();
  for (const auto& d : all) {
    for (int i = 0; i < 3; ++i) {
      protocol::delta_packer packer;
      for (const auto& r : records_of(d)) packer.add(r.lsn, r.message, r.body);
      post_delta(packer.finish());
    }
  }
  BOOST_TEST_REQUIRE(deltas().size() == 4 * all.size());
  reopen();
  BOOST_TEST(files <= 6);
  world.run_for(10s);
  expect_order(all.size());
  check_rows();
}

BOOST_AUTO_TEST_CASE(a_delta_that_discord_cuts_is_written_again) {
  reopen();
  auto before = inspect().deltas;
  stack->store.on_post = [this](base::channel_id, const database::new_message& m) {
    dbcord::guild::fault_plan cut;
    cut.upload_cut = is_delta(m) ? 1 : 0;
    guild.set_faults(cut);
    return is_group_in_text(m) ? fault::content : fault::none;
  };
  insert_rows(6);
  world.run_for(10s);
  BOOST_TEST(inspect().deltas == before);
  guild.set_faults({});
  stack->store.on_post = nullptr;
  world.run_for(5min);
  BOOST_TEST(inspect().deltas > before);
  expect_order(7);
  open_again();
  BOOST_TEST(files <= 6);
  check_rows();
}

BOOST_AUTO_TEST_CASE(a_lost_answer_leaves_no_copy_for_long) {
  reopen();
  int lost = 0;
  stack->store.on_post = [&lost](base::channel_id, const database::new_message& m) {
    if (is_delta(m) && lost < 3) return ++lost, fault::lost_after;
    return is_group_in_text(m) ? fault::content : fault::none;
  };
  insert_rows(6);
  world.run_for(10min);
  BOOST_TEST(lost == 3);
  expect_order(7);
  open_again();
  BOOST_TEST(files <= 6);
  check_rows();
}

// The file of a record that is gone from Discord is never in a delta again, and what is around it is.
BOOST_AUTO_TEST_CASE(a_record_whose_file_is_damaged_is_left_out) {
  reopen();
  auto count = stack->store.on_download;
  std::string victim;
  stack->store.on_download = [count, &victim](const database::attachment_info& info, std::string& bytes) {
    count(info, bytes);
    if (!info.filename.starts_with("log-") || !info.filename.ends_with(".jsonl")) return;
    if (victim.empty()) victim = info.filename;
    if (info.filename == victim) bytes[0] ^= 1;
  };
  auto before = inspect().deltas;
  insert_rows(8);
  world.run_for(15s);  // what was left of the first run was too little for a delta, so it waits
  BOOST_TEST(!victim.empty());
  BOOST_TEST(inspect().deltas > before);
  stack->store.on_download = count;
  for (const auto& d : deltas()) {
    for (const auto& r : records_of(d)) BOOST_TEST(fmt::format("log-{}.jsonl", r.lsn) != victim);
  }
  open_again();
  BOOST_TEST(files >= 1);
  check_rows();
}

BOOST_AUTO_TEST_CASE(without_the_channel_of_checkpoints_all_goes_on) {
  reopen();
  BOOST_REQUIRE(run(stack->rest.delete_channel(checkpoints(), soon())).has_value());
  insert_rows(10);
  world.run_for(2min);
  BOOST_TEST(inspect().checkpoints >= 2u);
  open_again();
  check_rows();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(delta_steps, delta_fixture)

BOOST_AUTO_TEST_CASE(the_session_succeeds_with_a_failure_or_a_crash_at_every_step_of_deltas) {
  for (auto kind : {fault::lost_before, fault::lost_after, fault::late, fault::refused}) {
    for (bool crash : {false, true}) {
      int steps = 1;
      for (int n = 0; n < steps; ++n) {
        delta_fixture f;
        f.create_small();
        int posted = 0;
        f.stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
          if (is_delta(m) && posted++ == n) return kind;
          return is_group_in_text(m) ? fault::content : fault::none;
        };
        BOOST_TEST_CONTEXT("step " << n << ", kind " << static_cast<int>(kind) << (crash ? ", crash" : "")) {
          for (int i = 0; i < 12 && !(crash && posted > n); ++i) f.insert_rows(1);
          if (!crash) {
            f.world.run_for(3min);
            steps = std::min(posted, 8);
          } else if (posted > n) {
            steps = n + 2;
          }
          f.run(f.stack->store.apply_late());
          f.open_again();
          f.check_rows();
          f.insert_rows(3);
          f.world.run_for(2min);
          f.expect_order(7);
          f.open_again();
          f.check_rows();
          BOOST_TEST(f.files <= 3);
        }
      }
      BOOST_TEST(steps > 3);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
