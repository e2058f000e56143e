// A discord.js client of a guild process, and the check that everything it asked is in Discord's description of its API, and every
// answer it got one that Discord could give.
import assert from 'node:assert/strict';
import { Client, DefaultRestOptions, Events, GatewayIntentBits } from 'discord.js';
import { checkRequest, checkResponse, hasDescription } from './exchange_checks.mjs';

const everything = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.GuildMessageReactions,
  GatewayIntentBits.MessageContent,
];

// Discord takes permissions as texts too, which is how discord.js sends them; its description says integers.
const sentOtherwise = /^\/(allow|deny) must be integer/;

export class Bot {
  static async login(guild, { intents = everything, ...options } = {}) {
    const bot = new Bot();
    bot.wrong = [];
    const rest = { api: guild.api_url.replace(/\/v10$/, ''), makeRequest: (url, init) => bot.#request(url, init) };
    bot.client = new Client({ intents, rest, ...options });
    bot.client.on(Events.Error, (error) => bot.wrong.push(`the client reports ${error}`));
    const ready = once(bot.client, Events.ClientReady);
    await bot.client.login(guild.bot_token);
    await ready;
    bot.guild = bot.client.guilds.cache.get(guild.guild_id);
    bot.channel = bot.client.channels.cache.get(guild.channel_id);
    return bot;
  }

  // Ends the client; fails if an answer was not as described.
  async logout() {
    await this.client.destroy();
    assert.deepEqual(this.wrong, []);
  }

  async #request(url, init) {
    const response = await DefaultRestOptions.makeRequest(url, init);
    const exchange = { method: init.method, path: new URL(url).pathname.replace(/^\/api\/v10/, ''), status: response.status };
    if (response.status < 300) this.#checkRequest(exchange, init.body);
    if (response.status === 204) this.#check(exchange);
    const json = async () => {
      const body = await response.json();
      this.#check({ ...exchange, body });
      return body;
    };
    return { ...response, json };
  }

  // What was granted must be something that Discord knows. Forms carry their JSON in payload_json.
  #checkRequest({ method, path }, sent) {
    if (!hasDescription || !sent) return;
    const text = typeof sent === 'string' ? sent : sent.get?.('payload_json');
    if (typeof text !== 'string') return;
    const wrong = (checkRequest({ method, path, body: JSON.parse(text) }) ?? []).filter((what) => !sentOtherwise.test(what));
    for (const what of wrong) this.wrong.push(`request ${method} ${path}: ${what}`);
  }

  #check(exchange) {
    if (!hasDescription) return;
    const { method, path, status } = exchange;
    for (const what of checkResponse(exchange) ?? []) this.wrong.push(`${method} ${path} ${status}: ${what}`);
  }
}

// The first event of that name that fits, as its only argument.
export function once(emitter, name, fits = () => true, patience = 20_000) {
  return new Promise((resolve, reject) => {
    const stop = () => (clearTimeout(timer), emitter.off(name, listener));
    const listener = (value) => fits(value) && (stop(), resolve(value));
    const timer = setTimeout(() => (stop(), reject(new Error(`no ${name} within ${patience} ms`))), patience);
    emitter.on(name, listener);
  });
}
