#pragma once
// What gateway_session sends, and what it says to people. Pure, any thread.

#include <string>

#include "protocol/gateway_session.hpp"

namespace dbcord::protocol {

std::string identify_payload(const gateway_session_options& options);
std::string resume_payload(const gateway_session_options& options, const gateway_saved_session& saved);
std::string heartbeat_payload(const gateway_saved_session& saved);
// "wss://host" -> "wss://host/?v=10&encoding=json"
std::string gateway_address(const std::string& url);

// What a close code asks for (docs, Gateway Close Event Codes).
enum class close_meaning { resume, identify, authentication_failed, disallowed_intents, refused };
close_meaning meaning_of_close(int code);
// One sentence: what is wrong and what to do.
std::string sentence_of_close(int code, std::uint64_t intents);

}  // namespace dbcord::protocol
