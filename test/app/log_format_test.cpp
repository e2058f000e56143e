#include "app/log_format.hpp"

#include <spdlog/sinks/ostream_sink.h>

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "app/process_logger.hpp"

using namespace dbcord;
using namespace dbcord::app;

BOOST_AUTO_TEST_SUITE(log_format)

BOOST_AUTO_TEST_CASE(an_event_is_one_line_of_keys_and_values) {
  BOOST_TEST(format_event("gateway ready", {{"session", "5d7f"}, {"resumed", false}, {"wait", 12}}) ==
             "event=\"gateway ready\" session=5d7f resumed=false wait=12");
}

BOOST_AUTO_TEST_CASE(values_that_could_forge_a_line_or_a_pair_are_quoted_and_escaped) {
  BOOST_TEST(format_event("x", {{"a", "1\n2"}}) == "event=x a=\"1\\n2\"");
  BOOST_TEST(format_event("x", {{"a", "b=c"}}) == "event=x a=\"b=c\"");
  BOOST_TEST(format_event("x", {{"a", "say \"hi\" \\"}}) == "event=x a=\"say \\\"hi\\\" \\\\\"");
  BOOST_TEST(format_event("x", {{"a", std::string("\x1b[31m\r\0", 7)}}) == "event=x a=\"\\x1b[31m\\x0d\\x00\"");
  BOOST_TEST(format_event("x", {{"a", ""}}) == "event=x a=\"\"");
}

BOOST_AUTO_TEST_CASE(secrets_and_interaction_tokens_are_masked_wherever_they_stand) {
  BOOST_TEST(mask_secrets("a=s3cret-token b=Bot s3cret-token", {"s3cret-token"}) == "a=*** b=Bot ***");
  BOOST_TEST(mask_secrets("path=/webhooks/1/aW50ZXJhY3Rpb246MTIz_x-y/messages", {}) == "path=/webhooks/1/***/messages");
}

BOOST_AUTO_TEST_CASE(the_log_masks_hidden_secrets_and_obeys_its_level) {
  std::ostringstream out;
  process_logger log("info", std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  log.hide("MTQw.abc.def");
  log.hide("short");
  log.debug("unseen");
  log.info("login short", {{"authorization", "Bot MTQw.abc.def"}});
  auto line = out.str();
  BOOST_TEST(line.find("MTQw") == line.npos);
  BOOST_TEST(line.find("level=info event=\"login short\" authorization=\"Bot ***\"\n") != line.npos);
  BOOST_TEST(line.find("unseen") == line.npos);
}

BOOST_AUTO_TEST_SUITE_END()
