// A bare gateway connection: emits every event under its name, answers heartbeats, nothing else.
import { EventEmitter } from 'node:events';
import WebSocket from 'ws';
import { once } from './bot.mjs';

const everything = (1 << 0) | (1 << 9) | (1 << 10) | (1 << 12) | (1 << 15);

export class Gateway extends EventEmitter {
  // Resolves when the guild is there. `query` is added to the URL; `decode`: from a message's bytes to its text.
  static async connect(guild, token, { query = '', decode = async (bytes) => bytes } = {}) {
    const gateway = new Gateway();
    gateway.token = token;
    gateway.socket = new WebSocket(`${guild.gateway_url}?v=10&encoding=json${query}`);
    gateway.socket.on('message', async (bytes) => gateway.#receive(JSON.parse(await decode(bytes))));
    gateway.socket.on('close', (code) => (clearInterval(gateway.beat), gateway.emit('closed', code)));
    await once(gateway, 'GUILD_CREATE');
    return gateway;
  }

  close(code = 1000) {
    this.socket.close(code);
  }

  #receive({ op, t, d }) {
    if (op === 10) {
      const properties = { os: 'linux', browser: 'test', device: 'test' };
      this.send(2, { token: this.token, intents: everything, properties });
      this.beat = setInterval(() => this.send(1, null), d.heartbeat_interval / 2);
    } else if (op === 0) {
      if (t === 'READY') this.session = d.session_id;
      this.emit(t, d);
    }
  }

  send(op, d) {
    this.socket.send(JSON.stringify({ op, d }));
  }
}
