#pragma once
// suspect_places: places of rows and of older versions that did not hold what they should. Told as findings when everything is read, and only those that the table
// still believes in: the others have changed during the run. Of an older version whose message is lost the log may still have the value. One run, by one task.

#include <string>
#include <string_view>
#include <vector>

#include "database/expected_places.hpp"
#include "database/verification.hpp"
#include "database/verify_findings.hpp"

namespace dbcord::database {

// Of findings about older versions.
inline constexpr std::string_view history_kind = "history";

class suspect_places {
 public:
  suspect_places(const verification_context& context, table_ptr table) : context_(context), table_(std::move(table)) {}

  void add_missing(const row_place& place, std::string why) { all_.push_back({place, std::move(why), false}); }
  void add_damaged(const row_place& place, std::string why) { all_.push_back({place, std::move(why), true}); }
  // Of what only the log has: records that are gone, and those of older versions that are damaged.
  actor::task<base::result<void>> look_into_log(const expected_places& expected);
  actor::task<base::result<void>> tell(verify_findings& findings);

 private:
  struct suspect {
    row_place place;
    std::string why;
    bool damaged = false;  // else missing
  };
  actor::task<base::result<void>> read_from_log(std::vector<row_place> versions);
  void tell_row(verify_findings& findings, const suspect& s, const table_channels& channels, bool in_memory) const;
  actor::task<base::result<void>> tell_version(verify_findings& findings, const suspect& s, const table_channels& channels);

  const verification_context& context_;
  table_ptr table_;
  std::vector<suspect> all_;
};

}  // namespace dbcord::database
