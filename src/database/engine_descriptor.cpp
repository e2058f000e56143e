// The part of engine_impl that compares databases, as they are opened, with what is declared of them.

#include <fmt/format.h>

#include "database/database_descriptor.hpp"
#include "database/engine_impl.hpp"

namespace dbcord::database {
namespace {

constexpr std::string_view descriptor_command = "descriptor";

}  // namespace

// One that differs is closed again.
actor::task<base::result<void>> engine_impl::check_declared(std::string name, base::steady_time deadline) {
  if (!options_.descriptor || !options_.descriptor->of_database(name)) co_return base::result<void>();
  base::result<void> checked;
  if (options_.create_missing) checked = co_await create_missing(name, deadline);
  read_context reading{deadline};
  auto present = co_await inspect(name, reading);
  if (checked && !present) checked = present.error();
  if (checked) {
    auto differences = options_.descriptor->differences(*present);
    if (differences.empty()) co_return base::result<void>();
    checked = base::error(errc::schema_violation, fmt::format("it is not as its descriptor declares: {}", listed(differences)));
  }
  database_ptr refused;
  {
    std::lock_guard lock(mutex_);
    refused = open_.at(name);
    open_.erase(name);
  }
  co_await refused->close(deadline);
  co_return checked;
}

actor::task<base::result<void>> engine_impl::create_missing(std::string name, base::steady_time deadline) {
  read_context reading{deadline};
  write_context writing;
  writing.command = descriptor_command;
  writing.deadline = deadline;
  auto present = co_await inspect(name, reading);
  if (!present) co_return present.error();
  const auto& declared = *options_.descriptor->of_database(name);
  auto missing = options_.descriptor->missing_in(*present);
  for (const auto& table : missing.tables) {
    const auto& wanted = declared.at(table);
    auto made = co_await create_table(name, table, wanted.primary_key, writing);
    if (!made) co_return made.error();
    if (wanted.schema_json) {
      auto set = co_await set_schema(name, table, *wanted.schema_json, false, writing);
      if (!set) co_return set.error();
    }
    if (wanted.layout) {
      auto set = co_await set_layout(name, table, *protocol::parse_layout(*wanted.layout), writing);
      if (!set) co_return set.error();
    }
    if (!wanted.indexes) continue;
    for (const auto& index : *wanted.indexes) missing.indexes.emplace_back(table, index);
  }
  for (const auto& [table, index] : missing.indexes) {
    auto made = co_await create_index(name, table, index.field, index.unique, writing);
    if (!made) co_return made.error();
    if (index.channel.value_or(false)) missing.channels.emplace_back(table, index);
  }
  for (const auto& [table, index] : missing.channels) {
    auto made = co_await set_index_channel(name, table, index.field, true, writing);
    if (!made) co_return made.error();
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
