// Validates exchanges with the guild against Discord's own description of its API, if that file is there.
import Ajv from 'ajv/dist/2020.js';
import { existsSync, readFileSync } from 'node:fs';

const file = process.env.DISCORD_OPENAPI;
export const hasDescription = Boolean(file && existsSync(file));

const description = hasDescription ? JSON.parse(readFileSync(file)) : { paths: {}, components: {} };
// Discord's nested errors carry names such as BASE_TYPE_REQUIRED, where its description says that they carry numbers.
const innerErrors = description.components.schemas?.InnerErrors;
if (innerErrors) {
  innerErrors.properties._errors.items = {
    type: 'object', required: ['code', 'message'],
    properties: { code: { type: ['string', 'integer'] }, message: { type: 'string' } },
  };
}
// The bounds that matter are in the schema; its formats (snowflake, int32, nonce …) are names without a checker.
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(description, 'discord');

const escape = (name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

const templates = Object.keys(description.paths).map((path) => ({
  path,
  segments: path.split('/'),
  pattern: new RegExp('^' + path.replace(/\{[^}]+\}/g, '[^/]+') + '$'),
  parameters: (path.match(/\{/g) ?? []).length,
}));

// The described path with the fewest parameters that fits: /users/@me before /users/{user_id}.
function findTemplate(path, method) {
  const fitting = templates.filter((t) => t.pattern.test(path) && description.paths[t.path][method]);
  return fitting.sort((a, b) => a.parameters - b.parameters)[0];
}

function follow(pointer, node) {
  while (node?.$ref) {
    pointer = node.$ref.slice(1);
    node = pointer.slice(1).split('/').reduce((at, key) => at[decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')], description);
  }
  return [pointer, node];
}

function responseFor(template, method, status) {
  const at = `/paths/${escape(template.path)}/${method}/responses`;
  const responses = description.paths[template.path][method].responses;
  const key = [String(status), `${Math.floor(status / 100)}XX`, 'default'].find((k) => k in responses);
  return key ? follow(`${at}/${key}`, responses[key]) : undefined;
}

// Of a choice between kinds of objects only what is wrong with the kind that it is: the one whose `type` fits.
function withoutOtherKinds(errors) {
  const kind = (e) => e.schemaPath.match(/schemas\/(\w+)\//)?.[1];
  const others = errors.filter((e) => e.instancePath.endsWith('/type') && ['enum', 'const'].includes(e.keyword));
  const isOther = (e) => others.some((o) => kind(o) === kind(e) && (e.instancePath + '/').startsWith(o.instancePath.slice(0, -4)));
  const rest = errors.filter((e) => !isOther(e) && e.keyword !== 'oneOf' && e.keyword !== 'anyOf');
  return rest.length > 0 ? rest : errors;
}

const validators = new Map();

function violations(pointer, value) {
  if (!validators.has(pointer)) validators.set(pointer, ajv.compile({ $ref: `discord#${pointer}` }));
  const validate = validators.get(pointer);
  if (validate(value)) return [];
  const sentences = withoutOtherKinds(validate.errors).map((e) => `${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`);
  return [...new Set(sentences)].slice(0, 10);
}

// What is wrong with a response, as sentences; null if its route is not described. `body`: parsed JSON, or undefined.
export function checkResponse({ method, path, status, body }) {
  method = method.toLowerCase();
  const template = findTemplate(path, method);
  if (!template) return null;
  const found = responseFor(template, method, status);
  if (!found) return [`status ${status} is not among the described ones`];
  const [pointer, response] = found;
  const content = response.content?.['application/json'];
  if (!content) return body === undefined ? [] : ['a body where none is described'];
  if (body === undefined) return ['no body where one is described'];
  return violations(`${pointer}/content/application~1json/schema`, body);
}

// The same for the JSON that a test sent, so that the tests ask for what Discord knows.
export function checkRequest({ method, path, body }) {
  method = method.toLowerCase();
  const template = findTemplate(path, method);
  if (!template) return null;
  const operation = description.paths[template.path][method];
  if (!operation.requestBody?.content?.['application/json'] || body === undefined) return [];
  const at = `/paths/${escape(template.path)}/${method}/requestBody/content/application~1json/schema`;
  return violations(at, body);
}

export const describedPath = (method, path) => findTemplate(path, method.toLowerCase())?.path;
