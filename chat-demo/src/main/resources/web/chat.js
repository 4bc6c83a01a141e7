/** The chat page. */

import { connect } from '../confab.js';
import { Composer } from './composer.js';
import { byId, count, element, explainError, memory, TRANSPORT_NAMES } from './dom.js';
import { LogView } from './log.js';
import { People } from './people.js';
import { row } from './rows.js';

const FIRST_PAGE = 60;
const PAGE = 100;
const query = new URLSearchParams(location.search);
const room = query.get('room') || 'lobby';
const server = new URL('.', document.baseURI);

let chat = null;
let nick = query.get('nick') ?? memory.read('nick') ?? '';
let loaded = false;
let unread = 0;
let beginning = false;
let loadingOlder = false;

const known = new Set();
const look = { me: nick, unread: null, unfolded: new Set(), changed: () => log.changed() };
const people = new People();
const log = new LogView(
  { scroller: byId('log'), rows: byId('rows'), top: byId('pad-top'), bottom: byId('pad-bottom') },
  (entry, before) => row(entry, before, look),
  { top: loadOlder, end: atEnd => { if (atEnd) seen(); drawJump(); } },
);
const composer = new Composer({
  nick: () => { takeNick(); return nick; },
  publish: body => chat.publish(body, { nick }),
  has: id => known.has(id),
  sent() {
    look.unread = null;
    log.toEnd();
  },
  changed() {
    drawEmpty();
    if (log.atEnd) log.toEnd();
  },
});

// ---- The connection

function start(after) {
  chat = connect({
    url: server, room, nick: nick || undefined, transport: byId('transport').value,
    ...(after ? { after } : { last: FIRST_PAGE }),
    // For demonstrations and tests: how soon a better wire is tried again.
    ...(query.has('upgrade') && { upgradeAfter: Number(query.get('upgrade')) }),
  });
  window.confab = chat;
  const mine = chat;
  chat.on('entry', entry => mine === chat && take(entry));
  chat.on('gap', gap => mine === chat && take({ ...gap, type: 'gap' }));
  chat.on('state', change => mine === chat && drawState(change));
}

function take(entry) {
  if (entry.type === 'gap') {
    if (log.items.length > 0) log.append(entry);
    return;
  }
  known.add(entry.id);
  if (entry.type === 'message') {
    composer.arrived(entry);
    markUnread(entry);
    if (loaded) announce(`${entry.nick ?? 'Someone'}: ${entry.body.slice(0, 300)}`);
  } else {
    people.take(entry);
    if (loaded) announce(`${entry.nick} ${entry.type === 'join' ? 'joined' : 'left'}`);
  }
  log.append(entry);
  drawEmpty();
}

function drawState({ state, transport, error, retryIn }) {
  clearInterval(drawState.countdown);
  const words = byId('connection-words');
  const pill = byId('connection');
  const banner = (text, button, tone = 'wait') => {
    byId('banner').hidden = !text;
    byId('banner').dataset.tone = tone;
    if (text) byId('banner-words').textContent = text;
    byId('banner-button').textContent = button ?? '';
    byId('banner-button').hidden = !button;
  };
  pill.dataset.tone = { open: 'good', closed: 'bad' }[state] ?? 'wait';
  if (state === 'open') {
    words.replaceChildren(element('span', { class: 'wide-only' }, 'Live over '), TRANSPORT_NAMES[transport]);
    banner('');
    refreshPeople();
    // The first entries come right behind; what comes after them is news.
    if (!loaded) setTimeout(() => { loaded = true; drawEmpty(); placeOldUnread(); }, 150);
  } else if (state === 'connecting') {
    words.textContent = loaded ? 'Reconnecting…' : 'Connecting…';
  } else if (state === 'waiting') {
    words.textContent = 'Not connected';
    const end = Date.now() + retryIn;
    const tell = () => {
      const seconds = Math.max(1, Math.ceil((end - Date.now()) / 1000));
      banner(`${explainError(error)}. Trying again in ${seconds} s. Nothing is lost: it goes on where it stopped.`, 'Try now');
    };
    // A short interruption is not worth a banner.
    if (retryIn > 1_500) { tell(); drawState.countdown = setInterval(tell, 1_000); }
  } else if (state === 'closed') {
    words.textContent = 'Not connected';
    banner(`The server refused the connection. ${explainError(error)}.`, 'Connect again', 'bad');
  }
  drawEmpty();
}

byId('banner-button').addEventListener('click', () => {
  if (chat.state === 'closed') start(chat.cursor);
  else chat.retry();
});

let peopleDue = null;
function refreshPeople() {
  clearTimeout(peopleDue);
  // A little later: our own join is on its way.
  peopleDue = setTimeout(async () => {
    try {
      people.replace(await chat.presence(), nick);
    } catch {
      people.replace([], nick);
    }
  }, 250);
}

// ---- History

async function loadOlder() {
  const oldest = log.items.find(item => item.type !== 'gap');
  if (loadingOlder || beginning || !loaded || !oldest) return;
  loadingOlder = true;
  const older = byId('older');
  older.textContent = 'Loading earlier messages…';
  try {
    const { entries } = await chat.history({ before: oldest.id, limit: PAGE });
    entries.forEach(entry => known.add(entry.id));
    log.prepend(entries);
    beginning = entries.length === 0;
    older.textContent = beginning ? `This is the beginning of #${room}` : '';
  } catch (error) {
    older.replaceChildren(`Earlier messages could not be loaded. ${explainError(error)}.`,
      element('button', { class: 'button small', type: 'button', click: () => { loadingOlder = false; loadOlder(); } }, 'Try again'));
    return;
  }
  loadingOlder = false;
}

// ---- Read and unread

const reading = () => log.atEnd && document.visibilityState === 'visible' && document.hasFocus();

function markUnread(entry) {
  if (!loaded) return;
  if (entry.nick === nick || reading()) {
    rememberRead(entry.id);
    return;
  }
  if (unread++ === 0) setUnreadLine(entry.id);
  drawJump();
}

let readUpTo = null;
let remembering = null;

function rememberRead(id) {
  readUpTo = id;
  remembering ??= setTimeout(remember, 100);
}

function remember() {
  clearTimeout(remembering);
  remembering = null;
  memory.write(`read:${room}`, readUpTo);
}

/** After a reload: the line goes above what came since this room was last looked at. */
function placeOldUnread() {
  const last = memory.read(`read:${room}`);
  const first = last && log.items.find(item => item.type === 'message' && item.id > last && item.nick !== nick);
  if (first) setUnreadLine(first.id);
  if (reading()) seen();
}

function setUnreadLine(id) {
  const before = look.unread;
  look.unread = id;
  if (before) log.redraw(before);
  log.redraw(id);
}

function seen() {
  if (!reading()) return;
  unread = 0;
  const newest = log.items.findLast(item => item.type === 'message');
  if (newest) rememberRead(newest.id);
  drawJump();
}

function drawJump() {
  const jump = byId('jump');
  jump.hidden = log.atEnd;
  jump.textContent = unread > 0 ? `↓ ${count(unread, 'new message')}` : '↓ To the newest';
  document.title = `${unread > 0 ? `(${unread}) ` : ''}#${room} · Confab`;
}

byId('jump').addEventListener('click', () => { log.toEnd(); byId('message').focus(); });
window.addEventListener('focus', seen);
window.addEventListener('pagehide', () => { if (remembering) remember(); });
document.addEventListener('visibilitychange', seen);

// ---- The rest of the page

const toAnnounce = [];
let announcing = null;

/** A screen reader gets the newest of a burst, not thousands of lines. */
function announce(text) {
  toAnnounce.push(text);
  announcing ??= setTimeout(() => {
    announcing = null;
    const news = toAnnounce.splice(0);
    const some = news.slice(-5).map(one => element('p', {}, one));
    if (news.length > 5) some.unshift(element('p', {}, count(news.length - 5, 'more message')));
    const announcer = byId('announcer');
    announcer.append(...some);
    while (announcer.childElementCount > 20) announcer.firstElementChild.remove();
  }, 150);
}

function drawEmpty() {
  const nothing = log.items.length === 0 && byId('outbox').childElementCount === 0;
  byId('empty').hidden = !nothing;
  if (!nothing) return;
  const failed = chat.state === 'waiting' || chat.state === 'closed';
  byId('empty-title').textContent = loaded ? `#${room} is quiet` : failed ? 'No connection yet' : 'Loading messages…';
  byId('empty-words').textContent = loaded ? 'Nobody has said anything yet. Write the first message.'
    : failed ? 'The page goes on by itself as soon as the server answers.' : '';
}

function takeNick() {
  const given = byId('nick').value.trim();
  if (given === nick) return;
  nick = given;
  look.me = nick;
  memory.write('nick', nick);
  byId('nick').closest('.name-field').classList.remove('wanted');
  // A name is part of the connection: others see it join.
  const cursor = chat.cursor;
  chat.close();
  start(cursor);
  log.redrawAll();
}

byId('nick').value = nick;
byId('nick').addEventListener('change', takeNick);
byId('nick').addEventListener('keydown', event => {
  if (event.key === 'Enter') { event.preventDefault(); takeNick(); byId('message').focus(); }
});
byId('room').value = room;
byId('room-form').addEventListener('submit', event => {
  event.preventDefault();
  const to = byId('room').value.trim() || 'lobby';
  const target = new URL(location.href);
  target.searchParams.set('room', to);
  location.assign(target);
});
byId('room').addEventListener('blur', () => { byId('room').value = room; });
byId('transport').value = TRANSPORT_NAMES[query.get('transport')] ? query.get('transport') : 'auto';
byId('transport').addEventListener('change', () => chat.use(byId('transport').value));

drawJump();
start();
drawEmpty();
if (nick && matchMedia('(hover: hover)').matches) byId('message').focus();
