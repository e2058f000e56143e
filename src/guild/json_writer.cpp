#include "guild/json_writer.hpp"

#include <fmt/format.h>

namespace dbcord::guild {
namespace {

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_plain(text[i])) continue;
    out.append(text, begin, i - begin);
    append_escape(out, text[i]);
    begin = i + 1;
  }
  out.append(text, begin);
  out += '"';
}

void json_writer::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  need_comma_ = false;
}

void json_writer::value(std::string_view text) {
  separate();
  append_json_string(out_, text);
  need_comma_ = true;
}

// 540 stays a fraction ("540.0"): clients in typed languages read it as one.
void json_writer::value(double number) {
  auto text = fmt::format("{}", number);
  bool whole = text.find_first_not_of("-0123456789") == std::string::npos;
  raw(whole ? text + ".0" : text);
}

void json_writer::raw(std::string_view json) {
  separate();
  out_ += json;
  need_comma_ = true;
}

void json_writer::quoted_number(std::uint64_t number) {
  separate();
  out_ += '"';
  out_ += std::to_string(number);
  out_ += '"';
  need_comma_ = true;
}

}  // namespace dbcord::guild
