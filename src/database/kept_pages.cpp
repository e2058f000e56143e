#include "database/kept_pages.hpp"

#include <algorithm>
#include <charconv>

namespace dbcord::database {
namespace {

constexpr base::duration spare_time = std::chrono::minutes(1);  // clocks differ, and a download takes a while

std::size_t bytes_of(const stored_message& message) {
  constexpr std::size_t overhead = 200;  // of list, map and strings
  auto bytes = overhead + message.content.size();
  for (const auto& file : message.attachments) bytes += sizeof(file) + file.filename.size() + file.url.size();
  return bytes;
}

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
  auto bytes = bytes_of(message);
  bytes_ += bytes;
  pages_.push_front({std::move(message), until, bytes});
  places_[pages_.front().message.id] = pages_.begin();
  while (bytes_ > bytes_most) forget(pages_.back().message.id);
}

const stored_message* kept_pages::find(base::message_id page, base::system_time now) {
  auto known = places_.find(page);
  if (known == places_.end() || known->second->until <= now + spare_time) return nullptr;
  pages_.splice(pages_.begin(), pages_, known->second);
  return &known->second->message;
}

void kept_pages::forget(base::message_id page) {
  auto known = places_.find(page);
  if (known == places_.end()) return;
  bytes_ -= known->second->bytes;
  pages_.erase(known->second);
  places_.erase(known);
}

void kept_pages::clear() {
  pages_.clear();
  places_.clear();
  bytes_ = 0;
}

std::set<base::message_id> kept_pages::ids(base::system_time now) const {
  std::set<base::message_id> all;
  for (const auto& [id, page] : places_) {
    if (page->until > now + spare_time) all.insert(id);
  }
  return all;
}

}  // namespace dbcord::database
