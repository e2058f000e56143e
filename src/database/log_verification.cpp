#include "database/log_verification.hpp"

#include <fmt/format.h>

#include "protocol/checkpoint_manifest.hpp"

namespace dbcord::database {
namespace {

void note_log(verify_findings& findings, std::string what, const stored_message* message) {
  auto found = finding_of("log", {}, std::move(what));
  if (message) found.link = findings.link_to(*message);
  found.beyond_repair = true;
  findings.add_problem(std::move(found));
}

}  // namespace

actor::task<base::result<named_checkpoints>> verify_log(const verification_context& context, verify_findings& findings) {
  auto& report = findings.report();
  auto first_channel = context.from.anchor.channel;
  std::vector<base::channel_id> first{first_channel};
  log_reads reads(context.store);
  auto walked = co_await walk_log(context.store, reads, std::move(first), context.from.after, context.options());
  if (!walked) co_return walked.error();
  for (const auto& [channel, newest] : walked->last) {
    auto above = channel == first_channel ? context.from.after : base::message_id();
    auto messages = co_await reads.read(channel, above, context.options());  // which were read already
    if (!messages) co_return messages.error();
    for (const auto& m : (*messages)->value) {
      if (m.author != context.store.self()) findings.add_foreign("this message in the log is not by dbcord; it counts for nothing", m);
    }
  }
  std::vector<protocol::chain_record> chain;
  for (const auto& found : walked->records) chain.push_back(found.record);
  report.log_lsn = context.from.anchor.lsn;
  auto problems = report.problems;
  const stored_message* last = nullptr;
  named_checkpoints named(std::in_place);
  for (auto i : protocol::valid_chain(context.from.anchor, chain)) {
    const auto& found = walked->records[i];
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
