/** The chat page. */

import { connect } from '../confab.js';
import { Composer } from './composer.js';
import { byId, count, element, explainError, memory, TRANSPORT_NAMES, wholeNumber } from './dom.js';
import { LogView } from './log.js';
import { People } from './people.js';
import { row } from './rows.js';
import { tokenFragment, tokenNick, tokenSource } from './token.js';

const FIRST_PAGE = 60;
const PAGE = 100;
const query = new URLSearchParams(location.search);
const room = query.get('room') || 'lobby';
const server = new URL('.', document.baseURI);

let chat = null;
let nick = tokenNick ?? (query.get('nick') ?? memory.read('nick') ?? '').trim();
let unread = 0;

/**
 * The end of the room when the server first accepted the connection, or null before that. Entries after the end are
 * news; the others are history.
 */
let end = null;
/** News that came before the first page of history was shown; null afterwards. */
let early = [];
/** Whether the list is complete since the first page of history. */
let loaded = false;
/** The first entry of the loaded history. */
let oldest = 'latest';
let beginning = false;
let loadingOlder = false;
/**
 * Whether loading the last page of history failed. Scrolling does not load it again; a click or a new connection does.
 */
let failedOlder = false;

const known = new Set();
const look = { me: nick, unread: null, unfolded: new Set(), changed: () => log.changed() };
const people = new People();
const log = new LogView(
  { scroller: byId('log'), rows: byId('rows'), top: byId('pad-top'), bottom: byId('pad-bottom') },
  (entry, before) => row(entry, before, look),
  { top: () => failedOlder || loadOlder(), end: drawJump, drawn: seen },
);
let begin;
/** Resolves when the server has accepted the connection, or refused it. */
const begun = new Promise(resolve => { begin = resolve; });
const composer = new Composer({
  nick: () => { takeNick(); return nick; },
  // Waits until the start of the news is known, because a message of this page is always news.
  publish: body => begun.then(() => chat.publish(body, { nick })),
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
    after: after ?? 'latest', token: tokenSource,
    // For demonstrations and tests: the time before a better transport is tried again.
    upgradeAfter: wholeNumber(query.get('upgrade')),
  });
  window.confab = chat;
  const mine = chat;
  const arrived = entry => {
    if (mine !== chat) return;
    if (!early) return take(entry);
    early.push(entry);
    // A poll that finds an entry at once does not report where it started.
    if (end === null) {
      end = entry.id;
      loadOlder();
    }
  };
  chat.on('entry', arrived);
  chat.on('gap', gap => arrived({ ...gap, type: 'gap' }));
  chat.on('state', change => mine === chat && drawState(change));
}

/** Adds news to the list. */
function take(entry) {
  if (entry.type === 'gap') {
    if (log.items.length > 0) log.append(entry);
    return;
  }
  known.add(entry.id);
  if (entry.type === 'message') {
    composer.arrived(entry);
    markUnread(entry);
    announce(`${entry.nick ?? 'Someone'}: ${entry.body.slice(0, 300)}`);
  } else {
    people.take(entry);
    announce(`${entry.nick} ${entry.type === 'join' ? 'joined' : 'left'}`);
  }
  log.append(entry);
  drawEmpty();
}

function drawState({ state, transport, cursor, error, retryIn }) {
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
    end ??= cursor;
    begin();
    refreshPeople();
    if (!loaded) loadOlder();
  } else if (state === 'connecting') {
    words.textContent = loaded ? 'Reconnecting…' : 'Connecting…';
  } else if (state === 'waiting') {
    words.textContent = 'Not connected';
    const due = Date.now() + retryIn;
    const tell = () => {
      const seconds = Math.max(1, Math.ceil((due - Date.now()) / 1000));
      banner(`${explainError(error)}. Trying again in ${seconds} s. Nothing is lost: it goes on where it stopped.`, 'Try now');
    };
    // A short interruption is not worth a banner.
    if (retryIn > 1_500) { tell(); drawState.countdown = setInterval(tell, 1_000); }
  } else if (state === 'closed') {
    words.textContent = 'Not connected';
    begin();
    banner(`The server refused the connection. ${explainError(error)}.`, 'Connect again', 'bad');
  }
  drawEmpty();
}

byId('banner-button').addEventListener('click', () => {
  if (chat.state === 'closed') start(chat.cursor);
  else chat.retry();
});

async function refreshPeople() {
  const answered = people.ask(nick);
  try {
    answered(await chat.presence());
  } catch {
    // The known names stay; the names are requested again when the connection is next open.
    answered(null);
  }
}

/** Loads the page before the oldest entry. The first page ends where the room ended when the page was opened. */
async function loadOlder() {
  if (loadingOlder || beginning || end === null) return;
  loadingOlder = true;
  const mine = chat;
  const older = byId('older');
  if (loaded) older.textContent = 'Loading earlier messages…';
  let failed = null;
  try {
    const { entries } = await mine.history({ before: oldest, limit: loaded ? PAGE : FIRST_PAGE });
    // The connection delivers the entries after the end. It leaves out the reader's own joins and leaves, and so does
    // this page.
    const shown = entries.filter(entry => entry.id <= end && !known.has(entry.id) && !early?.some(({ id }) => id === entry.id)
      && (entry.type === 'message' || entry.nick !== nick));
    shown.forEach(entry => known.add(entry.id));
    oldest = entries[0]?.id ?? oldest;
    beginning = entries.length === 0;
    log.prepend(shown);
    if (!loaded) placeOldUnread();
    loaded = true;
  } catch (error) {
    failed = error;
  }
  loadingOlder = false;
  failedOlder = Boolean(failed) && mine === chat;
  older.textContent = '';
  if (failed && !failedOlder) {
    // A connection with another name has replaced this connection, and loads the first page instead.
    if (!loaded && chat.state === 'open') loadOlder();
    return;
  }
  if (failedOlder) {
    older.replaceChildren(`Earlier messages could not be loaded. ${explainError(failed)}.`,
      element('button', { class: 'button small', type: 'button', click: loadOlder }, 'Try again'));
  }
  // News is shown even when the history cannot be loaded.
  const news = early ?? [];
  early = null;
  news.forEach(take);
  log.changed();
  drawEmpty();
}

// ---- Read and unread

const reading = () => log.atEnd && document.visibilityState === 'visible' && document.hasFocus();

const own = entry => nick !== '' && entry.nick === nick;

function markUnread(entry) {
  if (own(entry) || reading()) return;
  if (unread++ === 0) setUnreadLine(entry.id);
  drawJump();
}

/** The last entry of this room that was read when the page was opened. */
const readBefore = memory.read(`read:${room}`);
let readUpTo = readBefore;

/** After a reload, the line is above the entries that came since this room was last looked at. */
function placeOldUnread() {
  if (readBefore === null) return;
  const missed = log.items.filter(item => item.type === 'message' && item.id > readBefore && item.id <= end && !own(item));
  if (missed.length === 0) return;
  setUnreadLine(missed[0].id);
  if (reading()) return;
  unread += missed.length;
  drawJump();
}

function setUnreadLine(id) {
  const before = look.unread;
  look.unread = id;
  if (before) log.redraw(before);
  log.redraw(id);
}

/**
 * Called after each drawing of the list. The last entry is stored as read at once, because the page may be closed at
 * any time.
 */
function seen() {
  if (!loaded || !reading()) return;
  const newest = log.items.at(-1)?.id ?? end;
  if (newest !== readUpTo) {
    readUpTo = newest;
    memory.write(`read:${room}`, newest);
  }
  if (unread > 0) {
    unread = 0;
    drawJump();
  }
}

function drawJump() {
  const jump = byId('jump');
  jump.hidden = log.atEnd;
  jump.textContent = unread > 0 ? `↓ ${count(unread, 'new message')}` : '↓ To the newest';
  document.title = `${unread > 0 ? `(${unread}) ` : ''}#${room} · Confab`;
}

byId('jump').addEventListener('click', () => { log.toEnd(); byId('message').focus(); });
window.addEventListener('focus', () => log.changed());
document.addEventListener('visibilitychange', () => log.changed());

// ---- The rest of the page

const toAnnounce = [];
let announcing = null;

/** Makes a screen reader announce only the newest lines of a burst, not thousands. */
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
  // If the first page is missing, the error is shown above the list.
  byId('empty').hidden = !nothing || (!loaded && !early);
  if (beginning) byId('older').textContent = nothing ? '' : `This is the beginning of #${room}`;
  if (!nothing) return;
  const failed = chat.state === 'waiting' || chat.state === 'closed';
  byId('empty-title').textContent = loaded ? `#${room} is quiet` : failed ? 'No connection yet' : 'Loading messages…';
  byId('empty-words').textContent = loaded ? 'Nobody has said anything yet. Write the first message.'
    : failed ? 'The page connects as soon as the server responds.' : '';
}

function takeNick() {
  const given = byId('nick').value.trim();
  if (given === nick) return;
  nick = given;
  look.me = nick;
  memory.write('nick', nick);
  byId('nick').closest('.name-field').classList.remove('wanted');
  // The name is part of the connection, so that the other participants see it join.
  const before = chat;
  start(before.cursor);
  // Closed second, because the end of the connection that the page uses would count as a refusal by the server.
  before.close();
  log.redrawAll();
}

byId('nick').value = nick;
byId('nick').readOnly = tokenNick !== null;
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
  target.hash = tokenFragment;
  location.assign(target);
});
byId('room').addEventListener('blur', () => { byId('room').value = room; });
byId('transport').value = [...byId('transport').options].find(({ value }) => value === query.get('transport'))?.value ?? 'auto';
byId('transport').addEventListener('change', () => chat.use(byId('transport').value));

for (const link of document.querySelectorAll('a[href="compare"]')) link.hash = tokenFragment;

drawJump();
start();
drawEmpty();
if (nick && matchMedia('(hover: hover)').matches) byId('message').focus();
