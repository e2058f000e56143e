#include "database/checkpoint_options.hpp"

namespace dbcord::database {
namespace {

bool in_proportion(const checkpoint_options& options, const log_tail& tail, std::size_t base_bytes) {
  return options.enabled && tail.messages > 0 && tail.bytes * options.share >= base_bytes;
}

}  // namespace

bool checkpoint_due(const checkpoint_options& options, const log_tail& tail, std::size_t base_bytes, base::duration age) {
  if (!in_proportion(options, tail, base_bytes)) return false;
  return tail.messages >= options.tail_messages || tail.files >= options.tail_files || tail.bytes >= options.tail_bytes ||
         age >= options.interval;
}

bool checkpoint_due_at_close(const checkpoint_options& options, const log_tail& tail, std::size_t base_bytes) {
  return in_proportion(options, tail, base_bytes) && (tail.messages >= options.close_messages || tail.files > 0);
}

}  // namespace dbcord::database
