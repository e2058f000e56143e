// Slash commands: registered by the bot, typed by a person, answered in every way that there is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActionRowBuilder, ApplicationCommandOptionType, ButtonBuilder, ButtonStyle, Events, MessageFlags, ModalBuilder,
  SlashCommandBuilder, TextInputBuilder, TextInputStyle,
} from 'discord.js';
import { once } from './support/bot.mjs';
import { scene } from './support/scene.mjs';

const definitions = [
  new SlashCommandBuilder().setName('plain').setDescription('answers'),
  new SlashCommandBuilder().setName('typed').setDescription('has an option of every kind')
    .addStringOption((o) => o.setName('text').setDescription('text').setRequired(true).setAutocomplete(true))
    .addIntegerOption((o) => o.setName('whole').setDescription('integer').setMinValue(0).setMaxValue(10))
    .addNumberOption((o) => o.setName('real').setDescription('number'))
    .addBooleanOption((o) => o.setName('flag').setDescription('boolean'))
    .addUserOption((o) => o.setName('who').setDescription('user'))
    .addChannelOption((o) => o.setName('where').setDescription('channel'))
    .addRoleOption((o) => o.setName('role').setDescription('role'))
    .addStringOption((o) => o.setName('choice').setDescription('one of two')
      .addChoices({ name: 'One', value: 'one' }, { name: 'Two', value: 'two' })),
];

let commands;
async function register({ bot }) {
  const set = await bot.guild.commands.set(definitions.map((d) => d.toJSON()));
  commands = Object.fromEntries([...set.values()].map((c) => [c.name, c]));
}
const on = scene({ withPerson: true, prepare: register });

// The bot's next interaction, while the person does something.
async function provoke(action) {
  const seen = once(on.bot.client, Events.InteractionCreate);
  await action();
  return seen;
}
const use = (name, options) => provoke(() => on.person.use(commands[name], options));
const said = (fits = () => true) => on.person.hears('MESSAGE_CREATE', fits);

test('commands are set, listed and replaced', async () => {
  const listed = await on.bot.guild.commands.fetch();
  assert.deepEqual([...listed.values()].map((c) => c.name).sort(), ['plain', 'typed']);
  const made = await on.bot.guild.commands.create({ name: 'extra', description: 'for a moment' });
  const edited = await made.edit({ description: 'changed' });
  assert.equal(edited.description, 'changed');
  await made.delete();
  assert.equal((await on.bot.guild.commands.fetch()).size, 2);
  const global = await on.bot.client.application.commands.set([{ name: 'everywhere', description: 'global' }]);
  assert.equal(global.size, 1);
  await on.bot.client.application.commands.set([]);
});

test('a command is answered and the person sees the answer', async () => {
  const interaction = await use('plain');
  assert.equal(interaction.commandName, 'plain');
  assert.equal(interaction.inCachedGuild(), true);
  assert.equal(interaction.channelId, on.guild.channel_id);
  const shown = said();
  const { resource } = await interaction.reply({ content: 'hello', withResponse: true });
  assert.equal((await shown).content, 'hello');
  assert.equal(resource.message.content, 'hello');
  assert.equal(resource.message.interactionMetadata.id, interaction.id);
});

test('options of every type arrive with their values', async () => {
  const me = on.bot.client.user.id;
  const interaction = await use('typed', [
    { type: 3, name: 'text', value: 'words' }, { type: 4, name: 'whole', value: 7 }, { type: 10, name: 'real', value: 1.5 },
    { type: 5, name: 'flag', value: true }, { type: 6, name: 'who', value: me },
    { type: 7, name: 'where', value: on.guild.channel_id }, { type: 8, name: 'role', value: on.guild.guild_id },
    { type: 3, name: 'choice', value: 'two' },
  ]);
  const { options } = interaction;
  assert.equal(options.getString('text'), 'words');
  assert.equal(options.getInteger('whole'), 7);
  assert.equal(options.getNumber('real'), 1.5);
  assert.equal(options.getBoolean('flag'), true);
  assert.equal(options.getUser('who').id, me);
  assert.equal(options.getChannel('where').id, on.guild.channel_id);
  assert.equal(options.getRole('role').id, on.guild.guild_id);
  assert.equal(options.getString('choice'), 'two');
  await interaction.reply('done');
});

test('what does not fit its option is refused to the person', async () => {
  await assert.rejects(on.person.use(commands.typed, [{ type: 3, name: 'text', value: 'x' }, { type: 4, name: 'whole', value: 11 }]));
  await assert.rejects(on.person.use(commands.typed, []));
});

test('autocomplete offers the bot\'s choices', async () => {
  const asked = once(on.bot.client, Events.InteractionCreate).then((interaction) => {
    assert.ok(interaction.isAutocomplete());
    assert.equal(interaction.options.getFocused(), 'ap');
    return interaction.respond([{ name: 'Apple', value: 'apple' }, { name: 'Apricot', value: 'apricot' }]);
  });
  const choices = await on.person.complete(commands.typed,
    [{ type: ApplicationCommandOptionType.String, name: 'text', value: 'ap', focused: true }]);
  await asked;
  assert.deepEqual(choices.map((c) => c.value), ['apple', 'apricot']);
});

test('a deferred reply is filled in later', async () => {
  const interaction = await use('plain');
  const loading = said((m) => m.flags & MessageFlags.Loading);
  await interaction.deferReply();
  const shown = await loading;
  const changed = on.person.hears('MESSAGE_UPDATE', (m) => m.id === shown.id);
  await interaction.editReply('after a while');
  assert.equal((await changed).content, 'after a while');
  const original = await interaction.fetchReply();
  assert.equal(original.content, 'after a while');
  assert.equal(original.flags.has(MessageFlags.Loading), false);
  await interaction.deleteReply();
});

test('follow-ups come after the reply, ephemeral ones for the person only', async () => {
  const interaction = await use('plain');
  await interaction.reply('one');
  const shown = said((m) => m.content === 'two');
  const second = await interaction.followUp('two');
  await shown;
  const hidden = said((m) => m.flags & MessageFlags.Ephemeral);
  await interaction.followUp({ content: 'three', flags: MessageFlags.Ephemeral });
  assert.equal((await hidden).content, 'three');
  const edited = await interaction.editReply({ message: second, content: 'two, changed' });
  assert.equal(edited.content, 'two, changed');
  await interaction.deleteReply(second);
  const history = await on.bot.channel.messages.fetch({ limit: 10, cache: false });
  assert.equal([...history.values()].some((m) => m.content === 'three'), false);
});

test('a pressed button updates its message', async () => {
  const row = new ActionRowBuilder().addComponents(
    new ButtonBuilder().setCustomId('more').setLabel('More').setStyle(ButtonStyle.Primary),
    new ButtonBuilder().setCustomId('never').setLabel('Never').setStyle(ButtonStyle.Secondary).setDisabled(true));
  const message = await on.bot.channel.send({ content: 'press', components: [row] });
  const interaction = await provoke(() => on.person.press(message, 'more'));
  assert.ok(interaction.isButton());
  assert.equal(interaction.customId, 'more');
  assert.equal(interaction.message.id, message.id);
  const changed = on.person.hears('MESSAGE_UPDATE', (m) => m.id === message.id);
  await interaction.update({ content: 'pressed', components: [] });
  assert.equal((await changed).content, 'pressed');
  await assert.rejects(on.person.press(message, 'more'));
});

test('a button can be answered with a new message', async () => {
  const row = new ActionRowBuilder().addComponents(
    new ButtonBuilder().setCustomId('say').setLabel('Say').setStyle(ButtonStyle.Success));
  const message = await on.bot.channel.send({ content: 'press', components: [row] });
  const interaction = await provoke(() => on.person.press(message, 'say'));
  await interaction.deferUpdate();
  const shown = said((m) => m.content === 'said');
  await interaction.followUp('said');
  await shown;
});

test('a modal is shown, filled in and answered', async () => {
  const interaction = await use('plain');
  const row = (input) => new ActionRowBuilder().addComponents(input);
  const modal = new ModalBuilder().setCustomId('edit').setTitle('Edit a row').addComponents(
    row(new TextInputBuilder().setCustomId('key').setLabel('Key').setStyle(TextInputStyle.Short).setMaxLength(100)),
    row(new TextInputBuilder().setCustomId('json').setLabel('JSON').setStyle(TextInputStyle.Paragraph).setRequired(false).setValue('{}')));
  const shown = on.person.hears('INTERACTION_MODAL_CREATE');
  await interaction.showModal(modal);
  const form = await shown;
  assert.equal(form.custom_id, 'edit');
  assert.equal(form.title, 'Edit a row');
  assert.deepEqual(form.components.map((r) => r.components[0].custom_id), ['key', 'json']);
  const sent = await provoke(() => on.person.submit(form, { key: 'u_1', json: '{"n": 1}' }));
  assert.ok(sent.isModalSubmit());
  assert.equal(sent.customId, 'edit');
  assert.equal(sent.fields.getTextInputValue('key'), 'u_1');
  assert.equal(sent.fields.getTextInputValue('json'), '{"n": 1}');
  const answered = said((m) => m.content === 'saved');
  await sent.reply('saved');
  await answered;
  await assert.rejects(on.person.submit(form, { key: 'u_1', json: '{}' }));
});

test('an interaction is answered once', async () => {
  const interaction = await use('plain');
  await interaction.reply('first');
  const again = on.bot.client.rest.post(`/interactions/${interaction.id}/${interaction.token}/callback`,
    { body: { type: 4, data: { content: 'second' } }, auth: false });
  await assert.rejects(again, (error) => error.code === 40060);
});
