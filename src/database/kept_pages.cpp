#include "database/kept_pages.hpp"

#include <algorithm>
#include <charconv>

namespace dbcord::database {
namespace {

constexpr base::duration spare_time = std::chrono::minutes(1);  // clocks differ, and a download takes a while

// `ex`: Unix seconds, hexadecimal. An address that does not say when it expires counts as expired.
base::system_time expiry_of(std::string_view url) {
  auto at = url.find("ex=", url.find('?'));
  if (at == url.npos) return {};
  auto digits = url.substr(at + 3);
  std::int64_t seconds = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), seconds, 16).ec != std::errc{}) return {};
  constexpr std::int64_t latest = 0xFFFFFFFF;  // so that no clock overflows
  return base::system_time(std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, latest)));
}

}  // namespace

void kept_pages::add(stored_message message) {
  if (message.attachments.empty()) return;
  auto until = base::system_time::max();
  for (const auto& file : message.attachments) until = std::min(until, expiry_of(file.url));
  forget(message.id);
  pages_.push_front({std::move(message), until});
  if (pages_.size() > most) pages_.pop_back();
}

const stored_message* kept_pages::find(base::message_id page, base::system_time now) {
  auto it = std::find_if(pages_.begin(), pages_.end(), [&](const auto& p) { return p.message.id == page; });
  if (it == pages_.end() || it->until <= now + spare_time) return nullptr;
  pages_.splice(pages_.begin(), pages_, it);
  return &it->message;
}

void kept_pages::forget(base::message_id page) {
  pages_.remove_if([&](const auto& p) { return p.message.id == page; });
}

std::vector<base::message_id> kept_pages::ids(base::system_time now) const {
  std::vector<base::message_id> all;
  for (const auto& p : pages_) {
    if (p.until > now + spare_time) all.push_back(p.message.id);
  }
  return all;
}

}  // namespace dbcord::database
