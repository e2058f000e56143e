// One `dbcord guild` process in a directory of its own, started for a test file and ended with it.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = process.env.DBCORD;
const patience = 60_000; // ms until it serves; generous, the machine may be busy

if (!program) throw new Error('DBCORD names no dbcord program; run test/conformance/run');

export class GuildProcess {
  // `flags`: further arguments of `dbcord guild`; without rate limits unless they say otherwise.
  static async start(flags = ['--limits', 'none']) {
    const guild = new GuildProcess();
    guild.directory = await mkdtemp(join(tmpdir(), 'dbcord-conformance-'));
    await guild.#launch(flags);
    return guild;
  }

  async stop() {
    await this.#end('SIGTERM');
    await rm(this.directory, { recursive: true, force: true });
  }

  async #launch(flags) {
    const places = ['guild', '--data', this.directory, '--listen', '127.0.0.1:0'];
    this.child = spawn(program, [...places, ...flags], { stdio: ['ignore', 'pipe', 'pipe'], cwd: this.directory });
    process.once('exit', () => this.child.kill('SIGKILL'));
    this.log = '';
    this.child.stderr.on('data', (text) => (this.log += text));
    await this.#ready();
    Object.assign(this, JSON.parse(await readFile(join(this.directory, 'credentials.json'))));
  }

  #ready() {
    return new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`dbcord guild ${why}; its log: ${this.log}`));
      const timer = setTimeout(() => fail('did not get ready'), patience);
      this.child.once('exit', (code) => fail(`ended with ${code}`));
      this.child.stdout.once('data', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async #end(signal) {
    if (this.child.exitCode !== null) throw new Error(`dbcord guild ended by itself; its log: ${this.log}`);
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    const code = await gone;
    if (code !== 0) throw new Error(`dbcord guild ended with ${code}; its log: ${this.log}`);
  }
}
