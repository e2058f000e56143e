#include <boost/test/unit_test.hpp>
#include <numeric>

#include "app/import_chunks.hpp"
#include "app/import_tally.hpp"
#include "app/progress_bar.hpp"
#include "commands/csv_file.hpp"

using namespace dbcord;
using namespace dbcord::app;

namespace {

import_chunks chunks_of(std::vector<std::string> rows, std::size_t bytes_max, std::size_t rows_max) {
  commands::import_content content;
  for (auto& row : rows) {
    content.lines.push_back(10 + content.rows.size());
    content.rows.push_back({{}, std::move(row)});
  }
  return {std::move(content), std::nullopt, bytes_max, rows_max};
}

import_chunk chunk_of(std::vector<std::size_t> lines) {
  std::vector<std::size_t> begins(lines.size());
  std::iota(begins.begin(), begins.end(), 1);
  return {"", std::move(lines), std::move(begins)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(import_of_files)

BOOST_AUTO_TEST_CASE(chunks_keep_both_bounds_and_lose_no_row) {
  auto chunks = chunks_of({"{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"a\":4}", "{\"a\":5}"}, 16, 3);
  auto first = chunks.next();
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->bytes == "{\"a\":1}\n{\"a\":2}\n");
  BOOST_TEST((first->lines == std::vector<std::size_t>{10, 11}));
  std::size_t rows = first->lines.size();
  while (auto next = chunks.next()) {
    BOOST_TEST(next->bytes.size() <= 16u);
    rows += next->lines.size();
  }
  BOOST_TEST(rows == 5u);
  auto by_rows = chunks_of({"{}", "{}", "{}"}, 1000, 2);
  BOOST_TEST(by_rows.next()->lines.size() == 2u);
  BOOST_TEST(by_rows.next()->lines.size() == 1u);
  BOOST_TEST(!by_rows.next().has_value());
}

BOOST_AUTO_TEST_CASE(a_refused_item_of_a_list_keeps_its_number_in_the_file) {
  auto content = commands::cut_import_file(R"([{"id":1}, 7, {"id":2}, {"id":3}])", "");
  BOOST_REQUIRE(content.has_value());
  import_tally tally(content->refused, content->lines);
  import_chunks chunks(std::move(*content), std::nullopt, 1000, 2);
  chunks.next();
  auto last = chunks.next();
  BOOST_REQUIRE(last.has_value());
  BOOST_TEST(tally.settle(*last, 0, "{\"line\":1,\"reason\":\"no\"}\n"));
  BOOST_REQUIRE(tally.refused().size() == 2u);
  BOOST_TEST(tally.refused()[0].item == 2u);
  BOOST_TEST(tally.refused()[1].item == 4u);
}

BOOST_AUTO_TEST_CASE(a_row_larger_than_a_chunk_goes_alone) {
  auto chunks = chunks_of({"{}", "{\"a\":\"0123456789\"}", "{}"}, 8, 10);
  BOOST_TEST(chunks.next()->lines.size() == 1u);
  BOOST_TEST(chunks.next()->bytes == "{\"a\":\"0123456789\"}\n");
  BOOST_TEST(chunks.next()->lines.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_row_that_no_database_takes_is_refused_by_its_line) {
  auto content = commands::cut_import_file("{\"a\":1}\n{\"a\":\"" + std::string(100, 'x') + "\"}\n{\"a\":2}\n", "");
  BOOST_REQUIRE(content.has_value());
  refuse_too_large(*content, false, 50);
  BOOST_REQUIRE(content->refused.size() == 1u);
  BOOST_TEST(content->refused[0].line == 2u);
  BOOST_TEST(content->refused[0].reason == "the row has 108 bytes; at most 50 are allowed");
  BOOST_TEST((content->lines == std::vector<std::size_t>{1, 3}));
  BOOST_TEST(content->rows.at(1).json == "{\"a\":2}");
  auto list = commands::cut_import_file("[{\"a\":1}, {\"a\":\"" + std::string(100, 'x') + "\"},{\"a\":2}]", "");
  BOOST_REQUIRE(list.has_value());
  refuse_too_large(*list, false, 50);
  BOOST_TEST(list->refused.at(0).item == 2u);
  BOOST_TEST((list->items == std::vector<std::size_t>{1, 3}));
}

BOOST_AUTO_TEST_CASE(a_row_of_several_lines_becomes_one_line) {
  auto chunks = chunks_of({"{\n  \"a\": \"x\\n\"\r\n}"}, 100, 10);
  BOOST_TEST(chunks.next()->bytes == "{   \"a\": \"x\\n\"  }\n");
}

BOOST_AUTO_TEST_CASE(csv_is_cut_between_records_with_the_header_above_each_part) {
  auto csv = commands::cut_csv_records("id,\"no\nte\"\r\n1,\"a\nb\"\r\n\r\n2,c\r\n3,d\r\n", "").value();
  import_chunks chunks(std::move(csv.records), csv.header, 1000, 2);
  BOOST_TEST(chunks.rows() == 3u);
  BOOST_TEST(chunks.file_name() == "rows.csv");
  auto first = chunks.next();
  BOOST_TEST(first->bytes == "id,\"no\nte\"\n1,\"a\nb\"\n2,c\n");
  BOOST_TEST((first->lines == std::vector<std::size_t>{3, 6}));
  BOOST_TEST((first->begins == std::vector<std::size_t>{3, 5}));
  BOOST_TEST(first->row_at(5).value() == 1u);
  for (std::size_t line : {1, 2, 4, 6}) BOOST_TEST(!first->row_at(line).has_value());
  BOOST_TEST(chunks.next()->bytes == "id,\"no\nte\"\n3,d\n");
  BOOST_TEST(!chunks.next().has_value());
}

// What the bot reads of the parts is what it would read of the whole, and the lines that it names lead back to the file's.
BOOST_AUTO_TEST_CASE(csv_in_parts_means_what_the_whole_file_means) {
  std::string file = "id,\"t\"\"\n\",n\r\n";
  for (int i = 0; i < 500; ++i) file += std::to_string(i) + (i % 3 == 0 ? ",\"a\r\nb\n\"," : i % 7 == 0 ? ",,\n\n" : ",x,") + (i % 5 == 0 ? "1,2\n" : "1\r");
  auto whole = commands::cut_csv_file(file, "", {}).value();
  BOOST_TEST_REQUIRE(whole.refused.size() > 50u);
  for (std::size_t bytes : {10, 100, 1000}) {
    auto csv = commands::cut_csv_records(file, "").value();
    BOOST_TEST(csv.records.rows.size() == whole.rows.size() + whole.refused.size());
    import_chunks chunks(std::move(csv.records), csv.header, bytes, 40);
    commands::import_content parts;
    while (auto chunk = chunks.next()) {
      auto part = commands::cut_csv_file(chunk->bytes, "", {}).value();
      BOOST_TEST(part.rows.size() + part.refused.size() == chunk->lines.size());
      for (auto& row : part.rows) parts.rows.push_back(std::move(row));
      for (auto line : part.lines) parts.lines.push_back(chunk->lines.at(chunk->row_at(line).value()));
      for (auto& r : part.refused) parts.refused.push_back({chunk->lines.at(chunk->row_at(r.line).value()), r.key, r.reason});
    }
    BOOST_TEST(parts.lines == whole.lines, boost::test_tools::per_element());
    BOOST_TEST_REQUIRE(parts.rows.size() == whole.rows.size());
    for (std::size_t i = 0; i < whole.rows.size(); ++i) BOOST_REQUIRE_EQUAL(parts.rows[i].json, whole.rows[i].json);
    BOOST_TEST_REQUIRE(parts.refused.size() == whole.refused.size());
    for (std::size_t i = 0; i < whole.refused.size(); ++i) BOOST_REQUIRE_EQUAL(parts.refused[i].line, whole.refused[i].line);
  }
}

BOOST_AUTO_TEST_CASE(refusals_are_told_by_the_lines_of_the_source_file) {
  import_tally tally({{2, "", "Not valid JSON."}}, {1, 3, 4, 5});
  BOOST_TEST(tally.settle(chunk_of({1, 3}), 1, "{\"line\":2,\"key\":\"k\",\"reason\":\"duplicate\"}\n"));
  tally.all_unknown(chunk_of({4}));
  BOOST_TEST(tally.rows() == 5u);
  BOOST_TEST(tally.count(row_outcome::accepted) == 1u);
  BOOST_TEST(tally.count(row_outcome::refused) == 2u);
  BOOST_TEST(tally.count(row_outcome::unknown) == 1u);
  BOOST_TEST(tally.count(row_outcome::not_sent) == 1u);
  BOOST_TEST(tally.as_json_lines() ==
             "{\"line\":1,\"outcome\":\"accepted\"}\n"
             "{\"line\":2,\"outcome\":\"refused\",\"reason\":\"Not valid JSON.\"}\n"
             "{\"line\":3,\"outcome\":\"refused\",\"key\":\"k\",\"reason\":\"duplicate\"}\n"
             "{\"line\":4,\"outcome\":\"unknown\"}\n"
             "{\"line\":5,\"outcome\":\"not sent\"}\n");
}

BOOST_AUTO_TEST_CASE(a_reply_that_does_not_add_up_makes_the_chunk_unknown_never_accepted) {
  for (auto refusals : {"", "{\"line\":3,\"reason\":\"x\"}", "{\"line\":0,\"reason\":\"x\"}", "garbage"}) {
    import_tally tally({}, {1, 2});
    BOOST_TEST(!tally.settle(chunk_of({1, 2}), 1, refusals));
    BOOST_TEST(tally.count(row_outcome::unknown) == 2u);
  }
}

BOOST_AUTO_TEST_CASE(rows_on_one_line_are_counted_one_by_one) {
  import_tally tally({}, {1, 1, 1});
  BOOST_TEST(tally.settle(chunk_of({1, 1}), 1, "{\"line\":1,\"reason\":\"x\"}"));
  BOOST_TEST(tally.count(row_outcome::accepted) == 1u);
  BOOST_TEST(tally.count(row_outcome::refused) == 1u);
  BOOST_TEST(tally.count(row_outcome::not_sent) == 1u);
}

BOOST_AUTO_TEST_CASE(progress_shows_share_count_and_speed) {
  BOOST_TEST(progress_line(5000, 10000, std::chrono::seconds(2)) ==
             "[###############---------------]  50 %  5,000 of 10,000 rows, 2,500 rows/s");
  BOOST_TEST(progress_line(5000, 10000, std::chrono::seconds(2), " rows", 59) == "[#######--------]  50 %  5,000 of 10,000 rows, 2,500 rows/s");
  BOOST_TEST(progress_line(5000, 10000, std::chrono::seconds(2), " rows", 20) == " 50 %  5,000 of 10,0");
  BOOST_TEST(progress_line(0, 0, {}) == "[##############################] 100 %  0 of 0 rows");
}

BOOST_AUTO_TEST_SUITE_END()
