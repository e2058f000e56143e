#pragma once
// JSON text in the alphabet that survives a Discord message: printable ASCII with single inner spaces. Pure, any thread.
// Why: Discord trims, strips and normalises content, and turns some of it into mentions, links and formatting
// (design.md section 4). The result is still valid, readable JSON with the same value.

#include <string>
#include <string_view>

namespace dbcord::protocol {

// `compact` is compact, valid UTF-8 JSON (to_json). Every non-ASCII code point, @ < ` DEL, the second of two slashes and the
// second of two spaces become \u escapes; they occur in compact JSON inside strings only.
std::string to_ascii_json(std::string_view compact);

}  // namespace dbcord::protocol
