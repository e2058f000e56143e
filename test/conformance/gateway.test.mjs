// The gateway as discord.js uses it: compressed, sharded, several sessions at once, and what it refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInflate, constants } from 'node:zlib';
import { Client, Events, GatewayIntentBits } from 'discord.js';
import { Bot, once } from './support/bot.mjs';
import { Gateway } from './support/gateway.mjs';
import { scene } from './support/scene.mjs';

const on = scene();
const intents = GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages | GatewayIntentBits.MessageContent;

// One inflater for the whole connection; resolves to the text of each message.
function inflater() {
  const inflate = createInflate({ flush: constants.Z_SYNC_FLUSH });
  let chunks = [];
  inflate.on('data', (chunk) => chunks.push(chunk));
  return (bytes) => new Promise((resolve) => inflate.write(bytes, () => {
    resolve(Buffer.concat(chunks).toString());
    chunks = [];
  }));
}

test('a zlib-stream connection understands everything', async () => {
  const gateway = await Gateway.connect(on.guild, on.guild.bot_token, { query: '&compress=zlib-stream', decode: inflater() });
  const heard = [];
  gateway.on('MESSAGE_CREATE', (m) => heard.push(m.content));
  const texts = Array.from({ length: 20 }, (_, n) => `${'compressed '.repeat(100)}${n}`);
  const last = once(gateway, 'MESSAGE_CREATE', (m) => m.content === texts.at(-1));
  for (const text of texts) await on.bot.channel.send(text);
  await last;
  assert.deepEqual(heard, texts);
  gateway.close();
});

test('with two shards the guild is on one of them', async () => {
  const sharded = await Bot.login(on.guild, { shards: [0, 1], shardCount: 2 });
  assert.equal(sharded.client.ws.shards.size, 2);
  const expected = Number((BigInt(on.guild.guild_id) >> 22n) % 2n);
  assert.equal(sharded.guild.shardId, expected);
  let times = 0;
  sharded.client.on(Events.MessageCreate, () => ++times);
  const last = once(sharded.client, Events.MessageCreate, (m) => m.content === 'two');
  await on.bot.channel.send('one');
  await on.bot.channel.send('two');
  await last;
  assert.equal(times, 2);
  await sharded.logout();
});

test('several sessions hear the same', async () => {
  const bots = await Promise.all([1, 2, 3, 4].map(() => Bot.login(on.guild)));
  const heard = bots.map((bot) => once(bot.client, Events.MessageCreate));
  const sent = await on.bot.channel.send('to everybody');
  assert.deepEqual((await Promise.all(heard)).map((m) => m.id), bots.map(() => sent.id));
  await Promise.all(bots.map((bot) => bot.logout()));
});

test('what the gateway refuses is an error of the log-in', async () => {
  const rest = { api: on.guild.api_url.replace(/\/v10$/, '') };
  const wrong = new Client({ intents, rest });
  await assert.rejects(wrong.login('wrong.token.here'), /token/i);
  const greedy = new Client({ intents: [GatewayIntentBits.GuildPresences], rest });
  await assert.rejects(greedy.login(on.guild.bot_token), /intents/i);
});
