// What verification calls the messages that nothing lies in, and that vacuum removes the same under the same names.

#include "database/verification_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::garbage_kind;

namespace {

struct verified_garbage : verification_fixture {
  verified_garbage() {
    options.page_from = 10;
    options.checkpoints.tail_messages = 5;
    options.checkpoints.share = 1000;
  }
  void keep_no_history() { BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value()); }
  void import(int rows) {
    std::vector<database::new_row> some;
    for (int i = 0; i < rows; ++i) some.push_back({fmt::format("k{:02}", i), R"({"n":1})"});
    BOOST_REQUIRE(run(stack->engine->import("prod", "users", std::move(some), context())).has_value());
    drain();
  }
  base::message_id post_row(std::string key, std::uint64_t lsn) {
    auto encoded = protocol::encode_row({1, "users", std::move(key), 1, lsn, R"({"n":1})", channel()}, protocol::placement::automatic);
    return post(channel(), encoded.content);
  }
  base::message_id post_again(const database::stored_message& m) {
    std::vector<database::new_attachment> files;
    for (auto a : m.attachments) files.push_back({a.filename, run(stack->rest.download(a, soon())).value()});
    return post(m.channel, m.content, std::move(files));
  }
  // By both; then there is nothing any more.
  void check_agreement(std::string expected) {
    auto text = [](const database::garbage_counts& counts) {
      std::string all;
      for (auto kind : database::all_garbage_kinds) all += counts[kind] > 0 ? fmt::format("{} {};", counts[kind], to_string(kind)) : "";
      return all;
    };
    auto report = verify();
    BOOST_TEST(report.problems == 0u);
    BOOST_TEST(text(report.garbage) == expected);
    BOOST_TEST(text(vacuum(report.unknown_garbage > 0).kinds) == expected);
    report = verify();
    BOOST_TEST(report.garbage.all() == 0u);
    BOOST_TEST(report.problems == 0u);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(verification_of_garbage, verified_garbage)

// An answer to a command that was given in the table's channel, say. As long as it may still be written nobody touches it.
BOOST_AUTO_TEST_CASE(what_dbcord_has_said_there_and_is_no_row_is_an_orphan_after_a_while) {
  fill();
  auto answer = post(channel(), "3 rows.");
  post(channel(), "2 rows.");
  check_agreement("");
  BOOST_TEST(vacuum(true).found == 0u);
  world.run_for(30min);
  auto young = post(channel(), "1 row.");
  auto report = verify();
  BOOST_REQUIRE(report.notes.size() == 2u);
  BOOST_TEST(report.notes[0].kind == "orphan");
  BOOST_TEST((report.notes[0].link.message == answer));
  BOOST_TEST(report.unknown_garbage == 2u);
  check_agreement("2 orphan;");
  auto left = messages_of(channel());
  BOOST_TEST(left.size() == 4u);
  BOOST_TEST((left.back().id == young));
}

// Its message cannot be read as one: verification tells that, and vacuum does not take what a row is to be mended by.
BOOST_AUTO_TEST_CASE(the_place_of_a_row_is_never_taken_for_what_dbcord_has_said) {
  fill();
  world.run_for(30min);
  edit(message_of("u_1", 1), R"({"content":"hello"})");
  BOOST_TEST(vacuum(true).removed == 0u);
  BOOST_TEST(found() == "damaged u_1;");
}

BOOST_AUTO_TEST_CASE(versions_behind_the_horizon_and_deleted_rows_are_superseded_and_kept_ones_are_not) {
  fill();
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 1, 1, context())).has_value());
  for (int n : {2, 3, 4}) put("u_1", n);
  BOOST_TEST(verify().versions == 1u);
  check_agreement("2 superseded;");
  keep_no_history();
  BOOST_REQUIRE(remove("u_2").has_value());
  check_agreement("2 superseded;");
}

BOOST_AUTO_TEST_CASE(a_second_message_of_a_row_or_of_a_kept_version_is_a_duplicate_with_key_and_link) {
  fill();
  put("u_1", 2);
  auto of_row = post_again(message_of("u_0", 1));
  auto of_version = post_again(message_of("u_1", 1));
  auto report = verify();
  BOOST_TEST(report.unknown_garbage == 2u);
  BOOST_REQUIRE(report.notes.size() == 2u);
  BOOST_TEST(report.notes[0].kind == "duplicate");
  BOOST_TEST(report.notes[0].key == "u_0");
  BOOST_TEST((report.notes[0].link.message == of_row));
  BOOST_TEST((report.notes[1].link.message == of_version));
  check_agreement("2 duplicate;");
  BOOST_TEST(get("u_0") == R"({"id":"u_0","n":1})");
}

BOOST_AUTO_TEST_CASE(what_no_record_has_written_is_an_orphan_and_a_few_of_many_are_shown) {
  fill();
  for (int i = 0; i < 5; ++i) post_row(fmt::format("ghost_{}", i), 1);
  post_row("u_1", inspect().lsn + 1);
  auto report = verify();
  BOOST_TEST(report.notes.size() == database::verify_report::most_examples);
  BOOST_TEST(report.notes[0].key == "ghost_0");
  BOOST_TEST(report.garbage[garbage_kind::orphan] == 5u);  // the last may be of a write that is under way
  put("u_0", 2);
  BOOST_TEST(verify().garbage[garbage_kind::orphan] == 6u);
  BOOST_TEST(vacuum(true).kinds[garbage_kind::orphan] == 6u);
  BOOST_TEST(found() == "");
}

BOOST_AUTO_TEST_CASE(vacuum_removes_an_orphan_that_verification_has_shown) {
  fill();
  post_row("ghost", 1);
  check_agreement("1 orphan;");
}

BOOST_AUTO_TEST_CASE(a_page_that_all_rows_have_left_is_stale_and_a_copy_of_one_is_a_duplicate) {
  create();
  keep_no_history();
  import(20);
  post_again(message_with(channel(), "dbcord/1 page"));
  check_agreement("1 duplicate;");
  for (int i = 0; i < 20; ++i) BOOST_REQUIRE(update(fmt::format("k{:02}", i), R"({"n":2})").has_value());
  drain();
  auto report = verify();
  BOOST_TEST(report.garbage[garbage_kind::stale_page] == 1u);
  BOOST_TEST(report.garbage[garbage_kind::orphan] == 0u);
  BOOST_TEST(report.problems == 0u);
}

BOOST_AUTO_TEST_CASE(checkpoints_know_why_a_message_is_garbage) {
  fill();
  post_again(message_of("u_0", 1));
  post_row("ghost", 1);
  restart();
  drain();
  world.run_for(10s);  // adoption
  BOOST_TEST(verify().unknown_garbage == 0u);
  for (int i = 0; i < 12; ++i) put(fmt::format("x{}", i), i);
  world.run_for(1min);
  BOOST_TEST_REQUIRE(inspect().checkpoints > 0u);
  restart();
  BOOST_TEST(inspect().opened_from_lsn > 0u);
  drain();
  check_agreement("1 duplicate;1 orphan;");
}

BOOST_AUTO_TEST_CASE(what_is_written_during_the_run_is_neither) {
  create();
  for (int i = 0; i < 250; ++i) BOOST_REQUIRE(insert(fmt::format("r{}", i), R"({"n":1})").has_value());
  drain();
  for (int round = 0; round < 5; ++round) {
    std::optional<database::verify_report> report;
    process->spawn([](database::engine& e, database::read_context c, std::optional<database::verify_report>& told) -> actor::task<void> {
      auto done = co_await e.verify("prod", "users", c);
      if (done) told = std::move(*done);
    }(*stack->engine, reading(), report));
    for (int i = 0; i < 250 && !report; ++i) BOOST_REQUIRE(update(fmt::format("r{}", i), fmt::format(R"({{"n":{}}})", round)).has_value());
    BOOST_REQUIRE(world.run_until([&] { return report.has_value(); }, 5min));
    BOOST_TEST(report->problems == 0u);
    BOOST_TEST(report->garbage[garbage_kind::orphan] == 0u);
    BOOST_TEST(report->garbage[garbage_kind::duplicate] == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
