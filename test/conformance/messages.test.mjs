// Messages and channels as a bot uses them: what is sent comes back, by REST and by the gateway.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChannelType, DiscordAPIError, EmbedBuilder, Events, MessageFlags, PermissionFlagsBits } from 'discord.js';
import { once } from './support/bot.mjs';
import { scene } from './support/scene.mjs';

const on = scene();

const refusal = (code) => (error) => error instanceof DiscordAPIError && error.code === code;

test('a channel is created, renamed and deleted, and the cache follows', async () => {
  const heard = once(on.bot.client, Events.ChannelCreate);
  const made = await on.bot.guild.channels.create({ name: 'store', type: ChannelType.GuildText, topic: 'rows' });
  assert.equal((await heard).id, made.id);
  assert.equal(made.topic, 'rows');
  const renamed = await made.setName('shop');
  assert.equal(renamed.name, 'shop');
  const gone = once(on.bot.client, Events.ChannelDelete);
  await made.delete();
  assert.equal((await gone).id, made.id);
  assert.equal(on.bot.guild.channels.cache.has(made.id), false);
});

test('a category holds channels, and permission overwrites bind', async () => {
  const category = await on.bot.guild.channels.create({ name: 'data', type: ChannelType.GuildCategory });
  const inside = await on.bot.guild.channels.create({ name: 'inside', parent: category });
  assert.equal(inside.parentId, category.id);
  await inside.permissionOverwrites.create(on.bot.guild.roles.everyone, { ViewChannel: false });
  const seen = await on.bot.guild.channels.fetch(inside.id, { force: true });
  assert.ok(seen.permissionOverwrites.cache.get(on.bot.guild.id).deny.has(PermissionFlagsBits.ViewChannel));
  await inside.permissionOverwrites.delete(on.bot.guild.roles.everyone);
  await inside.delete();
  await category.delete();
});

test('a message is sent, edited and deleted, and everybody hears of it', async () => {
  const heard = once(on.bot.client, Events.MessageCreate);
  const sent = await on.bot.channel.send('first');
  assert.equal((await heard).id, sent.id);
  const changed = once(on.bot.client, Events.MessageUpdate);
  const edited = await sent.edit('second');
  assert.equal(edited.content, 'second');
  assert.ok(edited.editedTimestamp >= edited.createdTimestamp);
  await changed;
  const gone = once(on.bot.client, Events.MessageDelete);
  await sent.delete();
  assert.equal((await gone).id, sent.id);
  await assert.rejects(on.bot.channel.messages.fetch(sent.id), refusal(10008));
});

test('an embed comes back as it was sent', async () => {
  const embed = new EmbedBuilder()
    .setTitle('Row').setDescription('of a table').setColor(0x336699).setURL('https://example.com/row')
    .setTimestamp(new Date('2026-01-02T03:04:05Z')).setAuthor({ name: 'dbcord' }).setFooter({ text: 'lsn 7' })
    .addFields({ name: 'key', value: 'u_1', inline: true }, { name: 'version', value: '3' });
  const sent = await on.bot.channel.send({ embeds: [embed] });
  const [got] = (await on.bot.channel.messages.fetch({ message: sent.id, force: true })).embeds;
  assert.equal(got.title, 'Row');
  assert.equal(got.color, 0x336699);
  assert.equal(new Date(got.timestamp).getTime(), Date.UTC(2026, 0, 2, 3, 4, 5));
  assert.deepEqual(got.fields.map((f) => [f.name, f.value, f.inline]), [['key', 'u_1', true], ['version', '3', false]]);
});

test('a reply refers to its message, and flags are kept', async () => {
  const first = await on.bot.channel.send('question');
  const answer = await first.reply({ content: 'answer', flags: MessageFlags.SuppressEmbeds });
  assert.equal(answer.reference.messageId, first.id);
  assert.ok(answer.flags.has(MessageFlags.SuppressEmbeds));
  assert.equal((await answer.fetchReference()).content, 'question');
});

test('what Discord refuses is refused with its codes', async () => {
  await assert.rejects(on.bot.channel.send({ content: '' }), refusal(50006));
  await assert.rejects(on.bot.channel.send('x'.repeat(2001)), refusal(50035));
  await assert.rejects(on.bot.client.channels.fetch('1'), refusal(10003));
});

test('a nonce is not used twice', async () => {
  const options = { content: 'once', nonce: 'same-1', enforceNonce: true };
  const [one, two] = [await on.bot.channel.send(options), await on.bot.channel.send(options)];
  assert.equal(one.id, two.id);
});

test('history is fetched in pages, in either direction', async () => {
  const channel = await on.bot.guild.channels.create({ name: 'history' });
  const ids = [];
  for (let n = 0; n < 120; ++n) ids.push((await channel.send(`message ${n}`)).id);
  const newest = await channel.messages.fetch({ limit: 100, cache: false });
  assert.deepEqual([...newest.keys()], ids.slice(20).reverse());
  const older = await channel.messages.fetch({ limit: 100, before: newest.lastKey(), cache: false });
  assert.deepEqual([...older.keys()], ids.slice(0, 20).reverse());
  const next = await channel.messages.fetch({ limit: 5, after: ids[9], cache: false });
  assert.deepEqual([...next.keys()].sort(), ids.slice(10, 15));
  const around = await channel.messages.fetch({ limit: 5, around: ids[50], cache: false });
  assert.ok(around.has(ids[50]));
  await channel.delete();
});

test('many messages are deleted at once', async () => {
  const channel = await on.bot.guild.channels.create({ name: 'bulk' });
  const ids = [];
  for (let n = 0; n < 10; ++n) ids.push((await channel.send(`message ${n}`)).id);
  const heard = once(on.bot.client, Events.MessageBulkDelete);
  const deleted = await channel.bulkDelete(ids.slice(0, 7));
  assert.equal(deleted.size, 7);
  assert.equal((await heard).size, 7);
  assert.deepEqual([...(await channel.messages.fetch({ cache: false })).keys()].sort(), ids.slice(7));
  await channel.delete();
});
