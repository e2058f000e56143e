// Records of the log that stand there twice, of which one copy was cut while it was uploaded: whichever is whole serves.

#include "database/delta_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

bool is_record_file(const database::new_message& m) { return protocol::decode_header(m.content) && !m.attachments.empty(); }

struct copied_record_fixture : verification_fixture {
  static std::string big(std::string key, int n) { return fmt::format(R"({{"id":"{}","n":{},"pad":"{}"}})", key, n, std::string(4000, 'p')); }

  // Each record with a file is sent twice, and the nonce has been forgotten: the first sending is stored cut, the second is answered.
  void cut_first_copies() {
    stack->store.on_post = [this](base::channel_id, const database::new_message& m) {
      guild::fault_plan cut;
      cut.upload_cut = is_record_file(m) ? 1 : 0;
      cut.at_most = 1;
      guild.set_faults(cut);
      return is_record_file(m) ? fault::twice : fault::none;
    };
  }
  void nothing_goes_wrong() {
    stack->store.on_post = nullptr;
    guild.set_faults({});
  }
  // The first sending of the next record with a file is answered by nobody; what is sent again is stored cut.
  void lose_first_and_cut_second() {
    stack->store.on_post = [this, done = false](base::channel_id, const database::new_message& m) mutable {
      if (!is_record_file(m) || std::exchange(done, true)) return fault::none;
      net.plan.reset_after = 1;
      net.plan.only_messages = true;
      world.after(100ms, [this] {
        net.plan = {};
        guild::fault_plan cut;
        cut.nonce_forgotten = cut.upload_cut = 1;
        cut.at_most = 2;
        guild.set_faults(cut);
      });
      return fault::none;
    };
  }
  std::vector<database::stored_message> copies_of_groups() {
    std::vector<database::stored_message> all;
    for (auto& m : messages_of(inspect().log_channel)) {
      auto header = protocol::decode_header(m.content);
      if (header && header->kind == protocol::record_kind::group && header->attached) all.push_back(m);
    }
    return all;
  }
  void expect_open_with(std::string keys) {
    BOOST_TEST(inspect().state == "open");
    BOOST_TEST(find("{}") == keys);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(copied_records, copied_record_fixture)

BOOST_AUTO_TEST_CASE(the_newest_record_is_not_lost_with_its_first_copy) {
  create();
  cut_first_copies();
  BOOST_REQUIRE(insert("a", big("a", 1)).has_value());
  auto copies = copies_of_groups();
  BOOST_TEST_REQUIRE(copies.size() == 2u);
  BOOST_TEST(copies[0].attachments.at(0).size < copies[1].attachments.at(0).size);
  kill();
  guild.set_faults({});
  restart();
  expect_open_with("a ");
  BOOST_TEST(get("a") == big("a", 1));
}

BOOST_AUTO_TEST_CASE(one_with_others_behind_it_is_read_from_the_copy_that_is_whole) {
  create();
  cut_first_copies();
  BOOST_REQUIRE(insert("a", big("a", 1)).has_value());
  BOOST_REQUIRE(insert("b", big("b", 1)).has_value());
  BOOST_REQUIRE(update("a", big("a", 2)).has_value());
  for (int starts = 0; starts < 2; ++starts) {
    nothing_goes_wrong();
    restart();
    expect_open_with("a b ");
    BOOST_TEST(get("a") == big("a", 2));
    drain();
    world.run_for(10s);
    auto changes = run(stack->engine->history("prod", "users", {"a", 10}, reading()));
    BOOST_TEST_REQUIRE(changes.has_value());
    BOOST_TEST_REQUIRE(changes->changes.size() == 2u);
    BOOST_TEST(changes->changes.back().json == big("a", 1));
    BOOST_TEST(changes->changes.back().who == "1400");  // read from the record
  }
}

BOOST_AUTO_TEST_CASE(verification_calls_the_others_duplicates) {
  create();
  cut_first_copies();
  BOOST_REQUIRE(insert("a", big("a", 1)).has_value());
  nothing_goes_wrong();
  restart();
  drain();
  world.run_for(1min);
  auto copies = copies_of_groups();
  BOOST_TEST_REQUIRE(copies.size() == 2u);
  auto report = verify();
  BOOST_TEST(report.problems == 0u);
  BOOST_TEST_REQUIRE(report.notes.size() == 1u);
  BOOST_TEST(report.notes[0].kind == "duplicate");
  BOOST_TEST((report.notes[0].link.message == copies[0].id));
  BOOST_TEST(contains(report.notes[0].what, "message " + copies[1].id.str() + " is the one that is read"), report.notes[0].what);
}

// Its size tells nothing.
BOOST_AUTO_TEST_CASE(a_copy_of_the_right_size_with_other_bytes_is_no_loss_either) {
  create();
  stack->store.on_post = [](base::channel_id, const database::new_message& m) { return is_record_file(m) ? fault::twice : fault::none; };
  BOOST_REQUIRE(insert("a", big("a", 1)).has_value());
  BOOST_REQUIRE(insert("b", "{}").has_value());
  auto copies = copies_of_groups();
  BOOST_TEST_REQUIRE(copies.size() == 2u);
  for (std::size_t bad = 0; bad < 2; ++bad) {
    kill();
    start();
    stack->store.on_download = [file = copies[bad].attachments.at(0).id](const database::attachment_info& info, std::string& bytes) {
      if (info.id == file) bytes[0] ^= 1;
    };
    BOOST_REQUIRE(open().has_value());
    expect_open_with("a b ");
    BOOST_TEST(get("a") == big("a", 1));
    auto report = verify();
    BOOST_TEST(report.problems == 0u);
    BOOST_TEST_REQUIRE(report.notes.size() >= 1u);
    BOOST_TEST((report.notes.back().link.message == copies[bad].id));
  }
}

BOOST_AUTO_TEST_CASE(where_no_copy_is_whole_the_newest_record_was_never_acknowledged_and_others_are_lost) {
  create();
  stack->store.on_post = [](base::channel_id, const database::new_message& m) { return is_record_file(m) ? fault::twice : fault::none; };
  BOOST_REQUIRE(insert("a", big("a", 1)).has_value());
  BOOST_REQUIRE(insert("b", "{}").has_value());
  kill();
  start();
  stack->store.on_download = [](const database::attachment_info& info, std::string& bytes) {
    if (info.filename.ends_with(".jsonl")) bytes[0] ^= 1;
  };
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(inspect().state.starts_with("read-only: "));
  BOOST_TEST_REQUIRE(!inspect().losses.empty());  // the row's own message may be there, and its file cannot be read either
  BOOST_TEST(inspect().losses.front().find("cannot be read") != std::string::npos);
}

// Rolls, checkpoints, drops and groups, all of them as files.
BOOST_AUTO_TEST_CASE(checkpoints_and_segments_stand_on_such_records) {
  options.checkpoints.tail_messages = 3;
  options.checkpoints.share = 1000;
  options.checkpoints.segment_messages = 6;
  create();
  for (int i = 0; i < 30; ++i) {
    stack->store.on_post = [this](base::channel_id, const database::new_message& m) {
      if (protocol::decode_header(m.content) && m.attachments.empty() && m.content.find("```") != std::string::npos) return fault::content;
      guild::fault_plan cut;
      cut.upload_cut = is_record_file(m) ? 1 : 0;
      cut.at_most = 1;
      guild.set_faults(cut);
      return is_record_file(m) ? fault::twice : fault::none;
    };
    BOOST_REQUIRE(insert(fmt::format("k{:02}", i), "{}").has_value());
    if (i % 7 == 6) {
      guild.set_faults({});
      restart();
      BOOST_TEST(inspect().state == "open");
      BOOST_TEST(inspect().tables.at(0).rows == static_cast<std::uint64_t>(i + 1));
    }
  }
  world.run_for(1min);
  nothing_goes_wrong();
  restart();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(inspect().opened_from_lsn > 0u);
  BOOST_TEST(inspect().log_segments >= 1u);
  BOOST_TEST(inspect().tables.at(0).rows == 30u);
  BOOST_TEST(verify().problems == 0u);
}

// The process before knew another copy than the one that is read first now.
BOOST_AUTO_TEST_CASE(a_delta_holds_the_body_of_every_copy) {
  delta_fixture f;
  f.begin();
  f.create_small();
  f.stack->store.on_post = [](base::channel_id, const database::new_message& m) {
    if (delta_fixture::is_group_in_text(m)) return fault::content;
    return is_record_file(m) ? fault::twice : fault::none;
  };
  f.insert_rows(9);
  f.world.run_for(5s);
  BOOST_TEST_REQUIRE(f.inspect().deltas > 0u);
  f.open_again();
  BOOST_TEST(f.deltas_read > 0);
  BOOST_TEST(f.files < 6);
  f.check_rows();
}

// Promise 4: refused is what has changed nothing, whatever happens next.
BOOST_AUTO_TEST_CASE(what_was_stored_whole_before_it_was_stored_cut_is_done) {
  create();
  lose_first_and_cut_second();
  auto done = insert("a", big("a", 1));
  BOOST_TEST_REQUIRE(copies_of_groups().size() == 2u);
  BOOST_TEST(done.has_value());
  BOOST_TEST(inspect().barriers == 0u);  // the tail shows it
  guild.set_faults({});
  restart();
  expect_open_with("a ");
}

BOOST_AUTO_TEST_CASE(where_the_tail_does_not_show_the_whole_copy_a_barrier_takes_the_place_of_both) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  lose_first_and_cut_second();
  stack->store.hidden = true;
  auto again = stack->store.on_post;
  stack->store.on_post = [this, again](base::channel_id c, const database::new_message& m) mutable {
    if (contains(m.content, "`dbcord/1 barrier ")) stack->store.hidden = false;
    return again(c, m);
  };
  BOOST_REQUIRE(update("a", big("a", 2)).has_value());
  BOOST_TEST(inspect().barriers == 1u);
  BOOST_TEST_REQUIRE(copies_of_groups().size() == 3u);
  guild.set_faults({});
  restart();
  expect_open_with("a ");
  auto row = run(stack->engine->get("prod", "users", "a", reading()));
  BOOST_TEST_REQUIRE(row.has_value());
  BOOST_TEST(row->version == 2u);
  BOOST_TEST(row->json == big("a", 2));
}

BOOST_AUTO_TEST_SUITE_END()
