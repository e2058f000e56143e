#pragma once
// Which fields of a row are shown, and in which order rows come. Immutable values, any thread; parsing never throws.

#include <string>
#include <string_view>
#include <vector>

#include "protocol/json_node.hpp"

namespace dbcord::protocol {

// "id, address.city": these fields and no others, in the row's own order; fields of objects in arrays item by item. Empty: all.
class projection {
 public:
  static base::result<projection> parse(std::string_view fields);

  bool everything() const { return paths_.empty(); }
  const std::vector<std::string>& paths() const { return paths_; }
  json_node apply(const json_node& row) const;

 private:
  std::vector<std::string> paths_;
};

// "age desc, name": by these fields, each ascending unless it says desc, missing fields first (value_order.hpp). Empty: no order. -age is age desc; a name in
// quotes is taken as it stands: "-age" desc, with "" for a quote within.
class sort_order {
 public:
  struct term {
    std::string path;
    bool descending = false;
  };
  using key = std::vector<json_node>;  // the values of the terms

  static base::result<sort_order> parse(std::string_view terms);

  bool none() const { return terms_.empty(); }
  const std::vector<term>& terms() const { return terms_; }
  key key_of(const json_node& row) const;
  bool before(const key& a, const key& b) const;

 private:
  std::vector<term> terms_;
};

}  // namespace dbcord::protocol
