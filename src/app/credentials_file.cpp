#include "app/credentials_file.hpp"

#include <fmt/format.h>

#include "app/text_file.hpp"
#include "protocol/json_node.hpp"

namespace dbcord::app {
namespace {

struct reader {
  const protocol::json_node& json;
  std::string missing;  // the first member that is absent or no string

  std::string text(std::string_view name) {
    const auto* found = json.find(name);
    if (found && found->type == protocol::json_node::kind::string) return found->text;
    if (missing.empty()) missing = name;
    return {};
  }

  template <class Id>
  Id id(std::string_view name) {
    auto parsed = base::parse_id<Id>(text(name));
    if (!parsed && missing.empty()) missing = name;
    return parsed.value_or(Id{});
  }
};

base::error unusable_credentials(const std::filesystem::path& file, std::string_view why) {
  return {base::errc::invalid_argument, fmt::format("{} is no credentials file of a local guild: {}", file.string(), why)};
}

}  // namespace

base::result<credentials_file> read_credentials(const std::filesystem::path& directory) {
  auto file = directory / "credentials.json";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return base::error(base::errc::invalid_argument,
                       fmt::format("there is no local guild in {0}; start one with: dbcord serve --local {0}", directory.string()));
  }
  auto text = read_text_file(file);
  if (!text) return text.error();
  auto json = protocol::parse_json(*text);
  if (!json) return unusable_credentials(file, json.error().message);
  if (!json->is_object()) return unusable_credentials(file, "it holds no JSON object");
  reader in{*json, {}};
  credentials_file read{in.text("api_url"),
                        in.text("gateway_url"),
                        in.id<base::guild_id>("guild_id"),
                        in.id<base::channel_id>("channel_id"),
                        in.id<base::application_id>("application_id"),
                        in.text("bot_token"),
                        in.text("owner_token")};
  if (!in.missing.empty()) return unusable_credentials(file, fmt::format("{} is missing", in.missing));
  return read;
}

}  // namespace dbcord::app
