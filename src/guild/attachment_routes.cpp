// The files behind attachment URLs: no token, but a signature that has not expired (facts 3.10).

#include "guild/routes.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

http_response gone() {
  return {404, {{"Content-Type", "text/plain; charset=utf-8"}}, "This content is no longer available."};
}

}  // namespace

http_response serve_attachment(world& w, std::string_view path, std::string_view query) {
  if (!w.urls.is_valid(path, query, w.now)) return gone();
  // /attachments/<channel>/<attachment>/<filename>; well-formed, since we signed it.
  auto rest = path.substr(path.find('/', 13) + 1);
  auto id = base::parse_id<base::attachment_id>(rest.substr(0, rest.find('/')));
  if (!id || !(w.state.has_attachment(*id) || w.interactions.has_attachment(*id))) return gone();
  auto bytes = w.attachments.read(*id);
  if (!bytes) return gone();
  return {200,
          {{"Content-Type", guess_content_type(path)}, {"Cache-Control", "private, max-age=86400"}},
          std::move(*bytes)};
}

}  // namespace dbcord::guild
