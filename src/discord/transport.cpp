#include "discord/transport.hpp"

#include <boost/algorithm/string/predicate.hpp>

namespace dbcord::discord {
namespace {

class transport_error_names final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "dbcord.transport"; }
  std::string message(int value) const override {
    switch (static_cast<transport_errc>(value)) {
      case transport_errc::not_sent: return "the server could not be reached";
      case transport_errc::interrupted: return "the connection broke before an answer came";
    }
    return "unknown transport error";
  }
};

}  // namespace

const boost::system::error_category& transport_category() noexcept {
  static const transport_error_names instance;
  return instance;
}

boost::system::error_code make_error_code(transport_errc e) noexcept {
  return {static_cast<int>(e), transport_category()};
}

std::string_view http_response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (boost::algorithm::iequals(key, name)) return value;
  }
  return {};
}

}  // namespace dbcord::discord
