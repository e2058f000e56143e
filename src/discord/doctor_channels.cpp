#include "discord/doctor_channels.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/enumeration.hpp"
#include "discord/json_read.hpp"
#include "discord/permissions.hpp"
#include "discord/refused_request.hpp"
#include "protocol/channel_topic.hpp"

namespace dbcord::discord {
namespace {

using protocol::channel_role;

// Without this a database does not work; less does not work without permission::manage_channels and, of a table, permission::for_threads.
std::uint64_t always_needed(channel_role role) {
  using namespace permission;
  constexpr auto records = view_channel | send_messages | read_message_history;
  return role == channel_role::control ? records : records | manage_messages | attach_files;
}

struct database_channels {
  std::string name;
  std::map<base::channel_id, channel_role> channels;
  std::set<base::channel_id> categories;
};

std::map<std::string, database_channels> databases_in(const boost::json::array& channels) {
  std::map<std::string, database_channels> found;  // by id
  for (const auto& entry : channels) {
    const auto* channel = entry.if_object();
    auto id = channel ? id_at<base::channel_id>(*channel, "id") : std::nullopt;
    auto topic = id ? protocol::decode_topic(string_at(*channel, "topic")) : std::nullopt;
    if (!topic) continue;
    auto& database = found[topic->database_id];
    database.name = topic->database_name;
    database.channels.emplace(*id, topic->role);
    if (auto parent = id_at<base::channel_id>(*channel, "parent_id")) database.categories.insert(*parent);
  }
  return found;
}

class channel_judge {
 public:
  channel_judge(const permission_report& in_guild, base::guild_id guild, base::user_id self) : in_guild_(in_guild), guild_(guild), self_(self) {}

  void judge(const database_channels& database, const boost::json::array& channels) {
    auto lacking_before = lacking_;
    for (const auto& entry : channels) {
      const auto* channel = entry.if_object();
      auto id = channel ? id_at<base::channel_id>(*channel, "id") : std::nullopt;
      if (!id) continue;
      auto known = database.channels.find(*id);
      if (known != database.channels.end()) look_at_channel(database.name, *channel, fmt::format("#{} ({})", string_at(*channel, "name"), id->str()), known->second);
      bool is_ours = string_at(*channel, "name") == protocol::category_name(database.name);  // in another one people have put a channel; none is made there
      if (is_ours && database.categories.contains(*id)) look_at_category(database.name, *channel, fmt::format("the category {} ({})", string_at(*channel, "name"), id->str()));
    }
    if (lacking_ > lacking_before) return;
    found_.push_back({"databases", verdict::ok, fmt::format("{}: the bot may do what it needs in its {} channels", database.name, database.channels.size())});
  }
  std::vector<doctor_finding> take() {
    if (lacking_ > lacking_channels_told) {
      found_.push_back({"databases", worst_untold_, fmt::format("the bot lacks permissions in {} more channels of databases", lacking_ - lacking_channels_told)});
    }
    return std::move(found_);
  }

 private:
  void look_at_category(const std::string& database, const boost::json::object& category, const std::string& place) {
    (void)has_all(database, permissions_in_channel(in_guild_, guild_, self_, category), place, needed_permissions(request_kind::create_private_channel));
  }
  void look_at_channel(const std::string& database, const boost::json::object& channel, const std::string& place, channel_role role) {
    auto has = permissions_in_channel(in_guild_, guild_, self_, channel);
    if (role == channel_role::index) return warn(database, has, place, always_needed(role), "the index works, and people cannot see it there");
    if (!has_all(database, has, place, always_needed(role))) return;
    warn(database, has, place, permission::manage_channels, "it cannot be deleted when it is not needed any more");
    if (role == channel_role::table) warn(database, has, place, permission::for_threads, "rows get no threads there, or theirs are not erased");
  }
  bool has_all(const std::string& database, std::uint64_t has, const std::string& place, std::uint64_t needed) {
    auto missing = missing_permissions(has, needed);
    if (!(has & permission::view_channel)) say(verdict::failed, fmt::format("{}: the bot cannot see {}; give it View Channels there", database, place));
    else if (!missing.empty()) say(verdict::failed, fmt::format("{}: the bot lacks {} in {}; grant that there", database, base::enumeration(missing), place));
    return missing.empty();
  }
  // What it lacks in the whole guild was said there.
  void warn(const std::string& database, std::uint64_t has, const std::string& place, std::uint64_t wanted, std::string_view without) {
    auto missing = missing_permissions(has, wanted & in_guild_.effective);
    if (!missing.empty()) say(verdict::warning, fmt::format("{}: the bot lacks {} in {}; without that {}", database, base::enumeration(missing), place, without));
  }
  void say(enum verdict v, std::string sentence) {
    if (++lacking_ <= lacking_channels_told) found_.push_back({"databases", v, std::move(sentence)});
    else if (v == verdict::failed) worst_untold_ = v;
  }

  const permission_report& in_guild_;
  base::guild_id guild_;
  base::user_id self_;
  std::vector<doctor_finding> found_;
  std::size_t lacking_ = 0;
  enum verdict worst_untold_ = verdict::warning;
};

}  // namespace

std::vector<doctor_finding> judge_channels(const boost::json::array& channels, const permission_report& in_guild, base::guild_id guild, base::user_id self) {
  channel_judge judge(in_guild, guild, self);
  for (const auto& [id, database] : databases_in(channels)) judge.judge(database, channels);
  return judge.take();
}

}  // namespace dbcord::discord
