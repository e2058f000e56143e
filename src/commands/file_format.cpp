#include "commands/file_format.hpp"

#include <fmt/format.h>

#include <boost/algorithm/string/predicate.hpp>

#include "base/byte_order_mark.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

constexpr file_format all_formats[] = {file_format::jsonl, file_format::json, file_format::csv};

}  // namespace

std::string_view extension_of(file_format format) {
  switch (format) {
    case file_format::jsonl: return "jsonl";
    case file_format::json: return "json";
    case file_format::csv: return "csv";
  }
  return "jsonl";
}

std::vector<std::string> file_format_names() {
  std::vector<std::string> names;
  for (auto format : all_formats) names.emplace_back(extension_of(format));
  return names;
}

base::result<file_format> file_format_named(std::string_view name) {
  for (auto format : all_formats)
    if (extension_of(format) == name) return format;
  return base::error(base::errc::invalid_argument, fmt::format("format: {} is not a format; use jsonl, json or csv.", quote(name)));
}

base::result<std::optional<file_format>> import_format(std::string_view named, std::string_view file_name, std::string_view at) {
  std::optional<file_format> format;
  if (!named.empty()) {
    auto known = file_format_named(named);
    if (!known) return known.error();
    format = *known;
  } else if (boost::algorithm::iends_with(file_name, ".csv")) {
    format = file_format::csv;
  }
  if (!at.empty() && format && *format != file_format::json)
    return base::error(base::errc::invalid_argument, fmt::format("at: only in a JSON document is something to be looked for, and this is {}; leave at out.",
                                                                 *format == file_format::csv ? "CSV" : "JSON lines"));
  return format;
}

base::result<std::string_view> text_of_file(std::string_view bytes, std::string_view argument) {
  if (bytes.substr(0, 2) == "\xFF\xFE" || bytes.substr(0, 2) == "\xFE\xFF")
    return base::error(base::errc::invalid_argument, fmt::format("{}: it is UTF-16; save it as UTF-8.", argument));
  return base::without_byte_order_mark(bytes);
}

}  // namespace dbcord::commands
