#include "guild/channel_form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "guild/json_read.hpp"
#include "guild/permissions.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::size_t channel_name_max = 100, topic_max = 1024, overwrites_a_request_max = 100;
constexpr std::int64_t slow_mode_max = 21600;  // seconds

class channel_reader {
 public:
  channel_reader(const world& w, const json::object& form, channel_settings& c) : w_(w), form_(form), c_(c) {}

  void read(bool creating) {
    if (creating) read_type();
    read_name(creating);
    read_topic();
    read_parent();
    if (auto n = number("position", 0, 1'000'000)) c_.position = static_cast<int>(*n);
    if (auto n = number("rate_limit_per_user", 0, slow_mode_max))
      c_.rate_limit_per_user = static_cast<int>(*n);
    if (find_value(form_, "nsfw")) c_.nsfw = bool_field(form_, "nsfw");
    read_overwrites();
  }
  form_errors& errors() { return errors_; }

 private:
  void read_type() {
    auto* value = find_value(form_, "type");
    if (!value) return;
    auto type = as_integer(*value);
    if (type == channel_types::text || type == channel_types::category) {
      c_.type = static_cast<int>(*type);
    } else {
      errors_.add("type", "BASE_TYPE_CHOICES", "Value must be one of (0, 4): text channels and categories.");
    }
  }

  void read_name(bool required) {
    if (!form_.contains("name") && !required) return;
    auto text = text_field(form_, "name");
    if (!text) return errors_.required("name");
    auto name = c_.type == channel_types::category ? clean_content(*text) : normalise_channel_name(*text);
    auto length = count_code_points(name);
    if (length < 1 || count_code_points(*text) > channel_name_max || length > channel_name_max) {
      return errors_.too_long("name", 1, channel_name_max);
    }
    c_.name = std::move(name);
  }

  void read_topic() {
    if (!form_.contains("topic")) return;
    auto text = text_field(form_, "topic").value_or(std::string_view());
    if (count_code_points(text) > topic_max) return errors_.too_long("topic", 0, topic_max);
    c_.topic = clean_content(text);
  }

  void read_parent() {
    if (!form_.contains("parent_id")) return;
    auto* value = find_value(form_, "parent_id");
    if (!value) {
      c_.parent = {};
      return;
    }
    auto id = as_snowflake(*value);
    auto* parent = id ? w_.state.find_channel({*id}) : nullptr;
    if (!parent || parent->type != channel_types::category || c_.type == channel_types::category) {
      return errors_.add("parent_id", "CHANNEL_PARENT_INVALID",
                         "Not a category, or a category inside a category.");
    }
    if (c_.parent != parent->id && children_of(parent->id) >= channels_in_category_max) {
      return errors_.add("parent_id", "CHANNEL_PARENT_MAX_CHANNELS",
                         "Maximum number of channels in category reached (50)");
    }
    c_.parent = parent->id;
  }

  std::size_t children_of(base::channel_id id) const {
    auto& all = w_.state.channels();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](auto& entry) { return entry.second.parent == id; }));
  }

  std::optional<std::int64_t> number(const char* key, std::int64_t least, std::int64_t most) {
    auto* value = find_value(form_, key);
    if (!value) return std::nullopt;
    auto n = as_integer(*value);
    if (n && *n >= least && *n <= most) return n;
    errors_.add(key, "NUMBER_TYPE_MAX", fmt::format("int value should be between {} and {}.", least, most));
    return std::nullopt;
  }

  void read_overwrites() {
    if (!form_.contains("permission_overwrites")) return;
    c_.overwrites.clear();
    auto* list = array_field(form_, "permission_overwrites");
    if (!list) return;
    if (list->size() > overwrites_a_request_max) {
      return errors_.too_long("permission_overwrites", 0, overwrites_a_request_max);
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      read_overwrite((*list)[i], fmt::format("permission_overwrites.{}", i));
    }
  }

  void read_overwrite(const json::value& value, const std::string& place) {
    auto* o = value.if_object();
    auto id = o ? snowflake_field(*o, "id") : std::nullopt;
    if (!id) return errors_.required(place + ".id");
    // Absent: Discord finds out whether it is a role.
    auto type = integer_field(*o, "type").value_or(w_.state.find_role({*id}) ? 0 : 1);
    bool known = type == 1 ? w_.state.find_user({*id}) != nullptr : w_.state.find_role({*id}) != nullptr;
    if (!known) return errors_.add(place + ".id", "BASE_TYPE_CHOICES", "No such role or member.");
    auto same = [&](const overwrite& other) { return other.id == *id; };
    if (std::any_of(c_.overwrites.begin(), c_.overwrites.end(), same)) {
      return errors_.add(place + ".id", "BASE_TYPE_DUPLICATE", "This id stands twice in the list.");
    }
    c_.overwrites.push_back(
        {*id, type == 1, snowflake_field(*o, "allow").value_or(0), snowflake_field(*o, "deny").value_or(0)});
  }

  const world& w_;
  const json::object& form_;
  channel_settings& c_;
  form_errors errors_;
};

}  // namespace

outcome<channel_settings> read_channel_form(const world& w, const json::object& form,
                                            channel_settings settings, bool creating) {
  channel_reader reader(w, form, settings);
  reader.read(creating);
  if (!reader.errors().empty()) return reader.errors().take();
  return settings;
}

bool may_grant(const world& w, const std::vector<overwrite>& overwrites, base::user_id caller) {
  auto own = permissions_in_guild(w.state, caller);
  return std::all_of(overwrites.begin(), overwrites.end(),
                     [&](const overwrite& o) { return ((o.allow | o.deny) & ~own) == 0; });
}

}  // namespace dbcord::guild
