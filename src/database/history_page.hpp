#pragma once

namespace dbcord::database {

constexpr int history_page_max = 100;  // messages that one listing returns at most; Discord docs, Get Channel Messages

}  // namespace dbcord::database
