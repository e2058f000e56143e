#include "database/catalog_verification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actor/event.hpp"
#include "database/channel_pages.hpp"
#include "protocol/machine_line.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration dates_tell = 1s;  // no more than whole seconds
constexpr base::duration channels_may_lag = 1min;  // a list of channels may not have what is younger

verify_finding catalog_finding(std::string what) { return finding_of(catalog_kind, {}, std::move(what)); }

bool is_same(const creation_record& a, const creation_record& b) {
  return a.id == b.id && a.name == b.name && a.catalog == b.catalog && a.control == b.control && a.log == b.log && a.restoring == b.restoring &&
         anchor_of(a).hash == anchor_of(b).hash;
}

class catalog_verification {
 public:
  catalog_verification(const expected_catalog& expected, verify_findings& findings, base::user_id self)
      : expected_(expected), findings_(findings), self_(self) {}

  checked_catalog check(std::vector<stored_message> messages) {
    for (const auto& m : messages) {
      if (m.author != self_) findings_.add_foreign("this message in the catalog is not by dbcord; it counts for nothing", m);
    }
    std::erase_if(messages, [this](const stored_message& m) { return m.author != self_; });
    for (const auto& m : messages) {
      if (!protocol::find_machine_line(m.content)) unreadable_.push_back(&m);
    }
    check_creation(messages);
    for (const auto& table : expected_.tables) check_table(table, messages);
    for (const auto* m : unreadable_) {
      auto note = catalog_finding("this message cannot be read; it counts for nothing");
      note.link = findings_.link_to(*m);
      findings_.add_note(std::move(note));
    }
    return std::move(checked_);
  }

 private:
  // A record that says something else needs one that holds instead (creation_record::chain).
  void check_creation(const std::vector<stored_message>& messages) {
    auto counts = find_creation(messages, expected_.creation.catalog);
    if (counts && is_same(*counts, expected_.creation)) {
      ++findings_.report().catalog_records;
      return;
    }
    auto record = expected_.creation;
    record.chain = anchor_of(record).hash;
    checked_.missing.push_back(encode_creation(record));
    auto found = catalog_finding(counts ? "the record of the database's creation says something else than what is open; the next start would go by it"
                                        : "the record of the database's creation is gone or cannot be read; no start finds the database without it");
    for (const auto& m : messages) {
      if (decode_creation(m.content) || (!counts && !unreadable_.empty() && &m == unreadable_.front())) found.link = findings_.link_to(m);
    }
    findings_.add_problem(std::move(found));
  }

  void check_table(const described_table& table, const std::vector<stored_message>& messages) {
    auto text = encode_table_descriptor(table.definition);
    if (std::any_of(messages.begin(), messages.end(), [&](const stored_message& m) { return m.content == text; })) {
      ++findings_.report().catalog_records;
      return;
    }
    checked_.missing.push_back(text);
    auto altered = std::find_if(messages.begin(), messages.end(), [&](const stored_message& m) { return m.id == table.message; });
    auto found = catalog_finding(fmt::format("the description of table {} {}", table.definition.name, altered == messages.end() ? "is gone" : "says something else"));
    found.link = findings_.link_to(expected_.creation.catalog, table.message);
    findings_.add_problem(std::move(found));
  }

  const expected_catalog& expected_;
  verify_findings& findings_;
  base::user_id self_;
  std::vector<const stored_message*> unreadable_;
  checked_catalog checked_;
};

// A person sets a topic right; a channel that is gone is made anew at a start, where that is safe.
void check_channels(const expected_catalog& expected, const dated<std::vector<channel_info>>& present, verify_findings& findings) {
  for (const auto& [id, topic] : expected.channels) {
    auto channel = std::find_if(present.value.begin(), present.value.end(), [wanted = id](const channel_info& c) { return c.id == wanted; });
    if (channel == present.value.end()) {
      bool is_told_elsewhere = topic.role == protocol::channel_role::log;  // by the log's chain; and a segment that nothing needs goes
      if (is_told_elsewhere || base::created_at(id) + channels_may_lag > present.date) continue;
      auto found = catalog_finding(fmt::format("the {} channel {} is gone", protocol::to_string(topic.role), id.value));
      found.beyond_repair = true;
      findings.add_problem(std::move(found));
      continue;
    }
    auto shown = protocol::decode_topic(channel->topic);
    if (shown && shown->role == topic.role && shown->database_id == topic.database_id && shown->database_name == topic.database_name) continue;
    auto found = catalog_finding(fmt::format("the topic of channel #{} was changed, and dbcord finds it by that; set it to `{}`", channel->name, encode_topic(topic)));
    found.beyond_repair = true;
    findings.add_problem(std::move(found));
  }
}

// A listing may be behind: what it lacks is asked for.
actor::task<base::result<void>> complete(const verification_context& context, const expected_catalog& expected, std::vector<stored_message>& messages) {
  for (const auto& table : expected.tables) {
    if (std::any_of(messages.begin(), messages.end(), [&](const stored_message& m) { return m.id == table.message; })) continue;
    auto fetched = co_await context.store.fetch(expected.creation.catalog, table.message, context.options());
    if (!fetched && fetched.error().code != store_errc::not_found) co_return fetched.error();
    if (fetched) messages.push_back(std::move(fetched->value));
  }
  co_return base::result<void>();
}

// It may be that people have deleted all there was. A last message that is young may only not be shown yet.
actor::task<base::result<dated<std::vector<stored_message>>>> read_catalog_messages(const verification_context& context, base::channel_id catalog) {
  auto certain = std::min(context.env.after(context.staleness + dates_tell), context.deadline);
  for (;;) {
    channel_pages pages(context.store, catalog);
    pages.allow_emptied(context.staleness);
    bool late = context.env.now() >= certain;
    auto all = co_await read_rest(pages, context.options());
    if (all || !pages.shows_nothing() || late) co_return all;
    co_await actor::sleep_until(context.env, certain);
  }
}

}  // namespace

actor::task<base::result<checked_catalog>> verify_catalog(const verification_context& context, const expected_catalog& expected, verify_findings& findings) {
  auto present = co_await context.store.channels(context.options());
  if (!present) co_return present.error();
  check_channels(expected, *present, findings);
  auto messages = co_await read_catalog_messages(context, expected.creation.catalog);
  if (!messages && messages.error().code == store_errc::not_found) co_return checked_catalog();  // check_channels() has told that
  if (!messages) co_return messages.error();
  auto completed = co_await complete(context, expected, messages->value);
  if (!completed) co_return completed.error();
  catalog_verification work(expected, findings, context.store.self());
  co_return work.check(std::move(messages->value));
}

}  // namespace dbcord::database
