#include "commands/reply_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/code_points.hpp"
#include "base/number_text.hpp"
#include "commands/arguments.hpp"
#include "commands/json_scan.hpp"
#include "commands/nearest_name.hpp"
#include "commands/typed_argument.hpp"
#include "database/doubt_words.hpp"

namespace dbcord::commands {
namespace {

void make_one_line(std::string& text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
}

// The engine writes phrases that can stand inside a sentence, keys in double quotes. One that begins with an argument's name keeps its case.
std::string as_sentence(std::string text) {
  if (text.empty()) return text;
  make_one_line(text);
  text = with_hidden_shown(text);
  auto first_word = std::string_view(text).substr(0, text.find(' '));
  bool argument = first_word.find('_') != std::string_view::npos || first_word == "key" || first_word.ends_with(':');
  if (!argument && text.front() >= 'a' && text.front() <= 'z') text.front() = static_cast<char>(text.front() - 0x20);
  if (std::string_view(".!?").find(text.back()) == std::string_view::npos) text += '.';
  return text;
}

// What the person can take instead: the likely name, and the others.
std::string alternatives(std::string_view typed, std::string_view kind, const std::vector<std::string>& names) {
  auto near = nearest_name(typed, names);
  std::string text;
  if (!near.empty()) text += fmt::format(" Did you mean `{}`?", near);
  if (near.empty() || names.size() > 1)
    text += fmt::format(" The {}{} there {} {}.", kind, names.size() == 1 ? "" : "s", names.size() == 1 ? "is" : "are", list_names(names));
  return text;
}

std::string no_such_database(const services& s, std::string_view name) {
  auto names = s.engine.databases();
  auto closed = not_open_text(s);
  if (names.empty() && !closed.empty()) return fmt::format("There is no database {}, and none is open.{}", quote(name), closed);
  if (names.empty())
    return fmt::format("There is no database {}; there are none yet. Make it with `/dbc_init`.", quote(name));
  return fmt::format("There is no database {}.{} A new one is made with `/dbc_init`.", quote(name),
                     alternatives(name, "database", names));
}

std::string no_such_table(const services& s, const std::string& database, std::string_view name) {
  auto names = s.engine.tables(database);
  if (names.empty())
    return fmt::format("There is no table {} in {}, which has none yet. Make it with `/dbc_table_create`.", quote(name),
                       quote(database));
  return fmt::format("There is no table {} in {}.{} A new one is made with `/dbc_table_create`.", quote(name), quote(database),
                     alternatives(name, "table", names));
}

// Repeating the command in Discord makes a new interaction, which would act again: so people are told to look first.
std::string outcome_unknown(const invocation& call, const base::error& e) {
  auto doubt = with_full_stop(fmt::format("Whether this was done is not known yet, since {}", database::reason_of_doubt(e)));
  return fmt::format("{0} It is done as a whole or not at all: look before you repeat it, or ask later: `/dbc_jobs receipt:{1}`. Receipt: `{1}`", doubt, call.idempotency_key);
}

}  // namespace

reply failure(std::string sentence) {
  reply r;
  r.ok = false;
  r.text = std::move(sentence);
  return r;
}

std::string quote(std::string_view text, std::size_t at_most) {
  auto begun = base::first_code_points(text, at_most);
  std::string shown(begun);
  make_one_line(shown);
  bool is_blank = shown.find_first_not_of(' ') == std::string::npos;
  if (text.empty()) shown = "(empty)";
  else if (is_blank || has_hidden(shown)) shown = in_quotes(is_blank ? begun : shown);
  return fenced(shown + (begun.size() < text.size() ? "…" : ""));
}

std::string quote_key(std::string_view key, std::size_t at_most) {
  if (find_invalid_utf8(key)) return quote(key, at_most);
  auto begun = base::first_code_points(key, at_most);
  return fenced((looks_otherwise(begun) ? in_quotes(begun) : std::string(begun)) + (begun.size() < key.size() ? "…" : ""));
}

// As Discord's markdown wants it; the spaces are not shown.
std::string fenced(std::string_view code) {
  std::size_t longest = 0, run = 0;
  for (char c : code) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  std::string fence(longest + 1, '`');
  std::string_view space = longest > 0 ? " " : "";
  return fmt::format("{}{}{}{}{}", fence, space, code, space, fence);
}

std::string named_twice(std::string_view name) { return fmt::format("the name {} stands twice in one object; leave one out", quote(name)); }

std::string count(std::uint64_t n, std::string_view singular) {
  return fmt::format("{} {}{}", base::with_separators(n), singular, n == 1 ? "" : "s");
}

std::string count_for_programs(std::uint64_t n, std::string_view singular) { return fmt::format("{} {}{}", n, singular, n == 1 ? "" : "s"); }

std::string values_are(std::uint64_t rows, std::string_view before) {
  return rows == 1 ? "The value of 1 row is" : fmt::format("The values of {}{} rows are", before, base::with_separators(rows));
}

std::string without_end(std::string sentence) {
  while (sentence.ends_with('.') || sentence.ends_with('\n')) sentence.pop_back();
  return sentence;
}

std::string rows_came_since(std::uint64_t rows) { return fmt::format("Nothing was deleted: {} came since this was asked. ", count(rows, "row")); }

std::string with_full_stop(std::string sentence) {
  bool ended = !sentence.empty() && std::string_view(".!?").find(sentence.back()) != std::string_view::npos;
  return ended ? sentence : sentence + ".";
}

std::string no_databases_text(const services& s) {
  auto closed = s.engine.failed().size();
  if (closed == 0) return "There are no databases yet. Make one with `/dbc_init database:prod`.";
  return closed == 1 ? "No database is open: there is one that could not be opened." : fmt::format("No database is open: there are {} that could not be opened.", closed);
}

std::string not_open_text(const services& s) {
  std::string text;
  for (auto& why : s.engine.failed()) text += "\nNot open: " + with_full_stop(std::move(why));
  return text;
}

reply explain(const services& s, const invocation& call, const base::error& e) {
  auto database = text_argument(call, "database");
  if (e.code == database::errc::unknown_database) return failure(no_such_database(s, database));
  if (e.code == database::errc::unknown_table && has_argument(call, "table"))
    return failure(no_such_table(s, database, text_argument(call, "table")));
  if (e.code == database::errc::outcome_unknown) return failure(outcome_unknown(call, e));
  if (e.code == database::errc::unfinished) return failure(fmt::format("{} Receipt: `{}`", as_sentence(e.message), call.idempotency_key));
  if (!e.message.empty() && e.message != e.code.message()) return failure(as_sentence(e.message));
  if (e.code == base::errc::stopping) return failure("dbcord is shutting down; nothing was done.");
  bool nothing_done = e.code == database::errc::backpressure || e.code == base::errc::overloaded || e.code == database::errc::conflict;
  return failure(as_sentence(e.code.message()) + (nothing_done ? " Nothing was changed; try again in a moment." : ""));
}

}  // namespace dbcord::commands
