#include "database/find_cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dbcord::database {
namespace {

// As observed of Discord (discord-facts.md 2.7 and 8.2); the limits that count are learned from headers, this is for people.
constexpr std::uint64_t listings_a_window = 5;
constexpr double listing_window = 5, search_window = 1;  // seconds

std::string count_of(std::uint64_t n, std::string_view what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

}  // namespace

// One after another: what has to wait for its window waits while the rest goes on, so the slowest limit is what counts, or the line.
double find_cost::seconds(base::duration pace) const {
  auto windows = [](std::uint64_t n, std::uint64_t in_window) { return n == 0 ? 0.0 : static_cast<double>((n - 1) / in_window); };
  auto limited = std::max({windows(listings, listings_a_window) * listing_window, windows(log_listings, listings_a_window) * listing_window,
                           windows(searches, 1) * search_window});
  return std::max(limited, std::chrono::duration<double>(pace).count() * static_cast<double>(requests() + downloads));
}

std::string find_cost::text() const {
  if (downloads == 0) return count_of(requests(), "request");
  if (requests() == 0) return count_of(downloads, "download");
  return fmt::format("{} and {}", count_of(requests(), "request"), count_of(downloads, "download"));
}

std::string find_cost::estimated_text(base::duration pace) const {
  if (is_none()) return text();
  return fmt::format("about {}, {:.0f} s", text(), std::max(1.0, std::round(seconds(pace))));
}

find_cost& find_cost::operator+=(const find_cost& other) {
  listings += other.listings;
  log_listings += other.log_listings;
  fetches += other.fetches;
  searches += other.searches;
  downloads += other.downloads;
  return *this;
}

}  // namespace dbcord::database
