#include "protocol/row_fingerprints.hpp"

#include <xxhash.h>

#include <algorithm>

#include "protocol/canonical_value.hpp"
#include "protocol/field_path.hpp"
#include "protocol/predicate.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::size_t fingerprint_bytes = 2;

bool has_dot(std::string_view name) { return name.find('.') != name.npos; }

std::uint16_t fingerprint(std::string_view path, std::string_view canonical_text) {
  std::string both(path);
  both += '\0';
  both += canonical_text;
  return static_cast<std::uint16_t>(XXH3_64bits(both.data(), both.size()));
}

// Goes where predicates go, but for places in lists ("items.0").
class scalar_walk {
 public:
  // False: they are too many, or a name has a dot.
  bool members(const json_node& object, const std::string& path_before) {
    return std::all_of(object.members.begin(), object.members.end(), [&](const auto& m) { return !has_dot(m.first) && at(m.second, path_before + m.first); });
  }
  bool at(const json_node& value, const std::string& path) {
    if (value.is_scalar()) return add(fingerprint(path, canonical(value)));
    if (value.is_object()) return members(value, path + '.');
    return std::all_of(value.items.begin(), value.items.end(), [&](const json_node& item) {
      return item.is_scalar() ? add(fingerprint(path, canonical(item))) : !item.is_object() || members(item, path + '.');
    });
  }
  const std::vector<std::uint16_t>& found() const { return found_; }

 private:
  bool add(std::uint16_t one) {
    auto at = std::lower_bound(found_.begin(), found_.end(), one);
    if (at == found_.end() || *at != one) found_.insert(at, one);
    return found_.size() <= fingerprints_most;
  }

  std::vector<std::uint16_t> found_;
};

}  // namespace

std::string row_fingerprints(const json_node& row, const std::function<bool(std::string_view name)>& is_known) {
  scalar_walk walk;
  for (const auto& [name, value] : row.members) {
    if (has_dot(name)) return {};
    if (!is_known(name) && !walk.at(value, name)) return {};
  }
  std::string bytes(1, fingerprints_mark);
  for (auto one : walk.found()) {
    bytes += static_cast<char>(one & 0xFF);
    bytes += static_cast<char>(one >> 8);
  }
  return bytes;
}

bool are_fingerprints(std::string_view bytes) {
  return !bytes.empty() && bytes.front() == fingerprints_mark && bytes.size() % fingerprint_bytes == 1 && bytes.size() <= 1 + fingerprint_bytes * fingerprints_most;
}

std::vector<std::uint16_t> fingerprints_demanded(const field_condition& c) {
  const auto& items = c.operand.items;
  bool all_scalars = c.how == comparison::in && std::all_of(items.begin(), items.end(), [](const json_node& item) { return item.is_scalar(); });
  bool one_scalar = c.how == comparison::eq && c.operand.is_scalar();
  std::vector<std::uint16_t> demanded;
  if ((!all_scalars && !one_scalar) || may_lead_by_place(c.path)) return demanded;
  for (const auto& text : c.canonical) demanded.push_back(fingerprint(c.path, text));
  std::sort(demanded.begin(), demanded.end());
  return demanded;
}

bool may_have(std::string_view of_row, const std::vector<std::uint16_t>& demanded) {
  for (std::size_t at = 1; at + 1 < of_row.size(); at += fingerprint_bytes) {
    auto low = static_cast<unsigned char>(of_row[at]), high = static_cast<unsigned char>(of_row[at + 1]);
    if (std::binary_search(demanded.begin(), demanded.end(), static_cast<std::uint16_t>(low | high << 8))) return true;
  }
  return false;
}

}  // namespace dbcord::protocol
