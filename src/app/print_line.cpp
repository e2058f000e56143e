#include "app/print_line.hpp"

namespace dbcord::app {

void print_line(std::FILE* to, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
  if (!text.ends_with('\n')) std::fputc('\n', to);
  std::fflush(to);
}

}  // namespace dbcord::app
