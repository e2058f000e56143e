#include "database/errors.hpp"

namespace dbcord::database {
namespace {

class outcome_category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "dbcord.database"; }
  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::unknown_database: return "there is no such database";
      case errc::unknown_table: return "there is no such table";
      case errc::unknown_key: return "there is no row with this key";
      case errc::already_exists: return "it exists already";
      case errc::duplicate_key: return "a row with this key exists already";
      case errc::duplicate_value: return "a unique index has this value already";
      case errc::schema_violation: return "the row does not fit the table's schema";
      case errc::invalid_name: return "the name is not usable";
      case errc::invalid_json: return "the JSON is not valid";
      case errc::invalid_query: return "the query is not valid";
      case errc::too_large: return "the value is too large";
      case errc::conflict: return "another writer was first";
      case errc::outcome_unknown: return "whether this was done is not known yet";
      case errc::backpressure: return "too much waits to be written; try again later";
      case errc::fenced: return "another process writes this database now";
      case errc::damaged: return "a stored record cannot be read";
      case errc::unavailable: return "Discord cannot be reached";
      case errc::limit_reached: return "a limit is reached";
      case errc::horizon: return "that is older than the versions that are kept";
      case errc::unfinished: return "this is begun, and the rest follows";
    }
    return "unknown database error";
  }
};

class refusal_category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "dbcord.message_store"; }
  std::string message(int value) const override {
    switch (static_cast<store_errc>(value)) {
      case store_errc::not_done: return "Discord did not do it";
      case store_errc::unknown: return "no answer came; whether Discord did it is not known";
      case store_errc::not_found: return "the channel or message does not exist";
      case store_errc::forbidden: return "a permission is missing";
      case store_errc::unauthorized: return "the token is not valid";
      case store_errc::content_refused: return "Discord refuses this content";
      case store_errc::channel_limit: return "no more channels can be created";
      case store_errc::busy: return "the request could not be sent in time";
    }
    return "unknown message store error";
  }
};

}  // namespace

const boost::system::error_category& database_category() noexcept {
  static const outcome_category instance;
  return instance;
}

const boost::system::error_category& store_category() noexcept {
  static const refusal_category instance;
  return instance;
}

}  // namespace dbcord::database
