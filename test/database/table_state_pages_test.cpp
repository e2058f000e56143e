// Pages as a table knows them: which rows and versions lie where, and when a page is garbage, against a count made anew.

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <random>

#include "database/table_state.hpp"
#include "protocol/row_page.hpp"

namespace dbcord::database {

namespace {

struct table_state_pages_fixture {
  table_state state{{1, "users", "id", base::channel_id{5}}, "prod"};
  std::uint64_t lsn = 0;
  std::uint64_t next_message = 1'000;

  void put(const std::string& key, std::size_t bytes = 10) {
    auto version = state.find(key) ? state.find(key)->version + 1 : 1;
    ++lsn;
    state.replay(protocol::put_row{1, key, version, fmt::format(R"({{"id":"{}","x":"{}"}})", key, std::string(bytes, 'x'))}, lsn, base::message_id{lsn * 10});
  }
  void erase(const std::string& key) {
    auto row = state.find(key);
    if (!row) return;
    auto version = row->version + 1;
    ++lsn;
    state.replay(protocol::delete_row{1, key, version}, lsn, base::message_id{lsn * 10});
  }
  base::message_id write(const table_state::next_rows& next) {
    base::message_id message{++next_message};
    if (next.as_page) {
      std::vector<page_place> places;
      for (std::size_t i = 0; i < next.rows.size(); ++i) places.push_back({next.rows[i].key, next.rows[i].version, next.rows[i].lsn, static_cast<unsigned>(1 + i % 3)});
      state.materialised(message, places);
    } else if (!next.rows.empty()) {
      state.materialised(next.rows.front().key, next.rows.front().version, next.rows.front().lsn, message);
    }
    return message;
  }
  // Uses of pages, counted anew.
  static std::map<base::message_id, std::uint32_t> uses(const table_state& s, const std::set<std::string>& keys) {
    std::map<base::message_id, std::uint32_t> all;
    for (const auto& [key, row] : s.rows()) {
      if (row.part != 0) ++all[row.row_message];
    }
    for (const auto& key : keys) {
      const auto* past = s.history().of(key);
      if (!past) continue;
      for (const auto& v : *past) {
        if (v.part != 0) ++all[v.row_message];
      }
    }
    return all;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(table_state_pages, table_state_pages_fixture)

// A checkpoint reads the places slice by slice; a page that is written meanwhile is in the later ones only.
struct partly_known_page : table_state_pages_fixture {
  table_state loaded{{1, "users", "id", base::channel_id{5}}, "prod"};
  base::message_id page;
  std::vector<page_place> places;
  std::size_t unknown = 0;

  partly_known_page() {
    state.replay(protocol::set_history{1, 0, 0}, ++lsn, base::message_id{10});
    for (int i = 0; i < 4; ++i) put(fmt::format("k{}", i));
    auto head = state.begin_capture();
    auto images = state.capture(1);
    unknown = images.size();
    BOOST_TEST_REQUIRE(unknown < 4u);
    page = write(state.next_dirty(2));
    for (auto more = state.capture(1); !more.empty(); more = state.capture(1)) std::move(more.begin(), more.end(), std::back_inserter(images));
    BOOST_TEST(images.size() == 4u);
    for (const auto& image : images) places.push_back({image.key, image.version, image.lsn, state.find(image.key)->part});
    loaded.load(head);
    BOOST_REQUIRE(loaded.load(images).has_value());
    loaded.load_history(state.history().image());
    loaded.load_pages({});  // it was none when the capture began
    loaded.end_load();
  }
  void change(int i) {
    auto key = fmt::format("k{}", i);
    ++lsn;
    loaded.replay(protocol::put_row{1, key, 2, R"({"id":"x"})"}, lsn, base::message_id{lsn * 10});
  }
};

BOOST_FIXTURE_TEST_CASE(a_page_that_a_checkpoint_has_in_part_is_not_known, partly_known_page) {
  BOOST_TEST(loaded.not_materialised() == unknown);
  BOOST_TEST(!loaded.knows_page(page));
  BOOST_TEST(loaded.materialised(page, places) == 4u);
  BOOST_TEST(loaded.not_materialised() == 0u);
  BOOST_TEST(loaded.knows_page(page));
  std::map<base::message_id, std::uint32_t> expected{{page, 4}};
  BOOST_TEST((uses(loaded, {}) == expected));
  BOOST_TEST(loaded.garbage().pages().at(page).uses == 4u);
}

BOOST_FIXTURE_TEST_CASE(it_is_no_garbage_before_all_of_it_is_known, partly_known_page) {
  for (auto i = static_cast<int>(unknown); i < 4; ++i) change(i);
  BOOST_TEST(!loaded.garbage().contains(page));
  BOOST_TEST(!loaded.knows_page(page));
  BOOST_TEST(loaded.materialised(page, places) == unknown);
  for (int i = 0; i < static_cast<int>(unknown); ++i) change(i);
  BOOST_TEST(loaded.garbage().contains(page));
}

BOOST_FIXTURE_TEST_CASE(nor_is_it_when_nothing_of_it_can_be_read_any_more, partly_known_page) {
  BOOST_TEST(loaded.materialised(page, {}) == 0u);
  BOOST_TEST(!loaded.garbage().contains(page));
  for (int i = 0; i < 4; ++i) change(i);
  BOOST_TEST(loaded.materialised(page, places) == 0u);
  BOOST_TEST(loaded.garbage().contains(page));
  BOOST_TEST(loaded.garbage().pages().empty());
}

BOOST_AUTO_TEST_CASE(few_rows_are_written_one_by_one_and_many_as_a_page) {
  for (int i = 0; i < 4; ++i) put(fmt::format("k{}", 9 - i));
  auto one = state.next_dirty(5);
  BOOST_TEST(!one.as_page);
  BOOST_TEST(one.rows.size() == 1u);
  BOOST_TEST(one.rows.front().key == "k9");  // the oldest, not the first by key
  put("k5");
  auto page = state.next_dirty(5);
  BOOST_TEST(page.as_page);
  BOOST_TEST(page.rows.size() == 5u);
  BOOST_TEST(page.rows.front().key == "k5");  // by key
  auto message = write(page);
  BOOST_TEST(state.not_materialised() == 0u);
  BOOST_TEST(state.find("k7")->row_message.value == message.value);
  BOOST_TEST(state.knows_page(message));
}

BOOST_AUTO_TEST_CASE(the_layout_decides) {
  for (int i = 0; i < 10; ++i) put(fmt::format("k{}", i));
  ++lsn;
  state.replay(*state.decide_layout(protocol::table_layout::rows).operation, lsn, base::message_id{lsn});
  BOOST_TEST(!state.next_dirty(2).as_page);
  ++lsn;
  state.replay(*state.decide_layout(protocol::table_layout::pages).operation, lsn, base::message_id{lsn});
  BOOST_TEST(state.next_dirty(1'000).as_page);
  BOOST_TEST(state.next_dirty(1'000).rows.size() == 10u);
}

BOOST_AUTO_TEST_CASE(a_large_row_is_a_message_of_its_own) {
  put("large", protocol::page_row_bytes_max + 1);
  for (int i = 0; i < 5; ++i) put(fmt::format("k{}", i));
  auto first = state.next_dirty(2);
  BOOST_TEST(!first.as_page);
  BOOST_TEST(first.rows.front().key == "large");
  write(first);
  put("large", protocol::page_row_bytes_max + 2);
  auto page = state.next_dirty(2);
  BOOST_TEST(page.as_page);
  BOOST_TEST(page.rows.size() == 5u);
}

BOOST_AUTO_TEST_CASE(a_batch_is_no_larger_than_a_page) {
  for (int i = 0; i < 200; ++i) put(fmt::format("k{}", i), 50'000);
  auto page = state.next_dirty(2);
  BOOST_TEST(page.rows.size() > 90u);
  BOOST_TEST(page.rows.size() < 110u);
}

BOOST_AUTO_TEST_CASE(a_page_is_garbage_when_the_last_row_and_the_last_version_have_left_it) {
  ++lsn;
  state.replay(protocol::set_history{1, 2, 3600}, lsn, base::message_id{lsn});
  put("a");
  put("b");
  auto page = write(state.next_dirty(2));
  put("a");
  BOOST_TEST(!state.garbage().contains(page));  // b lies there, and the older a
  erase("b");
  BOOST_TEST(!state.garbage().contains(page));  // the older a and b
  put("a");
  put("a");
  BOOST_TEST(!state.garbage().contains(page));  // the older b
  put("b");
  put("b");
  BOOST_TEST(state.garbage().contains(page));
  BOOST_TEST(state.materialised(page, {{"a", 1, 1, 1}}) == 0u);  // garbage is never a location again
}

BOOST_AUTO_TEST_CASE(a_second_copy_of_a_page_is_garbage_and_a_known_one_is_not_counted_twice) {
  put("a");
  put("b");
  auto next = state.next_dirty(2);
  auto page = write(next), copy = write(next);
  BOOST_TEST(!state.garbage().contains(page));
  BOOST_TEST(state.garbage().contains(copy));
  std::vector<page_place> again{{"a", state.find("a")->version, state.find("a")->lsn, 1}, {"b", state.find("b")->version, state.find("b")->lsn, 2}};
  BOOST_TEST(state.materialised(page, again) == 2u);
  BOOST_TEST(state.garbage().pages().at(page).uses == 2u);
}

BOOST_AUTO_TEST_CASE(rows_of_a_page_that_was_deleted_by_hand_are_written_again) {
  put("a");
  put("b");
  auto page = write(state.next_dirty(2));
  BOOST_TEST(state.forget_locations({page}) == 2u);
  BOOST_TEST(state.not_materialised() == 2u);
  BOOST_TEST(!state.knows_page(page));
  write(state.next_dirty(2));
  BOOST_TEST(state.not_materialised() == 0u);
}

BOOST_AUTO_TEST_CASE(what_we_removed_ourselves_is_no_deletion_by_hand) {
  ++lsn;
  state.replay(protocol::set_history{1, 0, 0}, lsn, base::message_id{lsn});
  put("a");
  auto message = write(state.next_dirty(2));
  put("a");
  state.forget_garbage({message});
  BOOST_TEST(state.forget_locations({message}) == 0u);
  BOOST_TEST(state.garbage().size() == 0u);
}

BOOST_AUTO_TEST_CASE(rows_stay_in_a_sparse_page_until_they_are_written_elsewhere) {
  ++lsn;
  state.replay(protocol::set_history{1, 0, 0}, lsn, base::message_id{lsn});
  for (int i = 0; i < 9; ++i) put(fmt::format("k{}", i));
  auto page = write(state.next_dirty(2));
  for (int i = 0; i < 6; ++i) erase(fmt::format("k{}", i));
  BOOST_TEST(state.sparse_pages().empty());
  erase("k6");
  BOOST_TEST((state.sparse_pages() == std::set{page}));
  BOOST_TEST(state.relocate({page}) == 2u);
  BOOST_TEST(state.count_leaving({{page}, 0}).rows == 2u);
  BOOST_TEST(state.find("k7")->row_message.value == page.value);
  BOOST_TEST(!state.oldest_log_only().has_value());  // the page is still a place
  auto moved = write(state.next_dirty(2));
  BOOST_TEST(state.count_leaving({{page}, 0}).rows == 0u);
  BOOST_TEST(state.count_leaving({{moved}, 0}).rows == 2u);
  BOOST_TEST(state.garbage().contains(page));
  BOOST_TEST(state.not_materialised() == 0u);
}

BOOST_AUTO_TEST_CASE(a_row_that_discord_refuses_while_it_moves_stays_where_it_is) {
  put("a");
  put("b");
  auto page = write(state.next_dirty(2));
  state.relocate({page});
  state.set_aside("a", state.find("a")->lsn);
  BOOST_TEST(state.not_materialised() == 1u);
  put("a");
  erase("a");
  BOOST_TEST(state.not_materialised() == 1u);
}

BOOST_AUTO_TEST_CASE(versions_of_a_page_that_is_given_up_move_and_no_others) {
  put("a");
  put("b");
  auto page = write(state.next_dirty(2));
  put("a");
  put("b");
  auto old_a = state.history().of("a")->front().lsn, old_b = state.history().of("b")->front().lsn;
  base::message_id copy{page.value + 1'000}, other{page.value + 1'001};
  BOOST_TEST(state.materialised(copy, {{"a", 1, old_a, 1}}) == 0u);  // a copy, as long as the page is not given up
  state.give_up({page});
  auto found = state.versions_to_drain({{page}, 0}, "", 100, {});
  BOOST_REQUIRE(found.versions.size() == 2u);
  BOOST_TEST(state.count_leaving({{page}, 0}).versions == 2u);
  BOOST_TEST(state.materialised(other, {{"a", 1, old_a, 1}, {"b", 1, old_b, 2}}) == 2u);
  BOOST_TEST(state.history().of("b")->front().row_message.value == other.value);
  BOOST_TEST(state.history().of("b")->front().part == 2u);
  BOOST_TEST(state.count_leaving({{page}, 0}).versions == 0u);
  BOOST_TEST(state.garbage().contains(page));
  BOOST_TEST(state.garbage().contains(copy));
  BOOST_TEST(state.materialised(base::message_id{page.value + 1'002}, {{"a", 1, old_a, 1}}) == 0u);  // it has moved
}

BOOST_AUTO_TEST_CASE(versions_of_an_abandoned_page_have_only_the_log) {
  put("a");
  put("b");
  auto page = write(state.next_dirty(2));
  put("a");
  put("b");
  BOOST_TEST(state.history().of("a")->front().row_message.value == page.value);
  state.abandon_page(page);
  BOOST_TEST(!state.history().of("a")->front().row_message);
  BOOST_TEST(state.garbage().contains(page));
  BOOST_TEST(*state.oldest_log_only() == 1u);
}

BOOST_AUTO_TEST_CASE(uses_are_what_a_new_count_gives_whatever_is_done_and_a_checkpoint_keeps_them) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    table_state_pages_fixture f;
    auto& s = f.state;
    ++f.lsn;
    s.replay(protocol::set_history{1, 1 + random() % 3, 3600}, f.lsn, base::message_id{f.lsn});
    std::set<std::string> keys;
    std::vector<base::message_id> pages;
    for (int step = 0; step < 150; ++step) {
      auto key = fmt::format("k{:02}", random() % 30);
      keys.insert(key);
      switch (random() % 8) {
        case 0:
        case 1:
        case 2:
          f.put(key);
          break;
        case 3:
          f.erase(key);
          break;
        case 4: {
          auto next = s.next_dirty(3);
          if (random() % 4 == 0) f.put(key);  // meanwhile
          auto message = f.write(next);
          if (next.as_page) pages.push_back(message);
          break;
        }
        case 5:
          if (!pages.empty()) s.relocate({pages[random() % pages.size()]});
          break;
        case 6:
          if (!pages.empty() && random() % 3 == 0) s.forget_locations({pages[random() % pages.size()]});
          break;
        case 7:
          if (random() % 10 == 0) s.halve_history({});
          break;
      }
      auto counted = table_state_pages_fixture::uses(s, keys);
      BOOST_REQUIRE(counted.size() == s.garbage().pages().size());
      for (const auto& [page, use] : s.garbage().pages()) BOOST_REQUIRE(counted[page] == use.uses);
      std::size_t placeless = 0;
      for (const auto& [k, row] : s.rows()) placeless += row.row_message ? 0 : 1;
      BOOST_REQUIRE(s.not_materialised() >= placeless);
    }
    table_state loaded{{1, "users", "id", base::channel_id{5}}, "prod"};
    loaded.load(s.begin_capture());
    for (auto slice = s.capture(500); !slice.empty(); slice = s.capture(500)) BOOST_REQUIRE(loaded.load(std::move(slice)).has_value());
    loaded.load_history(s.history().image());
    std::vector<protocol::image_page> images;
    for (const auto& [id, page] : s.garbage().pages()) images.push_back({id, page.rows});
    loaded.load_pages(images);
    BOOST_REQUIRE(loaded.garbage().pages().size() == s.garbage().pages().size());
    for (const auto& [id, page] : s.garbage().pages()) {
      BOOST_REQUIRE(loaded.garbage().pages().at(id).uses == page.uses);
      BOOST_REQUIRE(loaded.garbage().pages().at(id).rows == page.rows);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
