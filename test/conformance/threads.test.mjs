// Threads, pins, reactions, roles and search, as discord.js uses them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChannelType, DiscordAPIError, Events, ThreadAutoArchiveDuration } from 'discord.js';
import { once } from './support/bot.mjs';
import { scene } from './support/scene.mjs';

const on = scene();

const refusal = (code) => (error) => error instanceof DiscordAPIError && error.code === code;

test('a thread starts from a message, takes messages, and sleeps and wakes', async () => {
  const start = await on.bot.channel.send('start');
  const heard = once(on.bot.client, Events.ThreadCreate);
  const thread = await start.startThread({ name: 'talk', autoArchiveDuration: ThreadAutoArchiveDuration.OneDay });
  assert.equal((await heard).id, start.id);
  assert.equal(thread.id, start.id);
  assert.equal(thread.ownerId, on.bot.client.user.id);
  assert.ok(thread.joined);
  assert.equal((await thread.fetchStarterMessage()).content, 'start');
  const sent = await thread.send('inside');
  assert.equal((await thread.messages.fetch(sent.id)).content, 'inside');
  assert.equal((await start.fetch()).thread.id, thread.id);
  await thread.setArchived(true);
  await assert.rejects(sent.edit('too late'), refusal(50083));
  const archived = await on.bot.channel.threads.fetchArchived();
  assert.ok(archived.threads.has(thread.id));
  const woken = once(on.bot.client, Events.ThreadUpdate);
  await thread.send('again');
  await woken;
  const active = await on.bot.guild.channels.fetchActiveThreads();
  assert.ok(active.threads.has(thread.id));
  const twice = on.bot.channel.threads.create({ name: 'twice', startMessage: start.id });
  await assert.rejects(twice, refusal(160004));
});

test('a thread of its own is joined, left, renamed, locked and deleted', async () => {
  const thread = await on.bot.channel.threads.create({ name: 'alone', type: ChannelType.PublicThread });
  assert.equal(thread.type, ChannelType.PublicThread);
  await thread.leave();
  await thread.join();
  assert.equal((await thread.members.fetch(on.bot.client.user.id)).id, on.bot.client.user.id);
  assert.equal((await thread.setName('renamed')).name, 'renamed');
  assert.ok((await thread.setLocked(true)).locked);
  const gone = once(on.bot.client, Events.ThreadDelete);
  await on.bot.client.rest.delete(`/channels/${thread.id}`); // thread.delete() empties the cache before the event comes
  assert.equal((await gone).id, thread.id);
  const hidden = await on.bot.channel.threads.create({ name: 'hidden', type: ChannelType.PrivateThread, invitable: false });
  assert.equal(hidden.invitable, false);
});

test('active threads are in the cache of a new client', async () => {
  const thread = await on.bot.channel.threads.create({ name: 'known', type: ChannelType.PublicThread });
  const { Bot } = await import('./support/bot.mjs');
  const other = await Bot.login(on.guild);
  assert.equal(other.client.channels.cache.get(thread.id).name, 'known');
  await other.logout();
});

test('messages are pinned and unpinned', async () => {
  const sent = await on.bot.channel.send('important');
  const heard = once(on.bot.client, Events.ChannelPinsUpdate);
  await sent.pin();
  await heard;
  const { items } = await on.bot.channel.messages.fetchPins();
  assert.ok(items.some((item) => item.message.id === sent.id));
  await sent.unpin();
  assert.equal((await sent.fetch()).pinned, false);
});

test('reactions are added, counted and taken away', async () => {
  const sent = await on.bot.channel.send('rate me');
  const heard = once(on.bot.client, Events.MessageReactionAdd);
  const reaction = await sent.react('👍');
  assert.equal((await heard).emoji.name, '👍');
  assert.equal((await reaction.fetch()).count, 1);
  assert.ok((await reaction.users.fetch()).has(on.bot.client.user.id));
  await reaction.users.remove();
  await sent.react('❤️');
  await sent.reactions.removeAll();
  assert.equal((await sent.fetch()).reactions.cache.size, 0);
  await assert.rejects(sent.react('nonsense:123456789012345678'), refusal(10014));
});

test('roles are made, given, changed and deleted', async () => {
  const heard = once(on.bot.client, Events.GuildRoleCreate);
  const role = await on.bot.guild.roles.create({ name: 'readers', colors: { primaryColor: 0x336699 } });
  assert.equal((await heard).id, role.id);
  assert.equal(role.colors.primaryColor, 0x336699);
  const me = on.bot.guild.members.me;
  await me.roles.add(role);
  assert.ok((await me.fetch(true)).roles.cache.has(role.id));
  await me.roles.remove(role);
  assert.equal((await role.setName('writers')).name, 'writers');
  await role.delete();
  assert.equal((await me.setNickname('Store')).nickname, 'Store');
});

test('search answers 202 until the index is there, then finds', async () => {
  await on.bot.channel.send('the needle in the hay');
  const path = `/guilds/${on.guild.guild_id}/messages/search`;
  const ask = () => on.bot.client.rest.get(path, { query: new URLSearchParams({ content: 'needle' }) });
  const early = await ask();
  assert.equal(early.code, 110000);
  await new Promise((resolve) => setTimeout(resolve, early.retry_after * 1000));
  const found = await ask();
  assert.equal(found.total_results, 1);
  assert.equal(found.messages[0][0].content, 'the needle in the hay');
});
