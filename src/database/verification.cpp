#include "database/verification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "database/history_page.hpp"
#include "database/log_reader.hpp"
#include "database/page_reader.hpp"
#include "protocol/row_message.hpp"
#include "protocol/row_thread.hpp"

namespace dbcord::database {
namespace {

class table_verification {
 public:
  table_verification(verification_context& context, table_ptr table) : context_(context), table_(std::move(table)) {}

  actor::task<base::result<verify_report>> run() {
    auto before = co_await table_->locations(context_.deadline);
    if (!before) co_return before.error();
    set_total(context_.progress, before->size());
    for (const auto& row : *before) {
      if (row.part != 0) in_pages_[row.row_message].push_back(row);
    }
    auto read = co_await read_messages();
    if (!read) co_return read.error();
    auto missing = co_await note_missing(*before);
    if (!missing) co_return missing.error();
    auto logged = co_await check_log();
    if (!logged) co_return logged.error();
    auto summary = co_await table_->summary(context_.deadline);
    if (!summary) co_return summary.error();
    report_.rows = summary->rows;
    report_.not_materialised = summary->not_materialised;
    for (auto& field : co_await table_->damaged_indexes()) note("index", field, "its entries are not those of the rows", {});
    co_return std::move(report_);
  }

 private:
  call_options options() const { return {priority::maintenance, context_.deadline}; }

  void note(std::string kind, std::string key, std::string what, const stored_message* message, base::message_id gone = {}) {
    verify_finding finding{std::move(kind), std::move(key), std::move(what), {}, message ? message->id : gone};
    if (message) finding.link = {context_.store.guild(), message->channel, message->id};
    ++report_.problems;
    if (report_.findings.size() < verify_report::most_findings) report_.findings.push_back(std::move(finding));
  }

  actor::task<base::result<void>> read_messages() {
    auto channels = table_->channels().all();
    for (auto channel : channels) {
      auto read = co_await read_messages_of(channel);
      if (!read) co_return read;
    }
    co_return base::result<void>();
  }

  actor::task<base::result<void>> read_messages_of(base::channel_id channel) {
    base::message_id after;
    for (;;) {
      auto page = co_await context_.store.history_after(channel, after, history_page_max, options());
      if (!page && table_->has_left(channel, page.error())) co_return base::result<void>();
      if (!page) co_return page.error();
      if (is_cancelled(context_.progress)) co_return base::error(base::errc::stopping, "the verification was cancelled; it changes nothing");
      add_done(context_.progress, page->value.size());
      for (auto& message : page->value) {
        after = std::max(after, message.id);
        auto checked = co_await check_message(message);
        if (!checked) co_return checked.error();
      }
      if (page->value.size() < static_cast<std::size_t>(history_page_max)) co_return base::result<void>();
    }
  }

  actor::task<base::result<void>> check_message(const stored_message& message) {
    ++report_.messages;
    seen_.insert(message.id);
    if (message.author != context_.store.self()) {
      note("foreign", {}, "this message is not by dbcord; it counts for nothing", &message);
      co_return base::result<void>();
    }
    auto page = protocol::decode_page(message.content);
    if (page && page->table == table_->definition().table) co_return co_await check_page(*page, message);
    if (protocol::tag_of_thread_name(message.content)) co_return base::result<void>();  // Discord tells there that a row has a thread
    auto header = protocol::decode_row(message.content);
    if (!header || header->table != table_->definition().table) {
      note("damaged", {}, "this message is no row of the table", &message);
      co_return base::result<void>();
    }
    auto stored = co_await table_->location(header->key, context_.deadline);
    if (!stored) co_return stored.error();
    bool live = *stored && (*stored)->row_message == message.id;
    if (!live) {
      ++report_.superseded;
      co_return base::result<void>();
    }
    bool compared = !(*stored)->json_hash.empty();  // else the message is the only place of the value, and has a hash of its own
    if ((*stored)->lsn == header->lsn && compared && (*stored)->json_hash != header->json_hash) {
      note("damaged", header->key, "its message holds another row than the log does", &message);
    }
    if (header->attached) co_return co_await check_attachment(*header, message);
    co_return base::result<void>();
  }

  // A row that lies there by memory must be there, and say the same.
  actor::task<base::result<void>> check_page(const protocol::page_header& header, const stored_message& message) {
    auto read = co_await read_page(context_.store, message, header, options());
    if (!read) co_return read.error();
    report_.attachments += header.parts.size();
    std::map<std::string_view, std::size_t> written;
    for (std::size_t i = 0; i < read->rows.size(); ++i) written.emplace(read->rows[i].key, i);
    std::uint64_t live = 0;
    for (const auto& row : in_pages_[message.id]) {
      auto stored = co_await table_->location(row.key, context_.deadline);
      if (!stored) co_return stored.error();
      if (!*stored || (*stored)->row_message != message.id) continue;  // it has changed meanwhile
      ++live;
      auto lost = std::find_if(read->damaged.begin(), read->damaged.end(), [&](const auto& d) { return d.first == (*stored)->part; });
      auto found = written.find(row.key);
      if (lost != read->damaged.end()) {
        note("damaged", row.key, lost->second, &message);
      } else if (found == written.end() || read->rows[found->second].lsn != (*stored)->lsn) {
        note("missing", row.key, "its page does not have it", &message);
      } else if (!(*stored)->json_hash.empty() && (*stored)->json_hash != read->hashes[found->second]) {
        note("damaged", row.key, "its page holds another row than the log does", &message);
      }
    }
    if (live == 0) ++report_.superseded;
    co_return base::result<void>();
  }

  actor::task<base::result<void>> check_attachment(const protocol::row_header& header, const stored_message& message) {
    std::optional<std::string> bytes;
    if (!message.attachments.empty()) {
      auto info = message.attachments.front();
      auto read = co_await context_.store.download(std::move(info), options());
      bool lost = !read && read.error().code == store_errc::not_found;
      if (!read && !lost) co_return read.error();
      if (read) bytes = std::move(*read);
    }
    ++report_.attachments;
    auto json = protocol::decode_row_json(header, message.content, bytes);
    if (!json) note("damaged", header.key, json.error().message, &message);
    co_return base::result<void>();
  }

  // Locations from before the reading that the reading has not shown, and that are still what memory believes.
  actor::task<base::result<void>> note_missing(const std::vector<row_location>& before) {
    for (const auto& row : before) {
      if (!row.row_message || seen_.contains(row.row_message)) continue;
      auto now = co_await table_->location(row.key, context_.deadline);
      if (!now) co_return now.error();
      if (*now && (*now)->row_message == row.row_message) {
        note("missing", row.key, "its message is gone; the row itself is in memory and in the log", nullptr, row.row_message);
      }
    }
    co_return base::result<void>();
  }

  actor::task<base::result<void>> check_log() {
    std::vector<base::channel_id> first{context_.from.anchor.channel};
    auto walked = co_await walk_log(context_.store, std::move(first), context_.from.after, options());
    if (!walked) co_return walked.error();
    std::vector<protocol::chain_record> chain;
    for (const auto& found : walked->records) chain.push_back(found.record);
    report_.log_lsn = context_.from.anchor.lsn;
    for (auto i : protocol::valid_chain(context_.from.anchor, chain)) {
      const auto& found = walked->records[i];
      ++report_.log_records;
      report_.log_lsn = found.record.header.lsn;
      auto body = co_await read_body(context_.store, found, options());
      if (!body && body.error().code.category() == store_category() && body.error().code != store_errc::not_found) co_return body.error();
      if (!body) note("log", {}, fmt::format("log record {}: {}", found.record.header.lsn, body.error().message), &found.message);
    }
    if (report_.log_lsn < context_.lsn) {
      note("log", {}, fmt::format("the log's chain ends at LSN {}, but {} was published: records are lost", report_.log_lsn, context_.lsn), nullptr);
    }
    co_return base::result<void>();
  }

  verification_context& context_;
  table_ptr table_;
  verify_report report_;
  std::set<base::message_id> seen_;
  std::map<base::message_id, std::vector<row_location>> in_pages_;  // before the reading
};

}  // namespace

actor::task<base::result<verify_report>> verify_table(verification_context context, table_ptr table) {
  table_verification work(context, std::move(table));
  co_return co_await work.run();
}

}  // namespace dbcord::database
