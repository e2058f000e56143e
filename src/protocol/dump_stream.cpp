#include "protocol/dump_stream.hpp"

namespace dbcord::protocol {

base::result<std::optional<dump_item>> dump_stream::next() {
  for (;;) {
    auto line_end = text_.find('\n', searched_);
    if (line_end != std::string::npos) {
      auto line = std::string_view(text_).substr(taken_, line_end - taken_);
      taken_ = searched_ = line_end + 1;
      auto item = lines_.line(line);
      if (!item) return item.error();
      return std::optional(std::move(*item));
    }
    text_.erase(0, taken_);
    taken_ = 0;
    searched_ = text_.size();
    if (text_.size() > line_max) return base::error(base::errc::invalid_argument, "one of its lines is too long");
    auto more = frames_.next(text_);
    if (!more) return more.error();
    if (!*more) return std::optional<dump_item>();
  }
}

base::result<void> dump_stream::finish() const {
  if (!lines_.ended() || !frames_.at_end_of_frame()) return base::error(base::errc::invalid_argument, "it ends too early");
  if (text_.size() != taken_) return base::error(base::errc::invalid_argument, "something follows its end");
  return {};
}

}  // namespace dbcord::protocol
