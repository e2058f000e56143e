// A person's client: the guild's owner, who types slash commands, presses buttons and sees the replies. It sends
// what Discord's own client sends (POST /interactions) and listens on the gateway.
import { once } from './bot.mjs';
import { Gateway } from './gateway.mjs';

export class Person {
  static async login(guild, application) {
    const person = new Person();
    Object.assign(person, { guild, application, nonces: 0 });
    person.gateway = await Gateway.connect(guild, guild.owner_token);
    return person;
  }

  logout() {
    this.gateway.close();
  }

  // The next event of that name that fits.
  hears(name, fits) {
    return once(this.gateway, name, fits);
  }

  async request(method, path, body) {
    const headers = { authorization: this.guild.owner_token, 'content-type': 'application/json' };
    const answer = await fetch(this.guild.api_url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : undefined };
  }

  // Sends an interaction; the answer to the request is empty, what comes of it arrives as events.
  async interact(type, data, more = {}, channel = this.guild.channel_id) {
    const nonce = `n${++this.nonces}`;
    const { status, body } = await this.request('POST', '/interactions', {
      type, data, nonce, application_id: this.application, guild_id: this.guild.guild_id, channel_id: channel,
      session_id: this.gateway.session, ...more,
    });
    if (status !== 204) throw new Error(`the guild refused the interaction: ${JSON.stringify(body)}`);
    return nonce;
  }

  #dataOf(command, options) {
    return { type: command.type ?? 1, id: command.id, version: command.version, name: command.name, options };
  }

  // Types a slash command. `options`: [{type, name, value}].
  use(command, options = []) {
    return this.interact(2, { ...this.#dataOf(command, options), attachments: [] });
  }

  // Types into an option; resolves to the choices offered.
  async complete(command, options) {
    const offered = this.hears('APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE');
    await this.interact(4, this.#dataOf(command, options));
    return (await offered).choices;
  }

  // Sends a form that the person was shown, with these values by custom_id.
  submit(form, values) {
    const fill = (component) => ({ type: component.type, custom_id: component.custom_id, value: values[component.custom_id] });
    const components = form.components.map((row) => ({ type: row.type, components: row.components.map(fill) }));
    return this.interact(5, { id: form.id, custom_id: form.custom_id, components });
  }

  press(message, customId, more = {}) {
    const data = { component_type: 2, custom_id: customId, ...more };
    return this.interact(3, data, { message_id: message.id, message_flags: Number(message.flags ?? 0) });
  }
}
