// Pages of a find and files of an export, on a real database that changes between one and the next: what is there all the time comes exactly once.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "commands/command_table.hpp"
#include "commands/typed_argument.hpp"
#include "database/database_fixture.hpp"
#include "protocol/json_node.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct paging_fixture : database_fixture {
  commands::reply last;
  std::vector<std::string> seen;  // keys, in the order in which they came

  commands::reply give(const commands::prepared_command& command) {
    commands::invocation call;
    call.name = command.name;
    call.arguments = command.arguments;
    call.who = "42";
    call.idempotency_key = context().idempotency_key;
    call.deadline = world.now() + 5min;
    commands::services s{*stack->engine, process->env()};
    return run(commands::execute(s, std::move(call)));
  }
  void see(const std::string& json) {
    auto row = protocol::parse_json(json);
    seen.push_back(row->find("id")->text);
  }
  void see_all() {
    for (const auto& row : last.rows) see(row);
    for (const auto& file : last.files) {
      for (std::size_t at = 0; at < file.bytes.size();) {
        auto end = file.bytes.find('\n', at);
        see(file.bytes.substr(at, end - at));
        at = end == file.bytes.npos ? end : end + 1;
      }
    }
  }
  const commands::button* next() const {
    for (const auto& b : last.buttons) {
      if (b.label.starts_with("Next")) return &b;
    }
    return nullptr;
  }
  // From page to page by its button, with `between` before each but the first.
  int follow(commands::prepared_command command, const std::function<void(int page)>& between) {
    for (int page = 1;; ++page) {
      last = give(command);
      BOOST_TEST_REQUIRE(page < 50);
      BOOST_TEST_REQUIRE(last.ok, last.text);
      see_all();
      const auto* button = next();
      if (!button) return page;
      auto key = std::get<std::string>(button->command.arguments.at("after"));
      BOOST_TEST(key == seen.back());
      BOOST_TEST(last.text.find("Go on with " + commands::typed_argument("after", key) + ".") != std::string::npos, last.text);
      command = button->command;
      between(page);
    }
  }
  std::size_t times(const std::string& key) const { return static_cast<std::size_t>(std::count(seen.begin(), seen.end(), key)); }
  void put(const std::string& key, std::size_t bytes) {
    auto done = insert(key, fmt::format(R"({{"id":{},"t":"{}"}})", id_of(key), std::string(bytes, 't')));
    BOOST_TEST_REQUIRE(done.has_value(), done.error().message);
  }
  // Keys of digits are those of integers, which by their value would come in another order.
  static std::string id_of(const std::string& key) {
    bool is_integer = key.find_first_not_of("0123456789") == key.npos && (key == "0" || key.front() != '0');
    return is_integer ? key : "\"" + key + "\"";
  }
};

const std::set<std::string> all_the_time{"1", "10", "11", "2", "30", "4", "m", "q", "z"};
const std::string go[] = {"0", "100", "m2"};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(paging, paging_fixture)

BOOST_AUTO_TEST_CASE(rows_that_are_there_all_the_time_come_once_in_the_pages_of_a_find_whatever_comes_and_goes_meanwhile) {
  create();
  for (const auto& key : all_the_time) put(key, 10);
  for (const auto& key : go) put(key, 10);
  commands::prepared_command find{"dbc_find", {{"database", "prod"}, {"table", "users"}, {"where_json", "{}"}, {"limit", std::int64_t{2}}}};
  auto pages = follow(find, [&](int page) {
    if (page <= 3) BOOST_REQUIRE(remove(go[page - 1]).has_value());  // shown, the last one shown, not shown yet
    put(fmt::format("0{}", page), 10);
    if (page == 3) put("x", 10);
  });
  BOOST_TEST(pages >= 5);
  for (const auto& key : all_the_time) BOOST_TEST(times(key) == 1u, key << " came " << times(key) << " times");
  BOOST_TEST(times("x") == 1u);
  BOOST_TEST(std::is_sorted(seen.begin(), seen.end()));
}

BOOST_AUTO_TEST_CASE(so_they_do_in_the_files_of_an_export) {
  create();
  constexpr std::size_t three_in_a_file = 2'600'000;
  for (const auto& key : all_the_time) put(key, three_in_a_file);
  for (const auto& key : go) put(key, three_in_a_file);
  commands::prepared_command first{"dbc_export", {{"database", "prod"}, {"table", "users"}}};
  auto files = follow(first, [&](int file) {
    if (file <= 3) BOOST_REQUIRE(remove(go[file - 1]).has_value());
    put(fmt::format("0{}", file), 10);
  });
  BOOST_TEST(files >= 3);
  for (const auto& key : all_the_time) BOOST_TEST(times(key) == 1u, key << " came " << times(key) << " times");
  BOOST_TEST(std::is_sorted(seen.begin(), seen.end()));
  first.arguments["after"] = "z";
  BOOST_TEST(give(first).text == "No row of `prod.users` behind `z` is to be exported.");
}

BOOST_AUTO_TEST_CASE(pages_go_back_by_their_buttons_to_the_first_one_whatever_comes_and_goes_meanwhile) {
  create();
  for (const auto& key : all_the_time) put(key, 10);
  auto button = [this](std::string_view label) {
    auto found = std::find_if(last.buttons.begin(), last.buttons.end(), [&](const auto& b) { return b.label.starts_with(label); });
    return found == last.buttons.end() ? nullptr : &*found;
  };
  auto shown = [this] {
    seen.clear();
    see_all();
    return seen;
  };
  using keys = std::vector<std::string>;
  last = give({"dbc_find", {{"database", "prod"}, {"table", "users"}, {"where_json", "{}"}, {"limit", std::int64_t{4}}}});
  BOOST_TEST(shown() == keys({"1", "10", "11", "2"}), boost::test_tools::per_element());
  BOOST_TEST(button("◀") == nullptr);
  for (int i = 0; i < 2; ++i) last = give(button("Next")->command);
  BOOST_TEST(shown() == keys({"z"}), boost::test_tools::per_element());
  last = give(button("◀ Previous")->command);
  BOOST_TEST(shown() == keys({"30", "4", "m", "q"}), boost::test_tools::per_element());
  BOOST_REQUIRE(remove("11").has_value());
  put("00", 10);
  last = give(button("◀ Previous")->command);
  BOOST_TEST(shown() == keys({"00", "1", "10", "2"}), boost::test_tools::per_element());
  BOOST_TEST(button("◀ Previous") == nullptr);
  BOOST_REQUIRE(button("◀◀ First page") != nullptr);
  last = give(button("Next")->command);
  BOOST_TEST(shown() == keys({"30", "4", "m", "q"}), boost::test_tools::per_element());
  last = give(button("◀◀ First page")->command);
  BOOST_TEST(shown() == keys({"00", "1", "10", "2"}), boost::test_tools::per_element());
  auto nothing = give({"dbc_find", {{"database", "prod"}, {"table", "users"}, {"where_json", "{}"}, {"before", "00"}}});
  BOOST_TEST(nothing.text.starts_with("No row of `prod.users` before `00` matches ("));
}

BOOST_AUTO_TEST_CASE(a_key_goes_with_the_order_of_keys_only) {
  create();
  put("a", 10);
  commands::prepared_command find{"dbc_find", {{"database", "prod"}, {"table", "users"}, {"where_json", "{}"}, {"after", "a"}}};
  BOOST_TEST(give(find).text.starts_with("No row of `prod.users` behind `a` matches ("));
  find.arguments["sort"] = "id";
  BOOST_TEST(give(find).text == "after: rows behind a key are those in the order of keys; leave sort out, or use skip.");
  find.arguments["before"] = "b";
  find.arguments.erase("sort");
  BOOST_TEST(give(find).text == "before: the rows nearest before a key are counted from it, in the order of keys; leave sort, after and skip out.");
}

BOOST_AUTO_TEST_CASE(a_key_is_shown_so_that_it_can_be_typed) {
  using commands::typed_argument;
  BOOST_TEST(typed_argument("after", "u_1") == "`after:u_1`");
  BOOST_TEST(typed_argument("after", "Ann Lee") == "`after:Ann Lee`");
  BOOST_TEST(typed_argument("after", "a b:c") == "`after:\"a b:c\"`");
  BOOST_TEST(typed_argument("after", "\"x\\") == "`after:\"\\\"x\\\\\"`");
  BOOST_TEST(typed_argument("after", "{") == "`after:\"{\"`");
  BOOST_TEST(typed_argument("after", "a`b``c") == "``` after:a`b``c ```");
  BOOST_TEST(typed_argument("after", " ") == "`after:\" \"`");
  BOOST_TEST(typed_argument("after", "a\xE2\x80\xAE" "2\x01") == "`after:\"a\\u{202e}2\\u{1}\"`");
  for (std::string key : {"u_1", "Ann Lee", "a b:c", "\"x\\", "\"", "\"\"", "\\", "{", "a`b``c", "`", " ", "x\"", "Go on with `after:z`.", ".", "ä", "\\u{41}\x01", "e\u0301", "\u0085", "\U000E0041x", "\u200f"}) {
    auto read = commands::typed_at_end("Exported 1 row behind `k`. Go on with " + typed_argument("after", key) + ".", "after");
    BOOST_TEST_REQUIRE(read.has_value(), key);
    BOOST_TEST(*read == key);
  }
  for (const char* other : {"", ".", "Exported 3 rows of `d.t`.", "Go on with `before:x`.", "`after:x`", "``.", "`after`."}) {
    BOOST_TEST(!commands::typed_at_end(other, "after").has_value(), other);
  }
}

BOOST_AUTO_TEST_SUITE_END()
