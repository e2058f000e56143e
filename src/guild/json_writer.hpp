#pragma once
// Writes JSON text straight into a string: answers and events are written far more often than they are read,
// and a message is written several times, so no document tree is built. Owned by the caller for one document;
// the string must outlive it. The caller balances begin and end; text must be valid UTF-8 (everything that
// entered through JSON is).

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dbcord/base/ids.hpp"

namespace dbcord::guild {

// `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

class json_writer {
 public:
  explicit json_writer(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(std::nullptr_t) { raw("null"); }
  void value(double number);
  template <std::same_as<bool> Bool>
  void value(Bool yes) {
    raw(yes ? "true" : "false");
  }
  template <std::integral Int>
  requires(!std::same_as<Int, bool>) void value(Int number) {
    separate();
    out_ += std::to_string(number);
    need_comma_ = true;
  }
  template <class Tag>
  void value(base::snowflake<Tag> id) {
    quoted_number(id.value);
  }
  template <class T>
  void value(const std::optional<T>& v) {
    if (v) {
      value(*v);
    } else {
      value(nullptr);
    }
  }
  void raw(std::string_view json);
  // 64-bit sets and ids are strings in Discord's JSON.
  void quoted_number(std::uint64_t number);

  template <class T>
  void field(std::string_view name, const T& v) {
    key(name);
    value(v);
  }
  void raw_field(std::string_view name, std::string_view json) {
    key(name);
    raw(json);
  }
  void bits_field(std::string_view name, std::uint64_t bits) {
    key(name);
    quoted_number(bits);
  }
  // An id that may be missing: 0 is written as null.
  template <class Tag>
  void id_or_null(std::string_view name, base::snowflake<Tag> id) {
    key(name);
    if (id) {
      value(id);
    } else {
      value(nullptr);
    }
  }

 private:
  void separate() {
    if (need_comma_) out_ += ',';
  }
  void open(char c) {
    separate();
    out_ += c;
    need_comma_ = false;
  }
  void close(char c) {
    out_ += c;
    need_comma_ = true;
  }

  std::string& out_;
  bool need_comma_ = false;
};

}  // namespace dbcord::guild
