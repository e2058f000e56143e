// Dumps of databases: what is written is read; whatever is cut off, added or changed is noticed.

#include <boost/test/unit_test.hpp>

#include "protocol/dump_part.hpp"
#include "protocol/dump_stream.hpp"
#include "protocol/zstd_frame.hpp"

using namespace dbcord::protocol;

namespace {

std::vector<std::string> lines_of_two_tables() {
  dump_writer writer;
  std::vector<std::string> lines;
  lines.push_back(writer.head({"prod", 7, "2026-11-26T12:00:00Z", R"({"read":["5"]})", 2}));
  lines.push_back(writer.table({{"users", "id", R"({"required":["id"]})", {{"mail", true}, {"a.b", false, true}}}, {table_layout::pages, 10, 86400}, 2, true}));
  lines.push_back(writer.row(R"({"id":"a","n":1.50})"));
  lines.push_back(writer.row(R"({"table":"users","id":"b"})"));  // looks like a table's head
  lines.push_back(writer.table({{"empty", "k", "{}", {}}, {}, 0}));
  lines.push_back(writer.end());
  return lines;
}

std::string packed(const std::vector<std::string>& lines, std::size_t lines_a_frame) {
  std::string bytes;
  zstd_writer frame;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    frame.append(lines[i]);
    if ((i + 1) % lines_a_frame == 0) bytes += frame.finish();
  }
  return frame.taken() > 0 ? bytes + frame.finish() : bytes;
}

// What is in it, or what is wrong with it.
std::string read(std::string_view bytes, std::size_t piece = 7) {
  dump_stream stream;
  std::string text;
  for (;;) {
    auto item = stream.next();
    if (!item) return item.error().message;
    if (!*item) {
      if (bytes.empty()) break;
      stream.feed(std::string(bytes.substr(0, piece)));
      bytes.remove_prefix(std::min(piece, bytes.size()));
      continue;
    }
    if (auto* head = std::get_if<dump_head>(&**item)) text += head->database + std::to_string(head->lsn) + head->access_json + head->taken;
    if (auto* row = std::get_if<dump_row>(&**item)) text += row->json;
    if (auto* end = std::get_if<dump_end>(&**item)) text += std::to_string(end->tables) + "/" + std::to_string(end->rows);
    if (auto* table = std::get_if<dump_table>(&**item)) {
      text += table->head.table + table->head.primary_key + table->head.schema_json + std::to_string(table->settings.history_versions) + "," + std::to_string(table->settings.history_age_s) + "," + std::string(to_string(table->settings.layout)) + (table->row_threads ? "+" : "");
      for (const auto& index : table->head.indexes) text += index.field + (index.unique ? "!" : "") + (index.channel ? "#" : "");
    }
  }
  auto complete = stream.finish();
  return complete ? text : complete.error().message;
}

const std::string whole =
    R"(prod7{"read":["5"]}2026-11-26T12:00:00Zusersid{"required":["id"]}10,86400,pages+mail!a.b#{"id":"a","n":1.50}{"table":"users","id":"b"}emptyk{}0,0,auto2/2)";

}  // namespace

BOOST_AUTO_TEST_SUITE(database_dumps)

BOOST_AUTO_TEST_CASE(a_tables_head_of_an_earlier_version_says_nothing_of_channels_of_indexes) {
  auto index_in = [](const std::string& members) {
    auto head = decode_snapshot_head(R"({"table":"t","pk":"id","schema":{},"indexes":[{"field":"n","unique":true)" + members + "}]}");
    BOOST_REQUIRE(head.has_value());
    return head->indexes.at(0);
  };
  BOOST_TEST(!index_in("").channel);
  BOOST_TEST(index_in(R"(,"channel":true)").channel);
  BOOST_TEST(!index_in(R"(,"channel":false)").channel);
  BOOST_TEST(!index_in(R"(,"channel":{"of a later version":1},"other":2)").channel);
  snapshot_head head{"t", "id", "{}", {{"n", true, false}}};
  BOOST_TEST(encode_snapshot_head(head) == R"({"table":"t","pk":"id","schema":{},"indexes":[{"field":"n","unique":true}]})");  // as before
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_whatever_the_frames_and_pieces) {
  auto lines = lines_of_two_tables();
  for (std::size_t lines_a_frame : {1, 2, 100}) {
    for (std::size_t piece : {1, 7, 100'000}) BOOST_TEST(read(packed(lines, lines_a_frame), piece) == whole);
  }
  dump_writer writer;
  std::vector<std::string> none{writer.head({"d", 1, "t", "{}", 0})};
  none.push_back(writer.end());
  BOOST_TEST(read(packed(none, 9)) == "d1{}t0/0");
}

BOOST_AUTO_TEST_CASE(every_truncation_is_noticed) {
  auto bytes = packed(lines_of_two_tables(), 2);
  for (std::size_t n = 0; n < bytes.size(); ++n) BOOST_TEST(read(bytes.substr(0, n), 64) == "it ends too early");
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_is_noticed) {
  auto bytes = packed(lines_of_two_tables(), 2);
  for (std::size_t n = 0; n < bytes.size() * 8; ++n) {
    auto damaged = bytes;
    damaged[n / 8] = static_cast<char>(damaged[n / 8] ^ (1 << n % 8));
    auto found = read(damaged, 64);
    // A bit of a frame's header may stand for something else that gives the same.
    BOOST_TEST((found == whole || found.find("{\"id\"") == std::string::npos), found);
  }
}

BOOST_AUTO_TEST_CASE(changed_lines_are_noticed_although_the_frames_are_whole) {
  auto with = [](std::size_t line, std::string text) {
    auto lines = lines_of_two_tables();
    lines[line] = std::move(text);
    return read(packed(lines, 3));
  };
  BOOST_TEST(with(0, "{\"dbcord_database\":2}\n").find("use a newer dbcord") != std::string::npos);
  BOOST_TEST(with(0, "{\"id\":1}\n") == "it does not begin as a backup of a dbcord database does");
  BOOST_TEST(with(0, "{\"dbcord_database\":1,\"name\":\"d\"}\n") == "its head is damaged");
  BOOST_TEST(with(1, "{\"table\":\"users\"}\n") == "the head of table 1 is damaged");
  BOOST_TEST(with(2, "{\"id\":\"a\",\"n\":1.51}\n") == "its checksum is wrong");
  BOOST_TEST(with(2, "7\n") == "row 1 is no JSON object");
  BOOST_TEST(with(5, "{\"end\":{\"tables\":2,\"rows\":3,\"sha256\":\"\"}}\n") == "it holds 2 rows of 2 tables but states 3 of 2");
  BOOST_TEST(with(5, "{\"end\":{}}\n") == "its end is damaged");
  auto lines = lines_of_two_tables();
  lines.push_back("{}\n");
  BOOST_TEST(read(packed(lines, 3)) == "something follows its end");
  lines.pop_back();
  lines.erase(lines.begin() + 3);
  BOOST_TEST(read(packed(lines, 3)) == "the head of table 2 is damaged");  // the end stands where it should be
  BOOST_TEST(read("no zstd at all").find("the compressed data is damaged") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_line_without_end_takes_no_memory_without_end) {
  std::vector<std::string> lines(1, std::string(dump_stream::line_max + 200'000, 'x'));
  BOOST_TEST(read(packed(lines, 1), 100'000) == "one of its lines is too long");
}

BOOST_AUTO_TEST_CASE(a_part_says_where_it_belongs) {
  dump_part part{"abc", 2, true, 100, 50, 7, 3, 2, dbcord::base::message_id{9}, "00ff"};
  auto read = decode_dump_part(encode_dump_part(part, "prod"));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->snapshot == "abc");
  BOOST_TEST(read->number == 2u);
  BOOST_TEST(read->last);
  BOOST_TEST(read->offset == 100u);
  BOOST_TEST(read->size == 50u);
  BOOST_TEST(read->lsn == 7u);
  BOOST_TEST(read->rows == 3u);
  BOOST_TEST(read->tables == 2u);
  BOOST_TEST(read->previous.value == 9u);
  BOOST_TEST(read->hash == "00ff");
  part.previous = {};
  BOOST_TEST(!decode_dump_part(encode_dump_part(part, "prod")).has_value());  // not the first, and nothing before it
  part.number = 1;
  BOOST_TEST(!decode_dump_part(encode_dump_part(part, "prod")).has_value());  // the first, and something before it
  BOOST_TEST(!decode_dump_part("**Snapshot**").has_value());
}

BOOST_AUTO_TEST_CASE(the_policy_of_deletions_is_in_a_dump_and_dumps_of_before_are_read) {
  auto policy_of = [](std::string lines) {
    dump_stream stream;
    zstd_writer frame;
    frame.append(lines);
    stream.feed(frame.finish());
    auto item = stream.next();
    if (!item) return item.error().message;
    return std::string(std::get<dump_head>(**item).accept_deletions ? "accept" : "restore");
  };
  dump_writer writer;
  BOOST_TEST(policy_of(writer.head({"prod", 7, "now", "{}", 0, true})) == "accept");
  BOOST_TEST(policy_of(writer.head({"prod", 7, "now", "{}", 0})) == "restore");
  std::string before = R"({"dbcord_database":1,"name":"prod","lsn":7,"taken":"now","access":{},"tables":0)";
  BOOST_TEST(policy_of(before + "}\n") == "restore");
  BOOST_TEST(policy_of(before + ",\"deletions\":\"maybe\"}\n") == "its head is damaged");
  BOOST_TEST(policy_of(before + ",\"deletions\":1}\n") == "its head is damaged");
}

BOOST_AUTO_TEST_SUITE_END()
