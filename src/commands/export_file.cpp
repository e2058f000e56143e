#include "commands/export_file.hpp"

#include <unordered_map>

#include "protocol/json_node.hpp"

namespace dbcord::commands {
namespace {

using protocol::json_node;

std::string as_lines(const std::vector<std::string>& rows) {
  std::string out;
  for (const auto& row : rows) out += row + "\n";
  return out;
}

std::string as_array(const std::vector<std::string>& rows) {
  std::string out = "[";
  for (const auto& row : rows) out += (out.size() > 1 ? ",\n" : "\n") + row;
  return out + "\n]\n";
}

void append_cell(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) {
    out += text;
    return;
  }
  out += '"';
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string cell_text(const json_node* value) {
  if (!value || value->type == json_node::kind::null) return {};
  return value->type == json_node::kind::string ? value->text : protocol::to_json(*value);
}

class csv_writer {
 public:
  explicit csv_writer(const std::vector<std::string>& rows) {
    for (const auto& row : rows) {
      if (auto node = protocol::parse_json(row)) note_columns(nodes_.emplace_back(std::move(*node)));
    }
  }

  std::string write() const {
    std::string out;
    for (const auto& name : names_) {
      if (&name != &names_.front()) out += ',';
      append_cell(out, name);
    }
    out += "\r\n";
    for (const auto& node : nodes_) write_row(out, node);
    return out;
  }

 private:
  void note_columns(const json_node& row) {
    for (const auto& [name, value] : row.members) {
      if (columns_.emplace(name, names_.size()).second) names_.push_back(name);
    }
  }

  void write_row(std::string& out, const json_node& row) const {
    std::vector<const json_node*> cells(names_.size());
    for (const auto& [name, value] : row.members) cells[columns_.at(name)] = &value;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out += ',';
      append_cell(out, cell_text(cells[i]));
    }
    out += "\r\n";
  }

  std::vector<json_node> nodes_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> columns_;
};

}  // namespace

std::optional<export_format> export_format_named(std::string_view name) {
  for (auto format : {export_format::jsonl, export_format::json, export_format::csv}) {
    if (extension_of(format) == name) return format;
  }
  return std::nullopt;
}

std::string_view extension_of(export_format format) {
  switch (format) {
    case export_format::jsonl: return "jsonl";
    case export_format::json: return "json";
    case export_format::csv: return "csv";
  }
  return "jsonl";
}

std::string export_file(const std::vector<std::string>& rows, export_format format) {
  if (format == export_format::json) return as_array(rows);
  if (format == export_format::csv) return csv_writer(rows).write();
  return as_lines(rows);
}

}  // namespace dbcord::commands
