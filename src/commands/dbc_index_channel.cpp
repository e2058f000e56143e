#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/index_channel_text.hpp"
#include "commands/index_refusal.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

std::string shown_text(const std::string& what, const database::index_channel_change& done) {
  auto why = why_no_channel(done);
  if (why.empty()) return fmt::format("{} {} in <#{}>.", what, done.changed ? "is shown" : "was shown already", done.status->channel.str());
  return fmt::format("{} {} {}: {}{} It is tried again; `/dbc_inspect` tells.", what, done.changed ? "is to be shown and" : "was to be shown already and", no_channel_yet, why,
                     why.ends_with('.') ? "" : ".");
}

}  // namespace

actor::task<reply> dbc_index_channel(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto field = text_argument(call, "field");
  bool on = boolean_argument(call, "on");
  auto context = write_context_of(call);
  auto done = co_await s.engine.administration().set_index_channel(database, table, field, on, std::move(context));
  if (!done) co_return co_await explain_index_refusal(s, std::move(call), done.error());
  reply r;
  auto what = fmt::format("The index on {} of `{}.{}`", quote_key(field), database, table);
  if (on) r.text = shown_text(what, *done);
  else r.text = what + (done->changed ? " is not shown any more; its channel is deleted in a moment." : " has no channel; nothing was changed.");
  if (done->changed) r.text += " " + done->receipt.location.url();
  co_return r;
}

}  // namespace dbcord::commands
