// Errors, results, and hashes.

#include "dbcord/base/error.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "dbcord/base/result.hpp"
#include "dbcord/base/sha256.hpp"

using namespace dbcord::base;

BOOST_AUTO_TEST_CASE(every_code_has_a_sentence_of_its_own) {
  std::set<std::string> sentences;
  for (auto code : {errc::timeout, errc::stopping, errc::overloaded, errc::invalid_argument}) {
    error e(make_error_code(code));
    BOOST_TEST(!e.message.empty());
    BOOST_TEST(sentences.insert(e.message).second, e.message);
  }
}

BOOST_AUTO_TEST_CASE(the_value_of_a_failed_result_is_an_exception_with_code_and_sentence) {
  result<int> failed(error(make_error_code(errc::timeout), "the guild did not answer"));
  try {
    (void)failed.value();
    BOOST_FAIL("no exception");
  } catch (const boost::system::system_error& e) {
    BOOST_TEST(e.code() == make_error_code(errc::timeout));
    BOOST_TEST(std::string(e.what()).find("the guild did not answer") != std::string::npos);
  }
}

// FIPS 180-4's own examples.
BOOST_AUTO_TEST_CASE(sha256_is_sha256) {
  BOOST_TEST(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
