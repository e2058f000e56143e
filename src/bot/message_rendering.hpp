#pragma once
// Replies as Discord messages: at most 2,000 code points of content, rows in a ```json block exactly as they are, or in an attached
// .json/.jsonl file when they do not fit or Discord might alter them. Pure, any thread.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>

#include "commands/command.hpp"
#include "discord/multipart.hpp"

namespace dbcord::bot {

// Discord docs, Create Message and Uploading Files.
struct message_limits {
  std::size_t content = 2'000;                   // code points
  std::size_t files = 10;
  std::uint64_t file_bytes = 10 * 1024 * 1024;   // each
  std::uint64_t total_bytes = 24 * 1024 * 1024;  // of a request's 25 MiB
};

struct rendered_message {
  std::string content;
  std::vector<discord::file_part> files;
  boost::json::array components;  // not set by render()
};

// What a failed command's message begins with, so that people and scripts know it at once.
inline constexpr std::string_view failure_mark = "\xE2\x9D\x8C ";  // ❌

rendered_message render(const commands::reply& reply, const message_limits& limits);
// What the message of work in progress begins with.
inline constexpr std::string_view progress_mark = "\xE2\x8F\xB3 ";  // ⏳

bool is_failure(std::string_view content);
bool is_progress(std::string_view content);
// In what a message says in the end of work that outlives it; behind it stands the job's number.
inline constexpr std::string_view goes_on_mark = "` goes on as job ";

}  // namespace dbcord::bot
