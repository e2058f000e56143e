#pragma once
// A database whose checkpoints are hardly ever due, so that deltas stand for the files of its log, of which there are many.

#include <fmt/format.h>

#include "database/verification_fixture.hpp"
#include "protocol/checkpoint_delta.hpp"
#include "protocol/log_record.hpp"

namespace dbcord::test {

struct delta_fixture : verification_fixture {
  delta_fixture() { spare_checkpoints(); }

  // None is due any more, once there is one.
  void spare_checkpoints() {
    options.checkpoints.share = 0;
    options.checkpoints.tail_files = 2;
  }
  // A filter refuses the texts of commit groups, so that each goes as a file.
  static bool is_group_in_text(const database::new_message& m) { return contains(m.content, "`dbcord/1 group ") && m.attachments.empty(); }
  static bool is_delta(const database::new_message& m) { return protocol::decode_delta_header(m.content).has_value(); }

  // What was downloaded since the process began.
  int files = 0, deltas_read = 0;

  void begin() {
    start();
    files = deltas_read = 0;
    stack->store.on_post = [](base::channel_id, const database::new_message& m) { return is_group_in_text(m) ? fault::content : fault::none; };
    stack->store.on_download = [this](const database::attachment_info& info, std::string&) {
      if (info.filename.ends_with(".jsonl") && info.filename.starts_with("log-")) ++files;
      if (info.filename.starts_with("log-") && info.filename.ends_with(".zst")) ++deltas_read;
    };
  }
  void open_again() {
    if (process) kill();
    begin();
    reopen();
  }
  void reopen() {
    auto opened = open();
    if (!opened) BOOST_FAIL(opened.error().message);
    for (const auto& why : stack->engine->failed()) BOOST_FAIL(why);
  }
  // With a first checkpoint.
  void create_small() {
    begin();
    BOOST_REQUIRE(open().has_value());
    BOOST_REQUIRE(run(stack->engine->create_database("prod", context())).has_value());
    BOOST_REQUIRE(run(stack->engine->create_table("prod", "users", "id", context())).has_value());
    insert_rows(4);
    BOOST_REQUIRE(world.run_until([this] { return inspect().checkpoints > 0; }, 2min));
  }
  void insert_rows(int count) {
    for (int i = 0; i < count; ++i, ++rows) {
      BOOST_REQUIRE(insert(fmt::format("k{:03}", rows), fmt::format(R"({{"n":{},"pad":"{}"}})", rows, std::string(300, 'p'))).has_value());
    }
  }
  // As many as a process writes within these inserts.
  void fill(int count) {
    create_small();
    insert_rows(count);
    world.run_for(5s);
    BOOST_TEST_REQUIRE(inspect().deltas > 0u);
  }
  void check_rows() {
    for (int i = 0; i < rows; ++i) BOOST_TEST(contains(get(fmt::format("k{:03}", i)), fmt::format("\"n\":{},", i)));
    BOOST_TEST(inspect().tables.at(0).rows == static_cast<std::uint64_t>(rows));
  }

  base::channel_id checkpoints() { return channel_called("dbc-checkpoints"); }
  struct seen_delta {
    database::stored_message message;
    protocol::delta_header header;
  };
  // By LSN.
  std::vector<seen_delta> deltas() {
    std::vector<seen_delta> all;
    for (auto& m : messages_of(checkpoints())) {
      if (auto header = protocol::decode_delta_header(m.content)) all.push_back({m, *header});
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.header.first_lsn < b.header.first_lsn; });
    return all;
  }
  std::vector<protocol::delta_record> records_of(const seen_delta& delta) {
    auto info = delta.message.attachments.at(0);
    auto bytes = run(stack->rest.download(std::move(info), soon()));
    BOOST_TEST_REQUIRE(bytes.has_value());
    auto records = protocol::decode_delta(delta.header, *bytes);
    BOOST_TEST_REQUIRE(records.has_value());
    return *records;
  }
  // Few, apart from one another, each at least three times as large as the next.
  void expect_order(std::size_t most) {
    auto all = deltas();
    BOOST_TEST(all.size() <= most);
    for (std::size_t i = 1; i < all.size(); ++i) {
      BOOST_TEST(all[i - 1].header.last_lsn < all[i].header.first_lsn);
      BOOST_TEST(all[i - 1].header.bytes >= 3 * all[i].header.bytes);
    }
  }
  void post_delta(protocol::encoded_delta delta) { (void)post(checkpoints(), delta.content, {{"log-1-2.zst", std::move(delta.attachment)}}); }

  int rows = 0;
};

}  // namespace dbcord::test
