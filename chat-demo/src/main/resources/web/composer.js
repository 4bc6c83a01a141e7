/** The message field, and the messages on their way to the server. */

import { byId, element, explainError } from './dom.js';
import { avatar } from './rows.js';

const MOST_BYTES = 10_000;
const HINT = 'Enter sends, Shift + Enter starts a new line';

export class Composer {
  #message = byId('message');
  #note = byId('composer-note');
  #outbox = byId('outbox');
  #waiting = new Map();

  /** @param page { nick(), publish(body), has(id), sent(), changed() } */
  constructor(page) {
    this.page = page;
    byId('composer').addEventListener('submit', event => {
      event.preventDefault();
      this.#submit();
    });
    this.#message.addEventListener('keydown', event => {
      // While an input method is composing, Enter chooses a word.
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#submit();
      }
    });
    this.#message.addEventListener('input', () => this.#grow());
  }

  /** Called when an entry arrives: the message that waited for the entry is no longer on its way. */
  arrived(entry) {
    for (const [item, waiting] of this.#waiting) {
      if (waiting.id ? waiting.id === entry.id : waiting.body === entry.body && waiting.nick === entry.nick) {
        item.remove();
        this.#waiting.delete(item);
        return;
      }
    }
  }

  #submit() {
    const body = this.#message.value;
    const nick = this.page.nick();
    if (body.trim() === '') return this.#showNote('Write something first');
    if (new TextEncoder().encode(body).length > MOST_BYTES) return this.#grow();
    byId('nick').closest('.name-field').classList.toggle('wanted', !nick);
    if (!nick) {
      byId('nick').focus();
      return this.#showNote('Choose a name first');
    }
    this.#message.value = '';
    this.#grow();
    this.#send(body, nick);
    this.page.sent();
  }

  #send(body, nick) {
    const fate = element('p', { class: 'fate', role: 'status' });
    const item = element('li', { class: 'row first', 'data-type': 'pending' }, element('div', { class: 'line mine' }, avatar(nick),
      element('div', { class: 'content' },
        element('div', { class: 'who' }, element('bdi', { class: 'nick' }, nick), element('span', { class: 'you' }, 'you')),
        element('div', { class: 'text', dir: 'auto' }, body), fate)));
    const waiting = { body, nick, id: null };
    this.#waiting.set(item, waiting);
    this.#outbox.append(item);
    this.page.changed();
    // The text is shown only when sending takes noticeably long.
    const slow = setTimeout(() => { fate.textContent = 'Sending…'; this.page.changed(); }, 600);
    this.page.publish(body).then(
      ({ id }) => {
        waiting.id = id;
        fate.textContent = '';
        if (this.page.has(id)) this.arrived({ id });
      },
      error => this.#failed(item, fate, body, nick, error),
    ).finally(() => { clearTimeout(slow); this.page.changed(); });
  }

  #failed(item, fate, body, nick, error) {
    const remove = () => { item.remove(); this.#waiting.delete(item); this.page.changed(); };
    fate.classList.add('failed');
    fate.replaceChildren(`Not sent. ${explainError(error)}.`,
      element('button', { class: 'button small', type: 'button', click: () => { remove(); this.#send(body, nick); } }, 'Try again'),
      element('button', { class: 'button small', type: 'button', click: remove }, 'Discard'));
  }

  #showNote(text) {
    this.#note.textContent = text;
    this.#note.classList.toggle('bad', text !== HINT);
  }

  #grow() {
    const field = this.#message;
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight, 190)}px`;
    const bytes = new TextEncoder().encode(field.value).length;
    const over = bytes > MOST_BYTES;
    field.setAttribute('aria-invalid', String(over));
    if (over) this.#showNote(`${(bytes - MOST_BYTES).toLocaleString('en')} bytes too long (10,000 at most)`);
    else this.#showNote(bytes > MOST_BYTES * 0.8 ? `${(MOST_BYTES - bytes).toLocaleString('en')} bytes left` : HINT);
  }
}
