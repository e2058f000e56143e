// discord.js on a guild that is as unreliable as Discord: it comes back, and what it was promised is there.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Events } from 'discord.js';
import { once } from './support/bot.mjs';
import { scene } from './support/scene.mjs';

const on = scene();
const create = 'POST /channels/{}/messages';

async function faults(method, path = '', plan = undefined) {
  const url = on.guild.api_url.replace(/\/api\/v10$/, '/dbcord/faults') + path;
  const answer = await fetch(url, { method, headers: { authorization: on.guild.owner_token }, body: plan && JSON.stringify(plan) });
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  return body;
}
afterEach(() => faults('DELETE'));

const stored = async () => (await (await fetch(`${on.guild.api_url}/channels/${on.guild.channel_id}/messages?limit=100`,
  { headers: { authorization: on.guild.owner_token } })).json()).map((m) => m.content);

async function hears(text) {
  const heard = once(on.bot.client, Events.MessageCreate, (m) => m.content === text);
  await on.bot.channel.send(text);
  await heard;
}

for (const [kind, event] of [['reconnect', Events.ShardResume], ['drop', Events.ShardResume], ['invalidate', Events.ShardReady]]) {
  test(`the client survives: ${kind}`, async () => {
    const back = once(on.bot.client, event);
    assert.equal((await faults('POST', `/${kind}`)).sessions, 1);
    await back;
    await hears(`after ${kind}`);
  });
}

test('429s that nobody announced only delay', async () => {
  await faults('POST', '', { limited_hidden: 0.3, limited_shared: 0.2, retry_after_max_ms: 100, only: [create], seed: 3 });
  const texts = Array.from({ length: 10 }, (_, n) => `delayed ${n}`);
  await Promise.all(texts.map((text) => on.bot.channel.send(text)));
  const { counters } = await faults('GET');
  assert.ok(counters.limited_hidden > 0 && counters.limited_shared > 0);
  assert.deepEqual((await stored()).filter((t) => t.startsWith('delayed')).reverse(), texts);
});

test('a 5xx is retried, and one after the effect doubles what has no nonce', async () => {
  await faults('POST', '', { error_before: 1, at_most: 1, only: [create] });
  await on.bot.channel.send('retried');
  await faults('POST', '', { error_after: 1, at_most: 1, only: [create] });
  await on.bot.channel.send('doubled');
  await faults('POST', '', { error_after: 1, at_most: 1, only: [create] });
  await on.bot.channel.send({ content: 'single', nonce: 'n-1', enforceNonce: true });
  const all = await stored();
  const times = (text) => all.filter((t) => t === text).length;
  assert.deepEqual([times('retried'), times('doubled'), times('single')], [1, 2, 1]);
});

test('a message whose reply was lost is there', async () => {
  await faults('POST', '', { reply_lost: 1, only: [create] });
  await assert.rejects(on.bot.channel.send('unanswered'));
  assert.ok((await stored()).includes('unanswered'));
});

test('slow answers arrive whole', async () => {
  await faults('POST', '', { body_slow: 1, body_bytes_a_second: 5000, latency_min_ms: 50, only: [create] });
  const sent = await on.bot.channel.send('slow');
  assert.equal(sent.content, 'slow');
});

test('what AutoMod refuses is an error with its code', async () => {
  await faults('POST', '', { blocked_words: ['forbidden'] });
  await assert.rejects(on.bot.channel.send('a forbidden word'), (error) => error.code === 200000);
  await hears('a permitted word');
});
