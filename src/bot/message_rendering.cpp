#include "bot/message_rendering.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/code_points.hpp"
#include "base/number_text.hpp"
#include "protocol/altered_text.hpp"

namespace dbcord::bot {
namespace {

constexpr std::string_view block_begin = "\n```json\n";
constexpr std::string_view block_end = "\n```";
constexpr std::size_t sentence_reserve = 200;  // code points kept free for what render() itself adds

bool survives_inline(std::string_view json) {
  return json.find("```") == std::string_view::npos && !json.ends_with('`') && !protocol::might_be_altered(json);
}

// The rows as a block, or nothing when they must go into a file.
std::string inline_block(const std::vector<std::string>& rows, std::size_t room) {
  std::string block(block_begin);
  for (const auto& row : rows) {
    if (block.size() > room * 4 || !survives_inline(row)) return {};
    if (block.size() > block_begin.size()) block += '\n';
    block += row;
  }
  block += block_end;
  return base::count_code_points(block) <= room ? block : std::string();
}

// Each row in a block under its caption, or nothing if Discord might alter one.
std::string captioned_blocks(const commands::reply& reply) {
  std::string text;
  for (std::size_t i = 0; i < reply.captions.size(); ++i) {
    if (!survives_inline(reply.rows[i])) return {};
    text += '\n' + reply.captions[i];
    if (!reply.rows[i].empty()) text += std::string(block_begin) + reply.rows[i] + std::string(block_end);
  }
  return text;
}

class file_cabinet {
 public:
  explicit file_cabinet(const message_limits& limits) : limits_(limits) {}

  bool add(std::string name, std::string bytes, std::string type) {
    if (files_.size() == limits_.files || bytes.size() > limits_.file_bytes || total_ + bytes.size() > limits_.total_bytes)
      return false;
    total_ += bytes.size();
    discord::file_part part;
    part.filename = std::move(name);
    part.bytes = std::move(bytes);
    part.content_type = std::move(type);
    files_.push_back(std::move(part));
    return true;
  }

  std::vector<discord::file_part> take() { return std::move(files_); }

 private:
  const message_limits& limits_;
  std::uint64_t total_ = 0;
  std::vector<discord::file_part> files_;
};

// As a block if Discord shows it as it is, with its line breaks, else in a file.
std::string draft_text(const std::string& draft, std::size_t room, file_cabinet& cabinet) {
  bool as_it_is = draft.find("```") == draft.npos;
  for (std::size_t at = 0; as_it_is && at < draft.size();) {
    auto end = std::min(draft.find('\n', at), draft.size());
    as_it_is = survives_inline(std::string_view(draft).substr(at, end - at));
    at = end + 1;
  }
  auto block = "\nWhat was typed:" + std::string(block_begin) + draft + std::string(block_end);
  if (as_it_is && base::count_code_points(block) <= room) return block;
  return cabinet.add("draft.json", draft, "application/json") ? "\nWhat was typed is in the attached `draft.json`." : "";
}

std::string numbered(const std::string& name, std::size_t n, std::string_view extension) {
  return n == 1 ? fmt::format("{}.{}", name, extension) : fmt::format("{}-{}.{}", name, n, extension);
}

struct filed_rows {
  std::size_t rows = 0, files = 0;
};

// As many rows from the first one on as the files hold.
filed_rows file_rows(const commands::reply& reply, const message_limits& limits, file_cabinet& cabinet) {
  bool several = reply.rows.size() > 1;
  std::size_t done = 0, part = 1;
  for (; done < reply.rows.size(); ++part) {
    std::string bytes;
    std::size_t next = done;
    while (next < reply.rows.size() && bytes.size() + reply.rows[next].size() + 1 <= limits.file_bytes) {
      bytes += reply.rows[next++];
      if (several) bytes += '\n';
    }
    auto name = numbered(reply.rows_name, part, several ? "jsonl" : "json");
    if (next == done || !cabinet.add(std::move(name), std::move(bytes), "application/json")) break;
    done = next;
  }
  return {done, part - 1};
}

std::string rows_note(filed_rows filed, std::size_t rows, const std::string& name) {
  if (rows == 1) return filed.rows == 1 ? fmt::format("\nThe row is in the attached `{}.json`.", name) : "\nThe row is too large to be attached.";
  if (filed.rows < rows) {
    return fmt::format("\nOnly the first {} of {} rows fit into the attached files; ask for fewer with limit and skip.", base::with_separators(filed.rows),
                       base::with_separators(rows));
  }
  auto first = numbered(name, 1, "jsonl"), last = numbered(name, filed.files, "jsonl");
  if (filed.files == 1) return fmt::format("\nThe rows are in the attached `{}`, one a line.", first);
  if (filed.files == 2) return fmt::format("\nThe rows are in the attached `{}` and `{}`, one a line.", first, last);
  return fmt::format("\nThe rows are in the {} attached files `{}` to `{}`, one a line.", filed.files, first, last);
}

// What does not fit into the message: as many captions as there is room for stay there, and all rows stand under theirs in a file.
std::string captioned_file(const commands::reply& reply, std::size_t room, file_cabinet& cabinet) {
  std::string whole;
  for (std::size_t i = 0; i < reply.captions.size(); ++i) {
    whole += reply.captions[i] + '\n';
    if (!reply.rows[i].empty()) whole += reply.rows[i] + '\n';
  }
  bool filed = cabinet.add(reply.rows_name + ".txt", std::move(whole), "text/plain; charset=utf-8");
  auto text = filed ? fmt::format(" What they were stands in the attached `{}.txt`.", reply.rows_name) : std::string(" What they were is too large to be attached; ask for fewer with limit.");
  for (const auto& caption : reply.captions) {
    if (base::count_code_points(text) + 1 + base::count_code_points(caption) > room) break;
    text += '\n' + caption;
  }
  return text;
}

// The text if it fits into the room, else its beginning, and all of it in a file.
std::string fitted_text(const std::string& text, std::size_t room, file_cabinet& cabinet) {
  if (base::count_code_points(text) <= room) return text;
  bool filed = cabinet.add("reply.txt", text, "text/plain; charset=utf-8");
  constexpr std::string_view more = "… (all of it in the attached `reply.txt`)";
  return std::string(base::first_code_points(text, room - base::count_code_points(more))) + std::string(filed ? more : "…");
}

}  // namespace

rendered_message render(const commands::reply& reply, const message_limits& limits) {
  file_cabinet cabinet(limits);
  std::string lost;
  for (const auto& f : reply.files)
    if (!cabinet.add(f.name, f.bytes, "application/octet-stream")) lost += fmt::format("\n`{}` is too large to be attached.", f.name);
  auto text = std::string(reply.ok ? "" : failure_mark) + reply.text;
  bool captioned = !reply.captions.empty();
  if (captioned) {
    auto blocks = captioned_blocks(reply);
    auto room = limits.content - sentence_reserve - std::min(limits.content - sentence_reserve, base::count_code_points(text));
    bool fits = !blocks.empty() && base::count_code_points(blocks) <= room;
    text += fits ? blocks : captioned_file(reply, room, cabinet);
  }
  text = fitted_text(text, limits.content - sentence_reserve, cabinet);
  if (!reply.rows.empty() && !captioned) {
    auto block = inline_block(reply.rows, limits.content - std::min(limits.content, base::count_code_points(text) + base::count_code_points(lost)));
    if (block.empty()) block = rows_note(file_rows(reply, limits, cabinet), reply.rows.size(), reply.rows_name);
    lost += block;
  }
  if (!reply.draft.empty()) lost += draft_text(reply.draft, limits.content - std::min(limits.content, base::count_code_points(text) + base::count_code_points(lost)), cabinet);
  rendered_message message;
  message.content = std::string(base::first_code_points(text + lost, limits.content));
  message.files = cabinet.take();
  return message;
}

bool is_progress(std::string_view content) { return content.starts_with(progress_mark); }
bool is_failure(std::string_view content) { return content.starts_with(failure_mark); }

}  // namespace dbcord::bot
