#include "simulation/log_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "guild/multipart.hpp"
#include "protocol/drop_record.hpp"

namespace dbcord::simulation {

namespace json = boost::json;

namespace {

// Discord remembers a nonce for a few minutes; a first send that arrives later than that may stand there twice.
constexpr base::duration nonce_remembered = std::chrono::minutes(2);

struct sent_message {
  std::string content;
  std::optional<std::string> attachment;  // the first
};

std::string content_of(std::string_view payload) {
  auto value = json::parse(payload);
  const auto* content = value.as_object().if_contains("content");
  return content && content->is_string() ? std::string(content->as_string()) : std::string();
}

sent_message message_in(const guild::http_request& request) {
  auto is_type = [](const auto& h) { return h.first == "Content-Type"; };
  auto type = std::find_if(request.headers.begin(), request.headers.end(), is_type);
  auto parts = type != request.headers.end() ? guild::parse_multipart(type->second, request.body) : std::nullopt;
  if (!parts) return {content_of(request.body), {}};
  sent_message m;
  for (const auto& part : *parts) {
    if (part.name == "payload_json") {
      m.content = content_of(part.body);
    } else if (!m.attachment) {
      m.attachment = std::string(part.body);
    }
  }
  return m;
}

std::optional<base::message_id> last_id_in(std::string_view target) {
  return base::parse_id<base::message_id>(target.substr(target.rfind('/') + 1));
}

base::message_id id_in(std::string_view answer) {
  auto value = json::parse(answer);
  return base::parse_id<base::message_id>(value.as_object().at("id").as_string()).value();
}

}  // namespace

void log_watch::applied(std::string_view who, std::uint64_t number, const guild::http_request& request, std::string_view answer,
                        bool forgotten, base::steady_time now) {
  if (request.target.find("/channels/") == std::string::npos) return;
  auto by = fmt::format("{} #{}", who, number);
  if (request.method == "POST" && request.target.ends_with("/messages")) return written(by, request, answer, forgotten, now);
  if (request.method == "DELETE" && request.target.find("/messages/") != std::string::npos) {
    if (auto id = last_id_in(request.target)) deleted(by, {*id});
  }
  if (!request.target.ends_with("/messages/bulk-delete")) return;
  std::vector<base::message_id> all;
  auto body = json::parse(request.body);
  for (const auto& id : body.as_object().at("messages").as_array()) {
    all.push_back(base::parse_id<base::message_id>(id.as_string()).value());
  }
  deleted(by, all);
}

void log_watch::written(std::string_view by, const guild::http_request& request, std::string_view answer, bool forgotten, base::steady_time now) {
  auto message = message_in(request);
  if (auto delta = protocol::decode_delta_header(message.content)) {
    deltas_.insert(id_in(answer));
    check_delta(by, *delta, message.attachment);
  }
  auto header = protocol::decode_header(message.content);
  if (!header) return;
  if (header->attached) files_[id_in(answer)] = header->body_hash;
  auto [it, fresh] = records_.try_emplace(header->hash, written_record{id_in(answer), now, header->previous, std::tuple(header->epoch, header->lsn, header->attempt)});
  bool again = !fresh && !forgotten && it->second.message != id_in(answer);
  if (forgotten) it->second.message = id_in(answer), it->second.when = now;  // which the nonce stands for from now on
  if (again && now - it->second.when <= nonce_remembered) {
    violations_.push_back(fmt::format("{} wrote a log record a second time", by));
  }
  auto body = protocol::decode_body(*header, message.content, message.attachment);
  if (!body) {
    violations_.push_back(fmt::format("{} wrote a log record that cannot be read: {}", by, body.error().message));
  } else if (header->kind == protocol::record_kind::group) {
    check_group(by, *header, *body, now);
  } else if (header->kind == protocol::record_kind::drop) {
    note_drop(*body);
  }
}

void log_watch::check_group(std::string_view by, const protocol::log_header& header, std::string_view body, base::steady_time now) {
  auto transactions = protocol::decode_transactions(body);
  if (!transactions) return violations_.push_back(fmt::format("{} wrote a group that cannot be read: {}", by, transactions.error().message));
  std::map<std::pair<protocol::table_id, std::string>, std::uint64_t> newest;
  auto check = [&](const auto& change) {
    auto& before = newest[{change.table, change.key}];
    if (change.version <= before) {
      violations_.push_back(fmt::format("{}: in one group, version {} of row \"{}\" comes after version {}", by, change.version, change.key, before));
    }
    before = change.version;
  };
  for (const auto& t : *transactions) {
    for (const auto& op : t.operations) {
      note(header, op, now);
      if (const auto* put = std::get_if<protocol::put_row>(&op)) check(*put);
      if (const auto* gone = std::get_if<protocol::delete_row>(&op)) check(*gone);
    }
  }
}

void log_watch::note(const protocol::log_header& header, const protocol::operation& op, base::steady_time now) {
  auto lsn = header.lsn;
  if (const auto* put = std::get_if<protocol::put_row>(&op)) content_.rows[{put->table, put->key}].push_back({lsn, put->version, put->json, header.hash, now});
  if (const auto* gone = std::get_if<protocol::delete_row>(&op)) content_.rows[{gone->table, gone->key}].push_back({lsn, gone->version, {}, header.hash, now});
  if (const auto* made = std::get_if<protocol::create_table>(&op)) content_.tables[made->name] = {made->table, lsn};
  if (const auto* dropped = std::get_if<protocol::drop_table>(&op)) content_.drops[dropped->table].insert(lsn);
}

std::set<std::string> log_watch::records_that_count() const {
  auto lower = [](const auto& a, const auto& b) { return a.second.rank < b.second.rank; };
  std::set<std::string> all;
  for (auto at = std::max_element(records_.begin(), records_.end(), lower); at != records_.end(); at = records_.find(at->second.previous)) all.insert(at->first);
  return all;
}

void log_watch::check_delta(std::string_view by, const protocol::delta_header& header, const std::optional<std::string>& attachment) {
  auto records = protocol::decode_delta(header, attachment.value_or(""));
  if (!records) return violations_.push_back(fmt::format("{} wrote a delta that cannot be read: {}", by, records.error().message));
  for (const auto& r : *records) {
    auto file = files_.find(r.message);
    if (file != files_.end() && file->second == protocol::record_hash(r.body)) continue;
    violations_.push_back(fmt::format("{} wrote a delta in which record {} (message {}) is not what the log has", by, r.lsn, r.message.value));
  }
}

void log_watch::note_drop(std::string_view body) {
  if (auto drop = protocol::decode_drop(body)) dropped_.insert(drop->messages.begin(), drop->messages.end());
}

void log_watch::deleted(std::string_view by, const std::vector<base::message_id>& messages) {
  for (auto m : messages) {
    if (!dropped_.contains(m) && !deltas_.contains(m)) violations_.push_back(fmt::format("{} deleted message {}, which no drop record names", by, m.value));
  }
}

}  // namespace dbcord::simulation
