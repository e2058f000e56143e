#include "database/checkpoint_verification.hpp"

#include <fmt/format.h>

#include "database/checkpoint_reader.hpp"

namespace dbcord::database {
namespace {

// What is wrong with a checkpoint; empty: nothing.
struct flaw {
  std::string what;
  base::message_id message;
};
using flaws = std::vector<flaw>;

actor::task<base::result<checkpoint_listing>> fetch_all(const verification_context& context, const checkpointer::kept_place& kept, flaws& found) {
  checkpoint_listing listing;
  for (auto id : kept.messages) {
    auto fetched = co_await context.store.fetch(kept.channel, id, context.options());
    if (!fetched && fetched.error().code != store_errc::not_found) co_return fetched.error();
    if (!fetched) {
      found.push_back({"a message of it is gone", id});
      continue;
    }
    auto& message = fetched->value;
    if (auto header = protocol::decode_manifest_header(message.content)) listing.candidates.push_back({message, std::move(*header)});
    listing.messages.push_back(std::move(message));
  }
  co_return listing;
}

// The manifest, then its parts.
actor::task<base::result<flaws>> check(const verification_context& context, const checkpointer::kept_place& kept, const named_checkpoints& named) {
  flaws found;
  auto listing = co_await fetch_all(context, kept, found);
  if (!listing) co_return listing.error();
  if (!found.empty()) co_return found;
  if (listing->candidates.empty()) {
    found.push_back({"none of its messages is its manifest", {}});
    co_return found;
  }
  const auto candidate = listing->candidates.front();
  auto its = named ? named->find(candidate.message.id) : std::map<base::message_id, std::string>::const_iterator();
  if (named && (its == named->end() || its->second != candidate.header.hash)) {
    found.push_back({"its manifest is not the one that the log names", candidate.message.id});
    co_return found;
  }
  auto manifest = co_await read_manifest(context.store, candidate, context.options());
  if (!manifest && manifest.error().code != errc::damaged) co_return manifest.error();
  if (!manifest) {
    found.push_back({manifest.error().message, candidate.message.id});
    co_return found;
  }
  for (const auto& part : manifest->parts) {
    auto bytes = co_await read_checkpoint_part(context.store, *listing, candidate, part, context.options());
    if (!bytes && bytes.error().code != errc::damaged) co_return bytes.error();
    if (!bytes) found.push_back({bytes.error().message, part.message ? part.message : candidate.message.id});
  }
  co_return found;
}

}  // namespace

actor::task<base::result<void>> verify_checkpoints(const verification_context& context, const checkpointer& checkpoints,
                                                   const std::vector<checkpointer::kept_place>& kept, const named_checkpoints& named,
                                                   verify_findings& findings) {
  for (const auto& place : kept) {
    if (is_cancelled(context.progress)) co_return base::error(base::errc::stopping, "the verification was cancelled; it changes nothing");
    auto found = co_await check(context, place, named);
    if (!checkpoints.keeps(place)) continue;
    if (!found) co_return found.error();
    if (found->empty()) ++findings.report().checkpoints;
    for (auto& f : *found) {
      auto told = finding_of(checkpoint_kind, {}, fmt::format("the checkpoint of LSN {}: {}", place.lsn, f.what));
      if (f.message) told.link = findings.link_to(place.channel, f.message);
      findings.add_problem(std::move(told));
    }
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
