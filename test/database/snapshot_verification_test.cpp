// Verification and vacuum of #dbc-snapshots: what is missing of a snapshot is a problem, what an unfinished one has left is removed, and what is being written is neither.

#include <optional>

#include "actor/task_group.hpp"
#include "database/database_administration.hpp"
#include "database/snapshot.hpp"
#include "database/verification_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct snapshot_verification_fixture : verification_fixture {
  base::channel_id snapshots() { return channel_called("dbc-snapshots"); }
  database::snapshot_summary snapshot() {
    auto kept = run(stack->engine->snapshot("prod", "users", reading()));
    BOOST_TEST_REQUIRE(kept.has_value(), kept.error().message);
    return *kept;
  }
  database::database_snapshot_summary snapshot_of_all() {
    auto kept = run(stack->engine->administration().snapshot_database("prod", reading()));
    BOOST_TEST_REQUIRE(kept.has_value(), kept.error().message);
    return *kept;
  }
  // Of three parts, of a table.
  std::vector<base::message_id> long_snapshot() {
    database::table_part_writer parts(process->env(), stack->store, snapshots(), {"t", "id", "{}", {}}, 7, 3, world.now() + 1min, 20);
    for (auto row : {R"({"id":"a"})", R"({"id":"b"})"}) BOOST_REQUIRE(run(parts.add(row)).has_value());
    BOOST_REQUIRE(run(parts.finish()).has_value());
    std::vector<base::message_id> ids;
    for (const auto& m : messages_of(snapshots())) ids.push_back(m.id);
    std::sort(ids.begin(), ids.end());
    BOOST_REQUIRE(ids.size() >= 3u);
    return {ids.end() - 3, ids.end()};
  }
  void remove_there(base::message_id m) { BOOST_REQUIRE(run(stack->rest.remove(snapshots(), m, soon())).has_value()); }
  std::size_t messages_there() { return messages_of(snapshots()).size(); }
  std::vector<database::kept_snapshot> listed() { return run(stack->engine->administration().snapshots("prod", reading())).value(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(snapshot_verification, snapshot_verification_fixture)

BOOST_AUTO_TEST_CASE(whole_snapshots_are_counted_and_without_any_no_channel_is_made) {
  fill();
  auto channels = run(stack->rest.channels(soon()))->value.size();
  BOOST_TEST(verify().snapshots == 0u);
  BOOST_TEST(run(stack->rest.channels(soon()))->value.size() == channels);
  snapshot();
  snapshot_of_all();
  long_snapshot();
  auto report = verify();
  BOOST_TEST(report.snapshots == 3u);
  BOOST_TEST(report.problems == 0u);
  BOOST_TEST(report.notes.empty());
}

BOOST_AUTO_TEST_CASE(a_part_that_is_gone_is_a_problem_that_names_and_shows_the_part_behind_it) {
  fill();
  auto sound = snapshot();
  auto parts = long_snapshot();
  remove_there(parts[1]);
  auto report = verify();
  BOOST_TEST(report.snapshots == 1u);
  BOOST_REQUIRE(report.findings.size() == 1u);
  const auto& f = report.findings.front();
  BOOST_TEST(f.kind == "snapshot");
  BOOST_TEST(f.what == "the snapshot of t at LSN 7: part 2 is gone; it cannot be restored whole: take another, and delete it with /dbc_snapshot_drop");
  BOOST_TEST((f.link.channel == snapshots() && f.link.message == parts[2]));
  BOOST_TEST(f.beyond_repair);
  auto before = messages_there();
  BOOST_TEST(repair().beyond_repair == 1u);
  world.run_for(1h);
  vacuum(true);
  BOOST_TEST(messages_there() == before);
  BOOST_TEST(run(stack->engine->restore("prod", sound.location.message, "back", context())).has_value());
}

BOOST_AUTO_TEST_CASE(so_is_one_whose_file_is_shorter_than_it_says) {
  fill();
  snapshot();
  guild::fault_plan cut;
  cut.upload_cut = 1;
  guild.set_faults(cut);
  BOOST_TEST(run(stack->engine->administration().snapshot_database("prod", reading())).has_error());  // which leaves what Discord has stored of it
  guild.set_faults({});
  auto report = verify();
  BOOST_TEST(report.snapshots == 1u);
  BOOST_REQUIRE(report.findings.size() == 1u);
  BOOST_TEST(report.findings.front().what.starts_with("the snapshot of the database at LSN "), report.findings.front().what);
  BOOST_TEST(contains(report.findings.front().what, ": the attachment of part 1 has "), report.findings.front().what);
  BOOST_TEST(!listed().back().whole);
}

BOOST_AUTO_TEST_CASE(parts_of_a_snapshot_that_was_never_finished_are_told_and_vacuum_removes_them_once_nobody_can_be_writing_it) {
  fill();
  auto sound = snapshot();
  auto parts = long_snapshot();
  remove_there(parts.back());
  auto young = verify();
  BOOST_TEST(young.problems == 0u);
  BOOST_TEST(young.unfinished_parts == 0u);
  BOOST_TEST(vacuum(false).snapshot_parts_removed == 0u);
  BOOST_TEST(messages_there() == 3u);
  world.run_for(1h);
  auto old = verify();
  BOOST_TEST(old.problems == 0u);
  BOOST_TEST(old.unfinished_parts == 2u);
  BOOST_TEST(old.snapshots == 1u);
  BOOST_REQUIRE(old.notes.size() == 2u);
  BOOST_TEST(old.notes[0].kind == "unfinished");
  BOOST_TEST(old.notes[0].what == "a part of the snapshot of t at LSN 7, which was never finished");
  BOOST_TEST((old.notes[0].link.channel == snapshots() && old.notes[0].link.message == parts[0]));
  repair();
  BOOST_TEST(messages_there() == 3u);
  BOOST_TEST(vacuum(false).snapshot_parts_removed == 2u);
  BOOST_TEST(messages_there() == 1u);
  BOOST_TEST(listed().front().whole);
  BOOST_TEST(verify().unfinished_parts == 0u);
  BOOST_TEST(run(stack->engine->restore("prod", sound.location.message, "back", context())).has_value());
}

// Its second part takes longer than anybody waits for one that somebody else may be writing.
BOOST_AUTO_TEST_CASE(what_is_being_written_is_no_finding_and_is_left_alone) {
  fill();
  snapshot();
  for (auto key : {"big_1", "big_2"}) BOOST_REQUIRE(insert(key, fmt::format(R"({{"x":"{}"}})", std::string(5 * 1024 * 1024, 'x'))).has_value());
  drain();
  int posts = 0;
  stack->store.on_post = [&posts, in = snapshots()](base::channel_id to, const database::new_message&) { return to == in && ++posts == 2 ? fault::held : fault::none; };
  auto write = [](snapshot_verification_fixture* f, std::optional<base::result<database::snapshot_summary>>* kept) -> actor::task<void> {
    database::read_context patient;
    patient.deadline = f->world.now() + 5h;
    auto done = co_await f->stack->engine->snapshot("prod", "users", patient);
    kept->emplace(std::move(done));
  };
  std::optional<base::result<database::snapshot_summary>> kept;
  actor::task_group work(process->env(), "writing");
  work.spawn(process->env().make_strand(), write(this, &kept));
  world.run_for(1h);
  BOOST_REQUIRE(!kept.has_value());
  BOOST_TEST(messages_there() == 2u);
  auto report = verify();
  BOOST_TEST(report.problems == 0u);
  BOOST_TEST(report.unfinished_parts == 0u);
  BOOST_TEST(report.snapshots == 1u);
  BOOST_TEST(vacuum(false).snapshot_parts_removed == 0u);
  stack->store.release.notify();
  run(work.join(world.now() + 1h));
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST_REQUIRE(kept->has_value(), kept->error().message);
  BOOST_TEST((*kept)->parts == 2u);
  BOOST_TEST(verify().snapshots == 2u);
}

BOOST_AUTO_TEST_CASE(messages_of_people_and_of_ours_that_are_no_parts_are_told_and_so_is_a_part_that_stands_twice) {
  fill();
  snapshot();
  say_as_person(snapshots());
  post(snapshots(), "hello");
  auto report = verify();
  BOOST_TEST(report.problems == 0u);
  BOOST_TEST(report.foreign == 1u);
  auto told = [&](std::string_view kind, std::string_view what) {
    auto has = [&](const auto& f) { return f.kind == kind && contains(f.what, what) && f.link.channel == snapshots() && f.link.message; };
    return std::count_if(report.notes.begin(), report.notes.end(), has);
  };
  BOOST_TEST(told("foreign", "this message in #dbc-snapshots is not by dbcord; it counts for nothing") == 1);
  BOOST_TEST(told("unknown", "this message of dbcord in #dbc-snapshots is no part of a snapshot") == 1);
  stack->store.on_post = [in = snapshots(), n = 0](base::channel_id to, const database::new_message&) mutable { return to == in && ++n == 1 ? fault::lost_after : fault::none; };
  snapshot();
  stack->store.on_post = nullptr;
  world.run_for(1h);
  report = verify();
  BOOST_TEST(report.problems == 0u);
  BOOST_TEST(report.snapshots == 2u);
  BOOST_TEST(told("duplicate", "a part of the snapshot of users at LSN ") == 1);
  auto before = messages_there();
  vacuum(true);
  BOOST_TEST(messages_there() == before);
}

BOOST_AUTO_TEST_SUITE_END()
