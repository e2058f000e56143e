#include "database/log_verification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actor/event.hpp"
#include "protocol/checkpoint_manifest.hpp"

namespace dbcord::database {
namespace {

// What one reading of the log has shown.
struct log_view {
  base::channel_id begins;                              // in this channel
  std::map<base::channel_id, base::message_id> newest;  // of each channel that was read; zero: none
  std::vector<stored_message> foreign;
  std::uint64_t records = 0;  // of the chain
  std::uint64_t lsn = 0;      // where it ends
  named_checkpoints named{std::in_place};
  std::vector<std::pair<std::string, std::optional<stored_message>>> problems;
  std::vector<std::pair<std::string, stored_message>> copies;  // of records that are well
};

// In the order of the chain.
std::vector<found_record*> chain_of(const protocol::chain_anchor& anchor, walked_log& walked) {
  std::vector<protocol::chain_record> records;
  for (const auto& found : walked.records) records.push_back(found.record);
  std::vector<found_record*> chain;
  for (auto i : protocol::valid_chain(anchor, records)) chain.push_back(&walked.records[i]);
  return chain;
}

// Of records behind what was published when the run began nothing is known yet: such a one may be sent again.
actor::task<base::result<void>> check_bodies(const verification_context& context, const protocol::chain_anchor& anchor, walked_log& walked, log_view& view) {
  std::optional<stored_message> last;
  view.lsn = anchor.lsn;
  for (auto* found : chain_of(anchor, walked)) {
    auto lsn = found->record.header.lsn;
    if (lsn > context.lsn) break;
    ++view.records;
    view.lsn = lsn;
    auto body = co_await read_body(context.store, *found, context.options());
    last = found->message;
    if (!body && !is_damage_of_body(body.error())) co_return body.error();
    if (!body && lsn < context.log.first_lsn()) continue;  // truncated meanwhile: its channel is being deleted
    if (!body) {
      view.problems.emplace_back(fmt::format("log record {}: {}", lsn, body.error().message), found->message);
      continue;
    }
    for (const auto& copy : found->copies) {
      view.copies.emplace_back(fmt::format("log record {} stands here as well: it was sent twice, since an answer was lost; message {} is the one that is read", lsn, found->message.id.str()), copy);
    }
    auto reference = found->record.header.kind == protocol::record_kind::checkpoint ? protocol::decode_checkpoint_reference(*body) : std::nullopt;
    if (reference) view.named->emplace(reference->manifest, std::move(reference->hash));
  }
  if (view.lsn < context.lsn) {
    view.problems.emplace_back(fmt::format("the log's chain ends at LSN {}, but {} was published: records are lost", view.lsn, context.lsn), std::move(last));
  }
  co_return base::result<void>();
}

actor::task<base::result<log_view>> view_log(const verification_context& context) {
  const auto from = context.start();
  std::vector<base::channel_id> first{from.anchor.channel};
  log_reads reads(context.store, context.staleness);
  auto walked = co_await walk_log(context.store, reads, std::move(first), from.after, context.options());
  if (!walked) co_return walked.error();
  log_view view;
  view.begins = from.anchor.channel;
  for (const auto& [channel, newest] : walked->last) {
    auto above = channel == from.anchor.channel ? from.after : base::message_id();
    auto messages = co_await reads.read(channel, above, context.options());  // which were read already
    if (!messages) co_return messages.error();
    for (const auto& m : (*messages)->all) {
      if (m.author != context.store.self()) view.foreign.push_back(m);
    }
  }
  view.newest = std::move(walked->last);
  auto checked = co_await check_bodies(context, from.anchor, *walked, view);
  if (!checked) co_return checked.error();
  co_return view;
}

// Without READ_MESSAGE_HISTORY nothing is shown of what is there (channel_pages): a message that is newer than all that was shown is asked for.
actor::task<base::result<void>> check_shown(const verification_context& context, const log_view& view) {
  auto present = co_await context.store.channels(context.options());
  if (!present) co_return present.error();
  for (const auto& c : present->value) {
    auto read = view.newest.find(c.id);
    if (read == view.newest.end() || c.last_message <= read->second) continue;
    auto there = co_await context.store.fetch(c.id, c.last_message, context.options());
    if (!there && there.error().code != store_errc::not_found) co_return there.error();
    if (there) co_return base::error(store_errc::not_done, "Discord does not show the log's messages: reading the message history may not be allowed now");
  }
  co_return base::result<void>();
}

// Problems count if they are seen in a listing that was asked for late enough to show all that was there when the run began.
actor::task<base::result<log_view>> view_certainly(const verification_context& context) {
  auto certain = context.env.after(context.staleness);
  for (;;) {
    bool late = context.env.now() >= certain;
    auto view = co_await view_log(context);
    if (!view || view->problems.empty()) co_return view;
    // Meanwhile: the next one begins later. (Of a log that has lost its beginning, and all checkpoints, none does.)
    bool truncated = !context.log.contains(view->begins) && context.start().anchor.channel != view->begins;
    if (late && !truncated) {
      auto shown = co_await check_shown(context, *view);
      if (!shown) co_return shown.error();
      co_return view;
    }
    if (!late) co_await actor::sleep_until(context.env, std::min(certain, context.deadline));
  }
}

}  // namespace

actor::task<base::result<named_checkpoints>> verify_log(const verification_context& context, verify_findings& findings) {
  auto view = co_await view_certainly(context);
  if (!view) co_return view.error();
  for (const auto& m : view->foreign) findings.add_foreign("this message in the log is not by dbcord; it counts for nothing", m);
  for (const auto& [what, message] : view->copies) {
    auto found = finding_of("duplicate", {}, what);
    found.link = findings.link_to(message);
    findings.add_note(std::move(found));
  }
  findings.report().log_records = view->records;
  findings.report().log_lsn = view->lsn;
  for (const auto& [what, message] : view->problems) {
    auto found = finding_of(log_kind, {}, what);
    if (message) found.link = findings.link_to(*message);
    found.beyond_repair = !context.log_can_be_left;
    findings.add_problem(std::move(found));
  }
  if (!view->problems.empty()) view->named.reset();
  co_return std::move(view->named);
}

}  // namespace dbcord::database
