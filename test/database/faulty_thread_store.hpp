#pragma once
// faulty_thread_store: the real thread store of a test, with failures of a creation on request. What it lets through goes to the guild's core.

#include "database/faulty_store.hpp"
#include "database/thread_store.hpp"

namespace dbcord::test {

class faulty_thread_store final : public database::thread_store {
 public:
  explicit faulty_thread_store(database::thread_store& inner) : inner_(inner) {}

  fault on_create = fault::none;  // of the next creation
  bool unlistable = false;
  int listings = 0;
  int creations = 0;

  actor::task<base::result<std::vector<database::thread_info>>> active_threads(database::call_options options) override {
    ++listings;
    if (unlistable) co_return base::error(database::store_errc::forbidden, "Listing the threads failed.");
    co_return co_await inner_.active_threads(options);
  }
  actor::task<base::result<database::archived_page>> archived_threads(base::channel_id parent, std::string from,
                                                                      database::call_options options) override {
    ++listings;
    return inner_.archived_threads(parent, std::move(from), options);
  }
  actor::task<base::result<database::thread_info>> create_thread(base::channel_id parent, std::string name, database::call_options options) override {
    ++creations;
    auto what = std::exchange(on_create, fault::none);
    if (what == fault::refused) co_return base::error(database::store_errc::forbidden, "Making the thread failed.");
    if (what == fault::lost_before) co_return base::error(database::store_errc::unknown, "Making the thread failed.");
    auto made = co_await inner_.create_thread(parent, std::move(name), options);
    if (what == fault::lost_after) co_return base::error(database::store_errc::unknown, "Making the thread failed.");
    co_return made;
  }

 private:
  database::thread_store& inner_;
};

}  // namespace dbcord::test
