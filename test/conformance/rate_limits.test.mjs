// discord.js under Discord's rate limits: it waits as told, and nothing is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESTEvents } from 'discord.js';
import { scene } from './support/scene.mjs';

const on = scene({ flags: ['--limits', 'discord'] });

test('a burst over the limit arrives whole and in order', async () => {
  const waits = [];
  on.bot.client.rest.on(RESTEvents.RateLimited, (info) => waits.push(info));
  const texts = Array.from({ length: 12 }, (_, n) => `burst ${n}`);
  const sent = await Promise.all(texts.map((text) => on.bot.channel.send(text)));
  assert.ok(waits.length > 0, 'the client never had to wait');
  const history = await on.bot.channel.messages.fetch({ limit: 50, cache: false });
  const got = [...history.values()].map((m) => m.content).reverse();
  assert.deepEqual(got, texts);
  assert.equal(new Set(sent.map((m) => m.id)).size, texts.length);
});

test('two channels do not slow each other', async () => {
  const other = await on.bot.guild.channels.create({ name: 'other' });
  const begun = performance.now();
  await Promise.all([0, 1, 2, 3, 4].map((n) => other.send(`message ${n}`)));
  assert.ok(performance.now() - begun < 4000);
});
