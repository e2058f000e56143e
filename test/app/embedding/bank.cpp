#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <dbcord/server.hpp>
#include <iostream>

namespace json = boost::json;

// Ann pays Bob 10, if she has them. Runs again when somebody else changes one of the accounts meanwhile.
dbcord::async<void> pay(dbcord::transaction& t) {
  auto ann = co_await t.get("accounts", "ann");
  if (!ann) co_return ann.error();
  auto bob = co_await t.get("accounts", "bob");
  if (!bob) co_return bob.error();
  auto giver = json::parse(ann->value()).as_object(), taker = json::parse(bob->value()).as_object();
  if (giver["balance"].as_int64() < 10) co_return dbcord::base::error(dbcord::base::errc::invalid_argument, "Ann has too little");
  giver["balance"] = giver["balance"].as_int64() - 10;
  taker["balance"] = taker["balance"].as_int64() + 10;
  t.put("accounts", "ann", json::serialize(giver));
  t.put("accounts", "bob", json::serialize(taker));
  co_return dbcord::base::result<void>();
}

dbcord::async<void> run(dbcord::server& db) {
  if (db.databases().empty()) {
    (co_await db.create_database("bank")).value();
    (co_await db.create_table("bank", "accounts", "id")).value();
    (co_await db.insert("bank", "accounts", R"({"id":"ann","balance":25})")).value();
    (co_await db.insert("bank", "accounts", R"({"id":"bob","balance":0})")).value();
  }
  auto paid = co_await db.transact("bank", pay);
  auto ann = co_await db.get("bank", "accounts", "ann");
  std::cout << (paid ? "paid" : paid.error().message) << "\n" << ann.value().json << "\n";
  co_return dbcord::base::result<void>();
}

int main(int, char** argv) {
  dbcord::server_options options;
  options.local = argv[1];  // or options.token and options.guild
  auto db = dbcord::server::open(options);
  if (!db) return std::cerr << db.error().message << "\n", 1;
  boost::asio::io_context context;
  auto done = boost::asio::co_spawn(context, run(**db), boost::asio::use_future);
  context.run();
  done.get().value();
}
