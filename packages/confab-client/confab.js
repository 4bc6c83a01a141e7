/**
 * The browser client of Confab, in one file that can be copied: no dependencies, no build step. It also runs in Node
 * from version 20.19 on (for an earlier version, name the file confab.mjs).
 *
 *   import { connect } from './confab.js';
 *   const chat = connect({ room: 'lobby', nick: 'ann' });
 *   chat.on('entry', entry => console.log(entry.nick, entry.body));
 *   await chat.publish('hello');
 *
 * The client reads one log over an available transport, and passes every entry to the page once and in order, even if
 * connections break. A single value ensures this: the cursor, which moves only when an entry is passed.
 */

const FALLBACK_ORDER = ['websocket', 'sse', 'longpoll'];
const TRANSPORTS = [...FALLBACK_ORDER, 'shortpoll'];

/**
 * Codes of temporary failures: nothing is wrong with the request, so it is repeated (a repeated publish has its key).
 */
const TEMPORARY = new Set([
  'request_timeout', 'outcome_unknown', 'overloaded', 'rate_limited', 'draining', 'unavailable', 'network',
]);
const TEMPORARY_STATUS = new Set([408, 429, 502, 503, 504]);

const OPEN_TIMEOUT = 8_000;
/**
 * A stream fails after this silence, because an SSE heartbeat comes every 15 s. A socket is first checked with a ping.
 */
const STREAM_SILENCE = 40_000;
const SOCKET_SILENCE = 20_000;
const PONG_TIMEOUT = 10_000;
/**
 * The close codes of a client. After GOODBYE, its participant leaves at once; after COMING_BACK, it has time to come
 * back.
 */
const COMING_BACK = 4000;
const GOODBYE = 1000;
/** A connection that lives this long counts as stable. */
const STABLE = 5_000;
/** The maximum length of a message over a socket, in bytes. The server closes the socket if a message is longer. */
const MOST_PER_FRAME = 65_536;
const BACKOFF = { first: 400, most: 10_000 };
/** A JWT is renewed this number of milliseconds before it expires, or after 90 % of its time if that is later. */
const RENEWAL_LEAD = 30_000;
/** The shortest time between two renewals of a token that is still valid. */
const RENEWAL_PAUSE = 1_000;
/** The time that `token()` may take. */
const TOKEN_TIMEOUT = 30_000;
/** The connection ends after this number of tokens in a row that were refused at their first use. */
const MOST_REFUSALS = 2;
/** A timer with a longer delay would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** The subprotocol, for connections that also offer their token as one. */
const SUBPROTOCOL = 'confab.v1';
const UPGRADE = { first: 10_000, most: 300_000 };

/** The close code after which a client comes back with a new token. */
const EXPIRED = 4401;
/** The codes of the errors for close codes that refuse a participant. */
const CLOSE_CODES = { 1008: 'policy', [EXPIRED]: 'unauthenticated', 4501: 'unauthenticated', 4503: 'forbidden' };

/**
 * The reason of a failure; `code` is the server's stable code, or `network`, `timeout`, `closed`, `aborted`, `token`.
 */
export class ConfabError extends Error {
  constructor(code, detail, { status = 0, retryAfter = 0, temporary = TEMPORARY.has(code), cause } = {}) {
    super(detail || code, { cause });
    this.name = 'ConfabError';
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
    this.temporary = temporary;
  }
}

/** Opens a connection and keeps it open until `close()`. */
export function connect(options = {}) {
  return new Connection(options);
}

/** Publishes one message over HTTP and repeats it, safely, until it is stored or `timeout` is over. */
export async function publish({ body, key = randomKey(), timeout = 120_000, signal, ...options }) {
  const client = new Http(options);
  const end = Date.now() + timeout;
  for (let attempt = 0; ; attempt++) {
    try {
      return await client.post({ body, key, nick: options.nick, room: options.room }, signal);
    } catch (error) {
      const delay = backoff(attempt, error.retryAfter);
      if (!error.temporary || signal?.aborted) throw error;
      if (Date.now() + delay > end) throw new ConfabError('timeout', 'Not stored in time', { cause: error });
      await sleep(delay, signal);
    }
  }
}

/** @internal Paths, requests and their errors; counts the traffic. */
class Http {
  constructor({ url, fetch: given, stats, token }) {
    const here = globalThis.location?.href;
    if (!url && !here) throw new TypeError('url: missing (expected: the server, such as http://127.0.0.1:8080/)');
    this.base = new URL(url ?? '/', here);
    if (!this.base.pathname.endsWith('/')) this.base.pathname += '/';
    this.fetch = given ?? globalThis.fetch.bind(globalThis);
    this.stats = stats ?? newStats();
    this.tokens = token ? new Tokens(token) : null;
  }

  url(path, params, protocol) {
    const url = new URL(path, this.base);
    for (const [name, value] of Object.entries(params)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined && one !== null && one !== '') url.searchParams.append(name, one);
      }
    }
    if (protocol) url.protocol = protocol + (url.protocol === 'https:' ? 's:' : ':');
    return url;
  }

  /**
   * Resolves with a response that is OK, and with the token of its request; rejects with a ConfabError. After a 401,
   * the request is repeated with a new token.
   */
  async request(url, init, signal) {
    for (;;) {
      const token = this.tokens && await this.tokens.current();
      const headers = token ? { ...init.headers, Authorization: `Bearer ${token.value}` } : init.headers;
      try {
        return { response: await this.#send(url, { ...init, headers }, signal), token };
      } catch (error) {
        if (error.status !== 401 || !this.tokens?.refused(token)) throw error;
      }
    }
  }

  async #send(url, init, signal) {
    this.stats.requests++;
    this.stats.bytesSent += requestSize(url, init);
    let response;
    try {
      response = await this.fetch(url, { cache: 'no-store', ...init, signal });
    } catch (cause) {
      throw failure(cause, signal);
    }
    this.stats.bytesReceived += headSize(response);
    if (response.ok) return response;
    const text = await response.text().catch(() => '');
    this.stats.bytesReceived += utf8Length(text);
    const problem = parse(text) ?? {};
    const code = typeof problem.code === 'string' ? problem.code : `http_${response.status}`;
    throw new ConfabError(code, problem.detail ?? problem.title ?? `The server responded with ${response.status}`, {
      status: response.status,
      retryAfter: retryAfter(response.headers.get('Retry-After')),
      temporary: TEMPORARY.has(code) || (!problem.code && TEMPORARY_STATUS.has(response.status)),
    });
  }

  async json(url, init, signal) {
    const { response, token } = await this.request(url, init, signal);
    this.tokens?.accepted(token);
    let text;
    try {
      text = await response.text();
    } catch (cause) {
      throw failure(cause, signal);
    }
    this.stats.bytesReceived += utf8Length(text);
    const value = parse(text);
    if (value === undefined) throw new ConfabError('network', 'The response is not JSON: a proxy may have replaced it');
    return { value, cursor: response.headers.get('Chat-Cursor') };
  }

  async post({ room, body, nick, key }, signal) {
    const init = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ body, nick: nick || undefined, key }),
    };
    const limit = limited(signal, 30_000);
    try {
      const { value } = await this.json(this.url('messages', { room }), init, limit.signal);
      return { ...value, key };
    } finally {
      limit.clear();
    }
  }
}

/** @internal The token of the application. It is requested again when it was refused or is about to expire. */
class Tokens {
  #source;
  #held = null;
  #request = null;
  #refusals = 0;

  constructor(source) {
    if (typeof source !== 'function') throw new TypeError(`token: ${typeof source} (expected: a function)`);
    this.#source = source;
  }

  /** Resolves with the token that is valid now; rejects with a ConfabError. All callers share one request. */
  async current() {
    if (this.#held && Date.now() < this.#held.renewAt) return this.#held;
    this.#request ??= this.#fetch().finally(() => { this.#request = null; });
    return this.#request;
  }

  /** Milliseconds until the token is due for renewal; infinite when only the server knows the time. */
  get remaining() {
    return this.#held ? Math.max(0, this.#held.renewAt - Date.now()) : 0;
  }

  accepted(token) {
    if (token !== this.#held) return;
    token.isAccepted = true;
    this.#refusals = 0;
  }

  /** Returns whether another token may be tried. */
  refused(token) {
    // Another request may have renewed the token meanwhile.
    if (token === this.#held) {
      this.#held = null;
      if (!token.isAccepted) this.#refusals++;
    }
    return this.#refusals < MOST_REFUSALS;
  }

  async #fetch() {
    const limit = limited(undefined, TOKEN_TIMEOUT);
    let value;
    try {
      value = await Promise.race([this.#source(), new Promise((_, reject) => {
        limit.signal.addEventListener('abort', () => reject(new Error('No token in time')));
      })]);
    } catch (cause) {
      const held = this.#held;
      if (held && Date.now() < held.expiresAt) {
        held.renewAt = Math.min(held.expiresAt, Date.now() + RENEWAL_PAUSE);
        return held;
      }
      throw new ConfabError('token', 'token: the function failed', { temporary: true, cause });
    } finally {
      limit.clear();
    }
    // The errors of fetch and WebSocket for a value with other characters would contain the value.
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
      const given = value === '' ? 'empty' : typeof value === 'string' ? 'characters that are not allowed'
        : value === null ? 'null' : typeof value;
      throw new ConfabError('unauthenticated', `token: ${given} (expected: a string of visible ASCII characters)`);
    }
    const now = Date.now();
    const expiresAt = expiry(value);
    // If the time is over already, the clock of this machine may be wrong. Then the server decides.
    const left = expiresAt > now ? expiresAt - now : Infinity;
    const renewAt = now + Math.max(RENEWAL_PAUSE, left - Math.min(RENEWAL_LEAD, left / 10));
    this.#held = { value, renewAt, expiresAt: now + left, isAccepted: false };
    return this.#held;
  }
}

class Connection extends EventTarget {
  #http;
  #options;
  #rooms;
  #cursor = null;
  #start;
  #wanted;
  #link = null;
  #candidate = null;
  #state = 'idle';
  #failures = 0;
  #shortLives = 0;
  #tried = new Set();
  #suspended = new Map();
  #retryFloor = 0;
  #timer = null;
  #upgradeTimer = null;
  /** Messages by their number: waiting, in flight over the socket, in a POST request. */
  #numbers = 0;
  #waiting = [];
  #inFlight = null;
  #posting = null;
  #hold = null;
  #ended = new AbortController();

  constructor(options) {
    super();
    const { room = 'lobby', transport = 'auto', after, last } = options;
    this.stats = newStats();
    this.#options = options;
    this.#http = new Http({ ...options, stats: this.stats });
    this.#rooms = [room].flat();
    this.#wanted = checkTransport(transport, options);
    // A poll without a start would begin at the earliest entry, a stream at the latest. Here all begin at the latest.
    this.#start = last !== undefined && after === undefined ? { last } : { after: after ?? 'latest' };
    options.signal?.addEventListener('abort', () => this.close(), { once: true, signal: this.#ended.signal });
    globalThis.addEventListener?.('online', this.#online);
    // The page can add its listeners before the first event.
    queueMicrotask(() => {
      if (options.signal?.aborted) this.close();
      else if (this.#state === 'idle') this.#connect();
    });
  }

  get cursor() { return this.#cursor; }
  get state() { return this.#state; }
  /** The transport in use, or null while there is none. */
  get transport() { return this.#link?.opened ? this.#link.name : null; }
  /** The requested transport, or `auto`. */
  get wanted() { return this.#wanted; }
  get nick() { return this.#options.nick; }
  get rooms() { return [...this.#rooms]; }

  /** Adds a listener; returns a function that removes it. */
  on(type, listener) {
    const handler = event => listener(event.detail);
    this.addEventListener(type, handler);
    return () => this.removeEventListener(type, handler);
  }

  /** Changes the transport. The new connection is opened before the old one is closed. */
  use(transport) {
    this.#wanted = checkTransport(transport, this.#options);
    this.#suspended.clear();
    this.#tried.clear();
    clearTimeout(this.#upgradeTimer);
    this.#drop('candidate');
    if (this.#state === 'closed' || this.#state === 'paused' || this.#state === 'idle') return;
    const target = this.#candidates()[0];
    if (!this.#link?.opened) this.#reconnect();
    else if (this.#link.name !== target) this.#candidate = this.#open(target);
    else this.#setState('open');
  }

  /** Disconnects until `resume()`; the cursor is kept. */
  pause() {
    if (this.#state === 'closed') return;
    this.#stopAll();
    this.#setState('paused');
  }

  resume() {
    if (this.#state !== 'paused') return;
    this.#failures = 0;
    this.#connect();
  }

  /** Drops the connection as a broken network would; the client then connects again. */
  interrupt() {
    const link = this.#link;
    if (!link?.opened) return;
    link.stop(COMING_BACK);
    this.#lost(link, { error: new ConfabError('network', 'The connection was cut') });
  }

  /** Connects at once instead of at the end of the wait. */
  retry() {
    if (this.#state === 'waiting') this.#connect();
    this.#sendNext(true);
  }

  /** Closes the client. Waiting publishes are rejected with `closed`. */
  close() {
    this.#end(null);
  }

  /**
   * Stores a message; resolves with its id when it is durable. Messages of one connection keep their order. The author
   * is `nick`, or the nick of the connection, over every transport.
   */
  publish(body, { room, nick, key, timeout = 120_000 } = {}) {
    if (this.#state === 'closed') return Promise.reject(new ConfabError('closed', 'The connection is closed'));
    // An empty value counts as missing, for the server too: a message without a key could be stored twice.
    const draft = { room: room || this.#rooms[0], body, nick: nick || this.#options.nick || undefined, key: key || randomKey() };
    return new Promise((resolve, reject) => {
      const item = { number: ++this.#numbers, draft, attempts: 0, settled: false, resolve, reject };
      item.timer = setTimeout(() => this.#settle(item, new ConfabError('timeout', 'Not stored in time')), timeout);
      this.#waiting.push(item);
      this.#sendNext();
    });
  }

  /** A page of older entries, in order; `before` is an id or `latest`. */
  async history({ before = 'latest', limit = 100, signal } = {}) {
    const { value, cursor } = await this.#get('messages', { room: this.#rooms, before, limit }, signal);
    return { entries: value.filter(entry => entry.type !== 'gap'), gap: value.find(entry => entry.type === 'gap'), cursor };
  }

  /** Returns the participants of the room; for several rooms, an array with the participants of each room. */
  async presence(signal) {
    return (await this.#get('presence', { room: this.#rooms }, signal)).value;
  }

  /** Like a publish, a request without a response fails after a time limit. */
  async #get(path, params, signal) {
    const limit = limited(signal ?? this.#ended.signal, 30_000);
    try {
      return await this.#http.json(this.#http.url(path, params), {}, limit.signal);
    } catch (error) {
      this.#endIfRefused(error);
      throw error;
    } finally {
      limit.clear();
    }
  }

  // ---- Choosing a transport

  #candidates() {
    return this.#wanted === 'auto' ? FALLBACK_ORDER : [this.#wanted];
  }

  #connect() {
    clearTimeout(this.#timer);
    const now = Date.now();
    const open = this.#candidates().filter(name => !this.#tried.has(name));
    const name = open.find(candidate => (this.#suspended.get(candidate)?.until ?? 0) <= now) ?? open[0] ?? this.#candidates()[0];
    this.#link = this.#open(name);
    this.#setState('connecting', { transport: name });
  }

  #reconnect() {
    this.#drop('link');
    this.#connect();
  }

  #open(name) {
    const link = { name, opened: false, since: 0 };
    const known = this.#cursor !== null;
    const isCurrent = () => link === this.#link || link === this.#candidate;
    const context = {
      http: this.#http,
      stats: this.stats,
      WebSocket: this.#options.WebSocket ?? globalThis.WebSocket,
      rooms: this.#rooms,
      nick: this.#options.nick,
      alone: this.#candidates().length === 1,
      // The requested start is sent again until a transport has reported the position of the start.
      start: () => (this.#cursor !== null ? { after: this.#cursor } : this.#start),
      wait: this.#options.wait ?? 25,
      interval: this.#options.interval ?? 1_000,
    };
    const sink = {
      open: cursor => this.#opened(link, cursor, known),
      entry: entry => link === this.#link && this.#take(entry),
      cursor: id => link === this.#link && this.#advance(id),
      answer: frame => this.#answered(link, frame),
      retry: ms => { this.#retryFloor = Math.min(ms, BACKOFF.most); },
      lost: why => this.#lost(link, why),
    };
    const make = name === 'websocket' ? openSocket : name === 'sse' ? openStream : openPoll;
    const begin = token => Object.assign(link, make({ ...context, token }, sink, name));
    const { tokens } = this.#http;
    if (!tokens) return begin();
    link.stop = () => {};
    tokens.current().then(token => isCurrent() && begin(token), error => this.#lost(link, explain(error)));
    return link;
  }

  #opened(link, cursor, known) {
    if (link !== this.#link && link !== this.#candidate) return link.stop(COMING_BACK);
    const resumed = known || this.#cursor !== null;
    if (link === this.#candidate) {
      // The new connection is open. Entries that the old one still delivers come again over the new one.
      const old = this.#link;
      this.#candidate = null;
      this.#link = link;
      if (old) this.#abandon(old);
    }
    link.opened = true;
    link.since = Date.now();
    if (link.name !== 'sse') this.#retryFloor = 0;
    if (cursor && this.#cursor === null && this.#isStart(cursor)) this.#cursor = cursor;
    this.#tried.clear();
    this.stats.opened++;
    this.#setState('open', { resumed });
    clearTimeout(this.#hold);
    this.#hold = null;
    this.#sendNext();
    this.#planUpgrade();
  }

  /**
   * Returns whether a transport that starts at `cursor` starts at the requested position. Otherwise a gap follows,
   * which moves the cursor. If the cursor already moved here and the connection broke before the gap, the gap would
   * never be announced.
   */
  #isStart(cursor) {
    const { after } = this.#start;
    return !after || after === 'latest' || after === 'earliest' || after.toUpperCase() === cursor;
  }

  #planUpgrade() {
    clearTimeout(this.#upgradeTimer);
    const candidates = this.#candidates();
    const above = candidates.slice(0, Math.max(0, candidates.indexOf(this.#link?.name)));
    if (above.length === 0) return;
    const due = above.map(name => this.#suspended.get(name)?.until ?? Date.now() + (this.#options.upgradeAfter ?? UPGRADE.first));
    this.#upgradeTimer = setTimeout(() => {
      if (!this.#link?.opened || this.#candidate) return;
      const ready = above.find((name, i) => due[i] <= Date.now() + 50);
      if (ready) this.#candidate = this.#open(ready);
      else this.#planUpgrade();
    }, Math.max(100, Math.min(...due) - Date.now()));
  }

  /** Excludes a transport for a while, and for longer each time. */
  #suspend(name) {
    const first = this.#options.upgradeAfter ?? UPGRADE.first;
    const delay = Math.min((this.#suspended.get(name)?.delay ?? first / 2) * 2, Math.max(first, UPGRADE.most));
    this.#suspended.set(name, { delay, until: Date.now() + delay });
  }

  /** @param again whether the transport is not at fault: only the token was refused, or could not be fetched */
  #lost(link, { error, final = false, unavailable = false, again = false }) {
    if (link === this.#candidate) {
      this.#candidate = null;
      this.#suspend(link.name);
      // A failed upgrade costs nothing. If a transport was requested by name, the client waits for it.
      if (this.#wanted === 'auto') return this.#planUpgrade();
      if (final || !this.#link) return this.#end(error);
      this.#abandon(this.#link);
      this.#link = null;
      return this.#wait(error);
    }
    if (link !== this.#link) return;
    this.#link = null;
    clearTimeout(this.#upgradeTimer);
    this.#drop('candidate');
    this.#release(link);
    queueMicrotask(() => this.#sendNext());
    if (final && !(unavailable && this.#wanted === 'auto' && link.name !== 'longpoll')) return this.#end(error);
    if (link.opened) {
      this.stats.reconnects++;
      const stable = Date.now() - link.since >= STABLE;
      this.#failures = stable ? 0 : this.#failures;
      if (stable) this.#shortLives = 0;
      else if (!again) this.#shortLives++;
      if (stable) this.#suspended.delete(link.name);
      // The transport can be opened but does not stay open: a proxy cuts it.
      else if (!again && this.#shortLives >= 3 && this.#wanted === 'auto' && link.name !== 'longpoll') this.#suspend(link.name);
      return this.#wait(error);
    }
    if (again) return this.#wait(error);
    this.#tried.add(link.name);
    if (this.#candidates().some(name => !this.#tried.has(name))) {
      this.#suspend(link.name);
      return this.#connect();
    }
    // No transport is available, so the cause is the server and not a single transport.
    this.#suspended.clear();
    this.#tried.clear();
    this.#wait(error);
  }

  #wait(error) {
    // The delay that the server requests is the minimum; it does not double.
    const asked = Math.max(this.#retryFloor, error?.retryAfter ?? 0);
    const delay = Math.max(backoff(this.#failures++), Math.round(asked * (1 + Math.random() / 4)));
    this.#timer = setTimeout(() => this.#connect(), delay);
    this.#setState('waiting', { error, retryIn: delay });
  }

  #online = () => this.retry();

  // ---- Entries

  #take(entry) {
    if (entry.type === 'gap') {
      // The id of the gap is the new cursor, even if it is lower than the old cursor: another log has replaced the old
      // log.
      const from = this.#cursor;
      this.#cursor = entry.id;
      this.stats.gaps++;
      return this.#emit('gap', { ...entry, from });
    }
    if (this.#cursor !== null && entry.id <= this.#cursor) {
      this.stats.duplicates++;
      return undefined;
    }
    this.#cursor = entry.id;
    this.stats.entries++;
    return this.#emit('entry', entry);
  }

  /** ULIDs sort as text, so 'later' is 'greater'. A repeated start never moves the cursor back. */
  #advance(id) {
    if (this.#cursor === null || id > this.#cursor) this.#cursor = id;
  }

  // ---- Publishing, in order: a message is sent after the previous one is settled, or it could be stored before it

  #sendNext(now = false) {
    if (now) { clearTimeout(this.#hold); this.#hold = null; }
    if (this.#hold !== null || this.#posting || this.#inFlight || this.#state === 'paused' || this.#state === 'closed') return;
    const item = this.#waiting.shift();
    if (!item) return;
    const send = this.#link?.opened ? this.#link.send : undefined;
    if (!send) {
      this.#post(item);
      return;
    }
    this.#inFlight = item;
    if (!send({ type: 'send', ...item.draft, ref: item.number })) {
      this.#settle(item, new ConfabError('message_too_large', 'The message is too long'));
    }
  }

  async #post(item) {
    this.#posting = item;
    let stored;
    let error;
    try {
      stored = await this.#http.post(item.draft, this.#ended.signal);
    } catch (reason) {
      error = reason;
    }
    this.#posting = null;
    if (error) this.#refused(item, error);
    else this.#settle(item, null, stored);
    if (error) this.#endIfRefused(error);
    this.#sendNext();
  }

  /** No request can succeed after the server has refused new tokens. */
  #endIfRefused(error) {
    if (this.#http.tokens && (error.status === 401 || error.code === 'unauthenticated')) this.#end(error);
  }

  #answered(link, frame) {
    const item = link === this.#link ? this.#inFlight : null;
    // Only one message is in flight, so an error without a reference is about that message.
    if (!item || (frame.ref !== item.number && (frame.type === 'ack' || frame.ref !== undefined))) {
      if (frame.type === 'error') this.#emit('problem', new ConfabError(frame.code, frame.detail));
      return;
    }
    this.#inFlight = null;
    if (frame.type === 'ack') this.#settle(item, null, { id: frame.id, key: item.draft.key });
    else this.#refused(item, new ConfabError(frame.code, frame.detail));
    this.#sendNext();
  }

  #refused(item, error) {
    if (!error.temporary) return this.#settle(item, error);
    this.#putBack(item);
    // All later messages wait too, so that they stay in order.
    this.#hold ??= setTimeout(() => this.#sendNext(true), backoff(item.attempts++, error.retryAfter));
    return undefined;
  }

  /**
   * A message that was sent over a lost connection may or may not be stored. Its key makes it safe to send it again.
   */
  #release(link) {
    if (!link.send || !this.#inFlight) return;
    const item = this.#inFlight;
    this.#inFlight = null;
    this.#putBack(item);
  }

  /** No later message was sent, so this one is the first again. */
  #putBack(item) {
    if (!item.settled) this.#waiting.unshift(item);
  }

  #settle(item, error, stored) {
    if (item.settled) return;
    item.settled = true;
    clearTimeout(item.timer);
    const at = error ? this.#waiting.indexOf(item) : -1;
    if (at >= 0) this.#waiting.splice(at, 1);
    if (error) item.reject(error);
    else item.resolve(stored);
    if (this.#inFlight === item) {
      this.#inFlight = null;
      this.#sendNext();
    }
  }

  // ---- Ends

  #abandon(link, code = COMING_BACK) {
    link.stop(code);
    this.#release(link);
  }

  #drop(which, code) {
    if (which === 'candidate' && this.#candidate) {
      const link = this.#candidate;
      this.#candidate = null;
      this.#abandon(link, code);
    }
    if (which === 'link' && this.#link) {
      const link = this.#link;
      this.#link = null;
      this.#abandon(link, code);
    }
  }

  #stopAll(code) {
    clearTimeout(this.#timer);
    clearTimeout(this.#upgradeTimer);
    clearTimeout(this.#hold);
    this.#hold = null;
    this.#drop('candidate', code);
    this.#drop('link', code);
  }

  #end(error) {
    if (this.#state === 'closed') return;
    this.#stopAll(GOODBYE);
    this.#setState('closed', { error });
    this.#ended.abort();
    globalThis.removeEventListener?.('online', this.#online);
    const left = [this.#posting, this.#inFlight, ...this.#waiting];
    for (const item of left) if (item) this.#settle(item, error ?? new ConfabError('closed', 'The connection is closed'));
  }

  #setState(state, more = {}) {
    this.#state = state;
    this.#emit('state', { state, transport: this.transport, wanted: this.#wanted, cursor: this.#cursor, ...more });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// ---- The transports. Each takes a context and a sink, and returns { stop, send? }.

function openSocket({ http, stats, WebSocket, rooms, nick, alone, start, token: first }, sink) {
  const params = { room: rooms, nick, ...start() };
  let token = first;
  let over = false;
  let greeted = false;
  let silence;
  let renewal;
  const finish = async why => {
    if (over) return;
    over = true;
    clearTimeout(silence);
    clearTimeout(renewal);
    const refused = why.unavailable && (alone || token) ? await refusal(http, params, token) : null;
    // If there is another transport, that transport receives the reason for a refusal, except of a token.
    sink.lost(refused && (alone || refused.again || refused.error.status === 401) ? refused : why);
  };
  const unavailable = detail => ({ unavailable: !greeted, error: new ConfabError('network', detail) });
  let socket;
  try {
    const url = http.url('ws', params, 'ws');
    stats.requests++;
    const protocols = token ? [SUBPROTOCOL, ...subprotocols(token)] : [];
    stats.bytesSent += requestSize(url, {}) + 120 + protocols.join().length;
    socket = token ? new WebSocket(url, protocols) : new WebSocket(url);
  } catch {
    queueMicrotask(() => finish({ final: true, ...unavailable('WebSocket is not available') }));
    return { stop: () => { over = true; } };
  }
  const close = code => {
    // Closing a socket that is not open yet logs an error to the console, so it is closed when it is open.
    if (socket.readyState === 0) socket.onopen = () => socket.close(code);
    else socket.close(code);
  };
  const fail = why => {
    if (over) return;
    finish(why);
    close(COMING_BACK);
  };
  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      send({ type: 'ping' });
      silence = setTimeout(() => fail({ error: new ConfabError('network', 'The connection went silent') }), PONG_TIMEOUT);
    }, SOCKET_SILENCE);
  };
  /** Returns false when the frame is too long to be sent. */
  const send = frame => {
    if (over || socket.readyState !== 1) return true;
    const text = JSON.stringify(frame);
    if (utf8Length(text) > MOST_PER_FRAME) return false;
    stats.bytesSent += frameSize(text) + 4;
    socket.send(text);
    return true;
  };
  const authenticate = () => send({ type: 'auth', token: token.value });
  const planRenewal = () => {
    clearTimeout(renewal);
    if (token) renewal = setTimeout(renew, Math.min(http.tokens.remaining, LONGEST_TIMER));
  };
  const renew = async () => {
    let next;
    try {
      next = await http.tokens.current();
    } catch (error) {
      return fail(explain(error));
    }
    if (over) return undefined;
    if (next === token) return planRenewal();
    token = next;
    authenticate();
    const late = { error: new ConfabError('network', 'The server did not confirm the new token') };
    renewal = setTimeout(() => fail(late), PONG_TIMEOUT);
    return undefined;
  };
  const authenticated = () => {
    http.tokens?.accepted(token);
    planRenewal();
  };
  if (token && subprotocols(token).length === 0) socket.onopen = authenticate;
  silence = setTimeout(() => fail(unavailable('No WebSocket in time')), OPEN_TIMEOUT);
  socket.onmessage = ({ data }) => {
    if (over) return;
    stats.bytesReceived += frameSize(data);
    const frame = parse(data);
    if (!frame) return;
    listen();
    switch (frame.type) {
      case 'hello':
        greeted = true;
        authenticated();
        return sink.open(frame.cursor);
      case 'authenticated': return authenticated();
      case 'ack': return sink.answer(frame);
      case 'error':
        // A message that was refused because of its token is sent again over the next connection.
        if (token && frame.code === 'unauthenticated') return fail(explain(refusedToken(http, token, frame.detail)));
        return sink.answer(frame);
      case 'pong': return undefined;
      default: return frame.id ? sink.entry(frame) : undefined;
    }
  };
  // Browsers close after an error and then report the code; other clients only report the error. In Node, an error
  // without a listener ends the process.
  socket.onerror = () => setTimeout(() => fail(unavailable('The WebSocket failed')));
  socket.onclose = ({ code, reason }) => {
    if (over) return;
    const detail = reason || `The connection was closed (${code})`;
    const ends = code >= 4500 && code <= 4999;
    if (code === EXPIRED && token) finish(explain(refusedToken(http, token, detail)));
    else {
      finish({
        unavailable: !greeted && !ends,
        final: ends || code === 1008,
        error: new ConfabError(CLOSE_CODES[code] ?? 'network', detail),
      });
    }
  };
  return {
    send,
    stop(code) {
      over = true;
      clearTimeout(silence);
      clearTimeout(renewal);
      close(code);
    },
  };
}

function openStream({ http, stats, rooms, nick, start }, sink) {
  const abort = new AbortController();
  let silence;
  let opened = false;
  let token;
  const alive = limit => {
    clearTimeout(silence);
    silence = setTimeout(() => abort.abort(new ConfabError('network', 'The stream went silent')), limit);
  };
  const streamError = ({ code, detail }) => {
    if (code !== 'unauthenticated') return new ConfabError(code, detail);
    if (token) return refusedToken(http, token, detail);
    // The application may have renewed its cookie. If it has not, the next response is a 401.
    return new ConfabError(code, detail, { temporary: true });
  };
  const block = (fields) => {
    if (fields.retry) sink.retry(fields.retry);
    const data = fields.data === null ? undefined : parse(fields.data);
    if (fields.event === 'error' && data?.code) throw streamError(data);
    if (!opened && (data || fields.id)) {
      // This is usually the event `hello`.
      opened = true;
      http.tokens?.accepted(token);
      sink.open(data ? data.cursor ?? null : fields.id);
    }
    if (data?.id && data.type) sink.entry(data);
    else if (!data && fields.id) sink.cursor(fields.id);
  };
  const read = async () => {
    const { after, last } = start();
    const resumes = after && after !== 'latest' && after !== 'earliest';
    const headers = { Accept: 'text/event-stream', ...(resumes && { 'Last-Event-ID': after }) };
    const { response, token: used } = await http.request(
      http.url('events', { room: rooms, nick, last, after: resumes ? undefined : after }), { headers }, abort.signal);
    token = used;
    if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
      throw new ConfabError('network', 'Not an event stream: a proxy may have replaced it');
    }
    const reader = response.body.getReader();
    const next = eventParser(block);
    const decoder = new TextDecoder();
    for (;;) {
      const { value, done } = await reader.read();
      if (abort.signal.aborted) throw failure(null, abort.signal);
      if (done) throw new ConfabError('network', 'The stream ended');
      stats.bytesReceived += value.byteLength;
      alive(STREAM_SILENCE);
      next(decoder.decode(value, { stream: true }));
    }
  };
  alive(OPEN_TIMEOUT);
  let stopped = false;
  read().catch(cause => {
    clearTimeout(silence);
    if (!stopped) {
      abort.abort();
      sink.lost(explain(cause, abort.signal));
    }
  });
  return {
    stop() {
      stopped = true;
      clearTimeout(silence);
      abort.abort(new ConfabError('aborted'));
    },
  };
}

function openPoll({ http, rooms, nick, start, wait, interval }, sink, name) {
  const abort = new AbortController();
  const short = name === 'shortpoll';
  const page = async (params, seconds) => {
    const limit = limited(abort.signal, (seconds + 15) * 1000);
    try {
      return await http.json(http.url('messages', { room: rooms, nick, ...params }), {}, limit.signal);
    } finally {
      limit.clear();
    }
  };
  const read = async () => {
    for (let first = true; !abort.signal.aborted; first = false) {
      const from = start();
      // The first poll does not wait: the server responds at once, which shows that this transport is available.
      const seconds = short || first ? 0 : wait;
      const { value, cursor } = await page(
        from.last === undefined
          ? { after: from.after, wait: seconds }
          : { before: 'latest', limit: Math.max(1, from.last), nick: undefined }, seconds);
      if (abort.signal.aborted) return;
      if (!Array.isArray(value)) throw new ConfabError('network', 'Not a list of entries: a proxy may have replaced it');
      // An empty page reports the start; a page with entries does not.
      if (first) sink.open(value.length === 0 ? cursor : null);
      const entries = from.last === 0 ? [] : value;
      entries.forEach(sink.entry);
      if (cursor) sink.cursor(cursor);
      if (short && entries.length === 0) await sleep(interval, abort.signal);
    }
  };
  let stopped = false;
  read().catch(cause => {
    if (!stopped) sink.lost(explain(cause, abort.signal));
  });
  return {
    stop() {
      stopped = true;
      abort.abort(new ConfabError('aborted'));
    },
  };
}

/**
 * Returns a function that takes the text of an event stream and calls `onBlock` with the fields of each block. The
 * fields of a block that contains only comments are empty.
 */
export function eventParser(onBlock) {
  let rest = '';
  let fields = { id: null, data: null, event: null, retry: 0 };
  const line = text => {
    if (text === '') {
      onBlock(fields);
      fields = { id: null, data: null, event: null, retry: 0 };
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') fields.data = fields.data === null ? value : `${fields.data}\n${value}`;
    else if (name === 'id' || name === 'event') fields[name] = value;
    else if (name === 'retry' && /^\d+$/.test(value)) fields.retry = Number(value);
  };
  return text => {
    rest += text;
    let from = 0;
    for (;;) {
      const match = /\r\n|\n|\r/g;
      match.lastIndex = from;
      const found = match.exec(rest);
      // A CR at the end may be half of a CRLF.
      if (!found || (found[0] === '\r' && found.index === rest.length - 1)) break;
      line(rest.slice(from, found.index));
      from = match.lastIndex;
    }
    rest = rest.slice(from);
  };
}

// ---- Helpers

function explain(cause, signal) {
  const error = cause instanceof ConfabError ? cause : failure(cause, signal);
  const isToken = error.code === 'token' || error.code === 'unauthenticated';
  const refused = !error.temporary && ((error.status >= 400 && error.status < 500) || isToken);
  // 404, 405 and 501 mean that this server does not have this transport. Other refusals would be the same over every
  // transport.
  return { error, final: refused, unavailable: [404, 405, 501].includes(error.status), again: isToken && error.temporary };
}

/** Records that the server refused a token. The error is temporary if another token may be tried. */
function refusedToken(http, token, detail) {
  const temporary = http.tokens.refused(token);
  return new ConfabError('unauthenticated', detail || 'The server refused the token', { temporary });
}

/** Returns the subprotocol of a token; none when the token has characters that a subprotocol cannot have. */
function subprotocols({ value }) {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? [`bearer.${value}`] : [];
}

/** Returns when a token expires, in milliseconds; infinite when the token is not a JWT or does not expire. */
function expiry(token) {
  const [, payload, ...rest] = token.split('.');
  if (rest.length !== 1) return Infinity;
  try {
    const { exp } = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/')));
    return typeof exp === 'number' ? exp * 1000 : Infinity;
  } catch {
    return Infinity;
  }
}

function failure(cause, signal) {
  if (signal?.aborted && signal.reason instanceof ConfabError) return signal.reason;
  return new ConfabError(signal?.aborted ? 'aborted' : 'network', 'The server cannot be reached', { cause });
}

/**
 * Returns the reason why a handshake failed, or null when the request was valid. A browser does not tell the reason to
 * a page, so the same request is sent as a plain GET: the response to a valid one is 426. If this request needed
 * another token, the handshake's token was the reason.
 */
async function refusal(http, params, token) {
  const limit = limited(undefined, OPEN_TIMEOUT);
  try {
    await http.request(http.url('ws', params), {}, limit.signal).catch(error => {
      if (error.status !== 426) throw error;
    });
    if (!token || await http.tokens.current() === token) return null;
    return explain(new ConfabError('unauthenticated', 'The server refused the token', { temporary: true }));
  } catch (error) {
    const why = explain(error, limit.signal);
    return why.final || why.again ? why : null;
  } finally {
    limit.clear();
  }
}

/** Returns a signal that also aborts after `ms` milliseconds. */
function limited(signal, ms) {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new ConfabError('network', 'No response in time')), ms);
  const pass = () => own.abort(signal.reason);
  if (signal?.aborted) pass();
  signal?.addEventListener('abort', pass, { once: true });
  return {
    signal: own.signal,
    clear() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', pass);
    },
  };
}

/**
 * Returns a delay that doubles each time, at a random point of its upper half, so that many clients do not come back at
 * the same moment.
 */
function backoff(attempt, atLeast = 0) {
  const most = Math.min(BACKOFF.most, BACKOFF.first * 2 ** Math.min(attempt, 10));
  return Math.round(atLeast + most * (0.5 + Math.random() / 2));
}

function retryAfter(value) {
  if (!value) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Math.min(Math.max(ms || 0, 0), 60_000);
}

function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw new ConfabError('aborted');
    const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); resolve(); }, ms);
    const stop = () => { clearTimeout(timer); reject(new ConfabError('aborted')); };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function checkTransport(name, options) {
  if (name === 'websocket' && !(options.WebSocket ?? globalThis.WebSocket)) {
    throw new TypeError('transport: websocket (expected: another one, or a WebSocket class; this platform has none)');
  }
  if (name === 'auto' || TRANSPORTS.includes(name)) return name;
  throw new TypeError(`transport: ${name} (expected: auto, ${TRANSPORTS.join(', ')})`);
}

/** Not crypto.randomUUID: it exists on secure origins only, and a chat in an office may use plain HTTP. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function newStats() {
  return { entries: 0, duplicates: 0, gaps: 0, requests: 0, opened: 0, reconnects: 0, bytesReceived: 0, bytesSent: 0 };
}

const encoder = new TextEncoder();

function utf8Length(text) {
  return encoder.encode(text).length;
}

function frameSize(text) {
  const length = utf8Length(text);
  return length + (length < 126 ? 2 : length < 65_536 ? 4 : 10);
}

/**
 * An estimate of the request headers that a page cannot see: Host, User-Agent, Accept*, Referer, Sec-*, Connection.
 */
const UNSEEN_HEADERS = 420;

function requestSize(url, { method = 'GET', headers = {}, body = '' } = {}) {
  const own = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  return method.length + url.pathname.length + url.search.length + 12 + own + UNSEEN_HEADERS + utf8Length(body);
}

function headSize(response) {
  let size = 17 + response.statusText.length;
  response.headers.forEach((value, name) => { size += name.length + value.length + 4; });
  return size;
}
