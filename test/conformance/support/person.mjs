// A person's client: the guild's owner, who types slash commands, presses buttons and sees the replies. It sends
// what Discord's own client sends (POST /interactions) and listens on the gateway.
import { EventEmitter } from 'node:events';
import WebSocket from 'ws';
import { once } from './bot.mjs';

const intents = (1 << 0) | (1 << 9) | (1 << 12) | (1 << 15);

export class Person extends EventEmitter {
  static async login(guild, application) {
    const person = new Person();
    Object.assign(person, { guild, application, nonces: 0 });
    const ready = once(person, 'GUILD_CREATE');
    person.#connect();
    await ready;
    return person;
  }

  logout() {
    clearInterval(this.beat);
    this.socket.close(1000);
  }

  #connect() {
    this.socket = new WebSocket(`${this.guild.gateway_url}?v=10&encoding=json`);
    this.socket.on('message', (text) => this.#receive(JSON.parse(text)));
  }

  #receive({ op, t, d }) {
    if (op === 10) {
      const properties = { os: 'linux', browser: 'test', device: 'test' };
      this.#send(2, { token: this.guild.owner_token, intents, properties });
      this.beat = setInterval(() => this.#send(1, null), d.heartbeat_interval / 2);
    } else if (op === 0) {
      if (t === 'READY') this.session = d.session_id;
      this.emit(t, d);
    }
  }

  #send(op, d) {
    this.socket.send(JSON.stringify({ op, d }));
  }

  async request(method, path, body) {
    const headers = { authorization: this.guild.owner_token, 'content-type': 'application/json' };
    const answer = await fetch(this.guild.api_url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : undefined };
  }

  // Sends an interaction; the answer to the request is empty, what comes of it arrives as events.
  async interact(type, data, more = {}, channel = this.guild.channel_id) {
    const nonce = `n${++this.nonces}`;
    const { status, body } = await this.request('POST', '/interactions', {
      type, data, nonce, application_id: this.application, guild_id: this.guild.guild_id, channel_id: channel,
      session_id: this.session, ...more,
    });
    if (status !== 204) throw new Error(`the guild refused the interaction: ${JSON.stringify(body)}`);
    return nonce;
  }

  #dataOf(command, options) {
    return { type: command.type ?? 1, id: command.id, version: command.version, name: command.name, options };
  }

  // Types a slash command. `options`: [{type, name, value}].
  use(command, options = []) {
    return this.interact(2, { ...this.#dataOf(command, options), attachments: [] });
  }

  // Types into an option; resolves to the choices offered.
  async complete(command, options) {
    const offered = once(this, 'APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE');
    await this.interact(4, this.#dataOf(command, options));
    return (await offered).choices;
  }

  press(message, customId, more = {}) {
    const data = { component_type: 2, custom_id: customId, ...more };
    return this.interact(3, data, { message_id: message.id, message_flags: Number(message.flags ?? 0) });
  }
}
