#pragma once
// store_request: a request of one of the stores, with the priority and the deadline that the database asks for. Pure.

#include "database/message_store.hpp"
#include "discord/request_scheduler.hpp"

namespace dbcord::discord {

rest_request store_request(std::string method, std::string route, std::string top_level, std::string path, const database::call_options& options);

}  // namespace dbcord::discord
