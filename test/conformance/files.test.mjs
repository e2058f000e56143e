// Files go up and come down byte for byte.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { AttachmentBuilder } from 'discord.js';
import { scene } from './support/scene.mjs';

const on = scene();

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

async function download(attachment) {
  const answer = await fetch(attachment.url);
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
}

test('a megabyte of random bytes is kept exactly', async () => {
  const bytes = randomBytes(1_000_003);
  const sent = await on.bot.channel.send({ content: 'blob', files: [new AttachmentBuilder(bytes, { name: 'blob.bin' })] });
  const attachment = sent.attachments.first();
  assert.equal(attachment.name, 'blob.bin');
  assert.equal(attachment.size, bytes.length);
  assert.equal(hash(await download(attachment)), hash(bytes));
});

test('several files keep their order, names and descriptions', async () => {
  const files = ['a', 'b', 'c'].map((name) =>
    new AttachmentBuilder(Buffer.from(`content of ${name}`), { name: `${name}.txt`, description: `file ${name}` }));
  const sent = await on.bot.channel.send({ files });
  const fetched = await on.bot.channel.messages.fetch({ message: sent.id, force: true });
  const got = [...fetched.attachments.values()];
  assert.deepEqual(got.map((a) => [a.name, a.description]), [['a.txt', 'file a'], ['b.txt', 'file b'], ['c.txt', 'file c']]);
  assert.equal((await download(got[1])).toString(), 'content of b');
});

test('an edit can take a file away and add another', async () => {
  const sent = await on.bot.channel.send({ content: 'v1', files: [{ attachment: Buffer.from('old'), name: 'old.txt' }] });
  const edited = await sent.edit({ attachments: [], files: [{ attachment: Buffer.from('new'), name: 'new.txt' }] });
  assert.deepEqual([...edited.attachments.values()].map((a) => a.name), ['new.txt']);
  assert.equal((await download(edited.attachments.first())).toString(), 'new');
});
