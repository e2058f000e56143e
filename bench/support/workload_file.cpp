#include "support/workload_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <iterator>

#include "discord/beast_transport_url.hpp"

namespace dbcord::bench {
namespace {

namespace json = boost::json;

base::error wrong(std::string what) {
  return {base::errc::invalid_argument, std::move(what)};
}

// Ids may be strings or numbers.
std::optional<std::string> text_of(const json::object& object, std::string_view name) {
  auto* value = object.if_contains(name);
  if (!value || value->is_null()) return std::nullopt;
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_uint64()) return std::to_string(value->get_uint64());
  if (value->is_int64()) return std::to_string(value->get_int64());
  return std::nullopt;
}

bool sound_id(const std::string& id) {
  auto plain = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; };
  return !id.empty() && id.size() <= 100 && std::all_of(id.begin(), id.end(), plain);
}

std::optional<operation_kind> kind_of(const std::string& name) {
  if (name == "create") return operation_kind::create;
  if (name == "edit") return operation_kind::edit;
  if (name == "delete") return operation_kind::remove;
  return std::nullopt;
}

base::result<operation> read_operation(const json::value& value, std::size_t index) {
  auto* object = value.if_object();
  auto where = fmt::format("ops[{}]", index);
  if (!object) return wrong(where + " must be an object.");
  operation op;
  auto kind = kind_of(text_of(*object, "op").value_or(""));
  if (!kind) return wrong(where + ".op must be \"create\", \"edit\" or \"delete\".");
  op.kind = *kind;
  op.channel = text_of(*object, "channel").value_or("");
  if (!sound_id(op.channel)) return wrong(where + ".channel must be an id.");
  op.message = text_of(*object, "message").value_or("");
  if (op.kind != operation_kind::create && !sound_id(op.message)) return wrong(where + ".message must be an id.");
  op.content = text_of(*object, "content").value_or(op.kind == operation_kind::remove ? "" : fmt::format("message {}", index));
  op.nonce = text_of(*object, "nonce").value_or("");
  return op;
}

}  // namespace

base::result<std::string> complete_api_url(std::string base_url) {
  while (base_url.ends_with('/')) base_url.pop_back();
  auto parsed = discord::parse_url(base_url, discord::url_kind::http);
  if (!parsed) return wrong("base_url: " + parsed.error().message + ".");
  if (base_url.find_first_of("?#") != std::string::npos) return wrong("base_url must have no query and no fragment.");
  auto last = base_url.substr(base_url.rfind('/') + 1);
  bool version = last.size() > 1 && last[0] == 'v' && std::all_of(last.begin() + 1, last.end(), ::isdigit);
  if (version) return base_url;
  return base_url + (last == "api" && parsed->target != "/" ? "/v10" : "/api/v10");
}

base::result<workload_file> read_workload(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::error_code ignored;  // a directory opens, but cannot be read
  if (!in || std::filesystem::is_directory(file, ignored)) return wrong("The workload file " + file.string() + " cannot be read.");
  boost::system::error_code ec;
  auto value = json::parse(std::string(std::istreambuf_iterator<char>(in), {}), ec);
  auto* object = ec ? nullptr : value.if_object();
  if (!object) return wrong("The workload file " + file.string() + " is no JSON object.");
  auto url = text_of(*object, "base_url");
  if (!url) return wrong("base_url must be a string.");
  auto api = complete_api_url(*url);
  if (!api) return api.error();
  auto token = text_of(*object, "token").value_or("");
  bool printable = std::all_of(token.begin(), token.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
  if (token.empty() || !printable) return wrong("token must be a string of printable characters.");
  auto* ops = object->if_contains("ops");
  if (!ops || !ops->is_array()) return wrong("ops must be an array.");
  workload_file out{*api, token.starts_with("Bot ") || token.starts_with("Bearer ") ? token : "Bot " + token, {}};
  for (const auto& entry : ops->get_array()) {
    auto op = read_operation(entry, out.operations.size());
    if (!op) return op.error();
    out.operations.push_back(std::move(*op));
  }
  return out;
}

}  // namespace dbcord::bench
