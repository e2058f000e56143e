#include "guild/search_query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "guild/query_number.hpp"
#include "guild/search_tokens.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

constexpr std::size_t searched_content_max = 1024, channels_max = 500, list_max = 100, file_name_max = 1024;

struct named_trait {
  std::string_view name;
  std::uint32_t trait;
};
constexpr named_trait things[] = {{"image", search_trait::image},        {"sound", search_trait::sound},
                                  {"video", search_trait::video},        {"file", search_trait::file},
                                  {"embed", search_trait::embed},        {"link", search_trait::link},
                                  {"sticker", search_trait::impossible}, {"poll", search_trait::impossible},
                                  {"snapshot", search_trait::impossible}};
constexpr named_trait author_types[] = {
    {"user", search_trait::by_person}, {"bot", search_trait::by_bot}, {"webhook", search_trait::by_webhook}};
// Links are not unfolded here, so no embed has one of these types.
constexpr named_trait embed_types[] = {{"image", search_trait::impossible},
                                       {"video", search_trait::impossible},
                                       {"gif", search_trait::impossible},
                                       {"sound", search_trait::impossible},
                                       {"article", search_trait::impossible}};

class query_reader {
 public:
  explicit query_reader(const call& c) : query_(c.query) {}

  void read(search_query& q) {
    read_content(q);
    read_numbers(q);
    read_sorting(q);
    read_traits("has", things, q.filter);
    read_traits("author_type", author_types, q.filter);
    read_traits("embed_type", embed_types, q.filter);
    read_flag("pinned", search_trait::pinned, q.filter);
    read_flag("mention_everyone", search_trait::mention_everyone, q.filter);
    for (auto id : read_ids("channel_id", channels_max)) q.channels.push_back({id});
    q.authors = read_ids("author_id", list_max);
    q.mentions = read_ids("mentions", list_max);
    q.mention_roles = read_ids("mentions_role_id", list_max);
    q.replied_users = read_ids("replied_to_user_id", list_max);
    q.replied_messages = read_ids("replied_to_message_id", list_max);
    q.link_hosts = read_names("link_hostname");
    q.extensions = read_names("attachment_extension");
    q.filenames = read_names("attachment_filename");
    if (!read_names("embed_provider").empty()) q.filter.all_of |= search_trait::impossible;
    q.include_nsfw = query_.flag("include_nsfw");
  }
  form_errors& errors() { return errors_; }

 private:
  void read_content(search_query& q) {
    auto text = query_.find("content").value_or(std::string());
    if (!is_valid_utf8(text)) return errors_.add("content", "BASE_TYPE_BAD_TYPE", "Must be text.");
    if (count_code_points(text) > searched_content_max) return errors_.too_long("content", 0, searched_content_max);
    q.filter.words = split_words(text);
    // A text without a word finds nothing.
    if (!trim(text).empty() && q.filter.words.empty()) q.filter.all_of |= search_trait::impossible;
  }

  std::size_t number(const char* name, number_range range, std::size_t otherwise) {
    auto n = query_number(query_, name, range, otherwise);
    if (n) return *n;
    errors_.add(name, "NUMBER_TYPE_MAX",
                fmt::format("int value should be between {} and {}.", range.least, range.most));
    return otherwise;
  }

  base::message_id bound(const char* name) {
    auto id = query_id<base::message_id>(query_, name);
    if (!id) errors_.add(name, "NUMBER_TYPE_COERCE", "Value is not snowflake.");
    return id && *id ? **id : base::message_id{};
  }

  void read_numbers(search_query& q) {
    q.slop = number("slop", {0, 100}, 2);
    q.limit = number("limit", {1, 25}, 25);
    q.offset = number("offset", {0, search_query::window - 25}, 0);
    q.filter.above = bound("min_id");
    q.filter.below = bound("max_id");
  }

  void read_sorting(search_query& q) {
    auto by = query_.find("sort_by").value_or("timestamp");
    if (by != "timestamp" && by != "relevance")
      errors_.add("sort_by", "BASE_TYPE_CHOICES", "Value must be one of ('timestamp', 'relevance').");
    auto order = query_.find("sort_order").value_or("desc");
    if (order != "asc" && order != "desc")
      errors_.add("sort_order", "BASE_TYPE_CHOICES", "Value must be one of ('asc', 'desc').");
    q.by_relevance = by == "relevance" && !q.filter.words.empty();
    q.ascending = order == "asc" && !q.by_relevance;
  }

  // One of those that are named; none of those that are negated.
  void read_traits(const char* name, std::span<const named_trait> known, search_filter& filter) {
    std::uint32_t any = 0;
    for (auto& text : query_.find_all(name)) {
      bool negated = text.starts_with('-');
      auto word = std::string_view(text).substr(negated ? 1 : 0);
      auto found = std::find_if(known.begin(), known.end(), [&](auto& k) { return k.name == word; });
      if (found == known.end()) {
        errors_.add(name, "BASE_TYPE_CHOICES", "Value is not one of the known ones.");
      } else {
        (negated ? filter.none_of : any) |= found->trait;
      }
    }
    if (any) filter.any_of.push_back(any);
  }

  void read_flag(const char* name, std::uint32_t trait, search_filter& filter) {
    if (!query_.find(name)) return;
    (query_.flag(name) ? filter.all_of : filter.none_of) |= trait;
  }

  std::vector<std::uint64_t> read_ids(const char* name, std::size_t most) {
    std::vector<std::uint64_t> ids;
    auto texts = query_.find_all(name);
    if (texts.size() > most) errors_.too_long(name, 0, most);
    for (auto& text : texts) {
      auto id = base::parse_id<base::message_id>(text);
      if (!id) errors_.add(name, "NUMBER_TYPE_COERCE", "Value is not snowflake.");
      if (id) ids.push_back(id->value);
    }
    return ids;
  }

  std::vector<std::string> read_names(const char* name) {
    auto texts = query_.find_all(name);
    if (texts.size() > list_max) errors_.too_long(name, 0, list_max);
    for (auto& text : texts) {
      if (text.empty() || text.size() > file_name_max) errors_.too_long(name, 1, file_name_max);
    }
    return texts;
  }

  const query_string& query_;
  form_errors errors_;
};

template <class List>
bool has_any(const List& list, const std::vector<std::uint64_t>& wanted) {
  return std::any_of(list.begin(), list.end(), [&](auto& id) {
    return std::find(wanted.begin(), wanted.end(), id.value) != wanted.end();
  });
}

bool replies_to(const search_query& q, const guild_state& state, base::channel_id where,
                const stored_message& m) {
  if (m.type != message_types::reply || !m.extras) return false;
  std::array target{m.extras->reference};
  if (!q.replied_messages.empty() && !has_any(target, q.replied_messages)) return false;
  if (q.replied_users.empty()) return true;
  auto* replied = state.find_message(where, m.extras->reference);
  return replied && has_any(std::array{replied->author}, q.replied_users);
}

bool links_to(std::string_view content, std::string_view host) {
  for (auto at = content.find("://"); at != content.npos; at = content.find("://", at + 3)) {
    auto rest = content.substr(at + 3);
    if (rest.substr(0, rest.find_first_of("/?#: \n\t>)")) == host) return true;
  }
  return false;
}

bool has_file(const search_query& q, const stored_message& m) {
  if (!m.extras) return false;
  return std::any_of(m.extras->attachments.begin(), m.extras->attachments.end(), [&](const attachment& file) {
    auto dot = file.filename.rfind('.');
    auto extension = dot == file.filename.npos ? std::string() : file.filename.substr(dot + 1);
    auto among = [](auto& list, auto& text) {
      return list.empty() || std::find(list.begin(), list.end(), text) != list.end();
    };
    return among(q.extensions, extension) && among(q.filenames, file.filename);
  });
}

}  // namespace

bool search_query::needs_messages() const {
  bool lists = !authors.empty() || !mentions.empty() || !mention_roles.empty() || !replied_users.empty() ||
               !replied_messages.empty() || !link_hosts.empty() || !extensions.empty() || !filenames.empty();
  return lists || by_relevance || filter.words.size() > 1;
}

outcome<search_query> read_search_query(const call& c) {
  search_query q;
  query_reader reader(c);
  reader.read(q);
  if (!reader.errors().empty()) return reader.errors().take();
  return q;
}

bool matches_query(const search_query& q, const guild_state& state, base::channel_id where,
                   const stored_message& m) {
  if (!q.authors.empty() && !has_any(std::array{m.author}, q.authors)) return false;
  static const message_extras nothing;
  auto& extras = m.extras ? *m.extras : nothing;
  if (!q.mentions.empty() && !has_any(extras.mentions, q.mentions)) return false;
  if (!q.mention_roles.empty() && !has_any(extras.mention_roles, q.mention_roles)) return false;
  bool reply = !q.replied_users.empty() || !q.replied_messages.empty();
  if (reply && !replies_to(q, state, where, m)) return false;
  auto linked = [&](const std::string& host) { return links_to(m.content, host); };
  if (!q.link_hosts.empty() && std::none_of(q.link_hosts.begin(), q.link_hosts.end(), linked)) return false;
  bool files = !q.extensions.empty() || !q.filenames.empty();
  if (files && !has_file(q, m)) return false;
  return q.filter.words.size() < 2 || count_phrase(m.content, q.filter.words, q.slop) > 0;
}

}  // namespace dbcord::guild
