// What becomes of the records and rows that are sent again when the nonce does not help: Discord has forgotten it, or somebody has deleted the message that it
// stands for.
#include "database/verification_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct nonce_fixture : verification_fixture {
  nonce_fixture() { create(); }
  // The first post whose text has that is done like that.
  void befall_first(std::string text, fault kind) {
    stack->store.on_post = [=, done = false](base::channel_id, const database::new_message& m) mutable {
      return contains(m.content, text) && !std::exchange(done, true) ? kind : fault::none;
    };
  }
  void befall_all(fault kind) {
    stack->store.on_post = [kind](base::channel_id, const database::new_message&) { return kind; };
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(nonce_suite, nonce_fixture)

BOOST_AUTO_TEST_CASE(everything_that_stands_twice_counts_once) {
  befall_all(fault::twice);
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  BOOST_REQUIRE(insert("b", "{}").has_value());
  BOOST_REQUIRE(remove("b").has_value());
  drain();
  for (int starts = 0; starts < 2; ++starts) {
    BOOST_TEST(find("{}") == "a ");
    BOOST_TEST(run(stack->engine->get("prod", "users", "a", reading()))->version == 2u + static_cast<unsigned>(starts));
    BOOST_TEST(inspect().barriers == 0u);
    restart();
    BOOST_TEST(get("a") == fmt::format(R"({{"id":"a","n":{}}})", 2 + starts));
    BOOST_REQUIRE(update("a", fmt::format(R"({{"n":{}}})", 3 + starts)).has_value());
  }
  drain();
  auto before = verify();
  BOOST_TEST(before.problems == 0u);
  BOOST_TEST(!before.notes.empty());  // of messages that nobody needs
  (void)vacuum(true);
  restart();
  BOOST_TEST(find("{}") == "a ");
  BOOST_TEST(get("a") == R"({"id":"a","n":4})");
  auto left = verify();
  BOOST_TEST(left.problems == 0u);
  for (const auto& note : left.notes) BOOST_TEST(contains(note.what, "log record"), note.what);  // these go with the segment
}

BOOST_AUTO_TEST_CASE(a_record_that_somebody_deletes_before_it_is_answered_is_written_again) {
  befall_first("`dbcord/1 group ", fault::deleted);
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_TEST(inspect().barriers == 1u);
  restart();
  BOOST_TEST(find("{}") == "a ");
  BOOST_TEST(inspect().state == "open");
}

BOOST_AUTO_TEST_CASE(a_row_that_somebody_deletes_before_it_is_answered_is_written_again) {
  befall_first("`dbcord/1 row ", fault::deleted);
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  BOOST_TEST(found() == "");
  restart();
  BOOST_TEST(find("{}") == "a ");
}

BOOST_AUTO_TEST_SUITE_END()
