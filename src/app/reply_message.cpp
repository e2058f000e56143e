#include "app/reply_message.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <charconv>

#include "bot/message_rendering.hpp"
#include "commands/controls.hpp"
#include "commands/job_table.hpp"

namespace dbcord::app {
namespace {

namespace json = boost::json;

constexpr std::int64_t loading = 1 << 7;  // Discord docs, Message Flags

const json::object* object_member(const json::object& object, std::string_view name) {
  auto* member = object.if_contains(name);
  return member ? member->if_object() : nullptr;
}

const json::array& array_member(const json::object& object, std::string_view name) {
  static const json::array none;
  auto* member = object.if_contains(name);
  auto* list = member ? member->if_array() : nullptr;
  return list ? *list : none;
}

std::int64_t integer_member(const json::object& object, std::string_view name) {
  auto* member = object.if_contains(name);
  return member && member->is_int64() ? member->get_int64() : 0;
}

void add_paragraph(std::string& text, const std::string& more) {
  if (more.empty()) return;
  if (!text.empty()) text += '\n';
  text += more;
}

// What could move a terminal's cursor has no place in a reply; line breaks and tabs have.
std::string printable(std::string text) {
  for (char& c : text)
    if ((static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') || c == 0x7f) c = ' ';
  return text;
}

void add_embed(std::string& text, const json::object& embed) {
  add_paragraph(text, string_member(embed, "title"));
  add_paragraph(text, string_member(embed, "description"));
  for (const auto& entry : array_member(embed, "fields")) {
    if (auto* field = entry.if_object())
      add_paragraph(text, string_member(*field, "name") + ": " + string_member(*field, "value"));
  }
  if (auto* footer = object_member(embed, "footer")) add_paragraph(text, string_member(*footer, "text"));
}

}  // namespace

std::string string_member(const json::object& object, std::string_view name) {
  auto* member = object.if_contains(name);
  auto* text = member ? member->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

std::string interaction_of(const json::object& message) {
  auto* metadata = object_member(message, "interaction_metadata");
  return metadata ? string_member(*metadata, "id") : std::string();
}

bool is_unfinished(const json::object& message) {
  return (integer_member(message, "flags") & loading) != 0 || bot::is_progress(string_member(message, "content"));
}

// "… 40 %, 400 of 1000. Job 3."
std::optional<told_progress> progress_of(const json::object& message) {
  auto text = string_member(message, "content");
  auto comma = text.rfind(" %, ");
  if (!bot::is_progress(text) || comma == text.npos) return std::nullopt;
  constexpr std::string_view between = " of ";
  told_progress told;
  auto* end = text.data() + text.size();
  auto done = std::from_chars(text.data() + comma + 4, end, told.done);
  if (done.ec != std::errc{} || !std::string_view(done.ptr, end).starts_with(between)) return std::nullopt;
  auto all = std::from_chars(done.ptr + between.size(), end, told.all);
  return all.ec == std::errc{} ? std::optional(told) : std::nullopt;
}

// As above.
std::optional<std::int64_t> job_of(const json::object& message) {
  constexpr std::string_view word = ". Job ";
  auto text = string_member(message, "content");
  auto at = text.rfind(word);
  if (!bot::is_progress(text) || at == text.npos) return std::nullopt;
  std::int64_t job = 0;
  auto [end, ec] = std::from_chars(text.data() + at + word.size(), text.data() + text.size(), job);
  return ec == std::errc{} && std::string_view(end, text.data() + text.size()) == "." ? std::optional(job) : std::nullopt;
}

std::optional<job_reference> goes_on_as(const json::object& message) {
  auto text = string_member(message, "content");
  auto at = text.find(bot::goes_on_mark);
  if (!text.starts_with('`') || at == text.npos || at > text.find('\n')) return std::nullopt;
  job_reference job{0, text.substr(1, at - 1)};
  auto digits = std::string_view(text).substr(at + bot::goes_on_mark.size());
  return std::from_chars(digits.data(), digits.data() + digits.size(), job.number).ec == std::errc{} ? std::optional(std::move(job)) : std::nullopt;
}

// "Job 3 (`dbc_vacuum prod`) is running: 40 %, 400 of 1000.", "Job 3 (`dbc_vacuum prod`): Vacuum of …" (commands/dbc_jobs.cpp).
job_report report_of_job(json::object reply, const job_reference& job) {
  auto text = string_member(reply, "content");
  std::string_view body = text;
  bool failed = bot::is_failure(body);
  if (failed) body.remove_prefix(bot::failure_mark.size());
  if (failed && body.find(fmt::format("{}{} ", commands::no_such_job, job.number)) != body.npos) return {job_report::kind::unknown, {}};
  if (!body.starts_with(fmt::format("Job {} (`", job.number))) return {job_report::kind::unclear, {}};
  auto heading = fmt::format("Job {} (`{}`)", job.number, job.command);
  if (!body.starts_with(heading)) return {job_report::kind::unknown, {}};  // numbers begin anew with each process of the bot
  body.remove_prefix(heading.size());
  bool done = body.starts_with(": ");
  auto told = done ? std::string(failed ? bot::failure_mark : "") + std::string(body.substr(2)) : fmt::format("{}{} Job {}.", bot::progress_mark, text, job.number);
  reply["content"] = told;
  return {done ? job_report::kind::done : job_report::kind::at_work, std::move(reply)};
}

json::object form_as_message(const json::object& form) {
  auto text = std::string(bot::failure_mark) + "This opens the form \"" + string_member(form, "title") + "\", which cannot be filled in here.";
  for (const auto& entry : array_member(form, "components")) {
    auto* label = entry.if_object();
    auto* input = label ? object_member(*label, "component") : nullptr;
    if (!input) continue;
    text += " Give the argument " + string_member(*input, "custom_id") + " instead. " + string_member(*label, "label") + ":\n" + string_member(*input, "value");
  }
  json::object message;
  message["content"] = text;
  return message;
}

std::string text_of(const json::object& message) {
  auto text = string_member(message, "content");
  for (const auto& entry : array_member(message, "embeds"))
    if (auto* embed = entry.if_object()) add_embed(text, *embed);
  return printable(std::move(text));
}

std::vector<reply_attachment> attachments_of(const json::object& message) {
  std::vector<reply_attachment> found;
  for (const auto& entry : array_member(message, "attachments")) {
    auto* attachment = entry.if_object();
    if (!attachment) continue;
    found.push_back({string_member(*attachment, "filename"), string_member(*attachment, "url"),
                     static_cast<std::uint64_t>(integer_member(*attachment, "size"))});
  }
  return found;
}

std::vector<std::string> choices_of(const json::object& response) {
  std::vector<std::string> values;
  for (const auto& entry : array_member(response, "choices")) {
    auto* choice = entry.if_object();
    auto value = choice ? string_member(*choice, "value") : std::string();
    if (!value.empty()) values.push_back(std::move(value));
  }
  return values;
}

bool asks_first(const json::object& message) {
  for (const auto& line : array_member(message, "components")) {
    auto* row = line.if_object();
    if (!row) continue;
    for (const auto& entry : array_member(*row, "components")) {
      auto* button = entry.if_object();
      if (button && integer_member(*button, "style") == static_cast<int>(commands::button_style::danger)) return true;
    }
  }
  return false;
}

bool is_failure(const json::object& message) { return bot::is_failure(string_member(message, "content")); }

}  // namespace dbcord::app
