/** The participants: the server's list, updated with later joins and leaves. */

import { byId, count, element } from './dom.js';
import { avatar } from './rows.js';

export class People {
  #names = new Set();
  #me = '';
  /** The joins and leaves since the request to the server, or null when no request is pending. */
  #since = null;

  constructor() {
    const toggle = byId('people-toggle');
    const panel = byId('people');
    const show = shown => {
      panel.classList.toggle('shown', shown);
      toggle.setAttribute('aria-expanded', String(shown));
    };
    toggle.addEventListener('click', () => show(!panel.classList.contains('shown')));
    document.addEventListener('keydown', event => {
      if (event.key === 'Escape' && panel.classList.contains('shown')) { show(false); toggle.focus(); }
    });
    document.addEventListener('click', event => {
      if (!panel.contains(event.target) && !toggle.contains(event.target)) show(false);
    });
  }

  /**
   * Starts a request to the server, which replaces a pending one. Returns a function that takes the response (names, or
   * objects with a nick), or null when there is none. Entries that came meanwhile may be newer than the response.
   */
  ask(me) {
    const since = [];
    this.#since = since;
    this.#me = me;
    return answer => {
      if (this.#since !== since) return;
      this.#since = null;
      if (answer) {
        const list = Array.isArray(answer) ? answer : Object.values(answer).find(Array.isArray) ?? [];
        this.#names = new Set(list.map(one => (typeof one === 'string' ? one : one?.nick)).filter(Boolean));
        since.forEach(entry => this.#apply(entry));
      }
      if (me) this.#names.add(me);
      this.#draw();
    };
  }

  take(entry) {
    this.#since?.push(entry);
    this.#apply(entry);
    this.#draw();
  }

  #apply({ type, nick }) {
    if (type === 'join') this.#names.add(nick);
    else if (type === 'leave' && nick !== this.#me) this.#names.delete(nick);
  }

  #draw() {
    const names = [...this.#names].sort((a, b) => a.localeCompare(b));
    byId('people-list').replaceChildren(...names.slice(0, 300).map(nick => element('li', {},
      avatar(nick), element('bdi', {}, nick), nick === this.#me ? element('span', { class: 'you' }, 'you') : null)));
    byId('people-number').textContent = names.length;
    byId('people-count').textContent = names.length;
    const more = names.length - 300;
    byId('people-note').textContent = more > 0 ? `and ${count(more, 'more', 'more')}`
      : this.#me ? '' : 'Readers without a name are not listed. Enter yours to join.';
  }
}
