#include "commands/csv_reader.hpp"

#include <boost/test/unit_test.hpp>

#include "dbcord/base/random.hpp"

using namespace dbcord::commands;

namespace {

// "1:[a][b"q"] 2:…": quoted cells in double quotes, then the complaint if there is one.
std::string read(std::string_view text) {
  csv_reader reader(text);
  csv_record record;
  std::string shown;
  for (;;) {
    auto more = reader.next(record);
    if (!more) return shown + "! " + more.error().message;
    if (!*more) return shown;
    shown += std::to_string(record.line) + ":";
    for (const auto& cell : record.cells) shown += cell.quoted ? "\"" + cell.text + "\"|" : cell.text + "|";
    shown += ' ';
  }
}

std::vector<csv_record> records_of(std::string_view text) {
  csv_reader reader(text);
  csv_record record;
  std::vector<csv_record> all;
  for (;;) {
    auto more = reader.next(record);
    if (!more || !*more) return all;
    all.push_back(record);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(csv_reading)

BOOST_AUTO_TEST_CASE(records_have_cells_and_the_line_they_begin_on) {
  BOOST_TEST(read("a,b\n1,2\n") == "1:a|b| 2:1|2| ");
  BOOST_TEST(read("a,b\r\n1,2") == "1:a|b| 2:1|2| ");
  BOOST_TEST(read("a\r1\r\r2") == "1:a| 2:1| 4:2| ");
  BOOST_TEST(read("") == "");
  BOOST_TEST(read("a,") == "1:a|| ");
}

BOOST_AUTO_TEST_CASE(quotes_keep_commas_quotes_and_line_ends) {
  BOOST_TEST(read("\"x, \"\"y\"\"\r\nz\",\"\",\n2,,") == "1:\"x, \"y\"\r\nz\"|\"\"|| 3:2||| ");
  BOOST_TEST(read("\"a\n\nb\"\n\n\nc\n") == "1:\"a\n\nb\"| 6:c| ");
}

BOOST_AUTO_TEST_CASE(spaces_belong_to_the_cell) {
  BOOST_TEST(read(" a ,\t\n\" b \"") == "1: a |\t| 2:\" b \"| ");
}

BOOST_AUTO_TEST_CASE(empty_lines_and_records_of_empty_cells_are_left_out) {
  BOOST_TEST(read("\n\r\n,,\na,b\n\n,\r\n\"\",\n") == "4:a|b| 7:\"\"|| ");
}

BOOST_AUTO_TEST_CASE(wrong_quotes_are_named_with_their_place) {
  BOOST_TEST(read("a\nxü\"y\n") == "1:a| ! not valid CSV at line 2, character 3: a quote inside a cell; put the whole cell into quotes, and write that quote twice");
  BOOST_TEST(read("a\r\nb,\"x\" ,y\n") == "1:a| ! not valid CSV at line 2, character 6: behind the closing quote of a cell only a comma or the end of the line may stand; "
                                          "a quote inside quotes is written twice");
  BOOST_TEST(read("a\nb\n1,\"x\ny\nz") == "1:a| 2:b| ! not valid CSV at line 3, character 3: the quote that begins there is never closed");
  BOOST_TEST(read("a, \"b\"") == "! not valid CSV at line 1, character 4: a quote inside a cell; put the whole cell into quotes, and write that quote twice");
}

BOOST_AUTO_TEST_CASE(a_record_remembers_how_it_stands_in_the_file) {
  std::string_view text = "\r\na,\"b\nc\"\r\n1,2\n3";
  auto all = records_of(text);
  BOOST_TEST_REQUIRE(all.size() == 3u);
  BOOST_TEST(all[0].source == "a,\"b\nc\"");
  BOOST_TEST(all[1].source == "1,2");
  BOOST_TEST(all[2].source == "3");
  BOOST_TEST(count_csv_lines(all[0].source) == 2u);
  BOOST_TEST(count_csv_lines("\"a\r\nb\rc\"") == 3u);
}

BOOST_AUTO_TEST_CASE(more_cells_than_any_table_has_columns_are_only_counted) {
  auto all = records_of(std::string(100'000, ',') + "x");
  BOOST_TEST_REQUIRE(all.size() == 1u);
  BOOST_TEST(all[0].count == 100'001u);
  BOOST_TEST(all[0].cells.size() == most_csv_columns);
}

// A record read by itself is what it was in the file: `dbcord import` sends files in parts.
BOOST_AUTO_TEST_CASE(whatever_the_bytes_a_records_source_reads_as_the_same_record) {
  dbcord::base::seeded_random random(5);
  const std::vector<std::string> pieces = {",", "\"", "\"\"", "\n", "\r\n", "\r", "a", " ", ";", "\"x\"", "1", "\xC3\xA9", std::string(1, '\0')};
  std::size_t seen = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (auto n = random.below(12); n > 0; --n) text += pieces[random.below(pieces.size())];
    for (const auto& record : records_of(text)) {
      auto again = records_of(record.source);
      BOOST_TEST_CONTEXT(text) {
        BOOST_REQUIRE_EQUAL(again.size(), 1u);
        BOOST_REQUIRE_EQUAL(again[0].count, record.count);
        for (std::size_t c = 0; c < record.cells.size(); ++c) {
          BOOST_REQUIRE_EQUAL(again[0].cells[c].text, record.cells[c].text);
          BOOST_REQUIRE_EQUAL(again[0].cells[c].quoted, record.cells[c].quoted);
        }
      }
      ++seen;
    }
  }
  BOOST_TEST(seen > 10'000u);
}

BOOST_AUTO_TEST_SUITE_END()
