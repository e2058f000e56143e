// The part of table_actor that verification asks.

#include "database/table_actor.hpp"

namespace dbcord::database {

dbcord::actor::task<base::result<std::vector<row_place>>> table_actor::places(base::steady_time deadline) {
  return ask([this] { return state_.places(); }, deadline);
}

dbcord::actor::task<base::result<std::uint64_t>> table_actor::count_places(base::steady_time deadline) {
  return ask([this] { return state_.count_places(); }, deadline);
}

dbcord::actor::task<base::result<std::vector<place_state>>> table_actor::states_of(std::vector<row_place> places, base::steady_time deadline) {
  auto look = [this, places = std::move(places)] {
    std::vector<place_state> states;
    for (const auto& place : places) states.push_back(state_.state_of(place));
    return states;
  };
  return ask(std::move(look), deadline);
}

dbcord::actor::task<base::result<std::vector<message_standing>>> table_actor::standings_of(base::channel_id channel, std::vector<row_copy> copies,
                                                                                          base::steady_time deadline) {
  auto look = [this, channel, copies = std::move(copies)] {
    std::vector<message_standing> standings;
    for (const auto& copy : copies) standings.push_back(state_.standing_of(channel, copy));
    return standings;
  };
  return ask(std::move(look), deadline);
}

dbcord::actor::task<base::result<message_standing>> table_actor::standing_of_page(base::channel_id channel, base::message_id page,
                                                                                  std::vector<page_place> rows, base::steady_time deadline) {
  auto look = [this, channel, page, rows = std::move(rows)] { return state_.standing_of_page(channel, page, rows); };
  return ask(std::move(look), deadline);
}

dbcord::actor::task<std::vector<index_clashes>> table_actor::clashing_indexes() {
  std::vector<index_clashes> all;
  co_await on_strand([this, &all] { all = state_.clashing_indexes(); });
  co_return all;
}

}  // namespace dbcord::database
