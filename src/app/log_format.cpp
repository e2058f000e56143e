#include "app/log_format.hpp"

namespace dbcord::app {
namespace {

constexpr std::string_view masked = "***";
// base64 of "interaction:"; every interaction token begins with it.
constexpr std::string_view interaction_token_start = "aW50ZXJhY3Rpb246";

bool needs_quotes(std::string_view value) {
  if (value.empty()) return true;
  for (unsigned char c : value)
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return true;
  return false;
}

void append_quoted(std::string& out, std::string_view value) {
  out += '"';
  for (unsigned char c : value) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < ' ' || c == 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else {
      out += static_cast<char>(c);
    }
  }
  out += '"';
}

void append_pair(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out += ' ';
  out += key;
  out += '=';
  if (needs_quotes(value)) {
    append_quoted(out, value);
  } else {
    out += value;
  }
}

bool is_token_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '_' ||
         c == '.' || c == '=' || c == '%';
}

void mask_interaction_tokens(std::string& text) {
  for (auto at = text.find(interaction_token_start); at != text.npos; at = text.find(interaction_token_start, at)) {
    auto end = at;
    while (end < text.size() && is_token_character(text[end])) ++end;
    text.replace(at, end - at, masked);
  }
}

}  // namespace

std::string format_event(std::string_view event, base::logger::fields values) {
  std::string line;
  append_pair(line, "event", event);
  for (const auto& field : values) append_pair(line, field.key, field.value);
  return line;
}

std::string mask_secrets(std::string text, const std::vector<std::string>& secrets) {
  for (const auto& secret : secrets)
    for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + masked.size()))
      text.replace(at, secret.size(), masked);
  mask_interaction_tokens(text);
  return text;
}

}  // namespace dbcord::app
