/** One entry of the log, as an element. */

import { element } from './dom.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const GROUP_MS = 5 * 60_000;
const FOLD_AT = 1_500;

const isMessage = entry => entry?.type === 'message';
const timeOf = entry => Date.parse(entry.created_at);

/** Consecutive messages of one person share a head. */
function follows(entry, before) {
  return isMessage(before) && before.nick === entry.nick && timeOf(entry) - timeOf(before) < GROUP_MS;
}

export function colour(nick = '') {
  let hash = 2166136261;
  for (const char of nick) hash = Math.imul(hash ^ char.codePointAt(0), 16777619);
  return `c${((hash ^ (hash >>> 15)) >>> 0) % 8}`;
}

export function avatar(nick) {
  const [first = '?'] = nick ?? '';
  return element('span', { class: `avatar ${nick ? colour(nick) : ''}`, 'aria-hidden': 'true' }, first.toUpperCase());
}

export function time(entry) {
  const date = new Date(entry.created_at);
  return element('time', { datetime: entry.created_at, title: full.format(date) }, clock.format(date));
}

function dayLine(entry, before) {
  if (!entry.created_at) return null;
  const date = new Date(entry.created_at);
  if (before?.created_at && new Date(before.created_at).toDateString() === date.toDateString()) return null;
  const today = date.toDateString() === new Date().toDateString();
  return element('div', { class: 'day' }, element('span', {}, today ? 'Today' : day.format(date)));
}

/**
 * @param before the entry above, if any
 * @param look { me, unread: the id below the unread line, unfolded: the ids of long messages that are shown whole,
 *     changed: called when a row changes its height }
 */
export function row(entry, before, look) {
  const divider = dayLine(entry, before);
  const unread = look.unread === entry.id
    ? element('div', { class: 'unread-line', role: 'separator', 'aria-label': 'New messages' }, element('span', {}, 'New')) : null;
  const item = element('li', { class: 'row', 'data-id': entry.id, 'data-type': entry.type }, divider, unread);
  if (entry.type === 'gap') item.append(gapNote(entry));
  else if (!isMessage(entry)) item.append(eventLine(entry));
  else {
    const joined = follows(entry, before) && !divider && !unread;
    item.classList.toggle('first', !joined);
    item.append(messageLine(entry, joined, look));
  }
  return item;
}

function messageLine(entry, joined, look) {
  const mine = look.me && entry.nick === look.me;
  const text = element('div', { class: 'text', dir: 'auto' }, entry.body);
  const head = joined ? null : element('div', { class: 'who' },
    element('bdi', { class: 'nick' }, entry.nick ?? 'anonymous'),
    mine ? element('span', { class: 'you' }, 'you') : null,
    time(entry));
  const content = element('div', { class: 'content' }, head, text, unfolder(entry, text, look));
  const side = joined ? element('span', { class: 'gutter-time' }, time(entry)) : avatar(entry.nick);
  return element('div', { class: mine ? 'line mine' : 'line' }, side, content);
}

function unfolder(entry, text, look) {
  const long = entry.body.length > FOLD_AT || entry.body.split('\n', 30).length > 20;
  if (!long || look.unfolded.has(entry.id)) return null;
  text.classList.add('folded');
  const button = element('button', {
    class: 'button small more', type: 'button',
    click() {
      look.unfolded.add(entry.id);
      text.classList.remove('folded');
      button.remove();
      look.changed();
    },
  }, 'Show the whole message');
  return button;
}

function eventLine(entry) {
  return element('p', { class: 'event' },
    element('span', {}, element('bdi', {}, entry.nick), entry.type === 'join' ? ' joined' : ' left'), time(entry));
}

function gapNote(entry) {
  return element('p', { class: 'gap-note' }, entry.reason === 'replaced'
    ? 'The server has started a new log. What is above is from the old one.'
    : 'Some messages were removed by the server before they could be shown here.');
}
