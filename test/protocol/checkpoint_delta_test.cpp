// Deltas of checkpoints: what goes in comes out, and nothing else does.
#include <boost/test/unit_test.hpp>

#include <random>

#include "protocol/checkpoint_delta.hpp"
#include "protocol/log_record.hpp"

using namespace dbcord;
using namespace dbcord::protocol;

namespace {

encoded_delta packed(const std::vector<delta_record>& records) {
  delta_packer packer;
  for (const auto& r : records) packer.add(r.lsn, r.message, r.body);
  return packer.finish();
}

const std::vector<delta_record> three{{7, base::message_id{1532900705809989633}, "one"}, {9, base::message_id{5}, std::string(5000, 'x')}, {1000, base::message_id{6}, ""}};

// The same attachment under another header, whose checksum fits.
delta_header restated(const encoded_delta& delta, std::uint64_t first, std::uint64_t last, std::uint64_t records, std::uint64_t bytes) {
  return {first, last, records, bytes, record_hash(delta.attachment)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(checkpoint_delta_suite)

BOOST_AUTO_TEST_CASE(records_come_back_as_they_were) {
  auto delta = packed(three);
  auto header = decode_delta_header(delta.content);
  BOOST_TEST_REQUIRE(header.has_value());
  BOOST_TEST(header->first_lsn == 7u);
  BOOST_TEST(header->last_lsn == 1000u);
  BOOST_TEST(header->records == 3u);
  BOOST_TEST(header->bytes == 5003u);
  BOOST_TEST(header->hash == delta.header.hash);
  auto records = decode_delta(*header, delta.attachment);
  BOOST_TEST_REQUIRE(records.has_value());
  BOOST_TEST_REQUIRE(records->size() == 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST((*records)[i].lsn == three[i].lsn);
    BOOST_TEST(((*records)[i].message == three[i].message));
    BOOST_TEST((*records)[i].body == three[i].body);
  }
}

BOOST_AUTO_TEST_CASE(a_packer_begins_anew_behind_each_delta) {
  delta_packer packer;
  packer.add(1, base::message_id{1}, "a");
  (void)packer.finish();
  packer.add(5, base::message_id{2}, "bc");
  auto second = packer.finish();
  BOOST_TEST(second.header.first_lsn == 5u);
  BOOST_TEST(second.header.records == 1u);
  BOOST_TEST(decode_delta(second.header, second.attachment)->at(0).body == "bc");
}

BOOST_AUTO_TEST_CASE(an_attachment_that_was_cut_or_changed_is_refused) {
  auto delta = packed(three);
  for (std::size_t size = 0; size < delta.attachment.size(); ++size) {
    BOOST_TEST(!decode_delta(delta.header, std::string_view(delta.attachment).substr(0, size)).has_value());
    auto changed = delta.attachment;
    changed[size] = static_cast<char>(changed[size] ^ 1);
    BOOST_TEST(!decode_delta(delta.header, changed).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_header_that_states_other_records_than_there_are_is_refused) {
  auto delta = packed(three);
  BOOST_TEST(decode_delta(restated(delta, 7, 1000, 3, 5003), delta.attachment).has_value());
  for (const auto& wrong : {restated(delta, 6, 1000, 3, 5003), restated(delta, 7, 999, 3, 5003), restated(delta, 7, 1001, 3, 5003), restated(delta, 7, 1000, 2, 5003),
                            restated(delta, 7, 1000, 4, 5003), restated(delta, 7, 1000, 3, 4000)}) {
    BOOST_TEST(!decode_delta(wrong, delta.attachment).has_value());
  }
  auto backwards = packed({{9, base::message_id{1}, "a"}, {8, base::message_id{2}, "b"}, {10, base::message_id{3}, "c"}});
  BOOST_TEST(!decode_delta(backwards.header, backwards.attachment).has_value());
}

BOOST_AUTO_TEST_CASE(only_a_possible_header_counts) {
  auto line = [](std::string_view fields) { return "x\n`dbcord/1 checkpoint-delta " + std::string(fields) + "`"; };
  BOOST_TEST(decode_delta_header(line("b=9 d=00 f=3 l=5 n=2")).has_value());
  for (auto wrong : {"b=9 d=00 f=3 l=5", "b=9 d=00 f=5 l=3 n=1", "b=9 d=00 f=3 l=5 n=0", "b=9 d=00 f=3 l=5 n=4", "b=999999999999 d=00 f=3 l=5 n=2",
                     "b=9 d=00 f=3 l=99999999 n=9999999", "b=9 d=00 f=3 l=5 n=-1", "b=9 f=3 l=5 n=2"}) {
    BOOST_TEST(!decode_delta_header(line(wrong)).has_value(), wrong);
  }
  BOOST_TEST(!decode_delta_header("`dbcord/1 checkpoint-part n=1 to=2`").has_value());
  BOOST_TEST(!decode_delta_header("").has_value());
}

// Whatever is in it, decoding ends, and what counts is what the header says.
BOOST_AUTO_TEST_CASE(random_frames_never_harm) {
  std::mt19937_64 random(11);
  int counted = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string bytes;
    for (auto n = random() % 12; n > 0; --n) bytes += static_cast<char>(random() % 4);
    zstd_writer writer;
    writer.append(bytes);
    auto frame = writer.finish();
    delta_header header{random() % 4, 0, 1 + random() % 3, 6, record_hash(frame)};
    header.last_lsn = header.first_lsn + random() % 3;
    auto records = decode_delta(header, frame);
    if (!records) continue;
    ++counted;
    BOOST_TEST(records->size() == header.records);
    BOOST_TEST(records->front().lsn == header.first_lsn);
    BOOST_TEST(records->back().lsn == header.last_lsn);
  }
  BOOST_TEST(counted > 0);
}

BOOST_AUTO_TEST_SUITE_END()
