#include "database/checkpoint_options.hpp"

namespace dbcord::database {
namespace {

bool in_proportion(const checkpoint_options& options, const log_tail& tail, std::size_t base_bytes) {
  if (!options.enabled || tail.messages == 0) return false;
  auto many = options.tail_messages_most * (1 + base_bytes / (std::size_t{64} << 20));
  return tail.bytes * options.share >= base_bytes || tail.messages >= many;
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
