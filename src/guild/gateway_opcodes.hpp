#pragma once
// Opcodes of the gateway (facts 5.1) that a server receives or sends.

namespace dbcord::guild {

enum gateway_opcode {
  op_heartbeat = 1,
  op_identify = 2,
  op_presence = 3,
  op_voice = 4,
  op_resume = 6,
  op_reconnect = 7,
  op_members = 8,
  op_invalid_session = 9,
  op_hello = 10,
  op_ack = 11,
  op_sounds = 31,
  op_channel_info = 43
};

}  // namespace dbcord::guild
