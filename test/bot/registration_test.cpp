#include "bot/registration.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include "commands/command_table.hpp"

using namespace dbcord;
using dbcord::bot::same_commands;

namespace {
boost::json::array ours() { return boost::json::parse(commands::command_definitions_json()).as_array(); }

// As Discord shows them: other order, ids and versions added, defaults left out or written out.
boost::json::array as_shown() {
  boost::json::array shown;
  for (const auto& value : ours()) {
    auto c = value.as_object();
    c["id"] = "1";
    c["version"] = "2";
    c["nsfw"] = false;
    c["name_localizations"] = nullptr;
    if (c["name"] == "dbc_inspect") c["options"].as_array()[0].as_object().erase("required");
    if (!c.contains("options")) c["options"] = boost::json::array();  // of message commands
    for (auto& o : c["options"].as_array())
      if (o.as_object().contains("min_value")) o.as_object()["max_value"] = static_cast<double>(o.as_object()["max_value"].as_int64());
    shown.insert(shown.begin(), c);
  }
  return shown;
}
boost::json::object& named(boost::json::array& shown, std::string_view name) {
  for (auto& c : shown) {
    if (c.as_object()["name"].as_string() == name) return c.as_object();
  }
  throw std::logic_error("no such command");
}
}  // namespace

BOOST_AUTO_TEST_SUITE(registration)

BOOST_AUTO_TEST_CASE(what_discord_adds_or_reorders_makes_no_difference) { BOOST_TEST(same_commands(ours(), as_shown())); }

BOOST_AUTO_TEST_CASE(every_difference_that_people_would_see_counts) {
  auto changed = [](auto change) {
    auto shown = as_shown();
    change(shown);
    return !same_commands(ours(), shown);
  };
  auto first = [](boost::json::array& a) -> boost::json::object& { return named(a, "dbc_inspect"); };
  BOOST_TEST(changed([&](auto& a) { first(a)["description"] = "Other."; }));
  BOOST_TEST(changed([&](auto& a) { first(a)["default_member_permissions"] = "8"; }));
  BOOST_TEST(changed([&](auto& a) { first(a)["options"].as_array()[0].as_object()["required"] = true; }));
  BOOST_TEST(changed([&](auto& a) { first(a)["options"].as_array()[0].as_object().erase("autocomplete"); }));
  BOOST_TEST(changed([&](auto& a) { first(a).erase("options"); }));
  BOOST_TEST(changed([&](auto& a) { a.erase(a.begin()); }));
  BOOST_TEST(changed([&](auto& a) { a.push_back(boost::json::object{{"name", "old"}, {"description", "x"}}); }));
  BOOST_TEST(changed([&](auto& a) { a.clear(); }));
}

BOOST_AUTO_TEST_CASE(the_order_of_options_counts) {
  auto shown = as_shown();
  auto& options = named(shown, "dbc_restore")["options"].as_array();
  BOOST_REQUIRE(options.size() >= 2u);
  std::swap(options[0], options[1]);
  BOOST_TEST(!same_commands(ours(), shown));
}

BOOST_AUTO_TEST_SUITE_END()
