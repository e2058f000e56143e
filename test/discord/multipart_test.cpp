#include <boost/test/unit_test.hpp>

#include "discord/multipart.hpp"

namespace dbcord::discord::test {
namespace {

// Gives the same token twice, then another.
class repeating final : public base::random_source {
 public:
  std::uint64_t next() override { return n_++ / 48; }

 private:
  std::uint64_t n_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(multipart)

BOOST_AUTO_TEST_CASE(parts_stand_as_discord_documents_them) {
  base::seeded_random random(1);
  auto m = make_multipart(R"({"a":1})", {{"row 17\"\r\n.bin", "bytes", "text/plain"}}, random);
  auto boundary = m.content_type.substr(m.content_type.find('=') + 1);
  BOOST_TEST(m.content_type.starts_with("multipart/form-data; boundary="));
  BOOST_TEST(m.body ==
             "--" + boundary +
                 "\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n"
                 "Content-Type: application/json\r\n\r\n{\"a\":1}\r\n--" +
                 boundary +
                 "\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"row_17___.bin\"\r\n"
                 "Content-Type: text/plain\r\n\r\nbytes\r\n--" +
                 boundary + "--\r\n");
}

BOOST_AUTO_TEST_CASE(a_boundary_that_occurs_in_a_file_is_not_used) {
  repeating random;
  std::string first = "dbcord-" + std::string(24, 'a');
  auto m = make_multipart("{}", {{"f", "x" + first + "y"}}, random);
  BOOST_TEST(m.content_type.find(first) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::discord::test
