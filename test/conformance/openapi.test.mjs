// Every route of the guild is asked at least once, and requests and answers, granted and refused, are as Discord
// describes them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { once } from './support/bot.mjs';
import { Caller, servedRoutes, withoutRequest } from './support/caller.mjs';
import { checkRequest, checkResponse, hasDescription } from './support/exchange_checks.mjs';
import { Gateway } from './support/gateway.mjs';
import { GuildProcess } from './support/guild_process.mjs';

const options = { skip: hasDescription ? false : "DISCORD'S DESCRIPTION IS MISSING; NOTHING IS COMPARED" };
let guild, api, gateway, channel, messages;

before(async () => {
  guild = await GuildProcess.start();
  api = new Caller(guild);
  gateway = await Gateway.connect(guild, guild.bot_token);
  channel = `/channels/${guild.channel_id}`;
  messages = `${channel}/messages`;
});
after(async () => {
  gateway?.close();
  await guild?.stop();
});

test('identity', options, async () => {
  await api.open('GET', '/gateway');
  await api.bot('GET', '/gateway/bot');
  const me = await api.bot('GET', '/users/@me');
  await api.person('GET', '/users/@me');
  await api.bot('GET', '/users/@me/guilds');
  await api.bot('GET', `/users/${me.id}`);
  await api.bot('GET', '/applications/@me');
  await api.bot('GET', '/oauth2/applications/@me');
  await api.person('GET', `/users/@me/guilds/${guild.guild_id}/member`);
  assert.equal(await api.refused(401, 'GET', '/users/@me', undefined, 'Bot wrong'), 0);
  await api.refused(404, 'GET', '/users/1');
});

test('guild', options, async () => {
  const base = `/guilds/${guild.guild_id}`;
  const { owner_id: owner } = await api.bot('GET', base);
  await api.bot('GET', `${base}?with_counts=true`);
  await api.bot('GET', `${base}/channels`);
  await api.bot('GET', `${base}/members/${owner}`);
  await api.bot('GET', `${base}/roles`);
  assert.equal(await api.refused(404, 'GET', '/guilds/1'), 10004);
  assert.equal(await api.refused(404, 'GET', `${base}/members/1`), 10013);
});

test('roles and members', options, async () => {
  const base = `/guilds/${guild.guild_id}`;
  const { owner_id: owner } = await api.bot('GET', base);
  const role = await api.bot('POST', `${base}/roles`, { name: 'readers', color: 255, permissions: 1024 });
  const path = `${base}/roles/${role.id}`;
  await api.bot('GET', path);
  await api.bot('PATCH', path, { name: 'writers', hoist: true });
  await api.person('PATCH', `${base}/roles`, [{ id: role.id, position: 1 }]);
  await api.bot('PUT', `${base}/members/${owner}/roles/${role.id}`);
  await api.bot('DELETE', `${base}/members/${owner}/roles/${role.id}`);
  await api.person('PATCH', `${base}/members/${guild.application_id}`, { nick: 'Store' });
  await api.bot('PATCH', `${base}/members/@me`, { nick: null });
  await api.person('GET', `${base}/members?limit=10`);
  await api.bot('GET', `${base}/members/search?query=d`);
  await api.refused(403, 'GET', `${base}/members?limit=10`);
  await api.bot('DELETE', path);
});

test('channels', options, async () => {
  const base = `/guilds/${guild.guild_id}/channels`;
  const category = await api.bot('POST', base, { name: 'data', type: 4 });
  const made = await api.bot('POST', base, { name: 'rows', type: 0, topic: 'of a table', parent_id: category.id });
  const path = `/channels/${made.id}`;
  await api.bot('GET', path);
  await api.bot('GET', `/channels/${category.id}`);
  await api.bot('PATCH', path, { name: 'lines', topic: null });
  await api.bot('PUT', `${path}/permissions/${guild.guild_id}`, { type: 0, allow: 0, deny: 2048 });
  await api.bot('DELETE', `${path}/permissions/${guild.guild_id}`);
  await api.bot('POST', `${path}/typing`);
  await api.refused(400, 'PATCH', path, { name: '' });
  await api.refused(400, 'POST', base, {});
  await api.bot('DELETE', path);
  await api.bot('DELETE', `/channels/${category.id}`);
  assert.equal(await api.refused(404, 'GET', path), 10003);
});

const rich = {
  content: 'a row',
  embeds: [{
    title: 'Row', description: 'of a table', url: 'https://example.com/', color: 255, timestamp: '2026-01-02T03:04:05Z',
    author: { name: 'dbcord', url: 'https://example.com/' }, footer: { text: 'foot' },
    fields: [{ name: 'key', value: 'u_1', inline: true }],
  }],
  components: [{ type: 1, components: [{ type: 2, style: 1, label: 'More', custom_id: 'more' },
    { type: 2, style: 5, label: 'Away', url: 'https://example.com/' }] }],
};

test('messages', options, async () => {
  const made = await api.bot('POST', messages, rich);
  const path = `${messages}/${made.id}`;
  await api.bot('GET', path);
  await api.bot('PATCH', path, { content: 'changed', flags: 4 });
  await api.bot('POST', messages, { content: 'answer', message_reference: { message_id: made.id } });
  await api.person('POST', messages, { content: 'of a person' });
  await api.upload(messages, { content: 'file', attachments: [{ id: '0', description: 'text' }] }, { 'a.txt': 'bytes' });
  await api.bot('GET', `${messages}?limit=100`);
  await api.bot('GET', `${messages}?limit=2&around=${made.id}`);
  await api.bot('DELETE', path);
  const ids = [];
  for (const content of ['x', 'y', 'z']) ids.push((await api.bot('POST', messages, { content })).id);
  await api.bot('POST', `${messages}/bulk-delete`, { messages: ids });
});

test('threads', options, async () => {
  const start = await api.bot('POST', messages, { content: 'start' });
  const thread = await api.bot('POST', `${messages}/${start.id}/threads`, { name: 'talk', auto_archive_duration: 60 });
  const path = `/channels/${thread.id}`;
  await api.bot('GET', `${messages}/${start.id}`);
  await api.bot('GET', path);
  await api.bot('POST', `${path}/messages`, { content: 'in the thread' });
  await api.bot('GET', `${path}/messages`);
  const hidden = await api.bot('POST', `${channel}/threads`, { name: 'hidden' });
  const { owner_id: owner } = await api.bot('GET', `/guilds/${guild.guild_id}`);
  await api.bot('PUT', `${path}/thread-members/${owner}`);
  await api.bot('GET', `${path}/thread-members/${owner}?with_member=true`);
  await api.person('GET', `${path}/thread-members`);
  await api.bot('DELETE', `${path}/thread-members/${owner}`);
  await api.bot('DELETE', `${path}/thread-members/@me`);
  await api.bot('PUT', `${path}/thread-members/@me`);
  await api.bot('GET', `/guilds/${guild.guild_id}/threads/active`);
  assert.equal(await api.refused(400, 'POST', `${messages}/${start.id}/threads`, { name: 'twice' }), 160004);
  await api.bot('PATCH', path, { archived: true, locked: true });
  await api.bot('PATCH', `/channels/${hidden.id}`, { archived: true });
  assert.equal(await api.refused(400, 'PATCH', path, { name: 'late' }), 50083);
  await api.bot('GET', `${channel}/threads/archived/public`);
  await api.bot('GET', `${channel}/threads/archived/private?limit=2`);
  await api.bot('GET', `${channel}/users/@me/threads/archived/private`);
  await api.bot('GET', messages);
  await api.bot('DELETE', path);
});

test('pins and reactions', options, async () => {
  const made = await api.bot('POST', messages, { content: 'liked' });
  for (const pins of [`${messages}/pins`, `${channel}/pins`]) {
    await api.bot('PUT', `${pins}/${made.id}`);
    await api.bot('GET', pins);
    await api.bot('DELETE', `${pins}/${made.id}`);
  }
  const thumb = `${messages}/${made.id}/reactions/${encodeURIComponent('👍')}`;
  await api.bot('PUT', `${thumb}/@me`);
  await api.person('PUT', `${thumb}/@me`);
  await api.bot('GET', `${messages}/${made.id}`);
  const [first, second] = await api.bot('GET', thumb);
  await api.bot('DELETE', `${thumb}/@me`);
  await api.bot('DELETE', `${thumb}/${[first, second].find((u) => !u.bot).id}`);
  await api.bot('PUT', `${thumb}/@me`);
  await api.bot('DELETE', thumb);
  await api.bot('DELETE', `${messages}/${made.id}/reactions`);
  assert.equal(await api.refused(400, 'PUT', `${messages}/${made.id}/reactions/x/@me`), 10014);
});

test('search', options, async () => {
  const path = `/guilds/${guild.guild_id}/messages/search`;
  await api.bot('GET', `${path}?content=liked`);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const found = await api.bot('GET', `${path}?content=liked&has=-file`);
  assert.equal(found.messages.length, 1);
  assert.equal(found.messages[0][0].content, 'liked');
  await api.refused(400, 'GET', `${path}?limit=26`);
});

test('messages that are refused', options, async () => {
  assert.equal(await api.refused(400, 'POST', messages, {}), 50006);
  assert.equal(await api.refused(400, 'POST', messages, { content: 'x'.repeat(2001) }), 50035);
  assert.equal(await api.refused(400, 'POST', messages, { embeds: [{ fields: [{ name: '' }] }] }), 50035);
  assert.equal(await api.refused(400, 'POST', messages, '{'), 50109);
  assert.equal(await api.refused(404, 'GET', `${messages}/1`), 10008);
  assert.equal(await api.refused(400, 'GET', `${messages}?limit=1000`), 50035);
  assert.equal(await api.refused(400, 'POST', `${messages}/bulk-delete`, { messages: ['1'] }), 50016);
  await api.refused(404, 'POST', '/channels/1/messages', { content: 'x' });
});

const command = {
  name: 'typed', description: 'has options', options: [
    { type: 3, name: 'text', description: 'text', required: true, autocomplete: true, max_length: 100 },
    { type: 4, name: 'whole', description: 'integer', min_value: 0, max_value: 10 },
    { type: 10, name: 'real', description: 'number' }, { type: 5, name: 'flag', description: 'boolean' },
    { type: 6, name: 'who', description: 'user' }, { type: 7, name: 'where', description: 'channel', channel_types: [0] },
    { type: 8, name: 'role', description: 'role' }, { type: 9, name: 'any', description: 'mentionable' },
    { type: 11, name: 'file', description: 'attachment' },
    { type: 3, name: 'choice', description: 'one of two', choices: [{ name: 'One', value: 'one' }, { name: 'Two', value: 'two' }] },
  ],
};
const nested = {
  name: 'nested', description: 'has subcommands', options: [
    { type: 1, name: 'sub', description: 'subcommand', options: [{ type: 3, name: 'text', description: 'text' }] },
    { type: 2, name: 'group', description: 'group', options: [{ type: 1, name: 'inner', description: 'subcommand' }] },
  ],
};

for (const scope of ['guild', 'global']) {
  test(`${scope} commands`, options, async () => {
    const application = `/applications/${guild.application_id}`;
    const base = scope === 'guild' ? `${application}/guilds/${guild.guild_id}/commands` : `${application}/commands`;
    await api.bot('PUT', base, [command, nested, { name: 'On message', type: 3 }, { name: 'On user', type: 2 }]);
    const made = await api.bot('POST', base, { name: 'extra', description: 'for a moment' });
    await api.bot('GET', base);
    await api.bot('GET', `${base}?with_localizations=true`);
    await api.bot('GET', `${base}/${made.id}`);
    await api.bot('PATCH', `${base}/${made.id}`, { description: 'changed' });
    await api.bot('DELETE', `${base}/${made.id}`);
    await api.refused(400, 'POST', base, { name: 'UPPER', description: '' });
    assert.equal(await api.refused(404, 'GET', `${base}/1`), 10063);
  });
}

// The bot's next interaction, while a person does something.
async function provoke(type, data, more = {}) {
  const seen = once(gateway, 'INTERACTION_CREATE');
  await api.person('POST', '/interactions', {
    type, data, application_id: guild.application_id, guild_id: guild.guild_id, channel_id: guild.channel_id, session_id: 's', ...more,
  });
  const interaction = await seen;
  interaction.callback = `/interactions/${interaction.id}/${interaction.token}/callback`;
  interaction.webhook = `/webhooks/${guild.application_id}/${interaction.token}`;
  return interaction;
}

async function useCommand(name, options = []) {
  const known = await api.bot('GET', `/applications/${guild.application_id}/guilds/${guild.guild_id}/commands`);
  const { id, version } = known.find((c) => c.name === name);
  return provoke(2, { type: 1, id, version, name, options, attachments: [] });
}

const useTyped = () => useCommand('typed', [{ type: 3, name: 'text', value: 'words' }]);

test('answers to a command', options, async () => {
  const plain = await useTyped();
  await api.open('POST', `${plain.callback}?with_response=true`, { type: 4, data: { content: 'hello' } });
  await api.open('GET', `${plain.webhook}/messages/@original`);
  await api.open('PATCH', `${plain.webhook}/messages/@original`, { content: 'changed' });
  const more = await api.open('POST', `${plain.webhook}?wait=true`, { content: 'more', flags: 64 });
  await api.open('PATCH', `${plain.webhook}/messages/${more.id}`, { content: 'more, changed' });
  await api.open('DELETE', `${plain.webhook}/messages/${more.id}`);
  await api.open('DELETE', `${plain.webhook}/messages/@original`);
  const code = await api.refused(400, 'POST', plain.callback, { type: 4, data: { content: 'twice' } });
  assert.equal(code, 40060);
  const deferred = await useTyped();
  await api.open('POST', deferred.callback, { type: 5, data: { flags: 64 } });
  await api.open('PATCH', `${deferred.webhook}/messages/@original`, { content: 'late' });
});

test('a button', options, async () => {
  const message = await api.bot('POST', messages, rich);
  const data = { component_type: 2, custom_id: 'more' };
  const pressed = await provoke(3, data, { message_id: message.id, message_flags: 0 });
  await api.open('POST', `${pressed.callback}?with_response=true`, { type: 7, data: { content: 'pressed', components: [] } });
  await api.open('GET', `${pressed.webhook}/messages/@original`);
});

test('a modal', options, async () => {
  const opened = await useTyped();
  const field = { type: 4, custom_id: 'key', style: 1 };
  const modal = { custom_id: 'edit', title: 'Edit', components: [{ type: 18, label: 'Key', component: field }] };
  await api.open('POST', `${opened.callback}?with_response=true`, { type: 9, data: modal });
  const components = [{ type: 18, component: { type: 4, custom_id: 'key', value: 'u_1' } }];
  const sent = await provoke(5, { id: opened.id, custom_id: 'edit', components });
  assert.equal(sent.data.components[0].component.value, 'u_1');
  await api.open('POST', `${sent.callback}?with_response=true`, { type: 4, data: { content: 'saved' } });
  await api.open('GET', `${sent.webhook}/messages/@original`);
});

test('the comparison finds what is wrong', options, async () => {
  const exchange = { method: 'GET', path: `${messages}/1`, status: 200 };
  const body = await api.bot('POST', messages, { content: 'right' });
  assert.deepEqual(checkResponse({ ...exchange, body }), []);
  assert.equal(checkResponse({ ...exchange, body: { ...body, content: 7 } }).length, 1);
  assert.equal(checkResponse({ ...exchange, body: { ...body, author: undefined } }).length, 1);
  assert.equal(checkResponse(exchange).length, 1);
  assert.equal(checkResponse({ method: 'GET', path: '/nowhere', status: 200, body }), null);
  assert.equal(checkRequest({ method: 'POST', path: messages, body: { content: 7 } }).length, 1);
});

test('every route was asked', options, () => {
  assert.deepEqual(withoutRequest(servedRoutes(), api.answered), []);
});
