#include "simulation/reply_reader.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/number_text.hpp"
#include "bot/message_rendering.hpp"
#include "simulation/long_text.hpp"

namespace dbcord::simulation {

namespace json = boost::json;

namespace {

constexpr std::string_view import_in_doubt = "whether others were is not known yet";
constexpr std::string_view has_instead = " was changed meanwhile: it has version ";  // than the one that was expected
constexpr std::string_view block_begin = "```json\n";
constexpr std::string_view block_end = "\n```";

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

void read_rows(std::string_view content, reply_meaning& meaning) {
  auto begin = content.find(block_begin);
  if (begin == std::string_view::npos) return;
  content.remove_prefix(begin + block_begin.size());
  auto end = content.rfind(block_end);
  if (end == std::string_view::npos) {
    meaning.strange = "a JSON block without an end";
    return;
  }
  read_rows_of(content.substr(0, end), meaning);
}

std::optional<std::int64_t> number_in(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  return value.is_string() ? number_of_text(value.get_string()) : std::nullopt;
}

// "- line 3, `k2`: reason"
void read_refused_rows(std::string_view content, reply_meaning& meaning) {
  for (auto line : lines_of(content)) {
    if (!line.starts_with("- line ")) continue;
    auto open = line.find('`');
    auto close = line.find('`', open + 1);
    if (close == std::string_view::npos || line.substr(close + 1, 2) != ": ") {
      meaning.strange = "a refused row without its key: " + std::string(line);
      return;
    }
    meaning.refused_rows[std::string(line.substr(open + 1, close - open - 1))] = line.substr(close + 3);
  }
}

// A process that was paused for as long as its answer may take has no time left to ask Discord for an evicted value.
constexpr std::string_view values_unreadable = "a row that is not in memory cannot be read now";

// "… it has version 4, not 3; nothing was changed, …"
void read_other_version(std::string_view text, reply_meaning& meaning) {
  meaning.version = base::number_after(text, has_instead);
  auto expected = base::number_after(text, fmt::format("{}{}, not ", has_instead, meaning.version.value_or(0)));
  if (!meaning.version || !expected || !contains(text, "nothing was changed")) meaning.strange = "a refusal for a version that it does not tell";
}

void read_failure(std::string_view text, reply_meaning& meaning) {
  // What a person must never be told while the table is there and the program sound.
  for (std::string_view never : {"There is no table", "There is no database", "nternal error", "cannot be read"}) {
    if (contains(text, never) && !contains(text, values_unreadable)) meaning.strange = "must not be said: " + std::string(text);
  }
  meaning.outcome = outcome_of_refusal(text);
  meaning.told = text;
  if (meaning.outcome == operation_outcome::refused_version) read_other_version(text, meaning);
  if (meaning.outcome != operation_outcome::refused || text.find("Imported ") != std::string_view::npos) return;
  // Sentences that promise that nothing has happened. A new one is added here once it is known to keep its promise.
  bool known = contains(text, values_unreadable) && contains(text, "try again");
  for (std::string_view promise : {"othing was done", "othing was changed", "is closed here", "could not be opened", "is unique in table",
                                   "no new rows are taken", "oo much waits to be written", "The search for rows was cancelled. dbcord is being stopped"}) {
    known = known || contains(text, promise);
  }
  if (!known) meaning.strange = "a refusal of an unknown kind";
}

// "3 of 6 rows were imported before this error: …": which of them are in it does not say, since the transactions of an import go on side by side; what failed has
// written nothing, so the others are not in. Or "… for certain, and whether others were is not known yet".
void read_failed_import(std::string_view text, reply_meaning& meaning) {
  constexpr std::string_view some = " rows were imported ";
  auto at = text.find(some);
  if (at == std::string_view::npos) {
    meaning.no_others = meaning.outcome == operation_outcome::refused;
    if (meaning.no_others) meaning.imported = 0;
    return;
  }
  auto begin = text.rfind(" of ", at);
  begin = begin == std::string_view::npos ? begin : text.find_last_not_of("0123456789", begin - 1) + 1;
  meaning.imported = begin == std::string_view::npos ? std::nullopt : base::number_after(text.substr(begin), "");
  auto all = begin == std::string_view::npos ? std::nullopt : base::number_after(text.substr(begin), " of ");
  if (!meaning.imported || !all || *meaning.imported > *all) meaning.strange = "an import without the number of its rows";
  meaning.no_others = meaning.outcome != operation_outcome::unknown;
  bool nothing = meaning.no_others && meaning.imported == 0;
  meaning.outcome = nothing ? operation_outcome::refused : operation_outcome::unknown;
}

void read_import(std::string_view text, reply_meaning& meaning) {
  auto accepted = base::number_after(text, "Imported ");
  if (!accepted) return read_failed_import(text, meaning);
  meaning.imported = accepted;
  meaning.no_others = true;
  auto refused = base::number_after(text, "`, refused ");
  read_refused_rows(text, meaning);
  meaning.outcome = operation_outcome::done;
  auto unnamed = base::number_after(text, "\n… and ").value_or(0);  // these stand in the file beside the text
  bool cut = text.find("(all of it in the attached `reply.txt`)") != std::string_view::npos;  // sentences so long that a message cannot hold them
  meaning.unnamed_refusals = unnamed > 0 || cut;
  if (!cut && (!refused || *refused != meaning.refused_rows.size() + unnamed)) meaning.strange = "import: refused rows are not all named";
}

// "3 rows of `t` match (plan)." and, unless all of them are shown, "Shown: 1 to 2."; only the number if no more was asked for.
void read_find(std::string_view text, reply_meaning& meaning) {
  constexpr std::string_view at_least = "At least ", shown_from = " Shown: ";
  meaning.at_least = text.starts_with(at_least);
  meaning.matched = text.starts_with("No row of ") ? 0 : base::number_after(text, meaning.at_least ? at_least : "");
  auto plan = text.find(" ("), plan_end = text.find(").");
  if (plan != std::string_view::npos && plan_end != std::string_view::npos && plan < plan_end) meaning.plan = text.substr(plan + 2, plan_end - plan - 2);
  auto from = base::number_after(text, shown_from), to = from ? base::number_after(text.substr(text.find(shown_from)), " to ") : std::nullopt;
  auto expected = from && to ? std::optional<std::size_t>(*to - *from + 1) : meaning.matched;
  bool only_number = meaning.rows.empty() && !from;
  if (!meaning.matched || (!only_number && expected != meaning.rows.size())) meaning.strange = "find: says one number and shows another of rows";
}

void read_success(std::string_view command, std::string_view text, const reply_files& files, reply_meaning& meaning) {
  static const std::map<std::string_view, std::string_view> beginnings = {
      {"dbc_insert", "Inserted "}, {"dbc_update", "Updated "}, {"dbc_delete", "Deleted "}, {"dbc_import", "Imported "}};
  bool transaction = text.starts_with("Done: ") || text.starts_with("Done by an earlier ") || text.starts_with("Looked: ");
  auto expected = beginnings.find(command);
  bool odd = expected != beginnings.end() && !text.starts_with(expected->second);
  if (odd || (command == "dbc_txn" && !transaction)) {
    meaning.strange = "an unknown kind of success: " + std::string(text);
    return;
  }
  meaning.outcome = operation_outcome::done;
  meaning.version = base::number_after(text, "version ");
  read_rows(text, meaning);
  for (const auto& [name, bytes] : files) read_rows_of(bytes, meaning);
  if (command == "dbc_find") {
    read_find(text, meaning);
  }
  if (command == "dbc_export") {
    meaning.matched = text.starts_with("No row of ") ? 0 : base::number_after(text, "Exported ");
    if (!meaning.matched) meaning.strange = "export: says no number";
  }
  if (command == "dbc_get" && meaning.rows.size() != 1) meaning.strange = "get: not one row";
}

}  // namespace

operation_outcome outcome_of_refusal(std::string_view reason) {
  if (contains(reason, "has a row with key")) return operation_outcome::refused_exists;
  if (contains(reason, "has no row with key")) return operation_outcome::refused_absent;
  if (contains(reason, has_instead)) return operation_outcome::refused_version;
  if (contains(reason, "Receipt") || contains(reason, "may have been done there") || contains(reason, import_in_doubt)) return operation_outcome::unknown;
  return operation_outcome::refused;
}

void read_rows_of(std::string_view lines, reply_meaning& meaning) {
  for (auto line : lines_of(lines)) {
    auto row = parse_row(line);
    if (!row) {
      meaning.strange = "not a row of ours: " + std::string(line);
      return;
    }
    meaning.rows.push_back(std::move(*row));
  }
}

reply_meaning read_reply(std::string_view command, const user_reply& reply, const reply_files& files) {
  reply_meaning meaning;
  meaning.interaction = reply.interaction;
  switch (reply.what) {
    case user_reply::kind::given_up:
      return meaning;
    case user_reply::kind::failed:
      // A command executes only after its own callback was accepted (design.md section 9), and this one never was.
    case user_reply::kind::not_accepted:
      meaning.outcome = operation_outcome::refused;
      meaning.told = reply.what == user_reply::kind::failed ? "the bot did not answer in time" : reply.text;
      return meaning;
    case user_reply::kind::answered:
      break;
  }
  std::string_view text = reply.text;
  if (contains(text, "Discord refuses to show")) return meaning;  // AutoMod: what would be told is not
  bool failure = bot::is_failure(text);
  if (failure) read_failure(text, meaning);
  if (command == "dbc_import") read_import(text, meaning);
  if (!failure) read_success(command, text, files, meaning);
  if (!meaning.strange.empty()) meaning.strange += " (reply: " + reply.text + ")";
  return meaning;
}

bool has_rows_in_files(const user_reply& reply) {
  return contains(reply.text, "\nThe row is in the attached `") || contains(reply.text, "\nThe rows are in the ");
}

std::optional<read_row> parse_row(std::string_view text) {
  boost::system::error_code ec;
  auto value = json::parse(text, ec);
  if (ec || !value.is_object()) return std::nullopt;
  read_row row;
  for (const auto& member : value.get_object()) {
    if (member.key() == "id") {
      if (!member.value().is_string()) return std::nullopt;
      row.key = member.value().get_string();
    } else {
      auto number = number_in(member.value());
      if (!number) return std::nullopt;
      row.fields[member.key()] = *number;
    }
  }
  if (row.key.empty()) return std::nullopt;
  return row;
}

std::string row_json(const std::string& key, const row_patch& fields) {
  json::object row;
  if (!key.empty()) row["id"] = key;
  for (const auto& [field, value] : fields) {
    auto& told = row[field];
    if (value && field == long_field) told = long_text(*value);
    else if (value) told = *value;
  }
  return json::serialize(row);
}

}  // namespace dbcord::simulation
