#pragma once
// What was cut out of an import file, as text: "2:{…};" for each row with its line, " !3:reason" for each line that is none.

#include <boost/test/unit_test.hpp>

#include "commands/import_file.hpp"

namespace dbcord::test {

inline std::string text_of_content(const base::result<commands::import_content>& content) {
  if (!content) return content.error().message;
  std::string text;
  for (std::size_t i = 0; i < content->rows.size(); ++i) {
    BOOST_TEST(content->rows[i].key.empty());
    text += std::to_string(content->lines.at(i)) + ":" + content->rows[i].json + ";";
  }
  for (const auto& r : content->refused) text += " !" + std::to_string(r.line) + ":" + r.reason;
  return text;
}

}  // namespace dbcord::test
