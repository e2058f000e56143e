// What a checkpoint is stored as: parts, manifest, and the log's reference to it.
#include <boost/test/unit_test.hpp>

#include <random>

#include "protocol/checkpoint_image.hpp"
#include "protocol/checkpoint_manifest.hpp"
#include "protocol/zstd_frame.hpp"

using namespace dbcord;
using namespace dbcord::protocol;

namespace {

struct gathered final : image_sink {
  image_database database;
  std::vector<image_table> tables;
  std::vector<image_row> rows;
  std::vector<base::message_id> garbage;
  std::vector<image_garbage_kind> kinds;
  std::vector<base::message_id> seen;
  std::vector<image_command> commands;
  image_history history;
  std::uint64_t deleted_to = 0;
  std::vector<image_index> unfinished;
  std::string alteration;
  std::optional<image_move> move;
  std::vector<index_id> with_channels;

  std::vector<image_adoption> unadopted;

  base::result<void> take_unadopted(table_id, std::vector<image_adoption> all) override {
    unadopted = std::move(all);
    return {};
  }
  base::result<void> take_move(table_id, image_move m) override {
    move = m;
    return {};
  }
  base::result<void> take_unfinished(table_id, std::vector<image_index> u) override {
    unfinished = std::move(u);
    return {};
  }
  base::result<void> take_alteration(table_id, std::string a) override {
    alteration = std::move(a);
    return {};
  }
  base::result<void> take_index_channels(table_id, std::vector<index_id> indexes) override {
    with_channels = std::move(indexes);
    return {};
  }
  void take(image_database d) override { database = d; }
  void take_deletions(bool accept) override { database.accept_deletions = accept; }
  void take_standing(bool dropped, bool restored) override {
    database.dropped = dropped;
    database.restored = restored;
  }
  void take_row_threads(std::vector<table_id> tables) override { database.row_threads = std::move(tables); }
  base::result<void> take(image_table t) override {
    tables.push_back(std::move(t));
    return {};
  }
  base::result<void> take(table_id, std::vector<image_row> r) override {
    std::move(r.begin(), r.end(), std::back_inserter(rows));
    return {};
  }
  base::result<void> take_garbage(table_id, std::vector<base::message_id> m) override {
    garbage.insert(garbage.end(), m.begin(), m.end());
    return {};
  }
  base::result<void> take_garbage_kind(table_id, image_garbage_kind some) override {
    kinds.push_back(std::move(some));
    return {};
  }
  base::result<void> take_seen_in_search(table_id, std::vector<base::message_id> m) override {
    seen = std::move(m);
    return {};
  }
  base::result<void> take(table_id, image_history h) override {
    if (h.deleted_to != 0) deleted_to = h.deleted_to;
    else history = std::move(h);
    return {};
  }
  void take(std::vector<image_command> c) override { std::move(c.begin(), c.end(), std::back_inserter(commands)); }
};

std::string some_image() {
  std::string out;
  append_entry(out, image_database{9, R"({"write":["13"]})", {base::channel_id{5}, base::channel_id{6}}, true, false, true, {7, 300}});
  image_table table{{7, "users", "id", base::channel_id{55}}, R"({"required":["id"]})", {{7, 3, "a.b", true, false, true}, {7, 4, "e", false}}, 4,
                    base::message_id{77}, 2, table_layout::automatic, {}, {}, {}, {}};
  table.unfinished = {{{7, 5, "b", true, true}, ""}, {{7, 6, "c.d", false, true, true}, "a value is lost"}};
  table.alteration = R"({"drop":"x"})";
  table.move = image_move{base::channel_id{77}, base::message_id{1'234'567}, true};
  table.unadopted = {{base::channel_id{77}, {}}, {base::channel_id{78}, base::message_id{1'234'566}}};
  append_entry(out, table);
  std::vector<image_row> rows{{"a", R"({"id":"a"})", 1, 10, base::message_id{100}, base::message_id{300}, false},
                              {"b\xC3\xA9", R"({"id":"b"})", 5, 4, base::message_id{90}, {}, true}};
  append_entry(out, 7, rows);
  std::vector<image_row> evicted{{"c", "{}", 1, 11, base::message_id{101}, base::message_id{301}, false, false, 20, 0, std::string("\x01\0x\x01y", 5)},
                                 {"d", "{}", 1, 12, base::message_id{102}, base::message_id{301}, false, false, 30, 2}};
  append_entry(out, 7, evicted);
  std::vector<base::message_id> garbage{base::message_id{5}, base::message_id{3}};
  append_garbage(out, 7, garbage);
  append_garbage_kind(out, 7, {2, {base::message_id{3}}});
  std::vector<base::message_id> seen{base::message_id{300}, base::message_id{1'000'300}};
  append_seen_in_search(out, 7, seen);
  append_entry(out, 7, image_history{50, 3600, 4, {{"a", 3, {{1, 5, base::message_id{50}, base::message_id{51}, false}, {2, 6, base::message_id{60}, {}, true}, {3, 7, base::message_id{70}, {}, false, 0, true}}}}, 300});
  std::vector<image_command> commands{{"123", 10, base::message_id{100}, 1, 1, ""}, {"124", 4, base::message_id{90}, 0, 0, "[]"}};
  append_entry(out, commands);
  return out;
}

checkpoint_manifest some_manifest(std::size_t parts) {
  checkpoint_manifest m{{11, 2, 33, record_hash("x"), base::channel_id{4}}, base::message_id{99}, 1234, {}};
  for (std::size_t i = 0; i < parts; ++i) m.parts.push_back({base::message_id{1000 + i}, i, 8 << 20, record_hash(std::to_string(i))});
  return m;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(checkpoint_suite)

BOOST_AUTO_TEST_CASE(an_image_is_read_back_as_it_was_written) {
  gathered g;
  BOOST_REQUIRE(decode_image(some_image(), g).has_value());
  BOOST_TEST(g.database.last_table == 9u);
  BOOST_TEST(g.database.access_json == R"({"write":["13"]})");
  BOOST_REQUIRE(g.database.dropped_channels.size() == 2u);
  BOOST_TEST(g.database.dropped_channels[1].value == 6u);
  BOOST_TEST(g.database.accept_deletions);
  BOOST_TEST((g.database.row_threads == std::vector<table_id>{7, 300}));
  BOOST_TEST(!g.database.dropped);
  BOOST_TEST(g.database.restored);
  BOOST_REQUIRE(g.tables.size() == 1u);
  BOOST_TEST(g.tables[0].definition.name == "users");
  BOOST_TEST(g.tables[0].definition.channel.value == 55u);
  BOOST_TEST(g.tables[0].indexes.at(0).field == "a.b");
  BOOST_TEST(g.tables[0].indexes.at(0).unique);
  BOOST_TEST(g.tables[0].last_index == 4u);
  BOOST_TEST(g.tables[0].indexes.at(1).field == "e");
  BOOST_TEST((g.with_channels == std::vector<index_id>{3, 6}));
  BOOST_REQUIRE(g.unfinished.size() == 2u);
  BOOST_TEST(g.unfinished[0].definition.field == "b");
  BOOST_TEST((g.unfinished[0].definition.unique && g.unfinished[0].definition.building));
  BOOST_TEST(g.unfinished[1].definition.index == 6u);
  BOOST_TEST(g.unfinished[1].why == "a value is lost");
  BOOST_TEST(g.alteration == R"({"drop":"x"})");
  BOOST_TEST_REQUIRE(g.unadopted.size() == 2u);
  BOOST_TEST((g.unadopted[0].channel == base::channel_id{77} && !g.unadopted[0].after));
  BOOST_TEST((g.unadopted[1].channel == base::channel_id{78} && g.unadopted[1].after == base::message_id{1'234'566}));
  BOOST_REQUIRE(g.move.has_value());
  BOOST_TEST((g.move->retiring == base::channel_id{77} && g.move->last == base::message_id{1'234'567} && g.move->drained));
  BOOST_TEST(g.tables[0].last_message.value == 77u);
  BOOST_REQUIRE(g.kinds.size() == 1u);
  BOOST_TEST(g.kinds[0].kind == 2u);
  BOOST_TEST((g.kinds[0].messages == std::vector{base::message_id{3}}));
  BOOST_REQUIRE(g.rows.size() == 4u);
  BOOST_TEST(g.rows[1].key == "b\xC3\xA9");
  BOOST_TEST(g.rows[1].lsn == 4u);
  BOOST_TEST(g.rows[1].log_message.value == 90u);
  BOOST_TEST(g.rows[1].set_aside);
  BOOST_TEST(g.rows[0].row_message.value == 300u);
  BOOST_TEST((g.rows[0].fingerprints.empty() && g.rows[3].fingerprints.empty()));
  BOOST_TEST(g.rows[2].fingerprints == std::string("\x01\0x\x01y", 5));
  BOOST_TEST((!g.rows[3].resident && g.rows[3].json_size == 30u && g.rows[3].part == 2u));
  BOOST_TEST(g.garbage.at(1).value == 3u);
  BOOST_TEST(g.seen.at(1).value == 1'000'300u);
  BOOST_TEST(g.commands.at(1).refused == "[]");
  BOOST_TEST(g.deleted_to == 300u);
  BOOST_TEST(g.history.age_s == 3600u);
  BOOST_TEST(g.history.chains.at(0).forgotten_to == 3u);
  BOOST_TEST(g.history.chains.at(0).versions.at(1).deleted);
  BOOST_TEST(!g.history.chains.at(0).versions.at(1).lost);
  BOOST_TEST(!g.history.chains.at(0).versions.at(2).deleted);
  BOOST_TEST(g.history.chains.at(0).versions.at(2).lost);
  BOOST_TEST(g.history.chains.at(0).versions.at(0).row_message.value == 51u);
}

BOOST_AUTO_TEST_CASE(an_entry_of_a_later_version_is_passed_over) {
  auto image = some_image() + std::string("\x63\x03xyz", 5);
  gathered g;
  BOOST_TEST(decode_image(image, g).has_value());
  BOOST_TEST(g.rows.size() == 4u);
}

BOOST_AUTO_TEST_CASE(an_image_cut_anywhere_or_changed_is_refused_or_read_but_never_harmful) {
  auto image = some_image();
  std::mt19937 random(5);
  for (std::size_t n = 0; n < image.size(); ++n) {
    gathered g;
    (void)decode_image(std::string_view(image).substr(0, n), g);
    auto changed = image;
    changed[n] = static_cast<char>(random());
    gathered h;
    (void)decode_image(changed, h);
  }
  gathered g;
  BOOST_TEST(!decode_image(std::string_view(image).substr(0, image.size() - 1), g).has_value());
}

BOOST_AUTO_TEST_CASE(fingerprints_of_other_rows_than_those_that_follow_are_damage) {
  image_row row{"c", "{}", 1, 11, base::message_id{101}, base::message_id{301}, false, false, 20, 0, "\x01xy"};
  auto entries = [](std::vector<image_row> rows, table_id table) {
    std::string out;
    append_entry(out, table, rows);
    return out;
  };
  auto places_of = [](const std::string& both) { return both.substr(2 + static_cast<unsigned char>(both[1])); };
  auto both = entries({row}, 7), two = entries({row, row}, 7), elsewhere = entries({row}, 8);
  auto fingerprints = both.substr(0, both.size() - places_of(both).size());
  for (const auto& [image, sound] : {std::pair(both, true), std::pair(fingerprints + places_of(two), false), std::pair(fingerprints + places_of(elsewhere), false)}) {
    gathered g;
    BOOST_TEST(decode_image(image, g).has_value() == sound);
  }
}

BOOST_AUTO_TEST_CASE(a_manifest_survives_its_message_in_the_text_or_as_a_file) {
  for (std::size_t parts : {1u, 200u}) {
    auto encoded = encode_manifest(some_manifest(parts));
    BOOST_TEST(encoded.attachment.has_value() == (parts > 100));
    auto header = decode_manifest_header(encoded.content);
    BOOST_REQUIRE(header.has_value());
    BOOST_TEST(header->hash == encoded.hash);
    auto read = decode_manifest(*header, encoded.content, encoded.attachment);
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST(read->parts.size() == parts);
    BOOST_TEST(read->anchor.hash == record_hash("x"));
    BOOST_TEST(read->rows == 1234u);
    BOOST_TEST(read->parts.back().position == parts - 1);
  }
}

BOOST_AUTO_TEST_CASE(a_changed_manifest_is_refused) {
  auto encoded = encode_manifest(some_manifest(1));
  auto header = *decode_manifest_header(encoded.content);
  auto changed = encoded.content;
  changed.replace(changed.find("\"lsn\":33"), 8, "\"lsn\":34");
  BOOST_TEST(!decode_manifest(header, changed, std::nullopt).has_value());
  header.attached = true;
  BOOST_TEST(!decode_manifest(header, encoded.content, std::nullopt).has_value());
}

BOOST_AUTO_TEST_CASE(the_logs_reference_survives) {
  auto read = decode_checkpoint_reference(encode_checkpoint_reference({base::message_id{42}, record_hash("m")}));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->manifest.value == 42u);
  BOOST_TEST(read->hash == record_hash("m"));
  BOOST_TEST(!decode_checkpoint_reference("{}").has_value());
}

BOOST_AUTO_TEST_CASE(a_frame_is_read_back_and_a_damaged_or_too_long_one_refused) {
  zstd_writer writer;
  std::string text;
  for (int i = 0; i < 50000; ++i) {
    auto line = "row " + std::to_string(i * 7919) + "\n";
    writer.append(line);
    text += line;
  }
  auto frame = writer.finish();
  BOOST_TEST(frame.size() < text.size() / 2);
  BOOST_TEST((read_zstd(frame, text.size()).value() == text));
  BOOST_TEST(!read_zstd(frame, text.size() - 1).has_value());
  BOOST_TEST(!read_zstd(std::string_view(frame).substr(0, frame.size() - 3), text.size()).has_value());
  BOOST_TEST(!read_zstd(frame + "x", text.size()).has_value());
  BOOST_TEST(!read_zstd("no frame", 100).has_value());
  auto changed = frame;
  changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 0x10);
  BOOST_TEST(!read_zstd(changed, text.size()).has_value());
  writer.append("again");
  BOOST_TEST(read_zstd(writer.finish(), 100).value() == "again");
}

BOOST_AUTO_TEST_SUITE_END()
