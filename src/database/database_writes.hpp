#pragma once
// A write of the database, carried out at most once; for the files that define database's members.

#include "database/database.hpp"

namespace dbcord::database {

template <class Start>
dbcord::actor::task<base::result<write_receipt>> database::write_once(Start start, write_context context) {
  auto earlier = co_await admit(context.idempotency_key, context.deadline);
  if (!earlier) co_return earlier.error();
  if (*earlier) co_return to_receipt({(*earlier)->lsn, (*earlier)->log_message}, (*earlier)->version, true);
  auto writing = start(context);
  auto written = co_await std::move(writing);
  if (!written.submitted && !context.idempotency_key.empty()) executed_.abandon(context.idempotency_key);
  if (!written.submitted && !written.value) co_return co_await confirm_refusal(written.value.error(), context.deadline);
  if (!written.value) co_return co_await with_reason(written.value.error());
  auto receipt = to_receipt(written.value->commit, written.value->version, false);
  receipt.key = std::move(written.value->key);
  co_return receipt;
}

}  // namespace dbcord::database
