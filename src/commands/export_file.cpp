#include "commands/export_file.hpp"

#include <unordered_map>
#include <vector>

#include "commands/csv_value.hpp"

namespace dbcord::commands {
namespace {

using protocol::json_node;
using exported_rows = std::span<const std::string>;

std::string as_lines(exported_rows rows) {
  std::string out;
  for (const auto& row : rows) out += row + "\n";
  return out;
}

std::string as_array(exported_rows rows) {
  std::string out = "[";
  for (const auto& row : rows) out += (out.size() > 1 ? ",\n" : "\n") + row;
  return out + "\n]\n";
}

class csv_writer {
 public:
  explicit csv_writer(exported_rows rows) {
    for (const auto& row : rows) {
      if (auto node = protocol::parse_json(row)) note_columns(nodes_.emplace_back(std::move(*node)));
    }
  }

  // Ends early when there are more bytes: rows that share few fields make a file of commas.
  std::string write(std::size_t most_bytes) const {
    std::string out;
    for (const auto& name : names_) {
      if (&name != &names_.front()) out += ',';
      append_csv_head(out, name);
    }
    out += "\r\n";
    for (const auto& node : nodes_) {
      if (out.size() > most_bytes) break;
      write_row(out, node);
    }
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
      append_csv_value(out, cells[i]);
    }
    out += "\r\n";
  }

  std::vector<json_node> nodes_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> columns_;
};

}  // namespace

std::optional<std::string> export_file(std::span<const std::string> rows, file_format format, std::size_t most_bytes) {
  auto file = format == file_format::json ? as_array(rows) : format == file_format::csv ? csv_writer(rows).write(most_bytes) : as_lines(rows);
  if (file.size() > most_bytes) return std::nullopt;
  return file;
}

}  // namespace dbcord::commands
