#include "database/log_verification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actor/event.hpp"
#include "protocol/checkpoint_manifest.hpp"

namespace dbcord::database {
namespace {

void note_log(verify_findings& findings, std::string what, const stored_message* message) {
  auto found = finding_of("log", {}, std::move(what));
  if (message) found.link = findings.link_to(*message);
  found.beyond_repair = true;
  findings.add_problem(std::move(found));
}

// In the order of the chain.
std::vector<const found_record*> chain_of(const protocol::chain_anchor& anchor, const walked_log& walked) {
  std::vector<protocol::chain_record> records;
  for (const auto& found : walked.records) records.push_back(found.record);
  std::vector<const found_record*> chain;
  for (auto i : protocol::valid_chain(anchor, records)) chain.push_back(&walked.records[i]);
  return chain;
}

// A listing may be behind: until it shows what was published before, or was asked for late enough to show it.
actor::task<base::result<walked_log>> walk_to_published(const verification_context& context, log_reads& reads) {
  auto certain = context.env.after(context.staleness);
  for (;;) {
    bool last = context.env.now() >= certain;
    std::vector<base::channel_id> first{context.from.anchor.channel};
    reads.forget();
    auto walked = co_await walk_log(context.store, reads, std::move(first), context.from.after, context.options());
    if (!walked || last) co_return std::move(walked);
    auto chain = chain_of(context.from.anchor, *walked);
    auto end = chain.empty() ? context.from.anchor.lsn : chain.back()->record.header.lsn;
    if (end >= context.lsn) co_return std::move(walked);
    co_await actor::sleep_until(context.env, std::min(certain, context.deadline));
  }
}

}  // namespace

actor::task<base::result<named_checkpoints>> verify_log(const verification_context& context, verify_findings& findings) {
  auto& report = findings.report();
  auto first_channel = context.from.anchor.channel;
  log_reads reads(context.store);
  auto walked = co_await walk_to_published(context, reads);
  if (!walked) co_return walked.error();
  for (const auto& [channel, newest] : walked->last) {
    auto above = channel == first_channel ? context.from.after : base::message_id();
    auto messages = co_await reads.read(channel, above, context.options());  // which were read already
    if (!messages) co_return messages.error();
    for (const auto& m : (*messages)->value) {
      if (m.author != context.store.self()) findings.add_foreign("this message in the log is not by dbcord; it counts for nothing", m);
    }
  }
  report.log_lsn = context.from.anchor.lsn;
  auto problems = report.problems;
  const stored_message* last = nullptr;
  named_checkpoints named(std::in_place);
  for (const auto* record : chain_of(context.from.anchor, *walked)) {
    const auto& found = *record;
    ++report.log_records;
    report.log_lsn = found.record.header.lsn;
    last = &found.message;
    auto body = co_await read_body(context.store, found, context.options());
    if (!body && !is_damage_of_body(body.error())) co_return body.error();
    if (!body && found.record.header.lsn < context.log.first_lsn()) continue;  // truncated meanwhile: its channel is being deleted
    if (!body) {
      note_log(findings, fmt::format("log record {}: {}", found.record.header.lsn, body.error().message), &found.message);
      continue;
    }
    auto reference = found.record.header.kind == protocol::record_kind::checkpoint ? protocol::decode_checkpoint_reference(*body) : std::nullopt;
    if (reference) named->emplace(reference->manifest, std::move(reference->hash));
  }
  if (report.log_lsn < context.lsn) {
    note_log(findings, fmt::format("the log's chain ends at LSN {}, but {} was published: records are lost", report.log_lsn, context.lsn), last);
  }
  if (report.problems > problems) named.reset();
  co_return named;
}

}  // namespace dbcord::database
