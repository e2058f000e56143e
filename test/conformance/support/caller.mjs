// Plain requests to the guild, each compared with Discord's description: what is sent and what comes back.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkRequest, checkResponse } from './exchange_checks.mjs';

// Routes that Discord serves but does not describe, with the reason why they are here.
const undescribed = new Set([
  'POST /interactions', // what Discord's own client sends when a person uses a command
]);

export class Caller {
  constructor(guild) {
    this.guild = guild;
    this.answered = new Set(); // "METHOD /path" of requests that were granted
  }

  bot(method, path, body) {
    return this.#send(method, path, `Bot ${this.guild.bot_token}`, body);
  }
  person(method, path, body) {
    return this.#send(method, path, this.guild.owner_token, body);
  }
  // Routes whose path holds their token.
  open(method, path, body) {
    return this.#send(method, path, undefined, body);
  }
  // `files`: {name: text}
  async upload(path, body, files) {
    const wrong = checkRequest({ method: 'POST', path: path.split('?')[0], body });
    assert.deepEqual(wrong ?? [], [], `the test's own upload to ${path}`);
    const form = new FormData();
    form.set('payload_json', JSON.stringify(body));
    Object.entries(files).forEach(([name, text], n) => form.set(`files[${n}]`, new Blob([text]), name));
    return this.#finish('POST', path, { authorization: `Bot ${this.guild.bot_token}` }, form);
  }

  // Sends what Discord would refuse; gives the answer's code.
  async refused(status, method, path, body, authorization = `Bot ${this.guild.bot_token}`) {
    const headers = body === undefined ? { authorization } : { authorization, 'content-type': 'application/json' };
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await this.#exchange(method, path, headers, text);
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body.code;
  }

  async #send(method, path, authorization, body) {
    const headers = {};
    if (authorization) headers.authorization = authorization;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const wrong = checkRequest({ method, path: path.split('?')[0], body });
    assert.deepEqual(wrong ?? [], [], `the test's own request ${method} ${path}`);
    return this.#finish(method, path, headers, body === undefined ? undefined : JSON.stringify(body));
  }

  async #finish(method, path, headers, body) {
    const answer = await this.#exchange(method, path, headers, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    this.answered.add(`${method} ${path.split('?')[0]}`);
    return answer.body;
  }

  async #exchange(method, path, headers, body) {
    const answer = await fetch(this.guild.api_url + path, { method, headers, body });
    const text = await answer.text();
    const exchange = { method, path: path.split('?')[0], status: answer.status };
    if (text) exchange.body = JSON.parse(text);
    const wrong = checkResponse(exchange);
    if (wrong === null) assert.ok(undescribed.has(`${method} ${exchange.path}`), `${method} ${path} is not described`);
    assert.deepEqual(wrong ?? [], [], `${method} ${path} ${answer.status}: ${text}`);
    return exchange;
  }
}

// All routes of the guild, "METHOD /pattern", as its sources list them.
export function servedRoutes() {
  const folder = join(process.env.DBCORD_SOURCE, 'src/guild');
  const tables = readdirSync(folder).filter((name) => /route_table.*\.cpp$/.test(name));
  const text = tables.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  const routes = [...text.matchAll(/\{\s*"(GET|POST|PUT|PATCH|DELETE)",\s*"(\/[^"]*)"/g)];
  assert.ok(routes.length > 30, 'the route table is not where this test looks for it');
  return routes.map(([, method, path]) => `${method} ${path}`);
}

// Those of `routes` that none of `answered` is a request of. A request belongs to the route with the fewest parameters.
export function withoutRequest(routes, answered) {
  const patterns = routes.map((route) => ({ route, pattern: new RegExp('^' + route.replaceAll('{}', '[^/]+') + '$') }));
  patterns.sort((a, b) => a.route.split('{}').length - b.route.split('{}').length);
  const hit = new Set([...answered].map((request) => patterns.find((p) => p.pattern.test(request))?.route));
  return routes.filter((route) => !hit.has(route));
}
