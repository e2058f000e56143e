#include "database/row_posts.hpp"

#include <fmt/format.h>

#include "database/page_reader.hpp"
#include "protocol/row_page.hpp"

namespace dbcord::database {

new_message row_post(const protocol::row_version& row, bool as_file) {
  auto encoded = protocol::encode_row(row, as_file ? protocol::placement::attached : protocol::placement::automatic);
  new_message message;
  message.content = std::move(encoded.content);
  if (encoded.attachment) {
    new_attachment file;
    file.filename = fmt::format("row-{}.json", row.lsn);
    file.bytes = std::move(*encoded.attachment);
    message.attachments.push_back(std::move(file));
  }
  return message;
}

page_post make_page_post(const std::vector<protocol::row_version>& rows) {
  auto page = protocol::encode_page(rows);
  auto header = protocol::decode_page(page.content);
  page_post post;
  post.message.content = std::move(page.content);
  for (unsigned part = 1; part <= page.parts.size(); ++part) {
    post.message.attachments.push_back({page_part_name(header->newest_lsn, part), std::move(page.parts[part - 1])});
  }
  post.rows.reserve(page.part_of_row.size());
  for (std::size_t i = 0; i < page.part_of_row.size(); ++i) post.rows.push_back({rows[i].key, rows[i].version, rows[i].lsn, page.part_of_row[i]});
  return post;
}

}  // namespace dbcord::database
