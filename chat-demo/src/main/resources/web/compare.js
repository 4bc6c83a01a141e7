/** The comparison page, which shows the transports side by side. */

import { connect } from '../confab.js';
import { Charts } from './charts.js';
import { byId, element, explainError, TRANSPORT_NAMES } from './dom.js';
import { Pane } from './pane.js';
import { tokenSource } from './token.js';

const RATES = [0, 0.5, 1, 2, 5, 10, 20, 50, 100];
const TRANSPORTS = ['websocket', 'sse', 'longpoll', 'shortpoll'];
const query = new URLSearchParams(location.search);
const server = new URL('.', document.baseURI);
// The page has its own room unless the address names one, because the numbers are about the messages of this page.
const room = query.get('room') || `compare-${Math.random().toString(36).slice(2, 8)}`;
const run = Math.random().toString(36).slice(2, 8);

const sentTimes = new Map();
const ids = new Set();
const totals = { sent: 0, stored: 0, failed: 0 };
let running = query.get('rate') !== '0';
let newest = '';
/**
 * The newest message when the numbers were reset. Messages up to it are not counted, even if they reach a pane later.
 */
let countedAfter = '';
let round = 0;
let serial = 0;
let debt = 0;

const page = {
  server, room,
  sentAt: ({ body }) => (body.startsWith(run) ? sentTimes.get(body.slice(0, body.indexOf(' '))) : undefined),
  known(id) {
    if (page.counts(id)) ids.add(id);
    if (id > newest) newest = id;
  },
  counts: id => id > countedAfter,
  newest: () => newest,
  announce(text) {
    const log = byId('announcer');
    log.append(element('p', {}, text));
    while (log.childElementCount > 10) log.firstElementChild.remove();
  },
};

const charts = new Charts();
const panes = TRANSPORTS.map(name => new Pane(name, page, charts));
byId('panes').append(...panes.map(pane => pane.element));
const overview = charts.add(byId('overview-chart'),
  TRANSPORTS.map(transport => ({ transport, label: TRANSPORT_NAMES[transport] })), { logarithmic: true });

// ---- Publishing, over a connection of its own, so that an action on a pane does not stop it.

const publisher = connect({ url: server, room, transport: 'auto', after: 'latest', token: tokenSource });
publisher.on('entry', entry => entry.type === 'message' && page.known(entry.id));
publisher.on('state', ({ state, transport, cursor, error }) => {
  byId('publisher').dataset.tone = { open: 'good', closed: 'bad' }[state] ?? 'wait';
  byId('publisher-words').textContent = state === 'open' ? `Publishing over ${transport === 'websocket' ? 'WebSocket' : 'POST'} to #${room}`
    : state === 'closed' ? explainError(error) : state === 'waiting' ? `${explainError(error)}, trying again` : 'Connecting…';
  // All panes start at the same place: the end of the room when the publisher connected.
  if (state === 'open') begin(cursor);
});

function begin(cursor) {
  if (panes[0].connection) return;
  if (cursor === null) return void setTimeout(() => begin(publisher.cursor), 50);
  panes.forEach(pane => pane.start(cursor));
  // Publishing starts after a delay, so that all panes are connected before the first message.
  setTimeout(() => setInterval(beat, 50), 800);
}

let lastBeat = performance.now();
function beat() {
  const now = performance.now();
  const rate = running ? RATES[byId('rate').value] : 0;
  // A background page gets fewer intervals; missed messages are not published later.
  debt = Math.min(debt + rate * Math.min(now - lastBeat, 1_000) / 1000, Math.max(rate, 1));
  lastBeat = now;
  for (; debt >= 1; debt--) publishOne();
}

function publishOne() {
  if (publisher.state !== 'open') return;
  const name = `${run}-${++serial}`;
  const body = `${name} `.padEnd(Number(byId('size').value), '.');
  const mine = round;
  totals.sent++;
  sentTimes.set(name, performance.now());
  if (sentTimes.size > 20_000) sentTimes.delete(sentTimes.keys().next().value);
  const count = name => { if (mine === round) totals[name]++; };
  publisher.publish(body).then(({ id }) => { count('stored'); page.known(id); }, () => count('failed'));
}

// ---- The controls

function drawControls() {
  const rate = RATES[byId('rate').value];
  byId('rate-words').textContent = rate === 0 ? 'none' : rate < 1 ? 'one in 2 s' : `${rate} a second`;
  byId('rate').setAttribute('aria-valuetext', byId('rate-words').textContent);
  byId('toggle').textContent = running ? 'Pause publishing' : 'Start publishing';
}

byId('rate').addEventListener('input', () => { debt = 0; drawControls(); });
byId('toggle').addEventListener('click', () => { running = !running; debt = 0; drawControls(); });
byId('reset').addEventListener('click', () => {
  ids.clear();
  countedAfter = newest;
  round++;
  Object.assign(totals, { sent: 0, stored: 0, failed: 0 });
  panes.forEach(pane => pane.connection && pane.reset());
  draw();
});
byId('rates').append(...RATES.map((_, i) => element('option', { value: i })));

function draw() {
  for (const [name, value] of Object.entries(totals)) byId(`total-${name}`).textContent = value.toLocaleString('en');
  if (!panes[0].connection) return;
  const inOrder = [...ids];
  panes.forEach((pane, i) => {
    pane.draw(inOrder);
    overview.set(i, pane.latency.slots());
  });
  overview.draw();
}

window.compare = { panes, room, publisher, totals };
drawControls();
setInterval(() => { if (document.visibilityState === 'visible') draw(); }, 500);
