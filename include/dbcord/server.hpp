#pragma once
// dbcord::server: the databases of a guild for a C++ program. It does in the program's process what `dbcord serve` does, slash commands included, so the
// program is the one writer of these databases as long as it runs: a `dbcord serve`, or another program, cannot write them beside it.
//
//   auto opened = dbcord::server::open(options);
//   …
//   boost::asio::co_spawn(context, [&]() -> boost::asio::awaitable<void> {
//     auto done = co_await db.transact("bank", [](dbcord::transaction& t) -> dbcord::async<void> {
//       auto ann = co_await t.get("accounts", "ann");
//       …
//       t.put("accounts", "ann", changed);
//       co_return dbcord::base::result<void>();
//     });
//   }, boost::asio::detached);
//
// Names of databases and tables, where_json, schemas and what is refused are as with slash commands (README). Every call may be awaited on any executor of the
// program and goes on there; open(), close() and the destructor block. Calls that still run end before close() returns, so their coroutines must be able to go on
// meanwhile, and no call may be made behind it. An error's message is one sentence, its code a database::errc or base::errc.
// GCC 12 destroys some temporaries of a co_await expression twice: none in braces or of ?: beside a co_await.

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dbcord/base/logger.hpp"
#include "dbcord/errors.hpp"
#include "dbcord/rows.hpp"

namespace dbcord {

template <class T>
using async = boost::asio::awaitable<base::result<T>>;

struct server_options {
  std::filesystem::path local;  // a local guild that is kept in this directory; empty: the guild of Discord, or of a `dbcord guild`, below
  bool rate_limits = true;      // of the local guild: Discord's

  std::string api_url = "https://discord.com/api/v10";
  std::string token;  // of the bot, without "Bot "
  base::guild_id guild;
  base::duration lease = std::chrono::seconds(30);     // how long another process waits for a dead one; at least 5 s more than `staleness`
  base::duration staleness = std::chrono::seconds(2);  // how long Discord's histories may lack a new message
  bool take_over = false;  // without `local`: another process that writes the guild's databases ends, rather than open() being refused (errc::fenced)

  std::size_t memory_cap = 512 * 1024 * 1024;  // bytes of rows and directory; at least 16 MiB
  int threads = 2;
  base::duration ready_within = std::chrono::minutes(2);  // or else open() fails; a large log takes its time
  base::logger* log = nullptr;                            // outlives the server; null: nothing is logged
  // After open(): it cannot go on, e.g. another process has taken over. Called on a thread of the server, which it must neither close nor destroy from there.
  std::function<void(base::error)> failed;
};

struct call_options {
  call_options() = default;  // no aggregate: GCC 12 destroys such a default argument twice in a co_await expression

  base::duration limit = std::chrono::seconds(30);  // past it: base::errc::timeout, or errc::outcome_unknown when it may still be done
  std::string idempotency_key;                      // a write with one of the last 65,536 that a database has carried out is answered as `repeated`; empty: none
  std::string who;                                  // user id, for the history
  std::optional<std::uint64_t> expected_version;    // of update, replace and remove: another version of the row is errc::conflict
};

// What the function of a transaction reads and writes.
class transaction {
 public:
  virtual ~transaction() = default;
  // The row's JSON as this transaction sees it, its own writes included; empty: no such row.
  virtual async<std::optional<std::string>> get(std::string table, std::string key) = 0;
  // Inserts or replaces. `json` has the primary key field.
  virtual void put(std::string table, std::string key, std::string json) = 0;
  virtual void remove(std::string table, std::string key) = 0;
};

class server {
 public:
  static base::result<std::unique_ptr<server>> open(server_options options);
  server(const server&) = delete;
  ~server();

  // What was acknowledged is durable without it; it releases the databases, so that the next process need not wait for the lease. Idempotent.
  void close();
  // To go on with `dbcord shell --local`, or by any client of Discord's API.
  const std::string& api_url() const;

  std::vector<std::string> databases() const;
  std::vector<std::string> tables(std::string database) const;
  async<void> create_database(std::string name, call_options options = {});
  async<void> create_table(std::string database, std::string table, std::string primary_key, call_options options = {});
  async<void> drop_table(std::string database, std::string table, call_options options = {});
  async<void> set_schema(std::string database, std::string table, std::string schema_json, call_options options = {});
  async<void> create_index(std::string database, std::string table, std::string field, bool unique, call_options options = {});

  async<database::write_receipt> insert(std::string database, std::string table, std::string json, call_options options = {});
  // JSON merge patch (RFC 7396).
  async<database::write_receipt> update(std::string database, std::string table, std::string key, std::string patch_json, call_options options = {});
  async<database::write_receipt> replace(std::string database, std::string table, std::string key, std::string json, call_options options = {});
  async<database::write_receipt> remove(std::string database, std::string table, std::string key, call_options options = {});
  // Rows are independent: each is accepted or refused on its own.
  async<database::import_report> import(std::string database, std::string table, std::vector<database::new_row> rows, call_options options = {});

  async<database::row> get(std::string database, std::string table, std::string key, call_options options = {});
  // The row as it was. errc::horizon when that is not known any more.
  async<database::row> get_as_of(std::string database, std::string table, std::string key, database::moment when, call_options options = {});
  async<database::find_answer> find(std::string database, std::string table, database::find_request request, call_options options = {});
  async<database::history_answer> history(std::string database, std::string table, database::history_request request, call_options options = {});

  // All that `body` writes is committed as a whole, if what it read is still so; or else it runs again, until the limit (then errc::conflict). So it must have no effects of its own. It
  // sees the database as it was at one moment. Its error ends it without any change.
  using transaction_body = std::function<async<void>(transaction&)>;
  async<database::transaction_receipt> transact(std::string database, transaction_body body, call_options options = {});
  // Writes the row if it still has that version (0: if there is no such row); else errc::conflict says what it has.
  async<database::transaction_receipt> compare_and_set(std::string database, std::string table, std::string key, std::uint64_t version, std::string json,
                                                       call_options options = {});
  // Replaces the row by what `change` makes of it (nothing: there is no such row; an empty text deletes it), and answers that. It may be called several times, until the limit (then errc::conflict).
  using row_change_function = std::function<base::result<std::string>(std::optional<std::string> json)>;
  async<std::string> fetch_and_update(std::string database, std::string table, std::string key, row_change_function change, call_options options = {});

 private:
  class parts;
  explicit server(std::unique_ptr<parts> p);

  std::unique_ptr<parts> parts_;
};

}  // namespace dbcord
