// The judge of what answers to imports say.

#include "simulation/import_checks.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord;
using namespace dbcord::simulation;

namespace {

// Rows k1 and k2 of table t: k1 was written by a record that counts, k2 by one that does not.
struct imported_fixture {
  imported_fixture() {
    logged.tables["t"] = {1, 2};
    logged.rows[{1, "k1"}] = {{3, 1, R"({"id":"k1","v":7})", "a"}};
    logged.rows[{1, "k2"}] = {{4, 1, R"({"id":"k2","v":8})", "void"}, {5, 1, R"({"id":"k2","v":9})", "b"}};
  }
  std::size_t found(std::uint64_t imported, bool no_others) const {
    return check_imports({{"t", {{"k1", 7}, {"k2", 8}}, imported, no_others}}, logged, {"a", "b"}).size();
  }

  logged_content logged;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(imports_checked, imported_fixture)

BOOST_AUTO_TEST_CASE(as_many_rows_are_in_as_the_answer_says) {
  BOOST_TEST(found(1, true) == 0u);
  BOOST_TEST(found(0, true) == 1u);
  BOOST_TEST(found(2, true) == 1u);
}

BOOST_AUTO_TEST_CASE(or_more_where_it_says_so) {
  BOOST_TEST(found(1, false) == 0u);
  BOOST_TEST(found(0, false) == 0u);
  BOOST_TEST(found(2, false) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
