// No input crashes the core or gets something else than an answer. Seeded: a failure shows its seed.

#include <boost/test/unit_test.hpp>

#include "guild/core_interaction_fixture.hpp"
#include "guild/multipart.hpp"
#include "guild/route_table.hpp"

namespace dbcord::guild::test {
namespace {

std::string random_bytes(base::random_source& random, std::size_t most) {
  std::string text(random.below(most), ' ');
  for (auto& c : text) c = static_cast<char>(random.next());
  return text;
}

// Values that handlers might trip over, at random depth.
json::value random_value(base::random_source& random, int depth) {
  switch (random.below(depth > 0 ? 12 : 9)) {
    case 0:
      return nullptr;
    case 1:
      return random.below(2) == 0;
    case 2:
      return static_cast<std::int64_t>(random.next());
    case 3:
      return random.next();
    case 4:
      return random.unit() * 1e300;
    case 5:
      return "";
    case 6:
      return json::value(std::to_string(random.below(20)));
    case 7:
      return json::value(std::string(random.below(3000), 'x'));
    case 8:
      return "<@&@everyone attachment://p.png https://";
    case 9: {
      json::array made;
      for (auto n = random.below(4); n > 0; --n) made.push_back(random_value(random, depth - 1));
      return made;
    }
    default: {
      static constexpr const char* keys[] = {"content",
                                             "nonce",
                                             "embeds",
                                             "components",
                                             "attachments",
                                             "flags",
                                             "allowed_mentions",
                                             "message_reference",
                                             "type",
                                             "name",
                                             "options",
                                             "value",
                                             "id",
                                             "data",
                                             "title",
                                             "description",
                                             "fields",
                                             "choices",
                                             "parse",
                                             "users",
                                             "messages",
                                             "topic",
                                             "parent_id",
                                             "permission_overwrites",
                                             "allow",
                                             "deny",
                                             "custom_id",
                                             "image",
                                             "url",
                                             "footer",
                                             "text",
                                             "message_id"};
      json::object made;
      for (auto n = random.below(8); n > 0; --n)
        made[keys[random.below(std::size(keys))]] = random_value(random, depth - 1);
      return made;
    }
  }
}

bool is_an_answer(const answer& a) {
  return a.status >= 200 && a.status < 500;
}

BOOST_AUTO_TEST_SUITE(core_garbage)

BOOST_AUTO_TEST_CASE(random_json_on_every_route_is_answered) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      interaction_fixture g;
      base::seeded_random random(seed);
      auto i = g.start();
      auto message = g.post("x").id();
      for (int round = 0; round < 20; ++round) {
        for (auto& r : all_routes()) {
          if (r.method == "DELETE" && random.below(20) != 0) continue;
          std::string path(r.pattern);
          std::vector<std::string> ids{g.channel_id(), g.guild_id(), g.application_id(), message, i.id,
                                       i.token,        g.command,    "@original",        "5",     "%zz"};
          for (auto at = path.find("{}"); at != path.npos; at = path.find("{}")) {
            path.replace(at, 2, ids[random.below(ids.size())]);
          }
          auto body = json::serialize(random_value(random, 4));
          auto header = random.below(3) == 0 ? g.credentials().owner_token : g.bot_header();
          auto got = g.request(std::string(r.method), "/api/v10" + path, body, header);
          BOOST_REQUIRE_MESSAGE(is_an_answer(got), r.method << " " << path << " " << body);
        }
        if (g.owner("GET", g.channel_path()).status != 200) break;  // a DELETE has found it
      }
      g.restart();
    }
  }
}

BOOST_AUTO_TEST_CASE(random_interactions_and_callbacks_are_answered) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      interaction_fixture g;
      base::seeded_random random(seed);
      for (int round = 0; round < 50; ++round) {
        auto body = g.body({}, static_cast<int>(random.below(6)));
        auto keys = {"data", "nonce", "message_id", "channel_id"};
        auto key = *(keys.begin() + random.below(keys.size()));
        body[key] = random_value(random, 4);
        if (auto* data = body["data"].if_object())
          (*data)["id"] = g.command, (*data)["options"] = random_value(random, 3);
        BOOST_REQUIRE(is_an_answer(g.owner("POST", "/interactions", body)));
        g.take_frames(1);
        auto i = g.start();
        for (int n = 0; n < 3; ++n) {
          auto got = g.callback(i, static_cast<int>(random.below(10)), random_value(random, 4),
                                random.below(2) == 0);
          BOOST_REQUIRE(is_an_answer(got));
        }
        BOOST_REQUIRE(is_an_answer(g.follow("PATCH", i, "/messages/@original", random_value(random, 4))));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(random_bytes_as_requests_are_answered) {
  guild_fixture g;
  base::seeded_random random(1);
  for (int n = 0; n < 3000; ++n) {
    auto target = (random.below(2) ? "/api/v10/" : "/attachments/") + random_bytes(random, 60);
    auto got = g.request(
        random_bytes(random, 6), target, random_bytes(random, 100), random_bytes(random, 40),
        random.below(2) ? "multipart/form-data; boundary=" + random_bytes(random, 4) : "application/json");
    BOOST_REQUIRE(is_an_answer(got));
  }
}

BOOST_AUTO_TEST_CASE(random_bytes_on_the_gateway_end_in_frames) {
  guild_fixture g;
  base::seeded_random random(1);
  for (connection_id id = 1; id < 500; ++id) {
    g.connect(id, random_bytes(random, 20));
    if (random.below(2)) g.send_text(id, random_bytes(random, 50));
    for (int n = 0; n < 4; ++n) {
      json::object payload{{"op", random.below(12)}, {"d", random_value(random, 3)}};
      if (auto* d = payload["d"].if_object(); d && random.below(2)) (*d)["token"] = g.credentials().bot_token;
      g.send(id, payload);
    }
    if (random.below(2)) g.disconnect(id, static_cast<int>(random.below(5000)));
    g.advance(seconds(10));
  }
  g.connect_bot(1000);
}

BOOST_AUTO_TEST_CASE(broken_multipart_bodies_are_refused_whole) {
  std::string good =
      "--B\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a\"\r\n\r\nx\r\n--B--\r\n";
  auto type = "multipart/form-data; boundary=B";
  BOOST_REQUIRE(parse_multipart(type, good));
  auto end = good.find("--B--") + 4;
  for (std::size_t size = 0; size < end; ++size) {
    BOOST_TEST(!parse_multipart(type, good.substr(0, size)).has_value(), size);
  }
  base::seeded_random random(1);
  for (int n = 0; n < 20000; ++n) {
    auto bad = good;
    for (auto k = random.below(4) + 1; k > 0; --k)
      bad[random.below(bad.size())] = static_cast<char>(random.next());
    parse_multipart(type, bad);  // whatever it says, it comes back
  }
  BOOST_TEST(!parse_multipart("multipart/form-data", good).has_value());
  BOOST_TEST(!parse_multipart("multipart/form-data; boundary=\"", good).has_value());
}

BOOST_AUTO_TEST_CASE(deeply_nested_json_is_refused) {
  guild_fixture g;
  std::string deep(100000, '[');
  BOOST_TEST(g.request("POST", "/api/v10" + g.channel_path() + "/messages", deep, g.bot_header()).code() ==
             50109);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
