#include "discord/rest_thread_store.hpp"

#include <boost/json/serialize.hpp>

#include "discord/api_error.hpp"
#include "discord/json_read.hpp"
#include "discord/store_request.hpp"

namespace dbcord::discord {
namespace {

using actor::task;
using base::result;
using database::store_errc;
using database::thread_info;

constexpr int public_thread = 11;              // Discord docs, Channel Types
// Minutes; Discord docs, Start Thread. The shortest: archived ones can be read as well, and a guild has room for 1,000 active ones only, while Discord
// lets a channel have about 50 new ones in five minutes (observed, discord/discord-api-docs 7816).
constexpr int archive_delay = 60;
constexpr std::string_view page_limit = "?limit=100";
constexpr std::string_view listing_threads = "Listing the threads";

std::optional<thread_info> read_thread(const boost::json::object& o) {
  auto id = id_at<base::channel_id>(o, "id");
  auto parent = id_at<base::channel_id>(o, "parent_id");
  auto owner = id_at<base::user_id>(o, "owner_id");
  if (!id || !parent) return std::nullopt;
  return thread_info{*id, *parent, owner.value_or(base::user_id{}), string_at(o, "name")};
}

struct listed_threads {
  std::vector<thread_info> threads;
  std::vector<std::string> archived_at;  // of each; may be empty
  bool more = false;
};

std::optional<listed_threads> read_listing(std::string_view body) {
  auto o = parse_object(body);
  auto* list = o ? array_at(*o, "threads") : nullptr;
  if (!list) return std::nullopt;
  listed_threads all;
  all.more = bool_at(*o, "has_more");
  for (const auto& entry : *list) {
    auto* one = entry.if_object();
    auto thread = one ? read_thread(*one) : std::nullopt;
    if (!thread) return std::nullopt;
    auto* meta = object_at(*one, "thread_metadata");
    all.threads.push_back(std::move(*thread));
    all.archived_at.push_back(meta ? string_at(*meta, "archive_timestamp") : "");
  }
  return all;
}

// The next page is asked for by a time that its threads were archived before. Several may have been at the same one, of which this page need not
// show all: so the next page begins with those again, unless that would be this page.
std::string next_page(const listed_threads& page) {
  if (!page.more || page.archived_at.empty()) return {};
  const auto& last = page.archived_at.back();
  for (auto at = page.archived_at.rbegin(); at != page.archived_at.rend(); ++at) {
    if (*at != last) return *at;
  }
  return last;
}

std::string query_text(std::string_view time) {
  std::string text;
  for (char c : time) {
    if (c == '+') text += "%2B";
    else text += c;
  }
  return text;
}

}  // namespace

task<result<std::vector<thread_info>>> rest_thread_store::active_threads(database::call_options options) {
  auto r = store_request("GET", "/guilds/{}/threads/active", guild_.str(), "/guilds/" + guild_.str() + "/threads/active", options);
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return translate(answer.error(), listing_threads);
  if (!succeeded(*answer)) co_return translate(*answer, listing_threads);
  auto list = read_listing(answer->body);
  if (!list) co_return unreadable(store_errc::not_done, listing_threads);
  co_return std::move(list->threads);
}

task<result<database::archived_page>> rest_thread_store::archived_threads(base::channel_id parent, std::string from, database::call_options options) {
  auto path = "/channels/" + parent.str() + "/threads/archived/public" + std::string(page_limit);
  if (!from.empty()) path += "&before=" + query_text(from);
  auto r = store_request("GET", "/channels/{}/threads/archived/public", parent.str(), std::move(path), options);
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return translate(answer.error(), listing_threads);
  if (!succeeded(*answer)) co_return translate(*answer, listing_threads, {request_kind::list_threads, parent});
  auto list = read_listing(answer->body);
  if (!list) co_return unreadable(store_errc::not_done, listing_threads);
  database::archived_page page;
  page.next = next_page(*list);
  page.threads = std::move(list->threads);
  co_return std::move(page);
}

task<result<thread_info>> rest_thread_store::create_thread(base::channel_id parent, std::string name, database::call_options options) {
  static constexpr std::string_view what = "Making the thread";
  auto r = store_request("POST", "/channels/{}/threads", parent.str(), "/channels/" + parent.str() + "/threads", options);
  boost::json::object body;
  body["name"] = name;
  body["type"] = public_thread;
  body["auto_archive_duration"] = archive_delay;
  r.body = boost::json::serialize(body);
  r.headers.emplace_back("Content-Type", "application/json");
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return translate(answer.error(), what);
  if (!succeeded(*answer)) co_return translate(*answer, what, {request_kind::make_thread, parent});
  auto object = parse_object(answer->body);
  auto made = object ? read_thread(*object) : std::nullopt;
  if (!made) co_return unreadable(store_errc::unknown, what);
  co_return std::move(*made);
}

}  // namespace dbcord::discord
