#include "discord/refused_request.hpp"

#include <fmt/format.h>

#include "base/enumeration.hpp"
#include "discord/client.hpp"
#include "discord/permissions.hpp"

namespace dbcord::discord {
namespace {

std::string place_text(base::channel_id where) { return where ? fmt::format("in <#{}>", where.str()) : std::string("in this server"); }

// The same requests are made of threads, which have permissions of their own.
std::string_view in_thread(request_kind kind) {
  if (kind == request_kind::write_message || kind == request_kind::write_files) return ", if that is a thread Send Messages in Threads";
  return kind == request_kind::delete_channel ? ", if that is a thread Manage Threads" : "";
}

}  // namespace

std::uint64_t needed_permissions(request_kind kind) {
  using namespace permission;
  switch (kind) {
    case request_kind::write_message: return send_messages;
    case request_kind::write_files: return send_messages | attach_files;
    case request_kind::read_messages:
    case request_kind::list_threads: return read_message_history;
    case request_kind::delete_message:
    case request_kind::delete_messages: return manage_messages;
    case request_kind::create_channel: return manage_channels;
    case request_kind::create_private_channel:
      return manage_channels | view_channel | send_messages | manage_messages | embed_links | attach_files | read_message_history;
    case request_kind::delete_channel: return manage_channels;
    case request_kind::make_thread: return create_public_threads;
  }
  return 0;
}

std::string missing_permission_text(const refused_request& request, int code) {
  auto place = place_text(request.where);
  if (code == missing_access_code) {
    return request.where ? fmt::format("the bot cannot see <#{}>; give it View Channels there", request.where.str())
                         : std::string("the bot has no access to this server");
  }
  auto names = missing_permissions(0, needed_permissions(request.kind));
  if (request.kind == request_kind::create_private_channel) {
    auto own = missing_permissions(permission::manage_channels, needed_permissions(request.kind));
    return fmt::format("the bot lacks Manage Channels {}, or one of the permissions that it gives itself in a new channel: {}", place, base::enumeration(own));
  }
  if (names.size() == 1) return fmt::format("the bot lacks {} {}{}", names.front(), place, in_thread(request.kind));
  return fmt::format("the bot lacks a permission {}: it needs {}{}", place, base::enumeration(names), in_thread(request.kind));
}

}  // namespace dbcord::discord
