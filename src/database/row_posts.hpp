#pragma once
// row_posts: versions of rows as messages that are about to be written: one as a message of its own, or many as a page. Pure.

#include <vector>

#include "database/message_store.hpp"
#include "database/page_place.hpp"
#include "protocol/row_message.hpp"

namespace dbcord::database {

// `as_file`: its JSON goes into an attachment whatever its size, since Discord has refused the text.
new_message row_post(const protocol::row_version& row, bool as_file);

struct page_post {
  new_message message;
  std::vector<page_place> rows;  // of those that there was room for: the first ones
};
// `rows` in the order of their keys, each key once.
page_post make_page_post(const std::vector<protocol::row_version>& rows);

}  // namespace dbcord::database
