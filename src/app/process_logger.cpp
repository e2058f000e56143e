#include "app/process_logger.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "app/log_format.hpp"

namespace dbcord::app {
namespace {

constexpr std::size_t shortest_secret = 8;

spdlog::level::level_enum to_spdlog(base::severity level) {
  switch (level) {
    case base::severity::debug: return spdlog::level::debug;
    case base::severity::info: return spdlog::level::info;
    case base::severity::warning: return spdlog::level::warn;
    case base::severity::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

bool process_logger::is_level(std::string_view name) {
  return name == "debug" || name == "info" || name == "warning" || name == "error" || name == "off";
}

process_logger::process_logger(std::string_view level)
    : process_logger(level, std::make_shared<spdlog::sinks::stderr_sink_mt>()) {}

process_logger::process_logger(std::string_view level, std::shared_ptr<spdlog::sinks::sink> sink)
    : log_(std::make_shared<spdlog::logger>("dbcord", std::move(sink))) {
  log_->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
  log_->set_level(spdlog::level::from_str(std::string(level)));
  log_->flush_on(spdlog::level::debug);
}

process_logger::~process_logger() = default;

void process_logger::hide(std::string secret) {
  if (secret.size() < shortest_secret) return;
  std::lock_guard lock(mutex_);
  secrets_.push_back(std::move(secret));
}

void process_logger::write(base::severity level, std::string_view event, fields values) {
  auto to = to_spdlog(level);
  if (!log_->should_log(to)) return;
  auto line = format_event(event, values);
  {
    std::lock_guard lock(mutex_);
    line = mask_secrets(std::move(line), secrets_);
  }
  log_->log(to, spdlog::string_view_t(line));
}

}  // namespace dbcord::app
