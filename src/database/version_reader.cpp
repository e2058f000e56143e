#include "database/version_reader.hpp"

#include <fmt/format.h>

#include "database/logged_transactions.hpp"

namespace dbcord::database {

row_change change_of(const past_version& version) {
  row_change change;
  change.version = version.version;
  change.lsn = version.lsn;
  change.when = base::created_at(version.log_message);
  change.deleted = version.deleted;
  return change;
}

actor::task<base::result<row_change>> version_reader::read(protocol::table_id table, const table_channels& channels, const std::string& key,
                                                               past_version version) {
  auto change = change_of(version);
  if (version.lost) co_return lost_version(key, version.version);
  auto loaded = co_await load(version.lsn, version.log_message);
  bool is_there = loaded || loaded.error().code != store_errc::not_found;
  if (is_there) change.location = {store_.guild(), log_.channel_of(version.lsn), version.log_message};
  if (loaded && take_from_log(table, key, change)) co_return change;
  if (version.deleted) co_return change;
  auto why = loaded ? base::error(errc::damaged, "the log record does not hold it") : loaded.error();
  if (version.row_message) {
    auto channel = channels.of(version.row_message);
    std::vector<value_place> places{{key, version.version, version.lsn, version.log_message, version.row_message, channel, version.part}};
    auto values = co_await values_.read(table, places, options_);
    auto& json = values.front();
    if (json) {
      change.json = std::move(*json);
      change.location = {store_.guild(), channel, version.row_message};
      co_return change;
    }
    why = json.error();
  }
  co_return base::error(why.code == store_errc::not_found ? make_error_code(errc::damaged) : why.code,
                        fmt::format("version {} of row \"{}\" cannot be read: {}", version.version, key, why.message));
}

actor::task<base::result<void>> version_reader::load(std::uint64_t lsn, base::message_id log_message) {
  if (loaded_ == log_message) co_return base::result<void>();
  if (lsn < log_.first_lsn()) co_return base::error(store_errc::not_found, "its log record was dropped with its segment");
  auto transactions = co_await read_transactions(store_, log_, lsn, log_message, options_);
  if (!transactions) co_return transactions.error();
  transactions_ = std::move(*transactions);
  loaded_ = log_message;
  co_return base::result<void>();
}

bool version_reader::take_from_log(protocol::table_id table, const std::string& key, row_change& change) const {
  for (const auto& t : transactions_) {
    for (const auto& op : t.operations) {
      const auto* put = std::get_if<protocol::put_row>(&op);
      const auto* del = std::get_if<protocol::delete_row>(&op);
      bool is_it = put ? put->table == table && put->key == key && put->version == change.version && !change.deleted
                       : del && del->table == table && del->key == key && del->version == change.version && change.deleted;
      if (!is_it) continue;
      if (put) change.json = put->json;
      change.who = t.who;
      change.command = t.command;
      return true;
    }
  }
  return false;
}

}  // namespace dbcord::database
