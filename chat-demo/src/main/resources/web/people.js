/** Who is here: what the server says, kept up with the joins and leaves that come after. */

import { byId, count, element } from './dom.js';
import { avatar } from './rows.js';

export class People {
  #names = new Set();
  #me = '';
  /** Joins and leaves that came since the server was asked, or null when it is not being asked. */
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
   * Begins a question to the server, in place of one that is not answered yet. Returns a function that takes the answer
   * (names, or things that have a nick), or null when there is none. What came meanwhile is newer than the answer may be.
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
