/** One reader of the comparison: its connection, its numbers, and its controls. */

import { connect } from '../confab.js';
import { element, explainError, TRANSPORT_NAMES } from './dom.js';
import { bytes, Latency, milliseconds } from './latency.js';
import { tokenSource } from './token.js';

const WHY = {
  websocket: 'Choose it when clients also write, or write often: one connection carries both ways with the least delay and the fewest bytes.',
  sse: 'Choose it when clients mostly read: plain HTTP that passes most proxies, resumes by itself, and every tool can show it. Sending is a POST.',
  longpoll: 'Choose it where nothing but requests gets through, or for scripts: works everywhere, needs no sticky routing, at one request a delivery.',
  shortpoll: 'Choose it when a delay of some seconds is fine and the reader is rarely there. It sends a request every second, mostly for nothing.',
};
const COUNTS = [
  ['received', 'Received'], ['behind', 'Still to come'], ['lost', 'Lost'], ['doubled', 'Doubled'],
  ['bytes', 'Traffic'], ['requests', 'Requests'], ['reconnects', 'Reconnects'], ['gaps', 'Gaps'],
];

export class Pane {
  latency = new Latency();
  #seen = new Set();
  #doubled = 0;
  #last = null;
  #disorder = 0;
  #offset;
  #away = null;
  #parts = {};

  /**
   * @param page { server, room, sentAt: body → ms or undefined, known(id), counts: id → whether the entry is after
   *     the last reset, newest(), announce(text) }
   */
  constructor(transport, page, charts) {
    this.transport = transport;
    this.page = page;
    this.element = this.#make();
    this.chart = charts.add(this.#parts.canvas, [{ transport, label: TRANSPORT_NAMES[transport] }], { small: true });
  }

  start(after) {
    const { server: url, room } = this.page;
    this.connection = connect({ url, room, transport: this.transport, after, token: tokenSource });
    this.#offset = { ...this.connection.stats };
    this.connection.on('entry', entry => this.#take(entry));
    this.connection.on('state', change => this.#drawState(change));
    this.connection.on('gap', () => { if (this.#away) this.#away.gaps++; });
  }

  #take(entry) {
    if (entry.type !== 'message') return;
    if (this.page.counts(entry.id)) this.#count(entry);
    this.page.known(entry.id);
    if (this.#away?.back && entry.id <= this.#away.until) {
      this.#away.caught++;
      if (entry.id === this.#away.until) this.#tellResume();
    }
  }

  /** Counts independently of the client's own counters. */
  #count(entry) {
    if (this.#seen.has(entry.id)) this.#doubled++;
    else if (this.#last !== null && entry.id < this.#last) this.#disorder++;
    this.#seen.add(entry.id);
    this.#last = entry.id;
    const sent = this.page.sentAt(entry);
    if (sent !== undefined) this.latency.record(performance.now() - sent);
  }

  /** Returns the numbers of the pane. An entry is lost if the cursor is past it and it has not come. */
  numbers(ids) {
    const cursor = this.connection.cursor ?? '';
    let lost = 0;
    let behind = 0;
    for (const id of ids) {
      if (this.#seen.has(id)) continue;
      if (id <= cursor) lost++;
      else behind++;
    }
    const stats = this.connection.stats;
    const since = name => stats[name] - this.#offset[name];
    return {
      received: this.#seen.size, behind, lost: lost + this.#disorder, doubled: this.#doubled,
      bytes: since('bytesReceived') + since('bytesSent'), requests: since('requests'),
      reconnects: since('reconnects'), gaps: since('gaps'),
    };
  }

  reset() {
    this.#seen.clear();
    this.#doubled = 0;
    this.#disorder = 0;
    this.latency.clear();
    this.#offset = { ...this.connection.stats };
  }

  draw(ids) {
    const numbers = this.numbers(ids);
    for (const [name] of COUNTS) {
      const cell = this.#parts[name];
      cell.textContent = name === 'bytes' ? bytes(numbers.bytes) : numbers[name].toLocaleString('en');
      if (name === 'lost' || name === 'doubled') cell.className = numbers[name] > 0 ? 'bad' : 'fine';
    }
    const times = this.latency.percentiles();
    this.#parts.p50big.textContent = milliseconds(times?.p50);
    for (const name of ['p50', 'p95', 'p99']) this.#parts[name].textContent = milliseconds(times?.[name]);
    this.chart.set(0, this.latency.slots());
    this.chart.draw();
  }

  // ---- Cut, offline, and the entries after a resume

  #leave(reason) {
    this.#away ??= { reason, before: this.connection.cursor, since: performance.now(), caught: 0, gaps: 0, back: false };
    this.#parts.resume.replaceChildren(element('h3', {}, reason),
      element('p', { class: 'muted' }, 'Its cursor is kept: ', element('span', { class: 'mono' }, tail(this.#away.before))));
  }

  #comeBack() {
    const away = this.#away;
    if (!away || away.back) return;
    away.back = true;
    away.time = performance.now() - away.since;
    away.until = this.page.newest();
    if (!away.until || away.until <= (this.connection.cursor ?? '')) this.#tellResume();
  }

  #tellResume() {
    const { reason, before, caught, gaps, time } = this.#away;
    const fact = (name, value) => [element('dt', {}, name), element('dd', {}, value)];
    this.#away = null;
    this.#parts.resume.replaceChildren(element('h3', {}, `${reason}, back after ${milliseconds(time)}`),
      element('dl', {},
        ...fact('Cursor before', element('span', { class: 'mono', title: before ?? '' }, tail(before))),
        ...fact('Cursor after', element('span', { class: 'mono', title: this.connection.cursor ?? '' }, tail(this.connection.cursor))),
        ...fact('Caught up', caught === 1 ? '1 message' : `${caught.toLocaleString('en')} messages`),
        ...fact('Gaps', String(gaps))),
      element('p', { class: gaps ? 'verdict bad' : 'verdict' }, gaps ? 'The server no longer has some of them' : 'Nothing missed, nothing twice'));
    this.page.announce(`${TRANSPORT_NAMES[this.transport]} is back and caught up ${caught} messages`);
  }

  #drawState({ state, error }) {
    const { pill, words, cut } = this.#parts;
    pill.dataset.tone = { open: 'good', paused: 'off', closed: 'bad' }[state] ?? 'wait';
    words.textContent = { open: 'Live', connecting: 'Connecting', waiting: 'Reconnecting', paused: 'Offline' }[state] ?? explainError(error);
    cut.disabled = state !== 'open';
    if (state === 'waiting') this.#leave('Connection lost');
    if (state === 'open') this.#comeBack();
  }

  #make() {
    const keep = (name, made) => { this.#parts[name] = made; return made; };
    const { transport } = this;
    const name = TRANSPORT_NAMES[transport];
    const fact = (key, label) => element('div', {}, element('dt', {}, label), keep(key, element('dd', { 'data-count': key }, '0')));
    keep('words', element('span', {}, 'Connecting'));
    const cut = keep('cut', element('button', { class: 'button small', type: 'button', click: () => {
      this.#leave('Connection cut');
      this.connection.interrupt();
    } }, 'Cut this connection'));
    const offline = element('input', { type: 'checkbox', role: 'switch', change: event => {
      if (event.target.checked) {
        this.#leave('Went offline');
        this.connection.pause();
      } else this.connection.resume();
    } });
    return element('article', { class: 'pane', 'data-transport': transport, 'aria-label': name },
      element('div', { class: 'pane-head' }, element('h2', {}, name),
        keep('pill', element('p', { class: 'pill', role: 'status', 'data-tone': 'wait' },
          element('span', { class: 'dot', 'aria-hidden': 'true' }), this.#parts.words))),
      element('p', { class: 'why' }, WHY[transport]),
      element('p', { class: 'latency' }, keep('p50big', element('strong', {}, '–')), element('span', {}, 'median to arrive')),
      element('dl', { class: 'percentiles' }, fact('p50', '50 %'), fact('p95', '95 %'), fact('p99', '99 %')),
      element('div', { class: 'mini' }, keep('canvas', element('canvas', { role: 'img', 'aria-label': `${name}: time to arrive over the last minute` }))),
      element('dl', { class: 'counts' }, ...COUNTS.map(([key, label]) => fact(key, label))),
      element('div', { class: 'acts' }, cut, element('label', { class: 'switch' }, offline, 'Offline')),
      keep('resume', element('div', { class: 'resume' }, element('h3', {}, 'Resume'),
        element('p', { class: 'muted' }, 'Cut the connection or go offline for a while, then see how it picks up where it stopped.'))));
  }
}

/** Returns the end of an id, the part that differs. */
function tail(id) {
  return id ? `…${id.slice(-12)}` : 'none yet';
}
