#include "protocol/json_node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <boost/json/basic_parser_impl.hpp>

namespace dbcord::protocol {
namespace {

namespace json = boost::json;

// A repeated name keeps its first place and its last value; in time proportional to the members, for objects have a million.
void keep_last_values(std::vector<json_node::member>& members) {
  std::unordered_map<std::string_view, std::size_t> first;
  std::vector<std::pair<std::size_t, std::size_t>> repeats;  // place, and where its newer value stands
  for (std::size_t i = 0; i < members.size(); ++i) {
    auto [known, is_new] = first.emplace(members[i].first, i);
    if (!is_new) repeats.emplace_back(known->second, i);
  }
  if (repeats.empty()) return;
  for (auto [place, newer] : repeats) members[place].second = std::move(members[newer].second);
  auto next = repeats.begin();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (next != repeats.end() && next->second == i) {
      ++next;
    } else {
      if (kept != i) members[kept] = std::move(members[i]);
      ++kept;
    }
  }
  members.erase(members.begin() + static_cast<std::ptrdiff_t>(kept), members.end());
}

// Builds the tree from Boost.JSON's events, which carry the text of numbers.
struct tree_builder {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using ec_t = boost::system::error_code;

  json_node root;
  std::vector<json_node> open;
  std::vector<std::string> names;
  std::string part;

  bool add(json_node value) {
    if (open.empty()) {
      root = std::move(value);
    } else if (auto& parent = open.back(); parent.type == json_node::kind::array) {
      parent.items.push_back(std::move(value));
    } else {
      parent.members.push_back({std::move(names.back()), std::move(value)});
      names.pop_back();
    }
    return true;
  }
  bool begin(json_node::kind type) {
    open.emplace_back().type = type;
    return true;
  }
  bool end() {
    if (open.back().type == json_node::kind::object) keep_last_values(open.back().members);
    auto value = std::move(open.back());
    open.pop_back();
    return add(std::move(value));
  }
  bool scalar(json_node::kind type, std::string_view last) {
    json_node value;
    value.type = type;
    value.text = std::move(part);
    value.text += last;
    part.clear();
    return add(std::move(value));
  }

  bool on_document_begin(ec_t&) { return true; }
  bool on_document_end(ec_t&) { return true; }
  bool on_array_begin(ec_t&) { return begin(json_node::kind::array); }
  bool on_array_end(std::size_t, ec_t&) { return end(); }
  bool on_object_begin(ec_t&) { return begin(json_node::kind::object); }
  bool on_object_end(std::size_t, ec_t&) { return end(); }
  bool on_string_part(json::string_view s, std::size_t, ec_t&) { return part.append(s.data(), s.size()), true; }
  bool on_string(json::string_view s, std::size_t, ec_t&) { return scalar(json_node::kind::string, {s.data(), s.size()}); }
  bool on_key_part(json::string_view s, std::size_t, ec_t&) { return part.append(s.data(), s.size()), true; }
  bool on_key(json::string_view s, std::size_t, ec_t&) {
    part.append(s.data(), s.size());
    names.push_back(std::move(part));
    part.clear();
    return true;
  }
  bool on_number_part(json::string_view s, ec_t&) { return part.append(s.data(), s.size()), true; }
  bool on_int64(std::int64_t, json::string_view s, ec_t&) { return scalar(json_node::kind::number, {s.data(), s.size()}); }
  bool on_uint64(std::uint64_t, json::string_view s, ec_t&) { return scalar(json_node::kind::number, {s.data(), s.size()}); }
  bool on_double(double, json::string_view s, ec_t&) { return scalar(json_node::kind::number, {s.data(), s.size()}); }
  bool on_bool(bool b, ec_t&) { return scalar(json_node::kind::boolean, b ? "true" : "false"); }
  bool on_null(ec_t&) { return scalar(json_node::kind::null, {}); }
  bool on_comment_part(json::string_view, ec_t&) { return true; }
  bool on_comment(json::string_view, ec_t&) { return true; }
};

base::error syntax_error(const boost::system::error_code& ec, std::size_t position) {
  return {base::errc::invalid_argument, fmt::format("{} at position {}", ec.message(), position)};
}

}  // namespace

const json_node* json_node::find(std::string_view name) const {
  auto it = std::find_if(members.begin(), members.end(), [&](const member& m) { return m.first == name; });
  return it == members.end() ? nullptr : &it->second;
}

json_node* json_node::find(std::string_view name) {
  return const_cast<json_node*>(std::as_const(*this).find(name));
}

void json_node::set(std::string name, json_node value) {
  if (auto* present = find(name)) {
    *present = std::move(value);
  } else {
    members.emplace_back(std::move(name), std::move(value));
  }
}

void json_node::erase(std::string_view name) {
  std::erase_if(members, [&](const member& m) { return m.first == name; });
}

json_node json_node::make_string(std::string value) {
  json_node node;
  node.type = kind::string;
  node.text = std::move(value);
  return node;
}

base::result<json_node> parse_json(std::string_view text, std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  json::basic_parser<tree_builder> parser(options);
  boost::system::error_code ec;
  auto used = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && used < text.size()) {
    auto rest = text.find_first_not_of(" \t\r\n", used);
    if (rest != std::string_view::npos) return syntax_error(json::error::extra_data, rest);
  }
  if (ec) return syntax_error(ec, used);
  return std::move(parser.handler().root);
}

void append_json_string(std::string& out, std::string_view utf8) {
  out += '"';
  for (char c : utf8) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void append_json(std::string& out, const json_node& node) {
  switch (node.type) {
    case json_node::kind::null: out += "null"; return;
    case json_node::kind::boolean:
    case json_node::kind::number: out += node.text; return;
    case json_node::kind::string: append_json_string(out, node.text); return;
    case json_node::kind::array: {
      out += '[';
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (i) out += ',';
        append_json(out, node.items[i]);
      }
      out += ']';
      return;
    }
    case json_node::kind::object: {
      out += '{';
      bool first = true;
      for (const auto& [name, value] : node.members) {
        if (!std::exchange(first, false)) out += ',';
        append_json_string(out, name);
        out += ':';
        append_json(out, value);
      }
      out += '}';
    }
  }
}

std::string to_json(const json_node& node) {
  std::string out;
  append_json(out, node);
  return out;
}

}  // namespace dbcord::protocol
