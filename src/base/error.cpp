#include "dbcord/base/error.hpp"

namespace dbcord::base {
namespace {

class category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "dbcord.base"; }
  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::timeout: return "the deadline passed before an answer came";
      case errc::stopping: return "dbcord is shutting down";
      case errc::overloaded: return "dbcord is busy; try again in a moment";
      case errc::invalid_argument: return "an argument is not valid";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& base_category() noexcept {
  static const category instance;
  return instance;
}

}  // namespace dbcord::base
