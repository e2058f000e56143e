// What is kept of long work that is done.
#include "commands/job_table.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord::commands;

BOOST_AUTO_TEST_SUITE(job_tables)

BOOST_AUTO_TEST_CASE(what_a_job_has_found_is_kept_as_far_as_there_is_room) {
  job_table jobs;
  reply found;
  found.text = "2 problems found:";
  found.rows = {R"({"kind":"missing","key":"a"})", R"({"kind":"damaged","key":"b"})"};
  found.captions = {"first", "second"};
  found.rows_name = "findings";
  found.files = {{"findings.jsonl", std::string(100, 'f')}, {"large.bin", std::string(job_table::details_bytes, 'l')}};
  auto id = jobs.start({}).id;
  BOOST_TEST(!jobs.find(id)->details);
  jobs.finish(id, found);
  auto kept = jobs.find(id)->details;
  BOOST_REQUIRE(kept);
  BOOST_TEST(*jobs.find(id)->outcome == found.text);
  BOOST_TEST(kept->rows == found.rows);
  BOOST_TEST(kept->captions == found.captions);
  BOOST_TEST(kept->rows_name == "findings");
  BOOST_TEST(kept->rows_left_out == 0u);
  BOOST_REQUIRE(kept->files.size() == 1u);
  BOOST_TEST(kept->files.front().bytes == found.files.front().bytes);
  BOOST_TEST(kept->files_left_out == 1u);
  found.files.clear();
  found.rows.assign(3, std::string(job_table::details_bytes / 2, 'r'));
  found.captions.clear();
  jobs.finish(id, found);
  BOOST_TEST(jobs.find(id)->details->rows.size() == 2u);
  BOOST_TEST(jobs.find(id)->details->rows_left_out == 1u);
  found.rows.clear();
  jobs.finish(id, found);
  BOOST_TEST(!jobs.find(id)->details);
}

BOOST_AUTO_TEST_SUITE_END()
