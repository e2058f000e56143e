#include <boost/test/unit_test.hpp>

#include "dbcord/base/sha256.hpp"
#include "dbcord/base/sha256_stream.hpp"

using namespace dbcord;

BOOST_AUTO_TEST_SUITE(sha256)

BOOST_AUTO_TEST_CASE(pieces_give_the_hash_of_the_whole) {
  base::sha256_stream stream;
  BOOST_TEST(stream.hex() == base::sha256_hex(""));
  stream.add("ab");
  BOOST_TEST(stream.hex() == base::sha256_hex("ab"));
  stream.add("c");
  BOOST_TEST(stream.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, appendix B.1
  auto moved = std::move(stream);
  moved.add("d");
  BOOST_TEST(moved.hex() == base::sha256_hex("abcd"));
}

BOOST_AUTO_TEST_SUITE_END()
