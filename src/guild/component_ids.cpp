#include "guild/component_ids.hpp"

#include <boost/json/object.hpp>
#include <set>

#include "guild/json_read.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

template <class Visit>
void each_component(json::array& list, const Visit& visit) {
  for (auto& item : list) {
    auto* component = item.if_object();
    if (!component) continue;
    visit(*component);
    auto* inner = component->if_contains("components");
    if (inner && inner->if_array()) each_component(inner->get_array(), visit);
    auto* field = component->if_contains("component");  // of a label
    if (field && field->if_object()) visit(field->get_object());
  }
}

}  // namespace

void number_components(json::array& rows) {
  std::set<std::int64_t> taken;
  each_component(rows, [&](json::object& c) { taken.insert(integer_field(c, "id").value_or(0)); });
  std::int64_t next = 1;
  each_component(rows, [&](json::object& c) {
    if (integer_field(c, "id").value_or(0) > 0) return;
    while (taken.contains(next)) ++next;
    c["id"] = next++;
  });
}

}  // namespace dbcord::guild
