#pragma once
// A guild's core with one message in it, for fuzz targets: "$bot", "$owner", "$guild", "$channel", "$application" and "$message" in an
// input stand for what this guild has under these names. One thread.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dbcord/base/random.hpp"
#include "fuzz/fuzz_input.hpp"
#include "guild/core.hpp"

namespace dbcord::fuzz {

class no_attachments final : public guild::attachment_store {
 public:
  std::optional<std::string> read(base::attachment_id) override { return std::nullopt; }
};

class small_guild {
 public:
  small_guild() {
    auto opened = open({});
    promise(opened.has_value(), "a new guild opens");
    core_ = std::move(*opened);
    keep(core_->take_initial_effects());
    auto made = handle({"POST", fill("/api/v10/channels/$channel/messages"),
                        {{"Authorization", fill("$bot")}, {"Content-Type", "application/json"}}, R"({"content":"x"})"});
    message_ = made.body.substr(made.body.find("\"id\":\"") + 6, 19);
  }

  std::string fill(std::string_view input) const {
    auto c = core_->get_credentials();
    std::string text(input);
    replace(text, "$bot", "Bot " + c.bot_token);
    replace(text, "$token", c.bot_token);
    replace(text, "$owner", c.owner_token);
    replace(text, "$guild", c.guild.str());
    replace(text, "$channel", c.channel.str());
    replace(text, "$application", c.application.str());
    replace(text, "$message", message_);
    return text;
  }

  guild::http_response handle(const guild::http_request& request) {
    auto effects = core_->handle(request, now_);
    promise(effects.response.has_value(), "every request has an answer");
    auto response = std::move(*effects.response);
    keep(std::move(effects));
    return response;
  }

  void keep(guild::effects effects) {
    for (auto& record : effects.records) records_.push_back(std::move(record));
  }
  void pass(base::duration time) { now_ += std::chrono::duration_cast<base::system_time::duration>(time); }

  base::result<std::unique_ptr<guild::core>> open(const std::vector<std::string>& records) {
    return guild::core::open({}, random_, attachments_, now_, records);
  }
  const std::vector<std::string>& records() const { return records_; }
  guild::core& core() { return *core_; }
  base::system_time now() const { return now_; }

 private:
  static void replace(std::string& text, std::string_view name, std::string_view value) {
    for (auto at = text.find(name); at != text.npos; at = text.find(name, at + value.size())) {
      text.replace(at, name.size(), value);
    }
  }

  base::seeded_random random_{7};
  no_attachments attachments_;
  base::system_time now_{std::chrono::seconds(1'800'000'000)};
  std::vector<std::string> records_;
  std::unique_ptr<guild::core> core_;
  std::string message_;
};

}  // namespace dbcord::fuzz
