// A guild process with a bot in it for the tests of one file; both end with the file, also when the beginning failed.
import { after, before } from 'node:test';
import { Bot } from './bot.mjs';
import { GuildProcess } from './guild_process.mjs';
import { Person } from './person.mjs';

// Filled before the first test: guild, bot, and with `withPerson` person; then `prepare` is called with all of it.
export function scene({ flags, withPerson = false, prepare = async () => {} } = {}) {
  const on = {};
  before(async () => {
    on.guild = await GuildProcess.start(flags);
    on.bot = await Bot.login(on.guild);
    if (withPerson) on.person = await Person.login(on.guild, on.guild.application_id);
    await prepare(on);
  });
  after(async () => {
    on.person?.logout();
    try {
      await on.bot?.logout();
    } finally {
      await on.guild?.stop();
    }
  });
  return on;
}
