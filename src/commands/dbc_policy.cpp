#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

using database::deletion_policy;

std::string shown(const database::deletion_status& status, const std::string& name) {
  bool accept = status.policy == deletion_policy::accept;
  auto text = fmt::format("Rows of `{}` whose messages people delete are {} (`deletions:{}`).", name, accept ? "deleted, too" : "written again",
                          accept ? "accept" : "restore");
  if (status.accepted > 0) text += fmt::format(" Since the start, {} so.", count(status.accepted, "row") + (status.accepted == 1 ? " was deleted" : " were deleted"));
  if (status.waiting > 0) {
    text += fmt::format(" {} within ten seconds, unless more than ten messages go meanwhile.",
                        count(status.waiting, "row") + (status.waiting == 1 ? " is deleted" : " are deleted"));
  }
  if (status.held > 0) {
    text += fmt::format(" {} since too many messages were deleted at once{}: `deletions:accept` deletes the rows, `deletions:restore` keeps them.",
                        count(status.held, "row") + (status.held == 1 ? " waits for a decision," : " wait for a decision,"),
                        accept ? ", and later ones are not acted on" : "; meanwhile they are written again");
  }
  return text;
}

}  // namespace

actor::task<reply> dbc_policy(services s, invocation call) {
  auto name = text_argument(call, "database");
  reply r;
  if (!has_argument(call, "deletions")) {
    auto status = s.engine.administration().deletions(name);
    if (!status) co_return explain(s, call, status.error());
    r.text = shown(*status, name);
    co_return r;
  }
  auto wanted = text_argument(call, "deletions");
  if (wanted != "accept" && wanted != "restore") co_return failure(fmt::format("deletions: {} is not a policy; use restore or accept.", quote(wanted)));
  auto context = write_context_of(call);
  auto done = co_await s.engine.administration().set_deletions(name, wanted == "accept" ? deletion_policy::accept : deletion_policy::restore, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  auto status = s.engine.administration().deletions(name);
  if (!status) co_return explain(s, call, status.error());
  r.text = shown(*status, name);
  if (done->deleted + done->kept > 0) r.text += fmt::format(" Of those that waited, {} deleted and {} kept.", done->deleted, done->kept);
  r.text += " " + done->receipt.location.url();
  co_return r;
}

}  // namespace dbcord::commands
