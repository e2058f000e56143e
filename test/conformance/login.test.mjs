// discord.js logs in, knows the guild, and comes back to its session when the connection breaks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChannelType, Events, GatewayIntentBits, PermissionFlagsBits } from 'discord.js';
import { Bot, once } from './support/bot.mjs';
import { GuildProcess } from './support/guild_process.mjs';
import { scene } from './support/scene.mjs';

const on = scene();

test('the client becomes ready as the bot', () => {
  assert.equal(on.bot.client.isReady(), true);
  assert.equal(on.bot.client.user.bot, true);
  assert.equal(on.bot.client.application.id, on.guild.application_id);
});

test('the cache holds guild, channels, roles and members', () => {
  assert.equal(on.bot.guild.id, on.guild.guild_id);
  assert.equal(on.bot.guild.available, true);
  assert.equal(on.bot.guild.memberCount, 2);
  assert.equal(on.bot.channel.type, ChannelType.GuildText);
  assert.equal(on.bot.channel.guild, on.bot.guild);
  assert.equal(on.bot.guild.roles.everyone.id, on.guild.guild_id);
  assert.equal(on.bot.guild.members.me.user, on.bot.client.user);
  assert.ok(on.bot.guild.ownerId);
});

test('the bot has the permissions of its role', () => {
  assert.ok(on.bot.guild.members.me.permissions.has(PermissionFlagsBits.Administrator));
  assert.ok(on.bot.channel.permissionsFor(on.bot.client.user).has(PermissionFlagsBits.SendMessages));
});

test('owner and members can be fetched', async () => {
  const owner = await on.bot.guild.fetchOwner();
  assert.equal(owner.user.bot, false);
  const me = await on.bot.guild.members.fetchMe({ force: true });
  assert.equal(me.id, on.bot.client.user.id);
});

test('application and guild can be fetched', async () => {
  const application = await on.bot.client.application.fetch();
  assert.equal(application.id, on.guild.application_id);
  const again = await on.bot.guild.fetch();
  assert.equal(again.name, on.bot.guild.name);
});

test('a broken connection is resumed and nothing that was said meanwhile is lost', async () => {
  const shard = on.bot.client.ws.shards.first();
  const before = shard.sessionInfo?.sessionId;
  const resumed = once(on.bot.client, Events.ShardResume);
  const heard = once(on.bot.client, Events.MessageCreate, (m) => m.content === 'said while you were away');
  cutConnection(on.bot.client);
  await on.bot.channel.send('said while you were away');
  await resumed;
  await heard;
  assert.equal(shard.sessionInfo?.sessionId, before);
});

test('without MESSAGE_CONTENT the content of other people is withheld', async () => {
  const blind = await GuildProcess.start();
  const intents = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages];
  const other = await Bot.login(blind, { intents });
  const heard = once(other.client, Events.MessageCreate);
  const headers = { authorization: blind.owner_token, 'content-type': 'application/json' };
  const body = JSON.stringify({ content: 'a secret' });
  await fetch(`${blind.api_url}/channels/${blind.channel_id}/messages`, { method: 'POST', headers, body });
  const message = await heard;
  assert.equal(message.content, '');
  assert.equal(message.author.bot, false);
  await other.logout();
  await blind.stop();
});

// The TCP connection vanishes without a close frame.
function cutConnection(client) {
  const manager = client.ws._ws;
  const shard = manager.strategy.shards.first();
  shard.connection._socket.destroy();
}
